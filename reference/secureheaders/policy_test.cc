#include "secureheaders/policy.h"

#include <gtest/gtest.h>

namespace mailassay::secureheaders {
namespace {

TEST(Policy, IsReadFromToml) {
    const auto read = parse_policies(R"(
algorithm = "simple"
shared = true
mandatory = ["From", "Date"]
[secured]
Subject = "deleted"
from = "duplicated"
[outer]
[outer.secured]
To = "modified"
)");
    ASSERT_TRUE(read.has_value()) << to_string(read.error());
    EXPECT_EQ(read->inner.algorithm, imf::Canonicalization::Simple);
    EXPECT_EQ(read->inner.sharing, Sharing::Shared);
    EXPECT_TRUE(read->inner.is_mandatory("DATE"));
    EXPECT_EQ(read->inner.secured.at("SUBJECT"), Status::Deleted);
    EXPECT_TRUE(read->inner.is_secured("From"));
    EXPECT_FALSE(read->inner.is_secured("To"));
    EXPECT_EQ(read->outer.secured.at("to"), Status::Modified);
    EXPECT_EQ(read->outer.algorithm, imf::Canonicalization::Relaxed);
}

TEST(Policy, OneForBothUnlessGiven) {
    const auto read = parse_policies("secured = {To = \"duplicated\"}");
    ASSERT_TRUE(read.has_value());
    EXPECT_TRUE(read->outer.is_secured("To"));
    EXPECT_EQ(read->inner.sharing, Sharing::NotShared);
}

TEST(Policy, WhatIsWrongIsNamed) {
    const auto fault = [](std::string_view toml) {
        const auto read = parse_policies(toml);
        return read ? std::string("none")
                    : std::string(read.error().id.substr(21)) + " " + read.error().detail;
    };
    EXPECT_EQ(fault(""), "nothing-secured secured");
    EXPECT_EQ(fault("[secured]"), "nothing-secured secured");
    EXPECT_EQ(fault("colour = 1"), "unknown-key colour");
    EXPECT_EQ(fault("secured = 1"), "wrong-type secured");
    EXPECT_EQ(fault("secured.To = 1"), "wrong-type secured.To");
    EXPECT_EQ(fault("secured.To = \"hidden\""), "wrong-type secured.To");
    EXPECT_EQ(fault("secured.\"a:b\" = \"deleted\""), "field-name a:b");
    EXPECT_EQ(fault("mandatory = [1]"), "wrong-type mandatory");
    EXPECT_EQ(fault("mandatory = [\"\"]"), "field-name ");
    EXPECT_EQ(fault("algorithm = \"nofws\""), "wrong-type algorithm");
    EXPECT_EQ(fault("shared = 1"), "wrong-type shared");
    EXPECT_EQ(fault("secured.To = \"deleted\"\nouter = 1"), "wrong-type outer");
    EXPECT_TRUE(fault("a = ").starts_with("syntax line 1: "));
    EXPECT_EQ(fault(std::string(2'000'000, ' ')), "too-large ");
}

}  // namespace
}  // namespace mailassay::secureheaders
