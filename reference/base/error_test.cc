#include "base/error.h"

#include <gtest/gtest.h>

namespace mailassay::base {
namespace {

TEST(Error, IsOneSafeLine) {
    const Error error{"smtp.reply.code-invalid", 3, "rfc5321/4.2.1", "9\r\n<b>"};
    EXPECT_EQ(to_string(error), "smtp.reply.code-invalid at octet 3 [rfc5321/4.2.1]: 9\\r\\n<b>");
    EXPECT_EQ(to_string(Error{"x.y"}), "x.y at octet 0");
}

}  // namespace
}  // namespace mailassay::base
