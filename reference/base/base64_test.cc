#include "base/base64.h"

#include <gtest/gtest.h>

namespace mailassay::base {
namespace {

// The vectors of RFC 4648 section 10.
TEST(Base64, EncodesAndDecodes) {
    const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};
    for (const auto& [octets, text] : vectors) {
        EXPECT_EQ(encode_base64(octets), text);
        EXPECT_EQ(decode_base64(text), octets);
    }
}

TEST(Base64, RefusesWhatIsNotTheOneSpelling) {
    for (const char* text : {"Zg", "Zg=", "Zg===", "Z===", "====", "Zh==", "Zm9=", "Zm 9v",
                             "Zm9v\n", "Zg==Zg==", "Zm9_"}) {
        EXPECT_EQ(decode_base64(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace mailassay::base
