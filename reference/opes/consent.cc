#include "opes/consent.h"

#include <algorithm>

#include "base/ascii.h"
#include "opes/entry.h"

namespace mailassay::opes {

namespace {

// The words of a line, up to one that begins a comment.
std::vector<std::string_view> words_of(std::string_view line) {
    constexpr std::string_view spaces = " \t\r";
    std::vector<std::string_view> words;
    for (std::size_t at = 0; (at = line.find_first_not_of(spaces, at)) != line.npos;) {
        if (line[at] == '#') break;
        const std::size_t end = std::min(line.find_first_of(spaces, at), line.size());
        words.push_back(line.substr(at, end - at));
        at = end;
    }
    return words;
}

// "*" is nobody's pair: who wants a service left out for all mail takes it out of the system.
bool is_party(std::string_view text) {
    return text != "*" && is_who(text);
}

}  // namespace

bool is_who(std::string_view who) {
    if (who == "*") return true;
    const std::size_t at = who.rfind('@');
    return who.size() <= 320 && at != std::string_view::npos && at + 1 < who.size() &&
           std::ranges::all_of(who,
                               [](char c) { return base::is_visible(c) || base::is_eight_bit(c); });
}

bool is_meant(std::string_view who, std::string_view address) {
    if (who == "*") return true;
    if (address.empty()) return false;
    if (!who.starts_with('@')) return base::equals_ignore_case(who, address);
    const std::size_t at = address.rfind('@');
    return at != std::string_view::npos && base::equals_ignore_case(who, address.substr(at));
}

bool is_about(std::string_view listed, std::string_view service, std::string_view system) {
    return listed == "*" || same_agent(listed, service) || same_agent(listed, system);
}

AllowList parse_allow_list(std::string_view text) {
    AllowList list;
    std::size_t number = 0;
    for (const std::string_view line : base::split(text, '\n')) {
        if (++number > allow_list_lines) {
            list.faults.push_back(number);
            break;
        }
        const auto words = words_of(line.substr(0, allow_line_octets));
        if (words.empty()) continue;
        const bool is_pair = line.size() <= allow_line_octets && words.size() >= 2 &&
                             is_party(words[0]) && is_party(words[1]) &&
                             std::all_of(words.begin() + 2, words.end(), [](auto word) {
                                 return word == "*" || is_agent(encoded(word));
                             });
        if (!is_pair) {
            list.faults.push_back(number);
            continue;
        }
        list.allowances.push_back({.sender = std::string(words[0]),
                                   .recipient = std::string(words[1]),
                                   .services = {words.begin() + 2, words.end()}});
    }
    return list;
}

}  // namespace mailassay::opes
