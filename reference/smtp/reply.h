#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "dsn/status.h"
#include "smtp/input_buffer.h"

// Replies (RFC 5321 section 4.2), with enhanced status codes (RFC 2034).
namespace mailassay::smtp {

struct Reply {
    int code = 0;  // 200 to 599
    std::optional<dsn::EnhancedStatus> status;
    // The text of each line, without code, separator and enhanced status. At least one line; the
    // text may be empty.
    std::vector<std::string> lines;

    [[nodiscard]] bool is_completion() const { return code / 100 == 2; }
    [[nodiscard]] bool is_intermediate() const { return code / 100 == 3; }
    [[nodiscard]] bool is_transient() const { return code / 100 == 4; }
    [[nodiscard]] bool is_permanent() const { return code / 100 == 5; }

    friend bool operator==(const Reply&, const Reply&) = default;
};

// A reply of one line.
[[nodiscard]] Reply make_reply(int code, std::string_view text);
[[nodiscard]] Reply make_reply(int code, dsn::EnhancedStatus status, std::string_view text);

// The octets, CRLF included. The enhanced status stands on every line (RFC 2034 section 4). CR, LF
// and NUL in a text become spaces, so no text can become a reply of its own.
[[nodiscard]] std::string to_octets(const Reply& reply);

// One line for logs and reports: code, status and texts joined by " / ". May hold hostile octets.
[[nodiscard]] std::string to_string(const Reply& reply);

struct ReplyLimits {
    // Of one line with its CRLF. RFC 5321 section 4.5.3.1.5 has 512; longer ones are seen.
    std::size_t line_octets = 2048;
    std::size_t lines = 256;
};

// Reads replies from octets that come in any pieces.
class ReplyReader {
  public:
    explicit ReplyReader(ReplyLimits limits = {}) : limits_(limits) {}

    // Adds octets. They are kept until read.
    void receive(std::string_view octets);

    // The next whole reply, or nullopt when more octets are needed. After an error every later
    // call gives the same error: there is no way to find the next reply.
    // A code starts with 2 to 5, then 0 to 5, then any digit; all lines of a reply carry the same
    // code. The status is the first line's when its class fits the code.
    // Errors, with the offset from the start of the line: smtp.reply.code-invalid,
    // smtp.reply.separator-invalid, smtp.reply.code-changed, smtp.reply.bare-line-end,
    // smtp.reply.nul, smtp.reply.line-too-long, smtp.reply.too-many-lines.
    [[nodiscard]] Result<std::optional<Reply>> next();

    // True when nothing is buffered, so that a reply ends exactly where the octets end.
    [[nodiscard]] bool empty() const { return buffer_.empty() && lines_.empty(); }

    // Forgets everything buffered and says how many octets that were. An error is forgotten too.
    std::size_t discard();

  private:
    Result<std::optional<Reply>> fail(Error error);
    Result<bool> take_line(std::string_view line);
    [[nodiscard]] Reply assemble();

    ReplyLimits limits_;
    InputBuffer buffer_;
    int code_ = 0;
    std::vector<std::string> lines_;
    std::size_t partial_octets_ = 0;
    std::optional<Error> error_;
};

}  // namespace mailassay::smtp
