#pragma once

#include <sys/types.h>

#include <ctime>
#include <memory>
#include <mutex>
#include <string>

#include "opes/consent.h"

// Where pairs are listed whose mail is let through without services (RFC 4902 section 3.2).
namespace mailassay::roles {

class Allowances {
  public:
    virtual ~Allowances() = default;

    // As they are now. May be called by several threads at a time.
    [[nodiscard]] virtual std::shared_ptr<const opes::AllowList> now() const = 0;
};

// None.
class NoAllowances final : public Allowances {
  public:
    [[nodiscard]] std::shared_ptr<const opes::AllowList> now() const override {
        return std::make_shared<const opes::AllowList>();
    }
};

// A file that may change at any time: whoever runs a page or a mailbox for it writes a new one and
// renames it, or appends a line. It is read again when it is another. At most 64 MiB of it are
// read; one that is not there or can't be read allows nothing.
class AllowListFile final : public Allowances {
  public:
    explicit AllowListFile(std::string path) : path_(std::move(path)) {}

    [[nodiscard]] std::shared_ptr<const opes::AllowList> now() const override;

  private:
    // By which one state of the file is told from another.
    struct Mark {
        dev_t device = 0;
        ino_t inode = 0;
        off_t octets = -1;
        std::timespec changed = {};

        friend bool operator==(const Mark& one, const Mark& other) {
            return one.device == other.device && one.inode == other.inode &&
                   one.octets == other.octets && one.changed.tv_sec == other.changed.tv_sec &&
                   one.changed.tv_nsec == other.changed.tv_nsec;
        }
    };

    std::string path_;
    mutable std::mutex mutex_;
    mutable Mark mark_;
    mutable std::shared_ptr<const opes::AllowList> list_ =
        std::make_shared<const opes::AllowList>();
};

}  // namespace mailassay::roles
