#include "dkim/canonical.h"

#include <gtest/gtest.h>

namespace mailassay::dkim {
namespace {

using enum imf::Canonicalization;

// RFC 6376 section 3.4.5.
const std::string example_header =
    "A: X\r\n"
    "B : Y\t\r\n"
    "\tZ  \r\n";
const std::string example_body = " C \r\nD \t E\r\n\r\n\r\n";

imf::HeaderSection header_of(const std::string& fields) {
    return imf::parse_message(fields + "\r\n").value().header;
}

std::string covered(const std::string& fields, const std::vector<std::string>& names,
                    imf::Canonicalization algorithm) {
    const imf::HeaderField own{
        .name = "DKIM-Signature", .body = " v=1; b=x", .raw = "DKIM-Signature: v=1; b=x\r\n"};
    return canonical_header(header_of(fields), names, own, algorithm);
}

TEST(Canonical, IsThatOfTheTextsExample) {
    EXPECT_EQ(covered(example_header, {"A", "B"}, Relaxed),
              "a:X\r\nb:Y Z\r\ndkim-signature:v=1; b=");
    EXPECT_EQ(covered(example_header, {"A", "B"}, Simple),
              example_header + "DKIM-Signature: v=1; b=");
    EXPECT_EQ(canonical_content(example_body, Relaxed), " C\r\nD E\r\n");
    EXPECT_EQ(canonical_content(example_body, Simple), " C \r\nD \t E\r\n");
}

TEST(Canonical, OfAnEmptyBodyIsALineEndOrNothing) {
    for (const std::string body : {"", "\r\n", "\r\n\r\n\r\n"}) {
        EXPECT_EQ(canonical_content(body, Simple), "\r\n");
        EXPECT_EQ(canonical_content(body, Relaxed), "");
    }
    EXPECT_EQ(canonical_content("a", Simple), "a\r\n");
    EXPECT_EQ(canonical_content("a \t", Relaxed), "a\r\n");
}

TEST(Canonical, TakesTheLowestFieldThatIsLeft) {
    EXPECT_EQ(covered("A: 1\r\nA: 2\r\n", {"a", "a", "a", "b"}, Relaxed),
              "a:2\r\na:1\r\ndkim-signature:v=1; b=");
}

TEST(Canonical, LeavesOutTheValueAlone) {
    EXPECT_EQ(without_value(" bh=b=; b = abc\r\n\t= ; h=b"), " bh=b=; b =; h=b");
    EXPECT_EQ(without_value("b=x;"), "b=;");
    EXPECT_EQ(without_value(""), "");
}

}  // namespace
}  // namespace mailassay::dkim
