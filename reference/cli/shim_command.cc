#include <fmt/format.h>

#include <iostream>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "cli/command_line.h"
#include "cli/exit_codes.h"
#include "cli/program.h"
#include "cli/release_office.h"
#include "shim/answer.h"
#include "shim/request.h"

namespace mailassay::cli {

namespace {

constexpr const char* footer =
    R"(Answers requests of the shim protocol, one line of JSON each, on standard input, until
that ends: interop/shims/README.md. It is how the suite drives a signer or verifier.

Example:
  echo '{"id": "1", "op": "info"}' | mailassay shim

Exit codes: 0 the input ended, 2 bad arguments.)";

// One line, without its end; of one that is too long, the beginning. False: the input ended.
bool read_line(std::istream& in, std::string& line) {
    line.clear();
    for (int c = in.get(); c != std::istream::traits_type::eof(); c = in.get()) {
        if (c == '\n') return true;
        // One octet too many tells the reader of the request that it was too long.
        if (line.size() <= shim::max_line_octets) line += static_cast<char>(c);
    }
    return !line.empty();
}

}  // namespace

int run_shim(std::span<const std::string> arguments, const Implementation& implementation) {
    CommandLine line("mailassay shim", "Answers requests of the shim protocol.");
    line.footer(footer);
    if (const auto code = line.parse(arguments)) return *code;
    base::SystemRandom random;
    const base::SystemClock clock;
    const ReleaseOffice office(*implementation.release, random);
    const shim::Environment environment{.secure_headers = *implementation.secure_headers,
                                        .confidentiality = *implementation.confidentiality,
                                        .adaptation = *implementation.adaptation,
                                        .border = *implementation.border,
                                        .release = *implementation.release,
                                        .clock = clock,
                                        .random = random,
                                        .version = MAILASSAY_VERSION,
                                        .carrier = &office};
    std::ios::sync_with_stdio(false);
    std::string request;
    while (read_line(std::cin, request)) {
        fmt::print("{}\n", shim::answer(request, environment));
        std::fflush(stdout);
    }
    return exit_ok;
}

}  // namespace mailassay::cli
