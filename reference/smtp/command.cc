#include "smtp/command.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"
#include "smtp/path_parser.h"

namespace mailassay::smtp {
namespace {

constexpr std::size_t kLongestVerbKept = 32;

std::unexpected<Error> fail(std::string_view id, std::size_t offset,
                            std::string_view requirement = "rfc5321/4.1.1") {
    return std::unexpected(Error{id, offset, requirement});
}

std::string_view trim_end(std::string_view text) {
    while (!text.empty() && base::is_wsp(text.back())) text.remove_suffix(1);
    return text;
}

// A command line split at its verb. Offsets of errors count from the start of the line.
struct Line {
    std::string_view verb;
    std::string_view argument;  // without white space around it
    std::size_t argument_offset = 0;
};

Line split_line(std::string_view line) {
    const std::string_view whole = trim_end(line);
    const std::size_t verb_end = std::min(whole.find_first_of(" \t"), whole.size());
    const std::size_t argument = std::min(whole.find_first_not_of(" \t", verb_end), whole.size());
    return {whole.substr(0, verb_end), whole.substr(argument), argument};
}

Result<std::vector<Parameter>> parse_parameters(std::string_view text, std::size_t offset) {
    std::vector<Parameter> parameters;
    std::size_t at = 0;
    while (at < text.size()) {
        // The path or the parameter before must have ended in white space.
        const std::size_t start = text.find_first_not_of(" \t", at);
        if (start == at) return fail("smtp.parameter.syntax", offset + at, "rfc5321/4.1.2");
        const std::size_t end = std::min(text.find_first_of(" \t", start), text.size());
        auto parameter = parse_parameter(text.substr(start, end - start));
        if (!parameter) {
            Error error = parameter.error();
            error.offset += offset + start;
            return std::unexpected(std::move(error));
        }
        parameters.push_back(std::move(*parameter));
        at = end;
    }
    return parameters;
}

// What MAIL and RCPT have in common: a prefix, a path, parameters.
struct PathAndParameters {
    Path path;
    std::vector<Parameter> parameters;
};

Result<PathAndParameters> parse_path_command(const Line& line, std::string_view prefix,
                                             std::string_view prefix_error, PathKind kind) {
    if (!base::starts_with_ignore_case(line.argument, prefix)) {
        return fail(prefix_error, line.argument_offset);
    }
    std::size_t at = prefix.size();
    while (at < line.argument.size() && base::is_wsp(line.argument[at])) ++at;
    auto taken = take_path(line.argument.substr(at), kind);
    if (!taken) {
        Error error = taken.error();
        error.offset += line.argument_offset + at;
        return std::unexpected(std::move(error));
    }
    at += taken->octets;
    auto parameters = parse_parameters(line.argument.substr(at), line.argument_offset + at);
    if (!parameters) return std::unexpected(parameters.error());
    return PathAndParameters{std::move(taken->path), std::move(*parameters)};
}

Result<Command> parse_mail(const Line& line) {
    auto parsed = parse_path_command(line, "FROM:", "smtp.command.from-missing", PathKind::Reverse);
    if (!parsed) return std::unexpected(parsed.error());
    return MailCommand{std::move(parsed->path), std::move(parsed->parameters)};
}

Result<Command> parse_rcpt(const Line& line) {
    auto parsed = parse_path_command(line, "TO:", "smtp.command.to-missing", PathKind::Forward);
    if (!parsed) return std::unexpected(parsed.error());
    return RcptCommand{std::move(parsed->path), std::move(parsed->parameters)};
}

template <HelloVerb verb>
Result<Command> parse_hello(const Line& line) {
    if (line.argument.empty()) return fail("smtp.command.argument-missing", line.argument_offset);
    const auto bad = std::find_if_not(line.argument.begin(), line.argument.end(), base::is_visible);
    if (bad != line.argument.end()) {
        return fail("smtp.command.argument-unexpected",
                    line.argument_offset + static_cast<std::size_t>(bad - line.argument.begin()));
    }
    return HelloCommand{verb, std::string(line.argument)};
}

template <class Bare>
Result<Command> parse_bare(const Line& line) {
    if (!line.argument.empty()) {
        return fail("smtp.command.argument-unexpected", line.argument_offset);
    }
    return Bare{};
}

// The argument of NOOP and HELP is allowed and means nothing here.
template <class Bare>
Result<Command> parse_ignoring_argument(const Line&) {
    return Bare{};
}

template <class WithText>
Result<Command> parse_with_text(const Line& line) {
    if (line.argument.empty()) return fail("smtp.command.argument-missing", line.argument_offset);
    return WithText{std::string(line.argument)};
}

Result<Command> parse_auth(const Line& line) {
    if (line.argument.empty()) return fail("smtp.command.argument-missing", line.argument_offset);
    const std::size_t end = std::min(line.argument.find_first_of(" \t"), line.argument.size());
    AuthCommand command{std::string(line.argument.substr(0, end)), std::nullopt};
    const std::size_t initial = line.argument.find_first_not_of(" \t", end);
    if (initial == std::string_view::npos) return command;
    const std::string_view response = line.argument.substr(initial);
    if (response.find_first_of(" \t") != std::string_view::npos) {
        return fail("smtp.command.argument-unexpected", line.argument_offset + initial,
                    "rfc4954/4");
    }
    command.initial_response = std::string(response);
    return command;
}

struct Verb {
    std::string_view name;
    Result<Command> (*parse)(const Line&);
};

constexpr Verb kVerbs[] = {
    {"EHLO", parse_hello<HelloVerb::Ehlo>},
    {"HELO", parse_hello<HelloVerb::Helo>},
    {"LHLO", parse_hello<HelloVerb::Lhlo>},
    {"MAIL", parse_mail},
    {"RCPT", parse_rcpt},
    {"DATA", parse_bare<DataCommand>},
    {"RSET", parse_bare<RsetCommand>},
    {"QUIT", parse_bare<QuitCommand>},
    {"STARTTLS", parse_bare<StartTlsCommand>},
    {"NOOP", parse_ignoring_argument<NoopCommand>},
    {"HELP", parse_ignoring_argument<HelpCommand>},
    {"VRFY", parse_with_text<VrfyCommand>},
    {"EXPN", parse_with_text<ExpnCommand>},
    {"AUTH", parse_auth},
};

std::optional<Error> bad_octet(std::string_view line) {
    for (std::size_t at = 0; at < line.size(); ++at) {
        if (base::is_control(line[at]) && line[at] != '\t') {
            return Error{"smtp.command.octet", at, "rfc5321/2.3.8"};
        }
    }
    if (!base::is_utf8(line)) return Error{"smtp.command.octet", 0, "rfc6531/3.3"};
    return std::nullopt;
}

bool is_value_octet(char c) {
    return (base::is_visible(c) && c != '=') || base::is_eight_bit(c);
}

std::string join(std::string text, const std::vector<Parameter>& parameters) {
    for (const Parameter& parameter : parameters) text += " " + to_string(parameter);
    return text;
}

struct Printer {
    std::string operator()(const HelloCommand& hello) const {
        const std::string_view verb = hello.verb == HelloVerb::Helo   ? "HELO "
                                      : hello.verb == HelloVerb::Ehlo ? "EHLO "
                                                                      : "LHLO ";
        return std::string(verb) + hello.domain;
    }
    std::string operator()(const MailCommand& mail) const {
        return join("MAIL FROM:" + to_string(mail.reverse_path), mail.parameters);
    }
    std::string operator()(const RcptCommand& rcpt) const {
        return join("RCPT TO:" + to_string(rcpt.forward_path), rcpt.parameters);
    }
    std::string operator()(const DataCommand&) const { return "DATA"; }
    std::string operator()(const RsetCommand&) const { return "RSET"; }
    std::string operator()(const NoopCommand&) const { return "NOOP"; }
    std::string operator()(const QuitCommand&) const { return "QUIT"; }
    std::string operator()(const HelpCommand&) const { return "HELP"; }
    std::string operator()(const StartTlsCommand&) const { return "STARTTLS"; }
    std::string operator()(const VrfyCommand& vrfy) const { return "VRFY " + vrfy.argument; }
    std::string operator()(const ExpnCommand& expn) const { return "EXPN " + expn.argument; }
    std::string operator()(const AuthCommand& auth) const {
        return "AUTH " + auth.mechanism +
               (auth.initial_response ? " " + *auth.initial_response : std::string());
    }
    std::string operator()(const UnknownCommand& unknown) const { return unknown.verb; }
};

}  // namespace

Result<Command> parse_command(std::string_view line) {
    if (auto error = bad_octet(line)) return std::unexpected(std::move(*error));
    const Line parts = split_line(line);
    for (const Verb& verb : kVerbs) {
        if (base::equals_ignore_case(parts.verb, verb.name)) return verb.parse(parts);
    }
    return UnknownCommand{base::to_upper(parts.verb.substr(0, kLongestVerbKept))};
}

Result<Parameter> parse_parameter(std::string_view text) {
    const std::size_t equals = text.find('=');
    const std::string_view keyword = text.substr(0, equals);
    if (!keyword.empty() && !base::is_alnum(keyword.front())) {
        return fail("smtp.parameter.syntax", 0, "rfc5321/4.1.2");
    }
    const auto bad = std::find_if_not(keyword.begin(), keyword.end(),
                                      [](char c) { return base::is_alnum(c) || c == '-'; });
    if (keyword.empty() || bad != keyword.end()) {
        return fail("smtp.parameter.syntax", static_cast<std::size_t>(bad - keyword.begin()),
                    "rfc5321/4.1.2");
    }
    Parameter parameter{std::string(keyword), std::nullopt};
    if (equals == std::string_view::npos) return parameter;

    const std::string_view value = text.substr(equals + 1);
    if (value.empty() || !base::is_utf8(value) ||
        !std::all_of(value.begin(), value.end(), is_value_octet)) {
        return fail("smtp.parameter.syntax", equals + 1, "rfc5321/4.1.2");
    }
    parameter.value = std::string(value);
    return parameter;
}

std::string to_string(const Command& command) {
    return std::visit(Printer{}, command);
}

}  // namespace mailassay::smtp
