#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "der/value.h"

// O/R addresses of X.400 as values, and their text form (RFC 2156 section 4.1).
namespace mailassay::mixer {

// What X.400 may write as PrintableString, as TeletexString, or as both.
struct DualString {
    std::optional<std::string> printable = std::nullopt;
    std::optional<std::string> teletex = std::nullopt;

    [[nodiscard]] bool empty() const { return !printable && !teletex; }
    friend bool operator==(const DualString&, const DualString&) = default;
};

struct PersonalName {
    DualString surname;
    DualString given_name;
    DualString initials;
    DualString generation;

    [[nodiscard]] bool empty() const {
        return surname.empty() && given_name.empty() && initials.empty() && generation.empty();
    }
    friend bool operator==(const PersonalName&, const PersonalName&) = default;
};

struct DomainDefined {
    DualString type;
    DualString value;

    friend bool operator==(const DomainDefined&, const DomainDefined&) = default;
};

struct OrAddress {
    std::optional<std::string> country = std::nullopt;
    std::optional<std::string> admd = std::nullopt;
    std::optional<std::string> x121 = std::nullopt;
    std::optional<std::string> terminal = std::nullopt;
    std::optional<std::string> prmd = std::nullopt;
    DualString organization = {};
    std::optional<std::string> user_id = std::nullopt;
    PersonalName personal_name = {};
    std::vector<DualString> units = {};  // the most significant first, as in the SEQUENCE
    std::vector<DomainDefined> domain_defined = {};  // the same
    DualString common_name = {};
    // Those of postal, terminal and network addresses by their key (further_attributes.h); the
    // lines of PD-ADDRESS are parted by '|', and T-TY is its number.
    std::map<std::string_view, DualString> further = {};
    // Extension attributes that have no text form (universal strings, presentation addresses), as
    // read.
    std::vector<der::Value> others = {};

    friend bool operator==(const OrAddress&, const OrAddress&) = default;
};

// The std-or-address of section 4.1.3, most significant attribute last; what stands in `others` is
// left out.
[[nodiscard]] std::string to_text(const OrAddress& address);

// Reads std-or-address-input, the keywords of X.400 (1992) included. Values are not yet checked
// against the bounds of X.400. Country without ADMD: the ADMD is a single space.
//
// Errors, with the offset: mixer.address.too-large, mixer.address.syntax,
// mixer.address.unknown-key, mixer.address.repeated-key, mixer.address.characters (of a value, for
// its attribute), mixer.address.personal-name, mixer.address.order-mixed (OU beside OU1).
[[nodiscard]] Result<OrAddress> parse_text(std::string_view text);

// Whether the attributes make an address of X.402 (mnemonic, numeric, postal or terminal form),
// within the upper bounds of X.411. Errors: mixer.address.incomplete, mixer.address.bound-exceeded;
// the detail names the attribute.
[[nodiscard]] Result<void> check(const OrAddress& address);

}  // namespace mailassay::mixer
