#include "imf/address.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "imf/lexer.h"

namespace mailassay::imf {
namespace {

// A word or a dot, as display names and local parts are made of. Which of the two it was is known
// only at the octet behind.
struct Token {
    std::string text;
    bool is_dot = false;
    bool space_before = false;
};

bool is_dtext(char c) {
    return (base::is_visible(c) || base::is_eight_bit(c)) && c != '[' && c != ']' && c != '\\';
}

class AddressParser {
  public:
    AddressParser(std::string_view text, const AddressLimits& limits)
        : lexer_(text, "imf.address.syntax", limits.comment_depth), limits_(limits) {}

    Result<Address> address();
    Result<std::vector<Address>> address_list();
    Result<Mailbox> mailbox();
    Result<void> expect_end();

  private:
    Result<std::vector<Token>> tokens();
    Result<Mailbox> mailbox_after(const std::vector<Token>& words);
    Result<Mailbox> angle_address(std::string display_name);
    Result<Group> group_after(std::string display_name);
    Result<void> route();
    Result<std::string> local_part(const std::vector<Token>& words, std::size_t start);
    Result<std::string> domain();
    Result<std::string> domain_literal();
    Result<void> count_one();

    Lexer lexer_;
    const AddressLimits& limits_;
    std::size_t count_ = 0;
};

std::string joined_name(const std::vector<Token>& words) {
    std::string name;
    for (const Token& token : words) {
        // obs-phrase lets a dot stand in a name: "John Q. Public".
        const bool glued = token.is_dot && !token.space_before;
        if (!name.empty() && !token.text.empty() && !glued) name += ' ';
        name += token.text;
    }
    return name;
}

Result<std::vector<Token>> AddressParser::tokens() {
    std::vector<Token> tokens;
    for (;;) {
        const auto space = lexer_.skip_cfws();
        if (!space) return std::unexpected(space.error());
        if (lexer_.at('"')) {
            auto text = lexer_.take_quoted_string();
            if (!text) return std::unexpected(text.error());
            tokens.push_back({std::move(*text), false, *space});
        } else if (lexer_.take('.')) {
            tokens.push_back({".", true, *space});
        } else if (const auto atom = lexer_.take_while(is_atext); !atom.empty()) {
            tokens.push_back({std::string(atom), false, *space});
        } else {
            return tokens;
        }
    }
}

Result<std::string> AddressParser::local_part(const std::vector<Token>& words, std::size_t start) {
    std::string text;
    bool word_wanted = true;
    for (const Token& token : words) {
        if (token.is_dot == word_wanted) return lexer_.fail("imf.address.syntax", start);
        text += token.text;
        word_wanted = token.is_dot;
    }
    if (word_wanted) return lexer_.fail("imf.address.syntax", start);
    return text;
}

Result<std::string> AddressParser::domain_literal() {
    const std::size_t start = lexer_.offset();
    std::string text = "[";
    lexer_.take('[');
    for (;;) {
        if (const auto space = lexer_.skip_cfws(); !space) return std::unexpected(space.error());
        if (lexer_.at_end()) return lexer_.fail("imf.address.domain-literal-unterminated", start);
        if (lexer_.take(']')) return text + "]";
        const auto run = lexer_.take_while([](char c) { return is_dtext(c) && c != '('; });
        if (run.empty()) return lexer_.fail_syntax();
        text += run;
    }
}

Result<std::string> AddressParser::domain() {
    if (const auto space = lexer_.skip_cfws(); !space) return std::unexpected(space.error());
    if (lexer_.at('[')) return domain_literal();
    std::string text;
    for (;;) {
        const auto label = lexer_.take_while(is_atext);
        if (label.empty()) return lexer_.fail_syntax();
        text += label;
        if (const auto space = lexer_.skip_cfws(); !space) return std::unexpected(space.error());
        if (!lexer_.take('.')) return text;
        text += '.';
        if (const auto space = lexer_.skip_cfws(); !space) return std::unexpected(space.error());
    }
}

// obs-route of RFC 5322 section 4.4: "@relay.example,@other.example:"; it means nothing any more.
Result<void> AddressParser::route() {
    while (lexer_.at('@') || lexer_.at(',')) {
        if (lexer_.take('@')) {
            if (auto name = domain(); !name) return std::unexpected(name.error());
        } else {
            lexer_.take(',');
        }
        if (const auto space = lexer_.skip_cfws(); !space) return std::unexpected(space.error());
    }
    if (!lexer_.take(':')) return lexer_.fail_syntax();
    return {};
}

Result<Mailbox> AddressParser::angle_address(std::string display_name) {
    lexer_.take('<');
    if (const auto space = lexer_.skip_cfws(); !space) return std::unexpected(space.error());
    if (lexer_.at('@')) {
        if (auto skipped = route(); !skipped) return std::unexpected(skipped.error());
    }
    const auto words = tokens();
    if (!words) return std::unexpected(words.error());
    const std::size_t end = lexer_.offset();
    if (!lexer_.take('@')) return lexer_.fail_syntax();
    auto local = local_part(*words, end);
    if (!local) return std::unexpected(local.error());
    auto name = domain();
    if (!name) return std::unexpected(name.error());
    if (const auto space = lexer_.skip_cfws(); !space) return std::unexpected(space.error());
    if (!lexer_.take('>')) return lexer_.fail_syntax();
    return Mailbox{std::move(display_name), std::move(*local), std::move(*name)};
}

// What follows the words decides what they were.
Result<Mailbox> AddressParser::mailbox_after(const std::vector<Token>& words) {
    if (auto counted = count_one(); !counted) return std::unexpected(counted.error());
    if (lexer_.at('<')) return angle_address(joined_name(words));
    const std::size_t end = lexer_.offset();
    if (!lexer_.take('@')) return lexer_.fail_syntax();
    auto local = local_part(words, end);
    if (!local) return std::unexpected(local.error());
    auto name = domain();
    if (!name) return std::unexpected(name.error());
    return Mailbox{{}, std::move(*local), std::move(*name)};
}

Result<void> AddressParser::count_one() {
    if (++count_ > limits_.addresses) return lexer_.fail("imf.address.too-many");
    return {};
}

Result<Mailbox> AddressParser::mailbox() {
    const auto words = tokens();
    if (!words) return std::unexpected(words.error());
    if (words->empty() && lexer_.at_end()) return lexer_.fail("imf.address.empty");
    return mailbox_after(*words);
}

Result<Group> AddressParser::group_after(std::string display_name) {
    if (auto counted = count_one(); !counted) return std::unexpected(counted.error());
    lexer_.take(':');
    Group group{std::move(display_name), {}};
    for (;;) {
        if (const auto space = lexer_.skip_cfws(); !space) return std::unexpected(space.error());
        if (lexer_.take(';')) return group;
        if (lexer_.take(',')) continue;  // obs-mbox-list
        auto member = mailbox();
        if (!member) return std::unexpected(member.error());
        group.members.push_back(std::move(*member));
        if (const auto space = lexer_.skip_cfws(); !space) return std::unexpected(space.error());
        if (!lexer_.at(',') && !lexer_.at(';')) return lexer_.fail_syntax();
    }
}

Result<Address> AddressParser::address() {
    const auto words = tokens();
    if (!words) return std::unexpected(words.error());
    if (lexer_.at(':') && !words->empty()) return group_after(joined_name(*words));
    return mailbox_after(*words);
}

Result<std::vector<Address>> AddressParser::address_list() {
    std::vector<Address> addresses;
    for (;;) {
        if (const auto space = lexer_.skip_cfws(); !space) return std::unexpected(space.error());
        if (lexer_.take(',')) continue;  // obs-addr-list
        if (lexer_.at_end()) break;
        auto next = address();
        if (!next) return std::unexpected(next.error());
        addresses.push_back(std::move(*next));
        if (const auto space = lexer_.skip_cfws(); !space) return std::unexpected(space.error());
        if (!lexer_.at(',') && !lexer_.at_end()) return lexer_.fail_syntax();
    }
    if (addresses.empty()) return lexer_.fail("imf.address.empty");
    return addresses;
}

Result<void> AddressParser::expect_end() {
    if (const auto space = lexer_.skip_cfws(); !space) return std::unexpected(space.error());
    if (!lexer_.at_end()) return lexer_.fail("imf.address.trailing");
    return {};
}

Result<void> check_size(std::string_view body, const AddressLimits& limits) {
    if (body.size() <= limits.octets) return {};
    return std::unexpected(Error{"imf.address.too-large", limits.octets});
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += is_text(c) ? c : '?';
    }
    return out + "\"";
}

bool is_atoms_between(std::string_view text, char separator) {
    for (const std::string_view atom : base::split(text, separator)) {
        if (atom.empty() || !std::all_of(atom.begin(), atom.end(), is_atext)) return false;
    }
    return true;
}

std::string phrase(std::string_view text) {
    return is_atoms_between(text, ' ') ? std::string(text) : quoted(text);
}

}  // namespace

std::string quote_local_part(std::string_view text) {
    return is_atoms_between(text, '.') ? std::string(text) : quoted(text);
}

std::string Mailbox::address() const {
    return quote_local_part(local_part) + "@" + domain;
}

Result<Mailbox> parse_mailbox(std::string_view body, const AddressLimits& limits) {
    if (auto sized = check_size(body, limits); !sized) return std::unexpected(sized.error());
    AddressParser parser(body, limits);
    auto mailbox = parser.mailbox();
    if (!mailbox) return mailbox;
    if (auto end = parser.expect_end(); !end) return std::unexpected(end.error());
    return mailbox;
}

Result<std::vector<Mailbox>> parse_mailbox_list(std::string_view body,
                                                const AddressLimits& limits) {
    const auto addresses = parse_address_list(body, limits);
    if (!addresses) return std::unexpected(addresses.error());
    std::vector<Mailbox> mailboxes;
    for (const Address& address : *addresses) {
        const auto* mailbox = std::get_if<Mailbox>(&address);
        if (mailbox == nullptr) {
            return std::unexpected(Error{"imf.address.syntax", 0, "rfc5322/3.4", "a group"});
        }
        mailboxes.push_back(*mailbox);
    }
    return mailboxes;
}

Result<std::vector<Address>> parse_address_list(std::string_view body,
                                                const AddressLimits& limits) {
    if (auto sized = check_size(body, limits); !sized) return std::unexpected(sized.error());
    return AddressParser(body, limits).address_list();
}

std::string to_string(const Mailbox& mailbox) {
    if (mailbox.display_name.empty()) return mailbox.address();
    return phrase(mailbox.display_name) + " <" + mailbox.address() + ">";
}

std::string to_string(const Group& group) {
    std::string text = phrase(group.display_name) + ":";
    for (std::size_t i = 0; i < group.members.size(); ++i) {
        text += i == 0 ? " " : ", ";
        text += to_string(group.members[i]);
    }
    return text + ";";
}

std::string to_string(const Address& address) {
    return std::visit([](const auto& one) { return to_string(one); }, address);
}

std::string to_string(const std::vector<Address>& addresses) {
    std::string text;
    for (const Address& address : addresses) {
        if (!text.empty()) text += ", ";
        text += to_string(address);
    }
    return text;
}

}  // namespace mailassay::imf
