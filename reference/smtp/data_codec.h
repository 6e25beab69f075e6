#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// Message data between 354 and the final dot, and its transparency (RFC 5321 section 4.5.2).
namespace mailassay::smtp {

// The octets to send for a message: transparency dots added, the last CRLF added when missing, the
// final dot line at the end. Each bare CR or LF becomes a space (see Transaction::data).
[[nodiscard]] std::string encode_data(std::string_view data);

struct DataLimits {
    std::uint64_t message_octets = 0;  // after removal of the dots
    std::size_t line_octets = 0;       // with CRLF
};

// What was wrong with data; of several faults the last in this order counts.
enum class DataFault : std::uint8_t { None, NulOctet, LineTooLong, TooLarge };

// Takes data in any pieces up to and including CRLF.CRLF, which alone ends it.
class DataDecoder {
  public:
    explicit DataDecoder(DataLimits limits) : limits_(limits) {}

    // Takes octets and says how many were the data's: all of them, unless the end is among them.
    std::size_t receive(std::string_view octets);

    [[nodiscard]] bool done() const { return state_ == State::Done; }
    [[nodiscard]] DataFault fault() const { return fault_; }
    // Octets received so far, dots and all.
    [[nodiscard]] std::uint64_t octets_seen() const { return seen_; }
    // The message; empty after a fault, since what is not accepted need not be kept.
    [[nodiscard]] std::string take_data() { return std::move(data_); }

  private:
    // Where in a line the last octet stood.
    enum class State : std::uint8_t { LineStart, Text, Cr, Dot, DotCr, Done };

    void step(char c);
    void append(std::string_view octets);
    void text_octet(char c);
    void set_fault(DataFault fault);

    DataLimits limits_;
    State state_ = State::LineStart;
    DataFault fault_ = DataFault::None;
    std::string data_;
    std::uint64_t seen_ = 0;
    std::uint64_t message_octets_ = 0;
    std::size_t line_octets_ = 0;
};

}  // namespace mailassay::smtp
