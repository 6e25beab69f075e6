#include "imf/mime.h"

#include <cstdint>

#include "base/ascii.h"
#include "imf/lexer.h"

namespace mailassay::imf {
namespace {

constexpr std::string_view kCrLf = "\r\n";
constexpr std::size_t kMostParameters = 100;

// token of RFC 2045 section 5.1.
bool is_token(char c) {
    return base::is_visible(c) &&
           std::string_view("()<>@,;:\\\"/[]?=").find(c) == std::string_view::npos;
}

class ContentTypeParser {
  public:
    explicit ContentTypeParser(std::string_view text) : lexer_(text, "imf.content-type.syntax") {}
    Result<ContentType> content_type();

  private:
    Result<std::string> token();
    Result<std::string> value();
    Lexer lexer_;
};

// A token, with the white space and comments around it skipped.
Result<std::string> ContentTypeParser::token() {
    if (auto space = lexer_.skip_cfws(); !space) return std::unexpected(space.error());
    const auto text = lexer_.take_while(is_token);
    if (text.empty()) return lexer_.fail_syntax();
    if (auto space = lexer_.skip_cfws(); !space) return std::unexpected(space.error());
    return std::string(text);
}

Result<std::string> ContentTypeParser::value() {
    if (auto space = lexer_.skip_cfws(); !space) return std::unexpected(space.error());
    if (!lexer_.at('"')) return token();
    auto text = lexer_.take_quoted_string();
    if (!text) return text;
    if (auto space = lexer_.skip_cfws(); !space) return std::unexpected(space.error());
    return text;
}

Result<ContentType> ContentTypeParser::content_type() {
    const auto type = token();
    if (!type) return std::unexpected(type.error());
    if (!lexer_.take('/')) return lexer_.fail_syntax();
    const auto subtype = token();
    if (!subtype) return std::unexpected(subtype.error());

    ContentType found{base::to_lower(*type), base::to_lower(*subtype), {}};
    while (!lexer_.at_end()) {
        if (!lexer_.take(';')) return lexer_.fail_syntax();
        if (auto space = lexer_.skip_cfws(); !space) return std::unexpected(space.error());
        if (lexer_.at_end()) break;  // a semicolon at the end, often seen
        if (found.parameters.size() == kMostParameters) {
            return lexer_.fail("imf.content-type.too-many-parameters");
        }
        const auto name = token();
        if (!name) return std::unexpected(name.error());
        if (!lexer_.take('=')) return lexer_.fail_syntax();
        auto text = value();
        if (!text) return std::unexpected(text.error());
        found.parameters.emplace_back(base::to_lower(*name), std::move(*text));
    }
    return found;
}

enum class Delimiter : std::uint8_t { None, Next, Last };

// Delimiter lines may end in white space that transports added (RFC 2046 section 5.1.1).
Delimiter delimiter_of(std::string_view line, std::string_view boundary) {
    if (!line.starts_with("--") || line.substr(2, boundary.size()) != boundary) {
        return Delimiter::None;
    }
    const std::string_view rest = base::trim(line.substr(2 + boundary.size()));
    if (rest.empty()) return Delimiter::Next;
    return rest == "--" ? Delimiter::Last : Delimiter::None;
}

}  // namespace

bool ContentType::is(std::string_view other_type, std::string_view other_subtype) const {
    return base::equals_ignore_case(type, other_type) &&
           base::equals_ignore_case(subtype, other_subtype);
}

std::optional<std::string> ContentType::parameter(std::string_view name) const {
    for (const auto& [own_name, value] : parameters) {
        if (own_name == name) return value;
    }
    return std::nullopt;
}

Result<ContentType> parse_content_type(std::string_view body) {
    return ContentTypeParser(body).content_type();
}

Result<ContentType> content_type_of(const HeaderSection& header) {
    const HeaderField* field = header.find_first("Content-Type");
    if (field == nullptr) return ContentType{};
    return parse_content_type(field->body);
}

bool is_mime_field(const HeaderField& field) {
    return base::equals_ignore_case(field.name, "MIME-Version") ||
           base::starts_with_ignore_case(field.name, "Content-");
}

Result<std::vector<std::string_view>> split_multipart(std::string_view body,
                                                      std::string_view boundary,
                                                      std::size_t max_parts) {
    if (boundary.empty()) return std::unexpected(Error{"imf.multipart.no-boundary"});
    std::vector<std::string_view> parts;
    std::optional<std::size_t> part_start;
    for (std::size_t at = 0; at < body.size();) {
        const std::size_t line_end = body.find(kCrLf, at);
        const bool last_line = line_end == std::string_view::npos;
        const std::string_view line = body.substr(at, last_line ? line_end : line_end - at);
        const std::size_t next = last_line ? body.size() : line_end + kCrLf.size();
        const Delimiter delimiter = delimiter_of(line, boundary);
        if (delimiter != Delimiter::None) {
            if (part_start) {
                // The CRLF before a delimiter belongs to it, unless the part is empty.
                const std::size_t end = at > *part_start ? at - kCrLf.size() : at;
                parts.push_back(body.substr(*part_start, end - *part_start));
            }
            if (delimiter == Delimiter::Last) {
                if (!part_start) break;
                return parts;
            }
            if (parts.size() == max_parts) {
                return std::unexpected(Error{"imf.multipart.too-many-parts", at});
            }
            part_start = next;
        }
        at = next;
    }
    if (!part_start)
        return std::unexpected(Error{"imf.multipart.no-delimiter", 0, "rfc2046/5.1.1"});
    parts.push_back(body.substr(*part_start));
    return parts;
}

}  // namespace mailassay::imf
