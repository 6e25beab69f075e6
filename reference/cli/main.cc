#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "cli/exit_codes.h"
#include "cli/program.h"

int main(int argc, char** argv) {
    try {
        const std::vector<std::string> arguments(argv + 1, argv + argc);
        return mailassay::cli::run(arguments, mailassay::cli::standard_implementation());
    } catch (const std::exception& fault) {
        fmt::print(stderr, "mailassay: {}\n", fault.what());
        return mailassay::cli::exit_cannot_start;
    }
}
