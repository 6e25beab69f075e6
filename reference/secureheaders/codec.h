#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "secureheaders/structure.h"

// SecureHeaderFields to and from octets: the value of the signed attribute (section 4.1).
namespace mailassay::secureheaders {

// The attribute's object identifier, in dots: id-aa 55, registered, in the RFC; id-aa 80 in the
// draft, which only its example has, and which Trustedbird uses.
[[nodiscard]] std::string_view attribute_oid(Edition edition);

// DER. The RFC's SEQUENCE OF keeps the order of the fields; the draft's SET OF is sorted.
// Errors: secureheaders.structure.no-fields, secureheaders.field.name-characters,
// secureheaders.field.value-characters (not UTF-8; in the draft, not the characters of its
// IA5String); the detail is the field's name.
[[nodiscard]] Result<std::string> encode(const SecureHeaderFields& structure, Edition edition);

// How much of what is not DER, or not the edition's syntax, is taken.
enum class Strictness : std::uint8_t {
    Strict,    // nothing
    Tolerant,  // BER, the string types of other dialects, SET OF for SEQUENCE OF and the reverse
};

struct Decoded {
    SecureHeaderFields structure;
    // What a strict reading refuses, in order; empty after a strict reading. Offsets are into the
    // octets.
    std::vector<Error> tolerated;
};

// Errors: those of der::read_der(), der.value.*, and
// secureheaders.structure.no-fields, .list-type (SET OF and SEQUENCE OF), .unsorted,
// .unknown-algorithm; secureheaders.field.name-type, .name-characters, .name-empty, .value-type,
// .value-characters, .explicit-default, .unknown-status, .too-many (100,000).
[[nodiscard]] Result<Decoded> decode(std::string_view octets, Edition edition,
                                     Strictness strictness);

}  // namespace mailassay::secureheaders
