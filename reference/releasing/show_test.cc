#include "releasing/show.h"

#include <gtest/gtest.h>

#include "releasing/testing.h"

namespace mailassay::releasing {
namespace {

class Show : public testing::Office {
  protected:
    [[nodiscard]] std::string seen(const std::string& message,
                                   const std::string& user = "one@mil.example") const {
        return shown(message, verification_, mailbox(user), base::Edition::Rfc, rules_);
    }
};

const std::string plain =
    "From: Ann <ann@mil.example>\r\nTo: bob@example.net\r\nSubject: Orders\r\n\r\nAt dawn\r\n";
const std::string field = "MMHS-Authorizing-Users: one@mil.example\r\n";

TEST_F(Show, WhoseItIsAndWhatItSays) {
    const std::string text = seen(signed_by("ann@mil.example", plain));
    EXPECT_TRUE(text.contains("From          Ann <ann@mil.example>\n")) << text;
    EXPECT_TRUE(text.contains("Origin        proven"));
    EXPECT_TRUE(text.contains("Signed by     ann@mil.example, over header and text: holds\n"));
    EXPECT_TRUE(text.contains("Needed        1 of 2, and 0 have\n"));
    EXPECT_TRUE(text.contains("You           one@mil.example: may authorize it\n"));
    EXPECT_TRUE(text.ends_with("\nAt dawn\n"));
}

TEST_F(Show, WhatIsWrongStandsOut) {
    EXPECT_TRUE(seen(plain).contains("Origin        NOT PROVEN"));
    EXPECT_TRUE(seen(field + plain).contains("Authorized    one@mil.example: NOT PROVEN\n"));
    EXPECT_TRUE(seen(field + field + plain).contains("THE FIELD CAN'T BE READ"));
    EXPECT_TRUE(seen(plain, "eve@mil.example").contains("MAY NOT AUTHORIZE"));
    std::string changed = signed_by("ann@mil.example", plain);
    changed.replace(changed.find("dawn"), 4, "dusk");
    EXPECT_TRUE(seen(changed).contains("Origin        CONTRADICTED"));
    EXPECT_TRUE(seen(changed).contains("IS BROKEN"));
}

TEST_F(Show, NothingCanPretendToBeOtherText) {
    const std::string text = seen(
        "From: a@b\r\nSubject: x\x1b[2J\xe2\x80\xae\r\n\r\n\x1b]0;title\x07\r\nOrigin "
        "proven\rx\r\n");
    for (const char c : text) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
    EXPECT_FALSE(text.contains("\xe2\x80\xae"));
}

TEST_F(Show, WhatIsNotTextIsNamed) {
    const std::string text = seen(
        "From: a@b\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nHello\r\n"
        "--x\r\nContent-Type: image/png; name=\"a.png\"\r\n\r\nabc\r\n--x--\r\n");
    EXPECT_TRUE(text.contains("Not shown     image/png a.png (3 octets)"));
    EXPECT_FALSE(text.contains("octets behind"));  // but the end of a line
    EXPECT_TRUE(text.ends_with("\nHello\n"));
}

TEST_F(Show, WhatLeavesUnseenElsewhereStandsThere) {
    const std::string text = seen(
        "From: a@b\r\nReply-To: eve@x.example\r\nOrigin: proven\r\nContent-Type: "
        "multipart/mixed; boundary=x\r\n\r\nsecret\r\n--x\r\n\r\nHello\r\n--x\r\n"
        "Content-Type: message/rfc822\r\n\r\nSubject: attached\r\n\r\nText\r\n--x--\r\n"
        "behind\r\n");
    EXPECT_TRUE(text.contains("Field         Reply-To: eve@x.example\n")) << text;
    EXPECT_TRUE(text.contains("Field         Origin: proven\n"));
    EXPECT_TRUE(text.contains("Not shown     8 octets before the first part\n"));
    EXPECT_TRUE(text.contains("Not shown     10 octets behind the last part\n"));
    EXPECT_TRUE(text.contains("Within        Subject: attached\n"));
    EXPECT_TRUE(text.ends_with("\nHello\nText\n"));
}

TEST_F(Show, WhereAHeaderIsTooLongThatIsSaid) {
    std::string header = "From: a@b\r\n";
    for (int i = 0; i < 300; ++i) header += "Cc: " + std::string(1'000, 'c') + "@d\r\n";
    EXPECT_TRUE(seen(header + "Subject: x\r\n\r\nHello\r\n").contains("Not shown     more fields"));
}

TEST_F(Show, AHeaderWithinThatIsAnotherIsTold) {
    const std::string signed_draft = signed_by("ann@mil.example", plain);
    EXPECT_FALSE(seen(signed_draft).contains("Within"));
    std::string changed = signed_draft;
    changed.replace(changed.find("Orders"), 6, "Lunch!");
    EXPECT_TRUE(seen(changed).contains("Subject       Lunch!\n"));
    EXPECT_TRUE(seen(changed).contains("Within        Subject: Orders\n"));
}

TEST_F(Show, EncodedWordsAreReadToo) {
    const std::string text = seen(
        "From: =?utf-8?q?=1B[2Ja@b?= <eve@x.example>\r\nSubject: =?utf-8?b?QXQgZGF3bg==?=\r\n\r\n");
    EXPECT_TRUE(text.contains("Subject       =?utf-8?b?QXQgZGF3bg==?=\n  read as     At dawn\n"));
    EXPECT_TRUE(text.contains("  read as     \\x1b[2Ja@b <eve@x.example>\n")) << text;
}

TEST_F(Show, TextIsDecoded) {
    EXPECT_TRUE(seen("From: a@b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
                     "At =\r\nd=61wn=1B[2J\r\n")
                    .ends_with("\nAt dawn\\x1b[2J\n"));
}

TEST_F(Show, NoLongLineIsCut) {
    const std::string body = std::string(5'000, 'x') + "end\r\n";
    EXPECT_TRUE(seen("From: a@b\r\n\r\n" + body).ends_with("xend\n"));
    const std::string text = seen("From: a@b\r\nSubject: " + std::string(5'000, 'x') + "\r\n\r\n");
    EXPECT_TRUE(text.contains("Not shown     the rest of the field Subject\n"));
}

TEST_F(Show, IsBounded) {
    const std::string text = seen("From: a@b\r\n\r\n" + std::string(1'000'000, 'x') + "\r\n" +
                                  std::string(1'000'000, '\n'));
    EXPECT_LT(text.size(), 1'000'000U);
    EXPECT_TRUE(text.contains("too long"));
}

}  // namespace
}  // namespace mailassay::releasing
