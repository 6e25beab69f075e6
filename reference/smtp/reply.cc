#include "smtp/reply.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "base/ascii.h"

namespace mailassay::smtp {
namespace {

constexpr std::string_view kCrLf = "\r\n";
constexpr std::size_t kCodeDigits = 3;

// Reply-code of RFC 5321 section 4.2: %x32-35 %x30-35 %x30-39.
bool is_code(std::string_view text) {
    return text.size() == kCodeDigits && text[0] >= '2' && text[0] <= '5' && text[1] >= '0' &&
           text[1] <= '5' && base::is_digit(text[2]);
}

int to_code(std::string_view text) {
    return (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
}

std::string one_line(std::string_view text) {
    std::string line(text);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
    return line;
}

// A CR or LF that is no half of a CRLF. Only in a line that is not yet whole may a CR at the end
// still become one.
enum class LineState : std::uint8_t { Whole, Partial };
std::optional<std::size_t> stray_line_end(std::string_view text, LineState state) {
    const std::size_t stray = text.find_first_of(kCrLf);
    if (stray == std::string_view::npos) return std::nullopt;
    const bool may_become_one =
        state == LineState::Partial && text[stray] == '\r' && stray + 1 == text.size();
    if (may_become_one) return std::nullopt;
    return stray;
}

Error fault(std::string_view id, std::size_t offset) {
    return Error{id, offset, "rfc5321/4.2"};
}

}  // namespace

Reply make_reply(int code, std::string_view text) {
    return Reply{code, std::nullopt, {std::string(text)}};
}

Reply make_reply(int code, dsn::EnhancedStatus status, std::string_view text) {
    return Reply{code, status, {std::string(text)}};
}

std::string to_octets(const Reply& reply) {
    const std::string status = reply.status ? dsn::to_string(*reply.status) + " " : std::string();
    std::string octets;
    for (std::size_t i = 0; i < reply.lines.size(); ++i) {
        const char separator = i + 1 == reply.lines.size() ? ' ' : '-';
        octets +=
            fmt::format("{:03}{}{}{}\r\n", reply.code, separator, status, one_line(reply.lines[i]));
    }
    if (reply.lines.empty()) octets = fmt::format("{:03} {}\r\n", reply.code, status);
    return octets;
}

std::string to_string(const Reply& reply) {
    std::string text = fmt::format("{:03}", reply.code);
    if (reply.status) text += " " + dsn::to_string(*reply.status);
    for (std::size_t i = 0; i < reply.lines.size(); ++i) {
        text += i == 0 ? " " : " / ";
        text += reply.lines[i];
    }
    return text;
}

void ReplyReader::receive(std::string_view octets) {
    buffer_.append(octets);
}

std::size_t ReplyReader::discard() {
    const std::size_t octets = buffer_.size() + partial_octets_;
    *this = ReplyReader(limits_);
    return octets;
}

Result<std::optional<Reply>> ReplyReader::fail(Error error) {
    error_ = std::move(error);
    return std::unexpected(*error_);
}

Result<std::optional<Reply>> ReplyReader::next() {
    if (error_) return std::unexpected(*error_);
    for (;;) {
        // Only so much is looked at, so that the verdict on a line can't depend on how it came.
        const std::string_view seen = buffer_.view().substr(0, limits_.line_octets);
        const std::size_t end = seen.find(kCrLf);
        const LineState state =
            end == std::string_view::npos ? LineState::Partial : LineState::Whole;
        if (const auto stray = stray_line_end(seen.substr(0, end), state)) {
            return fail(fault("smtp.reply.bare-line-end", *stray));
        }
        if (state == LineState::Partial) {
            if (buffer_.size() <= limits_.line_octets) return std::optional<Reply>();
            return fail(fault("smtp.reply.line-too-long", limits_.line_octets));
        }
        const auto last = take_line(seen.substr(0, end));
        if (!last) return fail(last.error());
        buffer_.consume(end + kCrLf.size());
        partial_octets_ += end + kCrLf.size();
        if (*last) return std::optional(assemble());
    }
}

// Whether it was the reply's last line.
Result<bool> ReplyReader::take_line(std::string_view line) {
    if (const auto nul = line.find('\0'); nul != std::string_view::npos) {
        return std::unexpected(fault("smtp.reply.nul", nul));
    }
    if (!is_code(line.substr(0, kCodeDigits))) {
        return std::unexpected(fault("smtp.reply.code-invalid", 0));
    }
    const int code = to_code(line);
    if (!lines_.empty() && code != code_) {
        return std::unexpected(fault("smtp.reply.code-changed", 0));
    }
    // A code alone is a last line without text (RFC 5321 section 4.2).
    const char separator = line.size() > kCodeDigits ? line[kCodeDigits] : ' ';
    if (separator != ' ' && separator != '-') {
        return std::unexpected(fault("smtp.reply.separator-invalid", kCodeDigits));
    }
    if (lines_.size() == limits_.lines) {
        return std::unexpected(fault("smtp.reply.too-many-lines", 0));
    }
    code_ = code;
    lines_.emplace_back(line.substr(std::min(kCodeDigits + 1, line.size())));
    return separator == ' ';
}

Reply ReplyReader::assemble() {
    Reply reply{code_, std::nullopt, std::move(lines_)};
    lines_.clear();
    partial_octets_ = 0;
    const auto first = dsn::parse_leading_status(reply.lines.front());
    if (!first || first->status.cls != reply.code / 100) return reply;
    reply.status = first->status;
    for (std::string& line : reply.lines) {
        const auto leading = dsn::parse_leading_status(line);
        if (leading && leading->status == *reply.status) line = std::string(leading->rest);
    }
    return reply;
}

}  // namespace mailassay::smtp
