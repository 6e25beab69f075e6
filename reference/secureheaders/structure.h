#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/edition.h"
#include "imf/canonicalization.h"

// SecureHeaderFields (section 4.1 of both editions) as values.
namespace mailassay::secureheaders {

// draft-cailleux-secure-headers-05 or RFC 7508. They differ in the structure's syntax, its object
// identifier and a few duties; where, the code says.
using base::Edition;

// What becomes of the field in the message when a Domain Confidentiality Authority encrypts it
// (section 4.4).
enum class Status : std::uint8_t { Duplicated = 0, Deleted = 1, Modified = 2 };

// A field as the signature holds it: canonicalized.
struct SecuredField {
    std::string name;
    std::string value;
    Status status = Status::Duplicated;

    friend bool operator==(const SecuredField&, const SecuredField&) = default;
};

struct SecureHeaderFields {
    imf::Canonicalization algorithm = imf::Canonicalization::Relaxed;
    std::vector<SecuredField> fields;

    friend bool operator==(const SecureHeaderFields&, const SecureHeaderFields&) = default;
};

[[nodiscard]] std::string_view to_string(Edition edition);
[[nodiscard]] std::string_view to_string(Status status);
[[nodiscard]] std::string_view to_string(imf::Canonicalization algorithm);

}  // namespace mailassay::secureheaders
