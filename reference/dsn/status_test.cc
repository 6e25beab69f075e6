#include "dsn/status.h"

#include <gtest/gtest.h>

namespace mailassay::dsn {
namespace {

TEST(Status, ParsesAndPrints) {
    EXPECT_EQ(parse_status("5.7.30"), (EnhancedStatus{5, 7, 30}));
    EXPECT_EQ(parse_status("2.0.0"), (EnhancedStatus{2, 0, 0}));
    EXPECT_EQ(to_string(EnhancedStatus{4, 999, 999}), "4.999.999");
    EXPECT_TRUE((EnhancedStatus{5, 7, 30}.is_permanent()));
    EXPECT_TRUE((EnhancedStatus{4, 0, 0}.is_transient()));
    EXPECT_TRUE((EnhancedStatus{2, 0, 0}.is_success()));
    for (const auto* text : {"", "5", "5.7", "5.7.", "3.0.0", "5.07.1", "5.7.1000", "5.7.1 ",
                             " 5.7.1", "5.7.1.1", "25.7.1", "5.-7.1"}) {
        EXPECT_EQ(parse_status(text).error().id, "dsn.status.syntax") << text;
    }
}

TEST(Status, IsFoundAtTheStartOfAText) {
    const auto leading = parse_leading_status("5.7.30 REQUIRETLS  needed");
    ASSERT_TRUE(leading);
    EXPECT_EQ(leading->status, (EnhancedStatus{5, 7, 30}));
    EXPECT_EQ(leading->rest, "REQUIRETLS  needed");
    EXPECT_EQ(parse_leading_status("2.0.0")->rest, "");
    EXPECT_FALSE(parse_leading_status("2.0.0ok"));
    EXPECT_FALSE(parse_leading_status("2.0 ok"));
    EXPECT_FALSE(parse_leading_status("mail.example.org 2.0.0"));
}

}  // namespace
}  // namespace mailassay::dsn
