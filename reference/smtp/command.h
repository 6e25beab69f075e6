#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "smtp/types.h"

// One command line, parsed (RFC 5321 section 4.1).
namespace mailassay::smtp {

enum class HelloVerb : std::uint8_t { Helo, Ehlo, Lhlo };

struct HelloCommand {
    HelloVerb verb = HelloVerb::Ehlo;
    std::string domain;  // visible characters, not checked further
    friend bool operator==(const HelloCommand&, const HelloCommand&) = default;
};
struct MailCommand {
    Path reverse_path;
    std::vector<Parameter> parameters;
    friend bool operator==(const MailCommand&, const MailCommand&) = default;
};
struct RcptCommand {
    Path forward_path;
    std::vector<Parameter> parameters;
    friend bool operator==(const RcptCommand&, const RcptCommand&) = default;
};
struct DataCommand {
    friend bool operator==(const DataCommand&, const DataCommand&) = default;
};
struct RsetCommand {
    friend bool operator==(const RsetCommand&, const RsetCommand&) = default;
};
struct NoopCommand {
    friend bool operator==(const NoopCommand&, const NoopCommand&) = default;
};
struct QuitCommand {
    friend bool operator==(const QuitCommand&, const QuitCommand&) = default;
};
struct HelpCommand {
    friend bool operator==(const HelpCommand&, const HelpCommand&) = default;
};
struct StartTlsCommand {
    friend bool operator==(const StartTlsCommand&, const StartTlsCommand&) = default;
};
struct VrfyCommand {
    std::string argument;
    friend bool operator==(const VrfyCommand&, const VrfyCommand&) = default;
};
struct ExpnCommand {
    std::string argument;
    friend bool operator==(const ExpnCommand&, const ExpnCommand&) = default;
};
// RFC 4954 section 4.
struct AuthCommand {
    std::string mechanism;
    std::optional<std::string> initial_response;  // as given: base64, or "="
    friend bool operator==(const AuthCommand&, const AuthCommand&) = default;
};
// A verb that is not known, upper case and cut at 32 octets.
struct UnknownCommand {
    std::string verb;
    friend bool operator==(const UnknownCommand&, const UnknownCommand&) = default;
};

using Command = std::variant<HelloCommand, MailCommand, RcptCommand, DataCommand, RsetCommand,
                             NoopCommand, QuitCommand, HelpCommand, StartTlsCommand, VrfyCommand,
                             ExpnCommand, AuthCommand, UnknownCommand>;

// `line` is a command line without its CRLF. Verbs and keywords ignore case; white space at the end
// is ignored; white space after the colon of FROM: and TO:, which the grammar does not have and
// clients send, is tolerated. A keyword may stand twice: that is for the extension to judge.
//
// Errors: smtp.command.octet (NUL, a bare CR or LF, another control character, or an octet above
// 127 that is not part of well-formed UTF-8), smtp.command.argument-missing,
// smtp.command.argument-unexpected, smtp.command.from-missing, smtp.command.to-missing,
// smtp.parameter.syntax, and those of parse_reverse_path and parse_forward_path.
[[nodiscard]] Result<Command> parse_command(std::string_view line);

// esmtp-param of RFC 5321 section 4.1.2; a value may hold UTF-8 (RFC 6531 section 3.3).
// Error: smtp.parameter.syntax.
[[nodiscard]] Result<Parameter> parse_parameter(std::string_view text);

// A command line without its CRLF.
[[nodiscard]] std::string to_string(const Command& command);

}  // namespace mailassay::smtp
