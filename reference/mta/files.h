#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace mailassay::mta {

// The file operations that the spool's promise rests on, as an interface so that a test can cut
// the power between any two of them. Paths are relative to the spool's root. Each operation is
// atomic against other threads; what it leaves after a crash is said at each.
class Files {
  public:
    virtual ~Files() = default;

    // Creates `path` with these octets, which must not exist yet, and syncs the file. After a
    // crash the octets are there if the name is; the name is sure only after sync_directory.
    [[nodiscard]] virtual Result<void> write_new(const std::string& path,
                                                 std::string_view octets) = 0;
    // Replaces `to` if it exists. After a crash one of both states holds, never a mixture; which
    // one is sure only after sync_directory.
    [[nodiscard]] virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
    // A file that is not there is no error.
    [[nodiscard]] virtual Result<void> remove(const std::string& path) = 0;
    // Makes the names in that directory survive a crash.
    [[nodiscard]] virtual Result<void> sync_directory(const std::string& path) = 0;
    // An existing directory is no error.
    [[nodiscard]] virtual Result<void> make_directory(const std::string& path) = 0;
    [[nodiscard]] virtual Result<std::string> read(const std::string& path) = 0;
    // Names of the regular files in a directory, sorted.
    [[nodiscard]] virtual Result<std::vector<std::string>> list(const std::string& path) = 0;
};

// A whole file of at most `limit` octets, wherever it is. Error: mta.files.read.
[[nodiscard]] Result<std::string> read_whole_file(const std::string& path, std::size_t limit);

// Files below a directory of the operating system.
// Errors: mta.files.<operation> with the path and the system's message.
class DiskFiles final : public Files {
  public:
    // Opens the directory, making it if it isn't there, and locks it against other processes.
    // Errors: mta.files.open, mta.files.locked.
    [[nodiscard]] static Result<DiskFiles> open(const std::string& root);
    ~DiskFiles() override;
    DiskFiles(DiskFiles&& other) noexcept;
    DiskFiles& operator=(DiskFiles&&) = delete;

    Result<void> write_new(const std::string& path, std::string_view octets) override;
    Result<void> rename(const std::string& from, const std::string& to) override;
    Result<void> remove(const std::string& path) override;
    Result<void> sync_directory(const std::string& path) override;
    Result<void> make_directory(const std::string& path) override;
    Result<std::string> read(const std::string& path) override;
    Result<std::vector<std::string>> list(const std::string& path) override;

  private:
    explicit DiskFiles(int root) : root_(root) {}

    int root_;  // owned descriptor of the root directory; holds the lock
};

}  // namespace mailassay::mta
