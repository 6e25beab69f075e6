#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "cli/command_support.h"
#include "cli/exit_codes.h"
#include "mixer/heading.h"

namespace mailassay::cli {
namespace {

class MixerCommand : public testing::Test {
  protected:
    std::filesystem::path folder =
        testing::TempDir() + "mailassay_mixer_" + std::to_string(::getpid());

    MixerCommand() { std::filesystem::create_directory(folder); }
    ~MixerCommand() override { std::filesystem::remove_all(folder); }

    std::string file(const std::string& name, const std::string& octets) const {
        std::ofstream(folder / name, std::ios::binary) << octets;
        return folder / name;
    }
    std::string octets_of(const std::string& name) const {
        std::ifstream stream(folder / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }
    std::size_t files() const {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator(folder), {}));
    }
};

std::ptrdiff_t lines_in(const std::string& text) {
    return std::ranges::count(text, '\n');
}

const std::string message =
    "From: a@example.mil, b@example.mil\nMMHS-Authorizing-Users: r@example.mil\n"
    "Message-ID: <1@example.mil>\nTo: t@example.org\n\nText.\n";

TEST_F(MixerCommand, ThereAndBackByFiles) {
    const std::string ipm = folder / "out.ipm";
    const Outcome there =
        run_with({"mixer", "to-x400", file("in.eml", message), "--out", ipm, "--military"});
    EXPECT_EQ(there.code, exit_ok);
    EXPECT_EQ(there.out, "");
    EXPECT_EQ(there.err,
              "mailassay mixer: authorizing-users who wrote and who authorized is not told apart: "
              "X.400 has one list for those who wrote and those who authorized "
              "(mixer.loss.merged)\n");
    EXPECT_TRUE(mixer::decode_ipm(octets_of("out.ipm")));
    const Outcome back = run_with({"mixer", "from-x400", ipm, "--military"});
    EXPECT_EQ(back.code, exit_ok);
    EXPECT_EQ(back.err, "");
    EXPECT_EQ(back.out,
              "From: a@example.mil\r\nMMHS-Authorizing-Users: b@example.mil, r@example.mil\r\n"
              "To: t@example.org\r\nMessage-ID: <1@example.mil>\r\n\r\n");
    // Without that option it is a message like any other.
    EXPECT_TRUE(run_with({"mixer", "from-x400", ipm}).out.contains("Sender: a@example.mil"));
    EXPECT_EQ(files(), 2u);
}

TEST_F(MixerCommand, ANewFileTakesTheOldOnesPlaceOnlyWhenThereIsOne) {
    const std::string out = file("out", "as it was");
    const Outcome refused =
        run_with({"mixer", "to-x400", file("in.eml", "To: nobody\n\n"), "--out", out});
    expect_one_line(refused, exit_refused,
                    "mailassay mixer: mixer.heading.missing at octet 0: From");
    EXPECT_EQ(octets_of("out"), "as it was");
    EXPECT_EQ(files(), 2u);
}

TEST_F(MixerCommand, WhatIsLostIsSaidWithTheReason) {
    const std::string in = file("in.eml", message);
    const Outcome text = run_with({"mixer", "lost", in, "--military"});
    EXPECT_EQ(text.code, exit_ok);
    EXPECT_EQ(text.err, "");
    EXPECT_TRUE(
        text.out.contains("From b@example.mil: X.400 has one originator and one list of "
                          "users, for three fields (mixer.loss.role)\n"));
    const Outcome lines = run_with({"mixer", "lost", in, "--military", "--json"});
    std::size_t count = 0;
    for (const std::string_view line : base::split(lines.out, '\n')) {
        if (line.empty()) continue;
        const auto loss = nlohmann::json::parse(line);
        EXPECT_TRUE(loss["loss"].get<std::string>().starts_with("mixer.loss."));
        EXPECT_FALSE(loss["reason"].get<std::string>().empty());
        EXPECT_TRUE(loss.contains("where") && loss.contains("detail") && loss.size() == 4);
        ++count;
    }
    EXPECT_EQ(count, 3u);
    EXPECT_EQ(
        run_with({"mixer", "lost", file("one.eml", "From: a@x\nTo: b@x\nMessage-ID: <1@x>\n\n")}),
        (Outcome{.code = exit_ok, .out = "", .err = ""}));
}

TEST_F(MixerCommand, WhatIsNoDerIsTold) {
    const std::string octets(
        "\xA0\x80\x31\x80\x6B\x80\x13\x01\x31\x00\x00\xA0\x80\x80\x01x\x00\x00\x00\x00\x30\x00"
        "\x00\x00",
        24);
    const Outcome told = run_with({"mixer", "from-x400", file("in.ipm", octets), "--json"});
    EXPECT_EQ(told.code, exit_ok) << told.err;
    EXPECT_TRUE(told.out.starts_with("From: x:;\r\n"));
    EXPECT_TRUE(told.err.starts_with("{\"tolerated\":\"der.length.indefinite\",\"offset\":"));
}

TEST_F(MixerCommand, EditionsReadGroupsAmongUsersDifferently) {
    const std::string in =
        file("in.eml", "From: a@x\nMMHS-Authorizing-Users: Officers: r@x;\nMessage-ID: <1@x>\n\n");
    const Outcome rfc = run_with({"mixer", "to-x400", in});
    EXPECT_EQ(rfc.code, exit_refused);
    EXPECT_EQ(rfc.out, "");
    const Outcome draft = run_with({"mixer", "to-x400", in, "--edition", "draft"});
    EXPECT_EQ(draft.code, exit_ok);
    EXPECT_TRUE(draft.err.contains("mixer.loss.group"));
}

TEST_F(MixerCommand, BadArgumentsAreOneLine) {
    const std::string in = file("in.eml", message);
    expect_one_line(run_with({"mixer", "across", in}), exit_usage,
                    "mailassay mixer: to-x400, from-x400 or lost, not across");
    for (const std::vector<std::string>& more : {std::vector<std::string>{"--route", "C=XX"},
                                                 {"--route", "/C=XX/ADMD=Y/DD.a=b/"},
                                                 {"--route", "/S=x/"},
                                                 {"--domain", "a b"},
                                                 {"--domain", "x\r\nBcc: q@x"},
                                                 {"--domain", ""},
                                                 {"--out", "/nowhere/out"}}) {
        std::vector<std::string> arguments{"mixer", "to-x400", in};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const Outcome outcome = run_with(arguments);
        EXPECT_EQ(outcome.code, exit_usage) << more[1];
        EXPECT_EQ(outcome.out, "") << more[1];
        // Before it is written the loss is told.
        EXPECT_EQ(lines_in(outcome.err), more[0] == "--out" ? 2 : 1) << outcome.err;
    }
    EXPECT_EQ(run_with({"mixer", "to-x400", "/nowhere.eml"}).code, exit_usage);
    EXPECT_EQ(run_with({"mixer"}).code, exit_usage);
}

TEST_F(MixerCommand, HostileOctetsAreOneEscapedLine) {
    for (const std::string& octets :
         {std::string(), std::string("\x1b[31m"), std::string(100'000, '\xA0'),
          std::string("\xA0\x84\xff\xff\xff\xff", 6)}) {
        const Outcome outcome = run_with({"mixer", "from-x400", file("in.ipm", octets)});
        EXPECT_EQ(outcome.code, exit_refused);
        EXPECT_EQ(outcome.out, "");
        EXPECT_EQ(outcome.err.find('\x1b'), std::string::npos);
        EXPECT_EQ(lines_in(outcome.err), 1) << outcome.err;
        EXPECT_TRUE(outcome.err.contains(" at octet ")) << outcome.err;
    }
}

}  // namespace
}  // namespace mailassay::cli
