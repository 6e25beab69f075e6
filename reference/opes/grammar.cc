#include "opes/grammar.h"

#include <algorithm>
#include <limits>
#include <set>
#include <stdexcept>
#include <utility>

#include "base/ascii.h"

namespace mailassay::opes {

enum class Kind { Alternatives, Sequence, Repetition, Text, Range, Rule };

struct Grammar::Node {
    Kind kind;
    std::vector<Node> parts = {};
    std::string text = {};  // of Text and Rule
    std::size_t least = 0;  // of Repetition; of Range, the first octet
    std::size_t most = 0;   // the last
};

namespace {

using Node = Grammar::Node;

constexpr std::size_t without_end = std::numeric_limits<std::size_t>::max();
// Of a repetition without an end, when a text is made.
constexpr std::size_t many = 3;

constexpr std::string_view core = R"(
ALPHA  = %x41-5A / %x61-7A
CRLF   = %x0D %x0A
DIGIT  = %x30-39
DQUOTE = %x22
FWS    = 1*WSP
HEXDIG = DIGIT / "A" / "B" / "C" / "D" / "E" / "F"
OCTET  = %x00-FF
VCHAR  = %x21-7E
WSP    = %x20 / %x09
)";

// The elements of one rule.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    Node whole() {
        Node node = alternatives();
        if (next() != '\0') fault();
        return node;
    }

  private:
    Node alternatives() {
        Node node{.kind = Kind::Alternatives, .parts = {sequence()}};
        while (next() == '/') {
            ++at_;
            node.parts.push_back(sequence());
        }
        return node;
    }

    Node sequence() {
        Node node{.kind = Kind::Sequence};
        while (!std::string_view("/)]\0", 4).contains(next())) node.parts.push_back(repetition());
        if (node.parts.empty()) fault();
        return node;
    }

    Node repetition() {
        std::size_t least = 0;
        std::size_t most = without_end;
        const char first = next();
        if (base::is_digit(first)) least = most = number(10);
        if (at_ < text_.size() && text_[at_] == '*') {
            ++at_;
            const bool bounded = at_ < text_.size() && base::is_digit(text_[at_]);
            most = bounded ? number(10) : without_end;
        } else if (!base::is_digit(first)) {
            return element();
        }
        return {.kind = Kind::Repetition, .parts = {element()}, .least = least, .most = most};
    }

    Node element() {
        const char first = next();
        ++at_;
        if (first == '(') return closed(alternatives(), ')');
        if (first == '[') {
            Node inner = closed(alternatives(), ']');
            return {.kind = Kind::Repetition, .parts = {std::move(inner)}, .least = 0, .most = 1};
        }
        if (first == '"') {
            const std::size_t end = text_.find('"', at_);
            if (end == std::string_view::npos) fault();
            Node node{.kind = Kind::Text, .text = std::string(text_.substr(at_, end - at_))};
            at_ = end + 1;
            return node;
        }
        if (first == '%') return range();
        if (!base::is_alpha(first)) fault();
        std::size_t end = at_;
        while (end < text_.size() && (base::is_alnum(text_[end]) || text_[end] == '-')) ++end;
        Node node{.kind = Kind::Rule, .text = std::string(text_.substr(at_ - 1, end - at_ + 1))};
        at_ = end;
        return node;
    }

    Node range() {
        if (at_ == text_.size() || text_[at_++] != 'x') fault();
        const std::size_t first = number(16);
        if (at_ == text_.size() || text_[at_] != '-') {
            return {.kind = Kind::Range, .least = first, .most = first};
        }
        ++at_;
        return {.kind = Kind::Range, .least = first, .most = number(16)};
    }

    Node closed(Node node, char end) {
        if (next() != end) fault();
        ++at_;
        return node;
    }

    std::size_t number(int base) {
        std::size_t length = 0;
        const std::size_t value = std::stoul(std::string(text_.substr(at_)), &length, base);
        at_ += length;
        return value;
    }

    // The next character that is no space; NUL at the end.
    char next() {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
        return at_ < text_.size() ? text_[at_] : '\0';
    }

    [[noreturn]] void fault() const {
        throw std::invalid_argument("no ABNF behind \"" + std::string(text_.substr(0, at_)) + '"');
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

using Rules = std::map<std::string, std::shared_ptr<const Node>, std::less<>>;
using Places = std::set<std::size_t>;

const Node& rule_of(const Rules& rules, std::string_view name) {
    const auto found = rules.find(name);
    if (found == rules.end()) throw std::invalid_argument("no rule " + std::string(name));
    return *found->second;
}

// Where texts end.
class Matcher {
  public:
    Matcher(const Rules& rules, std::string_view text) : rules_(rules), text_(text) {}

    // Each place where a text of the node can end that begins at `at`.
    // NOLINTNEXTLINE(misc-no-recursion): as deep as the grammar
    Places ends(const Node& node, std::size_t at) {
        switch (node.kind) {
            case Kind::Alternatives: {
                Places all;
                for (const Node& part : node.parts) all.merge(ends(part, at));
                return all;
            }
            case Kind::Sequence: {
                Places here{at};
                for (const Node& part : node.parts) here = behind(part, here);
                return here;
            }
            case Kind::Repetition:
                return repeated(node, at);
            case Kind::Text:
                if (!base::starts_with_ignore_case(text_.substr(at), node.text)) return {};
                return {at + node.text.size()};
            case Kind::Range: {
                if (at == text_.size()) return {};
                const auto octet = static_cast<unsigned char>(text_[at]);
                return octet >= node.least && octet <= node.most ? Places{at + 1} : Places{};
            }
            case Kind::Rule: {
                const Node& rule = rule_of(rules_, node.text);
                const auto known = known_.find({&rule, at});
                if (known != known_.end()) return known->second;
                return known_[{&rule, at}] = ends(rule, at);
            }
        }
        return {};
    }

  private:
    // NOLINTNEXTLINE(misc-no-recursion): as deep as the grammar
    Places behind(const Node& node, const Places& places) {
        Places all;
        for (const std::size_t place : places) all.merge(ends(node, place));
        return all;
    }

    // NOLINTNEXTLINE(misc-no-recursion): as deep as the grammar
    Places repeated(const Node& node, std::size_t at) {
        Places all;
        Places here{at};
        for (std::size_t times = 0; !here.empty(); ++times) {
            if (times >= node.least) {
                // What was reached in fewer times was gone on from already.
                std::erase_if(here, [&](std::size_t place) { return !all.insert(place).second; });
            }
            if (times == node.most) break;
            here = behind(node.parts[0], here);
        }
        return all;
    }

    const Rules& rules_;
    std::string_view text_;
    std::map<std::pair<const Node*, std::size_t>, Places> known_;
};

// NOLINTNEXTLINE(misc-no-recursion): as deep as the grammar
std::string made(const Rules& rules, const Node& node, const Grammar::Choices& choices) {
    switch (node.kind) {
        case Kind::Alternatives:
            return made(rules, node.parts[choices() % node.parts.size()], choices);
        case Kind::Sequence: {
            std::string text;
            for (const Node& part : node.parts) text += made(rules, part, choices);
            return text;
        }
        case Kind::Repetition: {
            const std::size_t most = std::min(node.most, node.least + many);
            std::string text;
            for (auto times = node.least + (choices() % (most - node.least + 1)); times > 0;
                 --times) {
                text += made(rules, node.parts[0], choices);
            }
            return text;
        }
        case Kind::Text:
            return node.text;
        case Kind::Range:
            return {static_cast<char>(node.least + (choices() % (node.most - node.least + 1)))};
        case Kind::Rule:
            return made(rules, rule_of(rules, node.text), choices);
    }
    return {};
}

// What a comment hides is no part of a rule.
std::string without_comment(std::string_view line) {
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '"') quoted = !quoted;
        if (line[i] == ';' && !quoted) return std::string(line.substr(0, i));
    }
    return std::string(line);
}

void expect_all_rules(const Rules& rules, const Node& node) {
    if (node.kind == Kind::Rule) static_cast<void>(rule_of(rules, node.text));
    for (const Node& part : node.parts) expect_all_rules(rules, part);
}

}  // namespace

Grammar::Grammar(std::string_view document) {
    constexpr std::string_view begin = "```abnf\n";
    read(core);
    for (std::size_t at = 0; (at = document.find(begin, at)) != std::string_view::npos;) {
        at += begin.size();
        read(document.substr(at, document.find("```", at) - at));
    }
    for (const auto& [name, node] : rules_) expect_all_rules(rules_, *node);
}

void Grammar::read(std::string_view block) {
    std::vector<std::string> definitions;
    // Of a block within a list all lines are indented; a rule goes on in those that are more so.
    const std::size_t margin =
        std::min(block.find_first_not_of("\n "), block.size()) - (block.starts_with('\n') ? 1 : 0);
    for (const std::string_view line : base::split(block, '\n')) {
        const std::string text = without_comment(line.substr(std::min(margin, line.size())));
        if (base::trim(text).empty()) continue;
        if (text[0] != ' ') {
            definitions.push_back(text);
        } else if (!definitions.empty()) {
            definitions.back() += text;
        }
    }
    for (const std::string& definition : definitions) {
        const std::size_t equals = definition.find('=');
        const std::string name(base::trim(definition.substr(0, equals)));
        if (equals == std::string::npos || rules_.contains(name)) {
            throw std::invalid_argument("no rule, or one of a name that is taken: " + definition);
        }
        const std::string elements = definition.substr(equals + 1);
        rules_[name] = std::make_shared<Node>(Reader(elements).whole());
    }
}

bool Grammar::matches(std::string_view rule, std::string_view text) const {
    return Matcher(rules_, text).ends(rule_of(rules_, rule), 0).contains(text.size());
}

std::string Grammar::text_of(std::string_view rule, const Choices& choices) const {
    return made(rules_, rule_of(rules_, rule), choices);
}

}  // namespace mailassay::opes
