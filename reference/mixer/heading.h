#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "der/value.h"
#include "mixer/or_address.h"

// The heading of an interpersonal message (X.420) as values, written as DER and read as BER.
namespace mailassay::mixer {

// ORDescriptor: whom, formally, and as a person would say it.
struct OrDescriptor {
    std::optional<OrAddress> address = std::nullopt;          // formal-name
    std::optional<der::Value> directory_name = std::nullopt;  // of formal-name, as read
    std::optional<std::string> free_form = std::nullopt;      // TeletexString, its octets
    std::optional<std::string> telephone = std::nullopt;

    friend bool operator==(const OrDescriptor&, const OrDescriptor&) = default;
};

// RecipientSpecifier.
struct Recipient {
    OrDescriptor descriptor;
    // notification-requests, reply-requested and extensions, as read; empty: all at their default.
    std::vector<der::Value> requests = {};

    friend bool operator==(const Recipient&, const Recipient&) = default;
};

// IPMIdentifier.
struct IpmIdentifier {
    std::optional<OrAddress> user = std::nullopt;
    std::string local = {};  // PrintableString

    friend bool operator==(const IpmIdentifier&, const IpmIdentifier&) = default;
};

// A heading extension; no value is NULL.
struct Extension {
    std::string oid;
    std::optional<der::Value> value = std::nullopt;

    friend bool operator==(const Extension&, const Extension&) = default;
};

struct Heading {
    IpmIdentifier this_ipm = {};
    std::optional<OrDescriptor> originator = std::nullopt;
    // nullopt: not in the heading; an empty sequence is another thing.
    std::optional<std::vector<OrDescriptor>> authorizing_users = std::nullopt;
    std::optional<std::vector<Recipient>> primary = std::nullopt;
    std::optional<std::vector<Recipient>> copy = std::nullopt;
    std::optional<std::vector<Recipient>> blind_copy = std::nullopt;
    std::optional<IpmIdentifier> replied_to = std::nullopt;
    std::vector<IpmIdentifier> related = {};  // X.420 may have an empty one, which says nothing
    std::optional<std::vector<OrDescriptor>> reply_recipients = std::nullopt;
    std::optional<std::string> subject = std::nullopt;  // TeletexString, its octets
    std::vector<Extension> extensions = {};
    // All other elements of the heading, as read.
    std::vector<der::Value> others = {};

    friend bool operator==(const Heading&, const Heading&) = default;
};

// The arc of the heading extensions of STANAG 4406, and those that have a field in RFC 6477.
inline constexpr std::string_view mmhs_extensions = "1.3.26.0.4406.0.2.";

[[nodiscard]] bool is_mmhs(const Extension& extension);

// A SEQUENCE OF ORDescriptor, as an extension may hold it.
[[nodiscard]] der::Value encode_people(const std::vector<OrDescriptor>& people);
// Errors: those of decode_ipm() for a list of users.
[[nodiscard]] Result<std::vector<OrDescriptor>> decode_people(const der::Value& list);

// An InformationObject with that heading and an empty body, in DER. The body is RFC 2157's.
// Error: der.oid.syntax, of an extension.
[[nodiscard]] Result<std::string> encode_ipm(const Heading& heading);

struct HeadingReading {
    Heading heading;
    // What a strict reader would have refused, in the order found: errors of der::read_der(), and
    // mixer.heading.empty-list, mixer.heading.characters.
    std::vector<Error> tolerated;
};

// Reads an InformationObject that holds an IPM; its body is not looked at.
//
// Errors: those of der::read_ber(), der.value.*, and, with the offset, mixer.ipm.trailing-octets,
// mixer.ipm.not-an-ipm (a notification), mixer.heading.repeated, mixer.heading.missing (this-IPM),
// mixer.heading.too-many (10,000 users or recipients of a kind), mixer.address.characters,
// mixer.address.repeated (an extension attribute twice), mixer.string.not-a-string.
[[nodiscard]] Result<HeadingReading> decode_ipm(std::string_view octets);

}  // namespace mailassay::mixer
