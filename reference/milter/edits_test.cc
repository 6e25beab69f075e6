#include "milter/edits.h"

#include <gtest/gtest.h>

namespace mailassay::milter {
namespace {

imf::HeaderSection header(const std::string& octets) {
    return imf::parse_message(octets + "\r\n")->header;
}

using Edits = std::vector<HeaderEdit>;

TEST(Edits, AValueIsChangedInPlace) {
    EXPECT_EQ(
        edits(header("To: a\r\nSubject: plans\r\nTo: b\r\n"),
              header("To: a\r\nSubject: ...\r\nTo: c\r\n d\r\n")),
        (Edits{{EditKind::Change, 1, "Subject", " ..."}, {EditKind::Change, 2, "To", " c\n d"}}));
}

TEST(Edits, DeletionsGoUpAndInsertionsDown) {
    EXPECT_EQ(edits(header("X: 1\r\nFrom: a\r\nX: 2\r\nX: 3\r\n"),
                    header("New: n\r\nX: 2\r\nLast: l\r\n")),
              (Edits{{EditKind::Delete, 3, "X", ""},
                     {EditKind::Delete, 1, "From", ""},
                     {EditKind::Delete, 1, "X", ""},
                     {EditKind::Insert, 0, "New", " n"},
                     {EditKind::Insert, 2, "Last", " l"}}));
}

TEST(Edits, AnEmptyValueIsWrittenAnewSinceItsChangeWouldDelete) {
    EXPECT_EQ(edits(header("X: 1\r\n"), header("X:\r\n")),
              (Edits{{EditKind::Delete, 1, "X", ""}, {EditKind::Insert, 0, "X", ""}}));
}

TEST(Edits, WhatIsTheSameIsNotTouched) {
    const std::string octets = "Received: x\r\nReceived: x\r\nReceived: y\r\n\tz\r\nA:b\r\n";
    EXPECT_EQ(edits(header(octets), header(octets)), Edits{});
}

TEST(Edits, ManyFieldsTakeNoTimeToSpeakOf) {
    std::string from;
    std::string to;
    for (int i = 0; i < 50'000; ++i) {
        from += "X: same\r\n";
        to += i % 2 == 0 ? "X: other\r\n" : "Y: same\r\n";
    }
    EXPECT_EQ(edits(header(from), header(to)).size(), 50'000U + 25'000U);
}

}  // namespace
}  // namespace mailassay::milter
