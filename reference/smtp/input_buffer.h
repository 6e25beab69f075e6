#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mailassay::smtp {

// Octets received and not yet used. Using some costs nothing until half of the buffer is used up,
// so that a great number of short lines is not a great number of moves.
class InputBuffer {
  public:
    void append(std::string_view octets) { octets_ += octets; }

    // Good until the next change.
    [[nodiscard]] std::string_view view() const { return std::string_view(octets_).substr(used_); }
    [[nodiscard]] std::size_t size() const { return octets_.size() - used_; }
    [[nodiscard]] bool empty() const { return size() == 0; }

    // The first `octets` are done with; at most size().
    void consume(std::size_t octets) {
        used_ += octets;
        if (used_ * 2 < octets_.size()) return;
        octets_.erase(0, used_);
        used_ = 0;
    }

    void clear() { consume(size()); }

  private:
    std::string octets_;
    std::size_t used_ = 0;
};

}  // namespace mailassay::smtp
