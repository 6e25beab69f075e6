#include "dca/header.h"

#include <gtest/gtest.h>

#include <string>

#include "secureheaders/rules.h"

namespace mailassay::dca {
namespace {

using secureheaders::SecureHeaderFields;
using secureheaders::Status;

constexpr std::string_view text =
    "Received: from a\r\n"
    "From: Alice <alice@example.org>\r\n"
    "To: bob@example.net\r\n"
    "Subject: quarterly\r\n  figures\r\n"
    "Comments: one\r\n"
    "X-Other: 1\r\n"
    "Comments: two\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: text/plain\r\n";

imf::HeaderSection header_of(std::string_view octets) {
    return imf::parse_message(std::string(octets) + "\r\n")->header;
}

SecureHeaderFields signed_by(const secureheaders::Policy& policy, std::string_view octets = text) {
    return secureheaders::StandardRules().select(header_of(octets), policy);
}

secureheaders::Policy policy(imf::Canonicalization algorithm = imf::Canonicalization::Simple) {
    return {.secured = {{"From", Status::Duplicated},
                        {"To", Status::Modified},
                        {"Subject", Status::Deleted},
                        {"Comments", Status::Deleted}},
            .algorithm = algorithm};
}

const Replacements replacements{{"To", "undisclosed:;"}};

class Header : public testing::Test {
  protected:
    StandardRules rules;

    std::string hidden(const SecureHeaderFields& structure, std::string_view octets = text) {
        auto made = hide(header_of(octets), structure, replacements, rules);
        EXPECT_TRUE(made.has_value()) << to_string(made.error());
        return made ? made->header.to_octets() : "";
    }
    std::string restored(const SecureHeaderFields& structure, std::string_view octets) {
        auto made = restore(header_of(octets), structure, rules);
        EXPECT_TRUE(made.has_value()) << to_string(made.error());
        return made ? made->header.to_octets() : "";
    }
    std::string_view refusal(const SecureHeaderFields& structure, std::string_view octets) {
        const auto made = hide(header_of(octets), structure, replacements, rules);
        return made ? "" : made.error().id;
    }
};

TEST_F(Header, IsHiddenByStatus) {
    EXPECT_EQ(hidden(signed_by(policy())),
              "Received: from a\r\n"
              "From: Alice <alice@example.org>\r\n"
              "To: undisclosed:;\r\n"
              "X-Other: 1\r\n"
              "MIME-Version: 1.0\r\n"
              "Content-Type: text/plain\r\n");
}

TEST_F(Header, IsRestoredInItsPlaceUnderSimple) {
    const SecureHeaderFields structure = signed_by(policy());
    // X-Other stood between two that were hidden; no text says where.
    EXPECT_EQ(restored(structure, hidden(structure)),
              "Received: from a\r\n"
              "From: Alice <alice@example.org>\r\n"
              "To: bob@example.net\r\n"
              "Subject: quarterly\r\n  figures\r\n"
              "Comments: one\r\n"
              "Comments: two\r\n"
              "X-Other: 1\r\n"
              "MIME-Version: 1.0\r\n"
              "Content-Type: text/plain\r\n");
}

TEST_F(Header, WhatHadNoSecuredFieldAboveItStandsBeforeTheOneBelow) {
    constexpr std::string_view first =
        "Received: from a\r\n"
        "Subject: figures\r\n"
        "From: Alice <alice@example.org>\r\n";
    const SecureHeaderFields structure = signed_by(policy(), first);
    EXPECT_EQ(restored(structure, hidden(structure, first)), first);
}

TEST_F(Header, UnderRelaxedItIsWrittenAsNamesMostlyAre) {
    const SecureHeaderFields structure = signed_by(policy(imf::Canonicalization::Relaxed));
    const std::string made = restored(structure, hidden(structure));
    EXPECT_TRUE(made.contains("To: bob@example.net\r\nSubject: quarterly figures\r\n")) << made;
}

TEST_F(Header, ChangesAreTold) {
    const SecureHeaderFields structure = signed_by(policy());
    const auto made = hide(header_of(text), structure, replacements, rules);
    EXPECT_EQ(made->changes, (std::vector<Change>{{ChangeKind::Replaced, "To"},
                                                  {ChangeKind::Removed, "Subject"},
                                                  {ChangeKind::Removed, "Comments"},
                                                  {ChangeKind::Removed, "Comments"}}));
    const auto back = restore(made->header, structure, rules);
    EXPECT_EQ(back->changes, (std::vector<Change>{{ChangeKind::Rewritten, "To"},
                                                  {ChangeKind::Inserted, "Subject"},
                                                  {ChangeKind::Inserted, "Comments"},
                                                  {ChangeKind::Inserted, "Comments"}}));
}

TEST_F(Header, WhatIsThereIsNotRestoredTwice) {
    const SecureHeaderFields structure = signed_by(policy());
    const auto made = restore(header_of(text), structure, rules);
    EXPECT_EQ(made->header.to_octets(), text);
    for (const Change& change : made->changes) EXPECT_EQ(change.kind, ChangeKind::AlreadyThere);
}

TEST_F(Header, AFieldWithoutWhichThereIsNoMessageStays) {
    const SecureHeaderFields structure = signed_by({.secured = {{"From", Status::Deleted}}});
    EXPECT_EQ(hidden(structure), text);
    const auto other = hide(header_of(text), structure, {{"From", "n@example.org"}}, rules);
    ASSERT_TRUE(other.has_value());
    EXPECT_EQ(other->header.find_first("From")->value(), "n@example.org");
    const auto back = restore(other->header, structure, rules);
    EXPECT_EQ(back->header.count("From"), 1U);
    EXPECT_EQ(back->header.find_first("From")->value(), "Alice <alice@example.org>");
}

TEST_F(Header, WhatDescribesTheContentIsNeverTouched) {
    const SecureHeaderFields structure = signed_by(
        {.secured = {{"Content-Type", Status::Deleted}, {"MIME-Version", Status::Modified}}});
    EXPECT_EQ(hidden(structure), text);
    EXPECT_EQ(restored(structure, "From: a@b.example\r\n"), "From: a@b.example\r\n");
}

TEST_F(Header, NothingIsHiddenThatCouldNotComeBack) {
    const SecureHeaderFields structure = signed_by(policy());
    std::string changed(text);
    changed.replace(changed.find("figures"), 7, "results");
    EXPECT_EQ(refusal(structure, changed), "dca.hide.header-differs");
    EXPECT_EQ(refusal(structure, std::string(text) + "To: eve@example.net\r\n"),
              "dca.hide.ambiguous");
    EXPECT_EQ(refusal(structure, std::string(text) + "Comments: one\r\n"), "dca.hide.ambiguous");
    EXPECT_EQ(refusal(structure, std::string(text) + "Comments: three\r\n"), "");
    EXPECT_EQ(hide(header_of(text), structure, {}, rules).error().id, "dca.hide.no-replacement");
    EXPECT_EQ(hide(header_of(text), structure, {{"To", "a\r\nBcc: b"}}, rules).error().id,
              "imf.header.value-invalid");
}

TEST_F(Header, NoFieldBecomesTwo) {
    for (const char* value :
         {" a\r\nBcc: eve@example.net", " a\nBcc: b", " a\rb", " a\r\n", " a\r"}) {
        for (const auto algorithm :
             {imf::Canonicalization::Simple, imf::Canonicalization::Relaxed}) {
            const SecureHeaderFields structure{.algorithm = algorithm,
                                               .fields = {{"Subject", value, Status::Deleted}}};
            EXPECT_EQ(restore(header_of(text), structure, rules).error().id, "dca.restore.value")
                << value;
        }
    }
    const SecureHeaderFields odd{.algorithm = imf::Canonicalization::Simple,
                                 .fields = {{"Sub ject", " a", Status::Deleted}}};
    EXPECT_EQ(restore(header_of(text), odd, rules).error().id, "dca.restore.name");
}

TEST_F(Header, OfSeveralTheLastIsRewritten) {
    const SecureHeaderFields structure{.algorithm = imf::Canonicalization::Relaxed,
                                       .fields = {{"subject", "real", Status::Modified}}};
    EXPECT_EQ(restored(structure, "Subject: added on the way\r\nSubject: ...\r\n"),
              "Subject: added on the way\r\nSubject: real\r\n");
    EXPECT_EQ(restored(structure, "From: a@b.example\r\nContent-Type: text/plain\r\n"),
              "From: a@b.example\r\nSubject: real\r\nContent-Type: text/plain\r\n");
}

TEST_F(Header, OfTwoEqualFieldsTheHiddenOneIsRestored) {
    const SecureHeaderFields structure{
        .algorithm = imf::Canonicalization::Relaxed,
        .fields = {{"subject", "a", Status::Deleted}, {"subject", "a", Status::Duplicated}}};
    EXPECT_EQ(hidden(structure, "Subject: a\r\nSubject: a\r\n"), "Subject: a\r\n");
    EXPECT_EQ(restored(structure, "Subject: a\r\n"), "Subject: a\r\nSubject: a\r\n");
}

TEST_F(Header, AThousandOfOneNameAreRestored) {
    std::string many;
    for (int i = 0; i < 1000; ++i) many += "X-N: " + std::to_string(i) + "\r\n";
    many += "Subject: s\r\n";
    const SecureHeaderFields structure =
        signed_by({.secured = {{"X-N", Status::Deleted}, {"Subject", Status::Duplicated}},
                   .algorithm = imf::Canonicalization::Simple},
                  many);
    EXPECT_EQ(hidden(structure, many), "Subject: s\r\n");
    EXPECT_EQ(restored(structure, "Subject: s\r\n"), many);
}

}  // namespace
}  // namespace mailassay::dca
