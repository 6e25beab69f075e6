#include "opes/grammar.h"

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>
#include <stdexcept>

#include "dsn/xtext.h"
#include "opes/processing.h"

// The profile's ABNF, as its document shows it, held against what reads and writes.
namespace mailassay::opes {
namespace {

using std::literals::operator""sv;

const Grammar& profile() {
    static const Grammar grammar = [] {
        std::ifstream file(MAILASSAY_SOURCE_DIR "/reference/opes/README.md");
        return Grammar(std::string(std::istreambuf_iterator<char>(file), {}));
    }();
    return grammar;
}

constexpr int texts_of_a_rule = 40;
constexpr int changes_of_a_text = 12;

// What means something in one of the rules.
constexpr std::string_view telling = "*,;:=\"\\@#%+-/ \t09AFafz";

// One octet more, less, or another one; at the end often, where the rules leave most room.
std::string changed(std::string text, std::mt19937& random) {
    const char octet =
        random() % 2 == 0 ? telling[random() % telling.size()] : static_cast<char>(random() % 256);
    const std::size_t at = random() % 4 == 0 ? text.size() : random() % (text.size() + 1);
    const auto way = random() % 3;
    if (way == 0 || at == text.size()) return text.insert(at, 1, octet);
    if (way == 1) {
        text[at] = octet;
        return text;
    }
    return text.erase(at, 1);
}

bool has_line_end(std::string_view text) {
    return text.find_first_of("\r\n") != std::string_view::npos;
}

using Reads = std::function<bool(const std::string&)>;

void expect_the_same_of(std::string_view rule, const std::string& text, const Reads& reads) {
    if (has_line_end(text)) return;
    EXPECT_EQ(reads(text), profile().matches(rule, text)) << rule << ": " << text;
}

// All that is printed and is no letter or digit, and one of each other kind.
constexpr std::string_view any_kind =
    "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ \t0Ff\x01\x7f\x80\xff\0"sv;

// An octet of any kind at any place of a short text.
void expect_agreement_on(std::string_view rule, const std::string& text, const Reads& reads) {
    EXPECT_TRUE(profile().matches(rule, text));
    for (std::size_t at = 0; at <= text.size(); ++at) {
        for (const char octet : any_kind) {
            std::string other = text;
            other.insert(at, 1, octet);
            expect_the_same_of(rule, other, reads);
        }
    }
}

// A text of the rule is read; one that is changed a little is read if it is one still. The lines
// of fields are put together before they are read.
void expect_agreement(std::string_view rule, const std::string& example, const Reads& reads) {
    expect_agreement_on(rule, example, reads);
    std::mt19937 random(4902);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same in every run
    int others = 0;
    for (int i = 0; i < texts_of_a_rule; ++i) {
        const std::string text = profile().text_of(rule, [&] { return random(); });
        EXPECT_TRUE(reads(text)) << rule << ": " << text;
        for (int changes = 0; changes < changes_of_a_text; ++changes) {
            const std::string other = changed(text, random);
            expect_the_same_of(rule, other, reads);
            if (!profile().matches(rule, other)) ++others;
        }
    }
    EXPECT_GT(others, texts_of_a_rule) << rule;
}

TEST(Grammar, AgentsAreReadAsItSays) {
    expect_agreement("agent", "u:x%2c", is_agent);
}

TEST(Grammar, EntriesAreReadAsItSays) {
    expect_agreement("entries", "u:x;t=a;p=\"q\\r\",",
                     [](const std::string& text) { return parse_entries(text).has_value(); });
}

TEST(Grammar, RequestsAreReadAsItSays) {
    expect_agreement("request", "u:x,",
                     [](const std::string& text) { return parse_bypass(text).has_value(); });
}

TEST(Grammar, ParametersAreReadAsItSays) {
    const auto reads = [](const std::string& text) {
        const auto read = requested_by(std::vector{text});
        return read.has_value() && read->has_value();
    };
    expect_agreement("asked", "u:x,", [&](const std::string& text) {
        return reads("XOPESBYPASS=" + dsn::encode_xtext(text));
    });
    // Of xtext itself, and what it comes to.
    expect_agreement("bypass-parameter", "XOPESBYPASS=u:x+3D", [&](const std::string& text) {
        const auto decoded =
            dsn::decode_xtext(text.substr(std::min(text.find('=') + 1, text.size())));
        if (decoded && !profile().matches("asked", *decoded)) {
            EXPECT_FALSE(reads(text)) << text;
            return profile().matches("bypass-parameter", text);
        }
        return reads(text);
    });
}

TEST(Grammar, PairsAreReadAsItSays) {
    expect_agreement("allow-line", " a@b @c u:x #d", [](const std::string& text) {
        const AllowList list = parse_allow_list(text);
        return list.faults.empty() && list.allowances.size() <= 1;
    });
}

TEST(Grammar, WhatIsWrittenIsOfIt) {
    const StandardRules rules;
    const std::array systems{
        System{.uri = "https://opes.example/"},
        System{.uri = "https://opes.example/a,b;c", .parameters = {{"policy", "https://x/ \"y\\"}}},
        System{.uri = "urn:" + std::string(agent_octets - 4, 'x')}};
    for (const System& system : systems) {
        const std::vector<Service> called{{.uri = "https://s.example/"}, {.uri = "urn:a;b"}};
        const auto begun = rules.begun(imf::HeaderSection{}, system);
        const auto header = rules.augmented(begun, system, called);
        ASSERT_EQ(header.fields().size(), 2U);
        EXPECT_TRUE(profile().matches("opes-system", imf::unfold(header.fields()[0].raw) + "\r\n"));
        EXPECT_TRUE(profile().matches("opes-via", imf::unfold(header.fields()[1].raw) + "\r\n"));
        const auto told = rules.told_in_report(system);
        ASSERT_TRUE(told);
        EXPECT_TRUE(profile().matches("x-opes-system", "X-OPES-System: " + *told + "\r\n"));
        const auto reply =
            rules.explained({.code = 550, .status = std::nullopt, .lines = {"No"}}, system);
        EXPECT_TRUE(profile().matches("reply-line", reply.lines.back()));
    }
    BypassRequest request{.agents = {"https://a.example/?x=1", "urn:a;b"}};
    EXPECT_TRUE(profile().matches("opes-bypass", "OPES-Bypass: " + to_string(request) + "\r\n"));
    EXPECT_TRUE(profile().matches("bypass-parameter", to_parameter(request)));
}

TEST(Grammar, OfOneWordTheDocumentSaysOneThing) {
    EXPECT_THROW(Grammar("```abnf\na = \"x\"\na = \"y\"\n```"), std::invalid_argument);
    EXPECT_THROW(Grammar("```abnf\na = b\n```"), std::invalid_argument);
    EXPECT_THROW(Grammar("```abnf\na = (\"x\"\n```"), std::invalid_argument);
    const Grammar one("```abnf\na = 2*3(\"x\" / %x30-31) [\"y\"] ; z\n    *\" \"\n```");
    EXPECT_TRUE(one.matches("a", "X01y  "));
    EXPECT_FALSE(one.matches("a", "x") || one.matches("a", "x0x0") || one.matches("a", "x0z"));
}

}  // namespace
}  // namespace mailassay::opes
