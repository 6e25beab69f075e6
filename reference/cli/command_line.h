#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/edition.h"

// A native command's options: declared, parsed, and explained by --help.
namespace mailassay::cli {

// How an option stands in --help: `--ca-file FILE   Certificates to trust`. An empty shape shows
// nothing after the name.
struct OptionWords {
    std::string name;
    std::string shape;
    std::string description;
};

enum class Presence : std::uint8_t { Optional, Required };

// The values that a number may have, both ends included.
template <class Number>
struct Bounds {
    Number least;
    Number most;
};

// Wraps CLI11, which is so costly to compile that only command_line.cc includes it. The targets of
// the options are the caller's and are written by parse(); they keep their value, the default, when
// the option is not given.
class CommandLine {
  public:
    CommandLine(std::string_view name, std::string_view description);
    ~CommandLine();
    CommandLine(const CommandLine&) = delete;
    CommandLine& operator=(const CommandLine&) = delete;

    // A name without dashes is a positional argument.
    void text(const OptionWords& words, std::string& target,
              Presence presence = Presence::Optional);
    // May be given several times.
    void texts(const OptionWords& words, std::vector<std::string>& target,
               Presence presence = Presence::Optional);
    void flag(const OptionWords& words, bool& target);
    void number(const OptionWords& words, Bounds<double> bounds, double& target);
    void number(const OptionWords& words, Bounds<double> bounds, std::optional<double>& target);
    void number(const OptionWords& words, Bounds<std::uint64_t> bounds, std::uint64_t& target);
    void number(const OptionWords& words, Bounds<std::uint16_t> bounds, std::uint16_t& target);
    // --edition draft|rfc.
    void edition(std::string_view description, std::optional<base::Edition>& target);

    // Between options declared above: only one of both; the first only with the second.
    void excludes(std::string_view one, std::string_view other);
    void needs(std::string_view one, std::string_view other);
    // What --help ends with.
    void footer(std::string_view text);

    // An exit code means that the command is over: help was printed, or one line that says what is
    // wrong.
    [[nodiscard]] std::optional<int> parse(std::span<const std::string> arguments);

  private:
    struct Parser;
    std::unique_ptr<Parser> parser_;
};

}  // namespace mailassay::cli
