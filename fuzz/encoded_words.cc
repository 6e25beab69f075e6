// Unstructured values as a person reads them: nothing grows beyond two octets for one, a value
// without a word stays, and octets that are written as a word come back.

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/base64.h"
#include "imf/encoded_word.h"
#include "require.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mailassay;
    using fuzz::require;
    if (size > 65'536) return 0;
    const std::string value(fuzz::octets_of(data, size));
    const std::string read = imf::decode_words(value);
    require(read.size() <= 2 * value.size(), "a word has half of what it stands for");
    if (!value.contains("=?")) require(read == value, "what has no word stays");

    // A word of more than a thousand octets is none.
    const std::string part = value.substr(0, 700);
    const std::string word = "=?utf-8?b?" + base::encode_base64(part) + "?=";
    require(imf::decode_words(word) == part, "a word is read as it was written");
    require(imf::decode_words(word + "\t " + word) == part + part, "no space is between two");
    return 0;
}
