#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// For tests: the grammar that a document shows, as something to hold a parser against. ABNF as RFC
// 5234 has it, without values in binary or decimal, concatenated values and prose.
namespace mailassay::opes {

class Grammar {
  public:
    // What gives the next choice: any number.
    using Choices = std::function<std::size_t()>;

    // All blocks of a Markdown document that are marked as abnf, with the rules of RFC 5234
    // appendix B.1, and FWS of an unfolded field. A rule's name is written as it is defined. Throws
    // std::invalid_argument: what is no ABNF, or a rule that is missing or defined twice.
    explicit Grammar(std::string_view document);

    // Whether the whole text is of that rule.
    [[nodiscard]] bool matches(std::string_view rule, std::string_view text) const;
    // One text of that rule.
    [[nodiscard]] std::string text_of(std::string_view rule, const Choices& choices) const;

    struct Node;

  private:
    void read(std::string_view block);

    std::map<std::string, std::shared_ptr<const Node>, std::less<>> rules_;
};

}  // namespace mailassay::opes
