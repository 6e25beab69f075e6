#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

// The words of SMTP that its client, its server and the modules above share (RFC 5321).
namespace mailassay::smtp {

// What the octets of a session travel on.
enum class Channel : std::uint8_t { Plaintext, Tls };

// LMTP (RFC 2033) differs in its greeting and in one reply per recipient after the data.
enum class Protocol : std::uint8_t { Smtp, Lmtp };

// An ESMTP parameter of MAIL or RCPT, as written (RFC 5321 section 4.1.1.11).
struct Parameter {
    std::string keyword;               // compare with is(): keywords ignore case
    std::optional<std::string> value;  // nullopt: no '='. Never empty when there is one.

    [[nodiscard]] bool is(std::string_view other_keyword) const;

    friend bool operator==(const Parameter&, const Parameter&) = default;
};

// The first parameter of that keyword, any case, or nullptr.
[[nodiscard]] const Parameter* find_parameter(const std::vector<Parameter>& parameters,
                                              std::string_view keyword);

// KEYWORD or KEYWORD=value.
[[nodiscard]] std::string to_string(const Parameter& parameter);

// Reverse-path or forward-path. Three forms: the null path `<>` (both empty), the domainless
// `<Postmaster>` (domain empty), and local-part@domain.
struct Path {
    // The meaning: quotes and quoted pairs resolved, so that <"a"@x> equals <a@x>
    // (RFC 5321 section 4.1.2).
    std::string local_part;
    // A domain as written, or an address literal with its brackets.
    std::string domain;

    [[nodiscard]] bool is_null() const { return local_part.empty() && domain.empty(); }
    [[nodiscard]] bool is_address_literal() const { return domain.starts_with('['); }
    // Needs SMTPUTF8 (RFC 6531).
    [[nodiscard]] bool needs_utf8() const;
    // local-part@domain without angle brackets, quoted where it must be; empty for the null path.
    [[nodiscard]] std::string address() const;

    // Exact: the local part belongs to its domain, which alone may say that case is ignored.
    friend bool operator==(const Path&, const Path&) = default;
};

// With angle brackets, as commands carry it.
[[nodiscard]] std::string to_string(const Path& path);

// `<...>` and nothing else. A source route is dropped (RFC 5321 appendix C). UTF-8 is accepted;
// whether SMTPUTF8 was asked for is judged by the server. A domain has at most 255 octets.
// parse_reverse_path accepts `<>`, parse_forward_path accepts `<Postmaster>` in any case.
// Errors: smtp.path.bracket, smtp.path.local-part, smtp.path.domain, smtp.path.address-literal,
// smtp.path.route, smtp.path.not-utf8, smtp.path.null.
[[nodiscard]] Result<Path> parse_reverse_path(std::string_view text);
[[nodiscard]] Result<Path> parse_forward_path(std::string_view text);

// local-part@domain without angle brackets: what a person types or a configuration holds.
[[nodiscard]] Result<Path> parse_address(std::string_view text);

// Whether the client has proved who it is (RFC 4954).
enum class Login : std::uint8_t { None, Done };

struct Recipient {
    Path forward_path;
    std::vector<Parameter> parameters;  // NOTIFY, ORCPT, ...

    friend bool operator==(const Recipient&, const Recipient&) = default;
};

// What a mail transaction says about a message, apart from the message.
struct Envelope {
    Path reverse_path;
    std::vector<Parameter> mail_parameters;
    std::vector<Recipient> recipients;
    Channel channel = Channel::Plaintext;  // on which the message was received
    std::string helo;                      // the client's own word about its name; unverified
    Login login = Login::None;             // when MAIL was given; not kept in a spool

    friend bool operator==(const Envelope&, const Envelope&) = default;
};

}  // namespace mailassay::smtp
