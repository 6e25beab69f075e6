#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vectors/material.h"
#include "vectors/vector.h"

// Messages that vectors are about, signed with the test keys, and changed afterwards.
namespace mailassay::vectors {

using crypto::Encapsulation;
using imf::Canonicalization;
using secureheaders::Policy;
using secureheaders::SecuredField;
using secureheaders::Status;

// A header field with the octets behind its colon.
struct Line {
    std::string name;
    std::string body;
};

// What is signed, and how.
struct Draft {
    std::vector<Line> header;
    std::string body = "Hello Bob.\r\n";
    Policy policy;
    Encapsulation form = Encapsulation::Detached;
    std::vector<std::string> signers = {"alice-rsa"};
    std::vector<std::string> chain = {};
    // Instead of what the policy makes: for each signer, the attributes.
    std::optional<std::vector<std::vector<crypto::Attribute>>> attributes = std::nullopt;

    // The header field of that name, the first.
    [[nodiscard]] std::string& field(std::string_view name);
    [[nodiscard]] std::string octets() const;
};

// Signs messages in an edition.
class Originator {
  public:
    Originator(const Material& material, Edition edition)
        : material_(material), edition_(edition) {}

    [[nodiscard]] const Material& material() const { return material_; }
    [[nodiscard]] Edition edition() const { return edition_; }
    [[nodiscard]] bool is_draft() const { return edition_ == Edition::Draft; }

    // An ordinary message and the policy for it: From, To, Date and Subject are secured, Subject as
    // deleted. For simple no field has a space behind its colon, since readers differ on whether
    // that is part of the value.
    [[nodiscard]] static Draft usual(Canonicalization algorithm = Canonicalization::Relaxed);

    // Signed by the reference. Throws Misuse when it refuses: the author's fault.
    [[nodiscard]] std::string sign(const Draft& draft) const;
    // The attribute that the reference makes of a structure.
    [[nodiscard]] crypto::Attribute attribute(
        const secureheaders::SecureHeaderFields& fields) const;
    // The edition's attribute with these octets as its value.
    [[nodiscard]] crypto::Attribute raw_attribute(std::string value) const;

  private:
    const Material& material_;
    Edition edition_;
};

// The text with the one thing replaced. Throws Misuse when it is not there.
[[nodiscard]] std::string replaced(std::string text, std::string_view from, std::string_view to);
// The text with a field at the end of its header section.
[[nodiscard]] std::string with_field(const std::string& message, std::string_view field);
// The text without the first field of that name, its folded lines included.
[[nodiscard]] std::string without_field(const std::string& message, std::string_view name);

[[nodiscard]] std::string_view word(Canonicalization algorithm);
inline constexpr Canonicalization algorithms[] = {Canonicalization::Relaxed,
                                                  Canonicalization::Simple};

}  // namespace mailassay::vectors
