#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "imf/header.h"

// As much of MIME as reports need: the content type and the parts of a multipart.
namespace mailassay::imf {

// Content-Type (RFC 2045 section 5.1). Type, subtype and parameter names are lower case; values
// are unquoted and keep their case.
struct ContentType {
    std::string type = "text";
    std::string subtype = "plain";
    std::vector<std::pair<std::string, std::string>> parameters;

    [[nodiscard]] bool is(std::string_view other_type, std::string_view other_subtype) const;
    // The first parameter of that name (lower case), if any.
    [[nodiscard]] std::optional<std::string> parameter(std::string_view name) const;

    friend bool operator==(const ContentType&, const ContentType&) = default;
};

// Errors: imf.content-type.syntax, imf.content-type.too-many-parameters.
[[nodiscard]] Result<ContentType> parse_content_type(std::string_view body);

// The content type of a header section: its Content-Type field, or text/plain when it has none.
[[nodiscard]] Result<ContentType> content_type_of(const HeaderSection& header);

// MIME-Version and all of Content-*: the fields that say what a body is, and change with it.
[[nodiscard]] bool is_mime_field(const HeaderField& field);

// The parts between the delimiter lines (RFC 2046 section 5.1.1), as octets, without the CRLF
// that belongs to the following delimiter. Preamble and epilogue are left out. A missing last
// delimiter ends the last part at the end of the input.
// Errors: imf.multipart.no-boundary, imf.multipart.no-delimiter, imf.multipart.too-many-parts.
[[nodiscard]] Result<std::vector<std::string_view>> split_multipart(std::string_view body,
                                                                    std::string_view boundary,
                                                                    std::size_t max_parts = 1'000);

}  // namespace mailassay::imf
