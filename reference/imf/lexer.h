#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "base/error.h"

// The lexical tokens that structured field bodies share (RFC 5322 section 3.2). For the parsers of
// this module.
namespace mailassay::imf {

// atext of RFC 5322 section 3.2.3, with UTF-8 as RFC 6532 section 3.2 adds it.
[[nodiscard]] constexpr bool is_atext(char c) {
    return base::is_alnum(c) || base::is_eight_bit(c) ||
           std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

// What may stand in a quoted string or comment, bare or behind a backslash, apart from folding.
[[nodiscard]] constexpr bool is_text(char c) {
    return base::is_visible(c) || base::is_wsp(c) || base::is_eight_bit(c);
}

// Walks over a field body, folded or not. Each parser names its own error for bad syntax; faults
// within a token are imf.address.* for all of them.
class Lexer {
  public:
    Lexer(std::string_view text, std::string_view syntax_error, std::size_t comment_depth = 16)
        : text_(text), syntax_error_(syntax_error), comment_depth_(comment_depth) {}

    [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
    [[nodiscard]] std::size_t offset() const { return at_; }
    // The next octet without taking it; NUL at the end, which no token starts with.
    [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[at_]; }
    [[nodiscard]] bool at(char c) const { return !at_end() && text_[at_] == c; }
    // Takes that octet if it is next.
    bool take(char c);

    // Skips white space, folding and comments; says whether there was any. What it stops at is
    // neither.
    [[nodiscard]] Result<bool> skip_cfws();

    // The longest run of octets in the class; may be empty.
    template <class Class>
    [[nodiscard]] std::string_view take_while(Class is_member) {
        const std::size_t start = at_;
        while (!at_end() && is_member(text_[at_])) ++at_;
        return text_.substr(start, at_ - start);
    }

    // The content of a quoted string, quotes and quoted pairs resolved, folding removed. The next
    // octet must be the opening quote.
    [[nodiscard]] Result<std::string> take_quoted_string();

    [[nodiscard]] std::unexpected<Error> fail(std::string_view id) const { return fail(id, at_); }
    [[nodiscard]] std::unexpected<Error> fail(std::string_view id, std::size_t where) const;
    // The syntax error, at the next octet. An octet that can't stand anywhere is named as such.
    [[nodiscard]] std::unexpected<Error> fail_syntax() const;

  private:
    // CRLF followed by white space, or at the end of the text.
    [[nodiscard]] bool at_fold() const;
    [[nodiscard]] Result<void> skip_comment();

    std::string_view text_;
    std::string_view syntax_error_;
    std::size_t comment_depth_;
    std::size_t at_ = 0;
};

}  // namespace mailassay::imf
