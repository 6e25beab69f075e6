#include "imf/transfer_encoding.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/base64.h"

namespace mailassay::imf {

namespace {

constexpr std::size_t line_length = 76;

bool is_base64(char c) {
    return base::is_alnum(c) || c == '+' || c == '/' || c == '=';
}

Result<std::string> decode_base64(std::string_view body) {
    std::string letters;
    letters.reserve(body.size());
    // Line by line, of which most hold nothing else.
    for (auto at = body.begin(); at != body.end();) {
        const auto end = std::find_if_not(at, body.end(), is_base64);
        letters.append(at, end);
        at = std::find_if(end, body.end(), is_base64);
    }
    if (auto octets = base::decode_base64(letters)) return std::move(*octets);
    return std::unexpected(
        Error{.id = "imf.transfer-encoding.base64", .requirement = "rfc2045/6.8"});
}

}  // namespace

std::string encode_base64_lines(std::string_view octets) {
    const std::string letters = base::encode_base64(octets);
    std::string lines;
    lines.reserve(letters.size() + letters.size() / line_length * 2 + 2);
    for (std::size_t at = 0; at < letters.size(); at += line_length) {
        lines.append(letters, at, line_length);
        lines += "\r\n";
    }
    return lines;
}

Result<std::string> decode_body(const HeaderSection& header, std::string_view body) {
    const HeaderField* field = header.find_first("Content-Transfer-Encoding");
    const std::string encoding =
        field == nullptr ? "7bit" : base::to_lower(base::trim(field->value()));
    if (encoding == "base64") return decode_base64(body);
    if (encoding == "7bit" || encoding == "8bit" || encoding == "binary") return std::string(body);
    return std::unexpected(Error{
        .id = "imf.transfer-encoding.unknown", .requirement = "rfc2045/6.1", .detail = encoding});
}

}  // namespace mailassay::imf
