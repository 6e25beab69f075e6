#include "cli/program.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "cli/command_support.h"
#include "cli/exit_codes.h"
#include "cli/harness.h"

namespace mailassay::cli {
namespace {

TEST(Program, HelpNamesEveryCommand) {
    const Outcome help = run_with({"--help"});
    EXPECT_EQ(help.code, exit_ok);
    for (const HarnessCommand& command : harness_commands()) {
        EXPECT_NE(help.out.find("\n  " + std::string(command.name) + " "), std::string::npos);
    }
    EXPECT_NE(help.out.find("\n  mta "), std::string::npos);
    EXPECT_NE(help.out.find("\n  sendmail "), std::string::npos);
    EXPECT_NE(help.out.find("\n  probe "), std::string::npos);
    EXPECT_EQ(run_with({}).code, exit_usage);
}

TEST(Program, HelpFitsATerminal) {
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--help"},
                                                      {"mta", "--help"},
                                                      {"sendmail", "--help"},
                                                      {"probe", "--help"},
                                                      {"simulate", "--help"},
                                                      {"simulate", "release", "--help"},
                                                      {"sign", "--help"},
                                                      {"verify", "--help"},
                                                      {"encrypt", "--help"},
                                                      {"decrypt", "--help"},
                                                      {"authorize", "--help"},
                                                      {"milter", "--help"},
                                                      {"mixer", "--help"},
                                                      {"shim", "--help"},
                                                      {"vectors", "--help"}}) {
        const Outcome help = run_with(arguments);
        EXPECT_EQ(help.code, exit_ok);
        for (std::size_t at = 0; at < help.out.size();) {
            const std::size_t end = std::min(help.out.find('\n', at), help.out.size());
            EXPECT_LE(end - at, 100U) << help.out.substr(at, end - at);
            at = end + 1;
        }
    }
}

TEST(Program, Version) {
    const Outcome version = run_with({"--version"});
    EXPECT_EQ(version.code, exit_ok);
    EXPECT_TRUE(version.out.starts_with("mailassay "));
}

TEST(Program, AnUnknownCommandIsOneLine) {
    expect_one_line(run_with({"xyzzy"}), exit_usage,
                    "mailassay: unknown command \"xyzzy\"; mailassay --help lists all");
    expect_one_line(run_with({"targts"}), exit_usage,
                    "mailassay: unknown command \"targts\", did you mean \"targets\"?; "
                    "mailassay --help lists all");
    expect_one_line(run_with({"--verbos"}), exit_usage,
                    "mailassay: unknown option \"--verbos\"; mailassay --help lists all");
    expect_one_line(run_with({"a\nb\x1b"}), exit_usage,
                    "mailassay: unknown command \"a\\nb\\x1b\"; mailassay --help lists all");
}

TEST(Mta, BadArgumentsAreOneLine) {
    expect_one_line(run_with({"mta"}), exit_usage,
                    "mailassay mta: --config is required; mailassay mta --help shows how");
    expect_one_line(run_with({"mta", "--config", "/nowhere.toml"}), exit_usage,
                    "mailassay mta: /nowhere.toml: No such file or directory");
    EXPECT_EQ(run_with({"mta", "--config", "/nowhere.toml", "--edition", "new"}).code, exit_usage);
    EXPECT_EQ(run_with({"mta", "--confg", "x"}).code, exit_usage);
}

TEST(Mta, TheExampleIsAGoodConfiguration) {
    const std::string example = std::string(MAILASSAY_SOURCE_DIR) + "/reference/mta/example.toml";
    const Outcome checked = run_with({"mta", "--config", example, "--check"});
    EXPECT_EQ(checked.code, exit_ok) << checked.err;
}

TEST(Probe, BadArgumentsAreOneLine) {
    expect_one_line(run_with({"probe"}), exit_usage,
                    "mailassay probe: domain is required; mailassay probe --help shows how");
    for (const std::string& word :
         {std::string("a b"), std::string("me@to.example"), std::string("a..b"), std::string("["),
          std::string("[mx.example]"), std::string("to.example\x1b[31m"), std::string(300, 'a'),
          std::string("b\xc3\xbc"
                      "cher.example")}) {
        const Outcome outcome = run_with({"probe", word});
        EXPECT_EQ(outcome.code, exit_usage) << word;
        EXPECT_EQ(outcome.out, "");
        EXPECT_EQ(outcome.err.find('\x1b'), std::string::npos);
        EXPECT_NE(outcome.err.find("no domain"), std::string::npos);
    }
    const auto code_of = [](const std::string& option, const std::string& value) {
        return run_with({"probe", "to.example", option, value}).code;
    };
    EXPECT_EQ(code_of("--timeout", "0"), exit_usage);
    EXPECT_EQ(code_of("--timeout", "1e9"), exit_usage);
    EXPECT_EQ(code_of("--port", "70000"), exit_usage);
    EXPECT_EQ(code_of("--resolver", "nonsense"), exit_usage);
    EXPECT_EQ(code_of("--ca-file", "/nowhere.pem"), exit_usage);
    EXPECT_EQ(code_of("--trust-anchor-file", "/nowhere.key"), exit_usage);
    EXPECT_EQ(code_of("--edition", "new"), exit_usage);
    EXPECT_EQ(code_of("--helo", "a b"), exit_usage);
}

TEST(Sendmail, BadArgumentsAreOneLine) {
    expect_one_line(
        run_with({"sendmail", "--server", "mx.example", "--from", "a@b", "--to", "c@d"}),
        exit_usage, "mailassay sendmail: --server mx.example: not HOST:PORT");
    const std::vector<std::string> both = {"sendmail", "--server",      "h:25",
                                           "--from",   "a@b",           "--to",
                                           "c@d",      "--require-tls", "--tls-optional"};
    EXPECT_EQ(run_with(both).code, exit_usage);
    const std::vector<std::string> half = {"sendmail", "--server", "h:25",   "--from", "a@b",
                                           "--to",     "c@d",      "--user", "me"};
    EXPECT_EQ(run_with(half).code, exit_usage);
}

}  // namespace
}  // namespace mailassay::cli
