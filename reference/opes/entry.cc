#include "opes/entry.h"

#include <algorithm>

#include "base/ascii.h"
#include "imf/header.h"

namespace mailassay::opes {

namespace {

bool is_space(char c) {
    return c == ' ' || c == '\t';
}

bool is_token(char c) {
    return c > 32 && c < 127 && !std::string_view("()<>@,;:\\\"/[]?={}").contains(c);
}

// What a URI is made of (RFC 3986 section 2), without the two that lists need.
bool is_of_agent(char c) {
    return base::is_alpha(c) || base::is_digit(c) ||
           std::string_view("-._~:/?[]@!$&'()*+=%").contains(c);
}

bool is_hexadecimal(char c) {
    return base::is_digit(c) || std::string_view("ABCDEFabcdef").contains(c);
}

// Behind each "%" stand two digits (RFC 3986 section 2.1).
bool is_well_encoded(std::string_view text) {
    for (std::size_t at = 0; (at = text.find('%', at)) != std::string_view::npos; at += 3) {
        const auto digits = text.substr(at + 1, 2);
        if (digits.size() != 2 || !std::ranges::all_of(digits, is_hexadecimal)) return false;
    }
    return true;
}

bool is_of_scheme(char c) {
    return base::is_alpha(c) || base::is_digit(c) || c == '+' || c == '-' || c == '.';
}

class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    Result<std::vector<Entry>> entries() {
        std::vector<Entry> all;
        for (skip_elements(); at_ < text_.size(); skip_elements()) {
            auto read = entry();
            if (!read) return std::unexpected(std::move(read.error()));
            if (all.size() == entries_of_a_field) return wrong("opes.entry.too-many");
            all.push_back(std::move(*read));
            skip_space();
            if (at_ < text_.size() && text_[at_] != ',') return wrong("opes.entry.separator");
        }
        return all;
    }

  private:
    Result<Entry> entry() {
        const std::size_t start = at_;
        while (at_ < text_.size() && !is_space(text_[at_]) && text_[at_] != ',' &&
               text_[at_] != ';') {
            ++at_;
        }
        const std::string_view agent = text_.substr(start, at_ - start);
        if (agent.size() > agent_octets) return wrong("opes.entry.too-long");
        if (!is_agent(agent)) {
            at_ = start;
            return wrong("opes.entry.agent");
        }
        Entry made{.agent = std::string(agent), .parameters = {}};
        for (skip_space(); at_ < text_.size() && text_[at_] == ';'; skip_space()) {
            ++at_;
            auto read = parameter();
            if (!read) return std::unexpected(std::move(read.error()));
            made.parameters.push_back(std::move(*read));
        }
        return made;
    }

    Result<Parameter> parameter() {
        skip_space();
        Parameter made;
        made.name = token();
        if (made.name.empty()) return wrong("opes.entry.parameter");
        skip_space();
        if (at_ == text_.size() || text_[at_] != '=') return made;
        ++at_;
        skip_space();
        if (at_ < text_.size() && text_[at_] == '"') return quoted(std::move(made));
        made.value = token();
        if (made.value.empty()) return wrong("opes.entry.parameter");
        return made;
    }

    Result<Parameter> quoted(Parameter made) {
        for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
            if (text_[at_] == '\\' && ++at_ == text_.size()) break;
            if (base::is_control(text_[at_]) && text_[at_] != '\t')
                return wrong("opes.entry.parameter");
            made.value += text_[at_];
        }
        if (at_ >= text_.size()) return wrong("opes.entry.parameter");
        ++at_;
        return made;
    }

    std::string token() {
        const std::size_t start = at_;
        while (at_ < text_.size() && is_token(text_[at_])) ++at_;
        return std::string(text_.substr(start, at_ - start));
    }

    void skip_space() {
        while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    }

    void skip_elements() {
        while (at_ < text_.size() && (is_space(text_[at_]) || text_[at_] == ',')) ++at_;
    }

    std::unexpected<Error> wrong(std::string_view id) const {
        return std::unexpected(
            Error{.id = id, .offset = at_, .requirement = "rfc4236/4", .detail = {}});
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

std::string value_of(const Parameter& parameter) {
    if (!parameter.value.empty() && std::ranges::all_of(parameter.value, is_token)) {
        return "=" + parameter.value;
    }
    if (parameter.value.empty()) return {};
    std::string text = "=\"";
    for (const char c : parameter.value) {
        if (c == '"' || c == '\\') text += '\\';
        text += c;
    }
    return text + '"';
}

// Scheme and authority, which make no difference between capitals and others.
std::size_t end_of_authority(std::string_view uri) {
    const std::size_t colon = uri.find(':');
    if (colon == std::string_view::npos) return 0;
    if (uri.substr(colon + 1, 2) != "//") return colon;
    return std::min(uri.find_first_of("/?#", colon + 3), uri.size());
}

}  // namespace

bool is_agent(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return false;
    return text.size() <= agent_octets && base::is_alpha(text[0]) &&
           std::ranges::all_of(text.substr(0, colon), is_of_scheme) &&
           std::ranges::all_of(text.substr(colon + 1), is_of_agent) && is_well_encoded(text);
}

std::string encoded(std::string_view uri) {
    std::string text;
    for (const char c : uri) {
        if (c == ',') {
            text += "%2C";
        } else if (c == ';') {
            text += "%3B";
        } else {
            text += c;
        }
    }
    return text;
}

bool same_agent(std::string_view one, std::string_view other) {
    const std::string first = encoded(one);
    const std::string second = encoded(other);
    const std::size_t end = end_of_authority(first);
    return end == end_of_authority(second) &&
           base::equals_ignore_case(std::string_view(first).substr(0, end),
                                    std::string_view(second).substr(0, end)) &&
           first.substr(end) == second.substr(end);
}

Result<std::vector<Entry>> parse_entries(std::string_view body) {
    const std::string text = imf::unfold(body);
    return Reader(text).entries();
}

std::string to_string(std::span<const Entry> entries) {
    std::string text;
    for (const Entry& entry : entries) {
        if (!text.empty()) text += ", ";
        text += encoded(entry.agent);
        for (const Parameter& parameter : entry.parameters) {
            text += "; " + parameter.name + value_of(parameter);
        }
    }
    return text;
}

}  // namespace mailassay::opes
