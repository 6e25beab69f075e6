#include "secureheaders/compare.h"

#include <gtest/gtest.h>

namespace mailassay::secureheaders {
namespace {

imf::HeaderSection header(std::initializer_list<std::pair<const char*, const char*>> fields) {
    imf::HeaderSection section;
    for (const auto& [name, value] : fields) section.append(*imf::make_field(name, value));
    return section;
}

class Compare : public testing::Test {
  protected:
    Policy policy{.secured = {{"From", Status::Duplicated}, {"Subject", Status::Duplicated}}};
    StandardRules rules;

    // What the user is told, "warning name" each.
    std::vector<std::string> told;
    bool valid(const imf::HeaderSection& sent, const imf::HeaderSection& received) {
        return judged(rules.select(sent, policy), received);
    }
    bool judged(const SecureHeaderFields& structure, const imf::HeaderSection& received) {
        const Comparison comparison = compare(structure, received, policy, rules, Edition::Rfc);
        told.clear();
        for (const WarningReport& warning : comparison.warnings) {
            told.push_back(std::string(to_string(warning.warning)) + " " + warning.name);
        }
        return comparison.valid;
    }
    using Told = std::vector<std::string>;
};

TEST_F(Compare, UnchangedIsValid) {
    const auto sent = header({{"From", "a@b.example"}, {"Subject", "x"}, {"To", "c@d.example"}});
    EXPECT_TRUE(valid(sent, sent));
    EXPECT_EQ(told, Told{});
    const Comparison comparison =
        compare(rules.select(sent, policy), sent, policy, rules, Edition::Rfc);
    ASSERT_EQ(comparison.fields.size(), 2U);
    EXPECT_EQ(comparison.fields[0].secured.name, "from");
    EXPECT_EQ(comparison.fields[1].found, "x");
}

TEST_F(Compare, TransportAddsFieldsAndFolds) {
    const auto sent = header({{"From", "a@b.example"}, {"Subject", "one two"}});
    const auto received = imf::parse_message(
        "Received: by x\r\nSUBJECT:  one\r\n\ttwo \r\nfrom : a@b.example\r\nX-List: y\r\n\r\n");
    EXPECT_TRUE(valid(sent, received->header));
    policy.algorithm = imf::Canonicalization::Simple;
    EXPECT_FALSE(valid(sent, received->header));
    EXPECT_EQ(told, Told{"mismatch Subject"});
}

TEST_F(Compare, AChangedValueIsNamed) {
    EXPECT_FALSE(valid(header({{"From", "a@b.example"}, {"Subject", "pay 10"}}),
                       header({{"From", "a@b.example"}, {"Subject", "pay 1000"}})));
    EXPECT_EQ(told, Told{"mismatch subject"});
}

TEST_F(Compare, AMissingFieldIsNamed) {
    EXPECT_FALSE(valid(header({{"From", "a@b.example"}, {"Subject", "x"}}),
                       header({{"From", "a@b.example"}})));
    EXPECT_EQ(told, Told{"missing subject"});
}

TEST_F(Compare, AnEmptyValueIsAValue) {
    const auto sent = header({{"Subject", ""}});
    EXPECT_EQ(rules.select(sent, policy).fields.at(0).value, "");
    EXPECT_TRUE(valid(sent, sent));
    EXPECT_FALSE(valid(sent, header({{"Subject", "x"}})));
    EXPECT_FALSE(valid(sent, header({})));
    EXPECT_EQ(told, Told{"missing subject"});
}

TEST_F(Compare, EveryInstanceCounts) {
    const auto sent = header({{"Subject", "x"}, {"Subject", "y"}});
    EXPECT_TRUE(valid(sent, header({{"Subject", "y"}, {"Subject", "x"}}))) << "reordered";
    EXPECT_FALSE(valid(sent, header({{"Subject", "x"}})));
    EXPECT_EQ(told, Told{"missing subject"});
    EXPECT_FALSE(valid(sent, header({{"Subject", "x"}, {"Subject", "x"}})));
    EXPECT_EQ(told, Told{"mismatch subject"});
}

TEST_F(Compare, AnAddedInstanceIsInvalidWhereThePolicyIsShared) {
    const auto sent = header({{"From", "a@b.example"}});
    const auto received = header({{"From", "a@b.example"}, {"From", "evil@b.example"}});
    EXPECT_TRUE(valid(sent, received));
    EXPECT_EQ(told, Told{"not-secured from"});
    policy.sharing = Sharing::Shared;
    EXPECT_FALSE(valid(sent, received));
    EXPECT_EQ(told, (Told{"extra from", "not-secured from"}));
}

TEST_F(Compare, AFieldOfTheListThatWasNotSignedIsTold) {
    const auto sent = header({{"From", "a@b.example"}});
    EXPECT_TRUE(valid(sent, header({{"From", "a@b.example"}, {"Subject", "new"}})));
    EXPECT_EQ(told, Told{"not-secured subject"});
}

TEST_F(Compare, AMandatoryFieldThatWasNotSignedIsTold) {
    policy.mandatory = {"Date", "Subject"};
    const auto sent = header({{"From", "a@b.example"}, {"Date", "today"}});
    EXPECT_TRUE(valid(sent, sent));
    EXPECT_EQ(told, Told{"mandatory-unsigned Date"});
}

TEST_F(Compare, TenThousandOfOneName) {
    SecureHeaderFields structure;
    imf::HeaderSection received;
    for (int i = 0; i < 10'000; ++i) {
        structure.fields.push_back({.name = "x", .value = std::to_string(i)});
        received.append(*imf::make_field("X", std::to_string(9'999 - i)));
    }
    EXPECT_TRUE(judged(structure, received));
}

}  // namespace
}  // namespace mailassay::secureheaders
