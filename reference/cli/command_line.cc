#include "cli/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/ascii.h"
#include "cli/exit_codes.h"

namespace mailassay::cli {

struct CommandLine::Parser {
    Parser(std::string_view name, std::string_view description)
        : app(std::string(description), std::string(name)) {}

    CLI::App app;

    template <class Target>
    CLI::Option* add(const OptionWords& words, Target& target) {
        CLI::Option* option = app.add_option(words.name, target, words.description);
        option->type_name(words.shape);
        if (!words.name.starts_with('-')) option->option_text(words.shape);
        return option;
    }

    template <class Number, class Target>
    void add_number(const OptionWords& words, const Bounds<Number>& bounds, Target& target) {
        add(words, target)->check(CLI::Range(bounds.least, bounds.most))->option_text(words.shape);
    }
};

CommandLine::CommandLine(std::string_view name, std::string_view description)
    : parser_(std::make_unique<Parser>(name, description)) {}

CommandLine::~CommandLine() = default;

void CommandLine::text(const OptionWords& words, std::string& target, Presence presence) {
    parser_->add(words, target)->required(presence == Presence::Required);
}

void CommandLine::texts(const OptionWords& words, std::vector<std::string>& target,
                        Presence presence) {
    CLI::Option* option = parser_->add(words, target);
    option->required(presence == Presence::Required);
    // One value each time, so that a positional argument may follow.
    if (words.name.starts_with('-')) option->allow_extra_args(false);
}

void CommandLine::flag(const OptionWords& words, bool& target) {
    parser_->app.add_flag(words.name, target, words.description);
}

void CommandLine::number(const OptionWords& words, Bounds<double> bounds, double& target) {
    parser_->add_number(words, bounds, target);
}

void CommandLine::number(const OptionWords& words, Bounds<double> bounds,
                         std::optional<double>& target) {
    parser_->add_number(words, bounds, target);
}

void CommandLine::number(const OptionWords& words, Bounds<std::uint64_t> bounds,
                         std::uint64_t& target) {
    parser_->add_number(words, bounds, target);
}

void CommandLine::number(const OptionWords& words, Bounds<std::uint16_t> bounds,
                         std::uint16_t& target) {
    parser_->add_number(words, bounds, target);
}

void CommandLine::edition(std::string_view description, std::optional<base::Edition>& target) {
    parser_->app
        .add_option_function<std::string>(
            "--edition",
            [&target](const std::string& word) {
                target = word == "draft" ? base::Edition::Draft : base::Edition::Rfc;
            },
            std::string(description))
        ->check(CLI::IsMember({"draft", "rfc"}))
        ->type_name("draft|rfc")
        ->option_text("draft|rfc");
}

void CommandLine::excludes(std::string_view one, std::string_view other) {
    parser_->app.get_option(std::string(one))
        ->excludes(parser_->app.get_option(std::string(other)));
}

void CommandLine::needs(std::string_view one, std::string_view other) {
    parser_->app.get_option(std::string(one))->needs(parser_->app.get_option(std::string(other)));
}

void CommandLine::footer(std::string_view text) {
    parser_->app.footer(std::string(text));
}

std::optional<int> CommandLine::parse(std::span<const std::string> arguments) {
    CLI::App& app = parser_->app;
    // CLI11 wants them in reverse.
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    try {
        app.parse(reversed);
        return std::nullopt;
    } catch (const CLI::CallForHelp&) {
        fmt::print("{}", app.help());
        return exit_ok;
    } catch (const CLI::ParseError& error) {
        fmt::print(stderr, "{}: {}; {} --help shows how\n", app.get_name(),
                   base::escape(error.what(), 400), app.get_name());
        return exit_usage;
    }
}

}  // namespace mailassay::cli
