#include "dkim/canonical.h"

#include <algorithm>
#include <map>

#include "base/ascii.h"
#include "dkim/tags.h"

namespace mailassay::dkim {

namespace {

constexpr std::string_view line_end = "\r\n";

std::string relaxed_line(std::string_view line) {
    std::string made;
    bool has_space = false;
    for (const char c : line) {
        if (base::is_wsp(c)) {
            has_space = true;
            continue;
        }
        if (has_space) made += ' ';
        has_space = false;
        made += c;
    }
    return made;
}

std::string canonical_field(const imf::HeaderField& field, imf::Canonicalization algorithm) {
    if (algorithm == imf::Canonicalization::Simple) {
        return field.raw.ends_with(line_end) ? field.raw : field.raw + std::string(line_end);
    }
    return imf::canonical_name(field.name, algorithm) + ":" +
           imf::canonical_body(field.body, algorithm) + std::string(line_end);
}

}  // namespace

std::string canonical_content(std::string_view body, imf::Canonicalization algorithm) {
    const bool is_relaxed = algorithm == imf::Canonicalization::Relaxed;
    std::string made;
    made.reserve(body.size() + line_end.size());
    while (!body.empty()) {
        const std::size_t end = std::min(body.find(line_end), body.size());
        const std::string_view line = body.substr(0, end);
        made += is_relaxed ? relaxed_line(line) : std::string(line);
        made += line_end;
        body.remove_prefix(std::min(end + line_end.size(), body.size()));
    }
    // Empty lines at the end go; the last line of text has its line end.
    while (made.ends_with("\r\n\r\n")) made.resize(made.size() - line_end.size());
    if (made == line_end) made.clear();
    if (made.empty() && !is_relaxed) made = line_end;
    return made;
}

std::string canonical_header(const imf::HeaderSection& header,
                             const std::vector<std::string>& names, const imf::HeaderField& own,
                             imf::Canonicalization algorithm) {
    std::map<std::string_view, std::vector<const imf::HeaderField*>, base::LessIgnoreCase> left;
    for (const imf::HeaderField& each : header.fields()) {
        if (&each != &own && !each.is_opaque()) left[each.name].push_back(&each);
    }
    std::string covered;
    for (const std::string& name : names) {
        const auto place = left.find(name);
        if (place == left.end() || place->second.empty()) continue;
        covered += canonical_field(*place->second.back(), algorithm);
        place->second.pop_back();
    }
    imf::HeaderField bare = own;
    bare.body = without_value(own.body);
    bare.raw = own.raw.substr(0, own.raw.find(':') + 1) + bare.body;
    std::string last = canonical_field(bare, algorithm);
    last.resize(last.size() - line_end.size());
    return covered + last;
}

std::string without_value(std::string_view body) {
    std::string made;
    for (std::size_t offset = 0; offset < body.size();) {
        const std::size_t end = std::min(body.find(';', offset), body.size());
        std::string_view piece = body.substr(offset, end - offset);
        const std::size_t equals = piece.find('=');
        const bool is_value =
            equals != std::string_view::npos && without_folding(piece.substr(0, equals)) == "b";
        if (is_value) piece = piece.substr(0, equals + 1);
        made += piece;
        if (end < body.size()) made += ';';
        offset = end + 1;
    }
    return made;
}

}  // namespace mailassay::dkim
