#include "imf/lexer.h"

namespace mailassay::imf {

bool Lexer::take(char c) {
    if (!at(c)) return false;
    ++at_;
    return true;
}

bool Lexer::at_fold() const {
    if (!text_.substr(at_).starts_with("\r\n")) return false;
    return at_ + 2 == text_.size() || base::is_wsp(text_[at_ + 2]);
}

Result<bool> Lexer::skip_cfws() {
    const std::size_t start = at_;
    for (;;) {
        if (base::is_wsp(peek())) {
            ++at_;
        } else if (at_fold()) {
            at_ += 2;
        } else if (at('(')) {
            if (auto skipped = skip_comment(); !skipped) return std::unexpected(skipped.error());
        } else {
            return at_ != start;
        }
    }
}

Result<void> Lexer::skip_comment() {
    const std::size_t start = at_;
    std::size_t depth = 0;
    do {
        if (at_end()) return fail("imf.address.comment-unterminated", start);
        if (at_fold()) {
            at_ += 2;
            continue;
        }
        const char c = text_[at_];
        if (!is_text(c)) return fail("imf.address.control-character");
        ++at_;
        if (c == '\\') {
            if (at_end()) return fail("imf.address.comment-unterminated", start);
            if (!is_text(peek())) return fail("imf.address.control-character");
            ++at_;
        } else if (c == '(') {
            if (++depth > comment_depth_) return fail("imf.address.comment-too-deep", at_ - 1);
        } else if (c == ')') {
            --depth;
        }
    } while (depth > 0);
    return {};
}

Result<std::string> Lexer::take_quoted_string() {
    const std::size_t start = at_;
    std::string content;
    take('"');
    for (;;) {
        if (at_end()) return fail("imf.address.quoted-string-unterminated", start);
        if (at_fold()) {
            at_ += 2;
            continue;
        }
        const char c = text_[at_];
        if (!is_text(c)) return fail("imf.address.control-character");
        ++at_;
        if (c == '"') return content;
        if (c == '\\') {
            if (at_end()) return fail("imf.address.quoted-string-unterminated", start);
            if (!is_text(peek())) return fail("imf.address.control-character");
            content += text_[at_++];
        } else {
            content += c;
        }
    }
}

std::unexpected<Error> Lexer::fail(std::string_view id, std::size_t where) const {
    return std::unexpected(Error{id, where, "rfc5322/3.2"});
}

std::unexpected<Error> Lexer::fail_syntax() const {
    if (!at_end() && base::is_control(peek())) return fail("imf.address.control-character");
    return fail(syntax_error_);
}

}  // namespace mailassay::imf
