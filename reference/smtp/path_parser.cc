#include "smtp/path_parser.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/ascii.h"
#include "imf/lexer.h"

namespace mailassay::smtp {
namespace {

constexpr std::size_t kLongestDomain = 255;  // RFC 5321 section 4.5.3.1.2
constexpr std::size_t kLongestLabel = 63;    // RFC 1035 section 2.3.4
constexpr std::string_view kPostmaster = "postmaster";

// The grammar of RFC 5321 section 4.1.2, octet by octet.
class PathParser {
  public:
    PathParser(std::string_view text, PathKind kind) : text_(text), kind_(kind) {}
    Result<TakenPath> path();

  private:
    [[nodiscard]] bool at(char c) const { return at_ < text_.size() && text_[at_] == c; }
    bool take(char c);
    template <class Class>
    std::string_view take_while(Class is_member);
    Result<void> source_route();
    Result<std::string> local_part();
    Result<std::string> quoted_string();
    Result<std::string> dot_string();
    Result<std::string> domain();
    Result<std::string> address_literal();
    [[nodiscard]] std::unexpected<Error> fail(std::string_view id) const {
        return std::unexpected(Error{id, at_, "rfc5321/4.1.2"});
    }

    std::string_view text_;
    PathKind kind_;
    std::size_t at_ = 0;
};

bool PathParser::take(char c) {
    if (!at(c)) return false;
    ++at_;
    return true;
}

template <class Class>
std::string_view PathParser::take_while(Class is_member) {
    const std::size_t start = at_;
    while (at_ < text_.size() && is_member(text_[at_])) ++at_;
    return text_.substr(start, at_ - start);
}

// "@relay.example,@other.example:"; read and dropped (RFC 5321 appendix C).
Result<void> PathParser::source_route() {
    do {
        if (!take('@')) return fail("smtp.path.route");
        if (auto name = domain(); !name) return std::unexpected(name.error());
    } while (take(','));
    if (!take(':')) return fail("smtp.path.route");
    return {};
}

// Quoted-string of SMTP: narrower than that of a header field, without folding or tabs.
Result<std::string> PathParser::quoted_string() {
    std::string content;
    take('"');
    for (;;) {
        const bool escaped = take('\\');
        if (at_ == text_.size()) return fail("smtp.path.local-part");
        const char c = text_[at_];
        const bool eight_bit = base::is_eight_bit(c) && !escaped;
        if (c != ' ' && !base::is_visible(c) && !eight_bit) return fail("smtp.path.local-part");
        ++at_;
        if (c == '"' && !escaped) return content;
        content += c;
    }
}

Result<std::string> PathParser::dot_string() {
    std::string content;
    do {
        if (!content.empty()) content += '.';
        const auto atom = take_while(imf::is_atext);
        if (atom.empty()) return fail("smtp.path.local-part");
        content += atom;
    } while (take('.'));
    return content;
}

Result<std::string> PathParser::local_part() {
    return at('"') ? quoted_string() : dot_string();
}

bool is_label(std::string_view label) {
    return !label.empty() && label.size() <= kLongestLabel && label.front() != '-' &&
           label.back() != '-';
}

// The underscore is outside the grammar and within use.
bool is_label_octet(char c) {
    return base::is_alnum(c) || c == '-' || c == '_' || base::is_eight_bit(c);
}

Result<std::string> PathParser::domain() {
    if (at('[')) return address_literal();
    const std::size_t start = at_;
    do {
        if (!is_label(take_while(is_label_octet))) return fail("smtp.path.domain");
    } while (take('.'));
    if (at_ - start > kLongestDomain) return fail("smtp.path.domain");
    return std::string(text_.substr(start, at_ - start));
}

bool is_address(int family, std::string_view text) {
    std::array<unsigned char, 16> address{};
    return inet_pton(family, std::string(text).c_str(), address.data()) == 1;
}

bool is_literal(std::string_view content) {
    constexpr std::string_view kIpv6 = "IPv6:";
    if (base::starts_with_ignore_case(content, kIpv6)) {
        return is_address(AF_INET6, content.substr(kIpv6.size()));
    }
    const std::size_t colon = content.find(':');
    if (colon == std::string_view::npos) return is_address(AF_INET, content);
    const std::string_view tag = content.substr(0, colon);
    return colon + 1 < content.size() && tag.back() != '-' &&
           std::all_of(tag.begin(), tag.end(),
                       [](char c) { return base::is_alnum(c) || c == '-'; });
}

Result<std::string> PathParser::address_literal() {
    const std::size_t start = at_;
    take('[');
    const auto content =
        take_while([](char c) { return base::is_visible(c) && c != '[' && c != ']' && c != '\\'; });
    if (content.starts_with(':') || !is_literal(content) || !take(']')) {
        return fail("smtp.path.address-literal");
    }
    return std::string(text_.substr(start, at_ - start));
}

Result<TakenPath> PathParser::path() {
    if (!take('<')) return fail("smtp.path.bracket");
    if (take('>')) {
        if (kind_ == PathKind::Forward) return fail("smtp.path.null");
        return TakenPath{Path{}, at_};
    }
    if (at('@')) {
        if (auto route = source_route(); !route) return std::unexpected(route.error());
    }
    auto local = local_part();
    if (!local) return std::unexpected(local.error());
    Path path{std::move(*local), {}};
    if (take('@')) {
        auto name = domain();
        if (!name) return std::unexpected(name.error());
        path.domain = std::move(*name);
    } else if (kind_ != PathKind::Forward ||
               !base::equals_ignore_case(path.local_part, kPostmaster)) {
        return fail("smtp.path.domain");
    }
    if (!take('>')) return fail("smtp.path.bracket");
    if (!base::is_utf8(text_.substr(0, at_))) return fail("smtp.path.not-utf8");
    return TakenPath{std::move(path), at_};
}

Result<Path> parse_whole(std::string_view text, PathKind kind) {
    auto taken = take_path(text, kind);
    if (!taken) return std::unexpected(taken.error());
    if (taken->octets != text.size()) {
        return std::unexpected(Error{"smtp.path.bracket", taken->octets, "rfc5321/4.1.2"});
    }
    return std::move(taken->path);
}

}  // namespace

Result<TakenPath> take_path(std::string_view text, PathKind kind) {
    return PathParser(text, kind).path();
}

Result<Path> parse_reverse_path(std::string_view text) {
    return parse_whole(text, PathKind::Reverse);
}

Result<Path> parse_forward_path(std::string_view text) {
    return parse_whole(text, PathKind::Forward);
}

Result<Path> parse_address(std::string_view text) {
    auto path = parse_whole("<" + std::string(text) + ">", PathKind::Forward);
    if (path) return path;
    Error error = path.error();
    if (error.offset > 0) --error.offset;  // the bracket that was not in the text
    return std::unexpected(std::move(error));
}

}  // namespace mailassay::smtp
