#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "crypto/signed_data.h"
#include "imf/header.h"
#include "releasing/layers.h"

// What goes with a draft on its way to the authorizing users and back. The texts leave it to the
// organization how a released draft finds its recipients again (RFC 7912 section 3.2); here a field
// refers to an envelope that the submission server keeps.
namespace mailassay::releasing {

inline constexpr std::string_view reference_field = "Draft-Reference";

// The same for a message whatever review signatures are put around it or taken off: SHA-256 of the
// innermost body that needs no key, as hexadecimal digits.
[[nodiscard]] std::string fingerprint_of(std::string_view message,
                                         const Seals& seals = cms_seals());

// What one release of a message has that another has not: SHA-256 of MMHS-Authorizing-Users and the
// body, as hexadecimal digits. Fields that are written on the way do not change it.
[[nodiscard]] std::string fingerprint_of_release(const imf::HeaderSection& header,
                                                 std::string_view body);

// The one value of the field; nullopt: there is none, or several, or it is none that
// base::random_token() makes.
[[nodiscard]] std::optional<std::string> reference_in(const imf::HeaderSection& header);
// The header with that field on top and no other; with an empty reference it has none.
[[nodiscard]] imf::HeaderSection with_reference(const imf::HeaderSection& header,
                                                std::string_view reference);

// A message out of a mailbox, ready to be handed in again: without what delivery wrote on it
// (Return-Path, Delivered-To, X-Original-To) and without the reference, which must not get into a
// signature.
struct Resumed {
    std::string message;
    std::optional<std::string> reference = std::nullopt;
};
// Errors: those of imf::view_message().
[[nodiscard]] Result<Resumed> resume(std::string_view message);

}  // namespace mailassay::releasing
