#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/octets.h"

// Octets that may be many: held in memory up to a MiB, else in a file that is mapped, so that the
// memory of a process does not grow with them.
namespace mailassay::buffer {

inline constexpr std::size_t most_held = std::size_t{1024} * 1024;

// A descriptor that is closed with its owner.
class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor();

    [[nodiscard]] int get() const { return number_; }

  private:
    int number_;
};

// The first `size` octets of a file. Whoever cuts it short meanwhile ends the program with SIGBUS.
// Error: buffer.map.
[[nodiscard]] Result<base::Octets> map(const Descriptor& file, std::size_t size);

// Collects octets. What is more than `held` goes to a temporary file without a name in $TMPDIR (or
// /tmp), which nobody can cut short and which is gone with the process however that ends.
class Collector final : public base::Sink {
  public:
    explicit Collector(std::size_t held = most_held) : most_held_(held) {}

    // After an error the collector is of no more use. Errors: buffer.file, buffer.write, with the
    // system's message.
    [[nodiscard]] Result<void> append(std::string_view octets) override;
    [[nodiscard]] std::size_t size() const { return size_; }
    // All of them; the collector is empty afterwards. Errors: those of append() and of map().
    [[nodiscard]] Result<base::Octets> finish();

  private:
    [[nodiscard]] Result<void> write(std::string_view octets);

    std::size_t most_held_;
    std::size_t size_ = 0;
    std::string held_;  // not yet in the file
    Descriptor file_{-1};
};

// Keeps what a core has to put somewhere as a Collector does. Safe to use from several threads.
// Errors: a Collector's.
class Scratch final : public base::Scratch {
  public:
    [[nodiscard]] Result<base::Octets> keep(
        const std::function<Result<void>(base::Sink& sink)>& fill) override;
};

}  // namespace mailassay::buffer
