#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"

// Octets that may be many. The cores do no I/O, so whoever calls them says where many octets go.
namespace mailassay::base {

// Octets to read, and what keeps them. Copies share both.
class Octets {
  public:
    Octets() = default;
    // `owner` keeps what `view` sees.
    Octets(std::shared_ptr<const void> owner, std::string_view view)
        : owner_(std::move(owner)), view_(view) {}
    [[nodiscard]] static Octets owned(std::string octets);
    // The caller keeps them.
    [[nodiscard]] static Octets borrowed(std::string_view octets) { return {nullptr, octets}; }

    // Good while any copy lives.
    [[nodiscard]] std::string_view view() const { return view_; }
    // A part of them, which keeps the whole. `part` is within view().
    [[nodiscard]] Octets part(std::string_view part) const { return {owner_, part}; }

  private:
    std::shared_ptr<const void> owner_;
    std::string_view view_;
};

// Where octets are written, piece by piece.
class Sink {
  public:
    virtual ~Sink() = default;
    // After an error the sink is of no more use. Errors: the sink's own.
    [[nodiscard]] virtual Result<void> append(std::string_view octets) = 0;
};

// Into a string. Never fails.
class StringSink final : public Sink {
  public:
    [[nodiscard]] Result<void> append(std::string_view octets) override {
        text += octets;
        return {};
    }

    std::string text;
};

// Where octets are kept that come piece by piece.
class Scratch {
  public:
    virtual ~Scratch() = default;
    // What `fill` wrote. Errors: those of `fill` and the scratch's own.
    [[nodiscard]] virtual Result<Octets> keep(
        const std::function<Result<void>(Sink& sink)>& fill) = 0;
};

// Keeps all in memory. Safe to use from several threads.
[[nodiscard]] Scratch& memory();

}  // namespace mailassay::base
