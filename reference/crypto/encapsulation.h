#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/octets.h"

// The content of an opaque SignedData (RFC 5652 section 5.2) or of an EnvelopedData (section 6.1,
// RFC 5083) apart from the rest, so that it needs no place in memory beside the ContentInfo. Only
// for the .cc files of this module.
namespace mailassay::crypto {

// Where the content stands: as the encapContentInfo of SignedData has it, or as the
// EncryptedContentInfo of both kinds of envelopes.
enum class ContentForm : std::uint8_t { Encapsulated, Encrypted };

struct Encapsulated {
    // The ContentInfo as if it were detached. What is around the content is in definite lengths
    // now; everything else has its octets.
    std::string rest;
    // The content, in the order of its segments: views into what was read.
    std::vector<std::string_view> segments;
};

// nullopt: there is no content in it, or the octets are not of that shape. Whoever reads them as a
// whole says what is wrong with them.
[[nodiscard]] std::optional<Encapsulated> take_out(std::string_view content_info,
                                                   ContentForm form = ContentForm::Encapsulated);

// The segments in one piece, put together in `scratch` if they are several.
// Errors: those of `scratch`.
[[nodiscard]] Result<base::Octets> joined(std::span<const std::string_view> segments,
                                          base::Scratch& scratch);

// What stands before and behind the content in DER.
struct AroundContent {
    std::string before;
    std::string behind;
};

// `rest` is a detached ContentInfo in definite lengths; nullopt: it is none.
[[nodiscard]] std::optional<AroundContent> around_content(
    std::string_view rest, std::size_t size, ContentForm form = ContentForm::Encapsulated);

}  // namespace mailassay::crypto
