#pragma once

#include <string>
#include <string_view>

namespace mailassay::imf {

// An unstructured value as a person reads it (RFC 2047): encoded words in UTF-8, US-ASCII and
// ISO-8859-1 decoded to UTF-8, without the white space between two of them. What is no such word
// stays. Not for addresses: a decoded display name may look like one.
[[nodiscard]] std::string decode_words(std::string_view value);

}  // namespace mailassay::imf
