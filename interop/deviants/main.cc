#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cli/exit_codes.h"
#include "cli/program.h"
#include "deviant.h"

namespace mailassay::deviants {
namespace {

constexpr const char* usage =
    "mailassay-deviant - the reference, wrong in exactly one way\n"
    "\n"
    "Usage: mailassay-deviant NAME COMMAND [OPTIONS]   as mailassay COMMAND [OPTIONS]\n"
    "       mailassay-deviant unaware COMMAND ...      right, but does not know the extension\n"
    "       mailassay-deviant unaware-verifier ...     right, but does not know Secure Headers\n"
    "       mailassay-deviant --list                   every deviant, one JSON object a line\n"
    "       mailassay-deviant --help\n";

std::string_view to_string(Base base) {
    switch (base) {
        case Base::Reference:
            return "reference";
        case Base::Unaware:
            return "unaware";
        case Base::SecureHeaders:
            return "secure-headers";
        case Base::Processor:
            return "processor";
        case Base::Border:
            return "border";
        case Base::Release:
            return "release";
        case Base::UnawareVerifier:
            return "unaware-verifier";
    }
    std::unreachable();
}

void list() {
    for (const Deviant& deviant : all_deviants()) {
        std::vector<std::string> editions;
        for (const Edition edition : deviant.editions) {
            editions.emplace_back(edition == Edition::Rfc ? "rfc" : "draft");
        }
        const nlohmann::ordered_json line = {{"name", deviant.name},
                                             {"wrong", deviant.wrong},
                                             {"requirement", deviant.requirement},
                                             {"editions", editions},
                                             {"base", to_string(deviant.base)}};
        fmt::print("{}\n", line.dump());
    }
}

int run(std::span<const std::string> arguments) {
    if (arguments.empty() || arguments.front() == "--help" || arguments.front() == "-h") {
        fmt::print("{}", usage);
        return arguments.empty() ? cli::exit_usage : cli::exit_ok;
    }
    if (arguments.front() == "--list") {
        list();
        return cli::exit_ok;
    }
    if (arguments.front() == to_string(Base::Unaware)) {
        return cli::run(arguments.subspan(1), with_decisions(&decisions_of_unaware));
    }
    if (arguments.front() == to_string(Base::UnawareVerifier)) {
        return cli::run(arguments.subspan(1), unaware_verifier());
    }
    const Deviant* deviant = find_deviant(arguments.front());
    if (deviant == nullptr) {
        fmt::print(stderr, "mailassay-deviant: no deviant is called \"{}\"; --list lists all\n",
                   arguments.front());
        return cli::exit_usage;
    }
    return cli::run(arguments.subspan(1), deviant->implementation);
}

}  // namespace
}  // namespace mailassay::deviants

int main(int argc, char** argv) {
    try {
        const std::vector<std::string> arguments(argv + 1, argv + argc);
        return mailassay::deviants::run(arguments);
    } catch (const std::exception& fault) {
        fmt::print(stderr, "mailassay-deviant: {}\n", fault.what());
        return mailassay::cli::exit_cannot_start;
    }
}
