#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "vectors/originator.h"
#include "vectors/vector.h"

// What the groups of vectors are written with.
namespace mailassay::vectors {

using secureheaders::Warning;

class Author : public Originator {
  public:
    Author(const Material& material, Edition edition, VectorSet& out)
        : Originator(material, edition), out_(out) {}
    // One that signs as another edition has it, for the same vectors.
    Author(const Author& other, Edition edition)
        : Originator(other.material(), edition), out_(other.out_) {}

    void add(VerifyVector vector) const;
    void add(SignVector vector) const;

  private:
    VectorSet& out_;
};

// The policy as a recipient's who is known to share it.
[[nodiscard]] secureheaders::Policies shared(Policy policy);
[[nodiscard]] secureheaders::Policies not_shared(Policy policy);

// Expectations that many vectors have.
[[nodiscard]] Expected is_valid();
// A mismatch: the fields are invalid. A target that tells the two kinds of invalid apart in another
// way is not to be blamed for it.
[[nodiscard]] Expected is_invalid(std::vector<std::pair<Warning, std::string>> warnings = {});
// CMS finds it invalid.
[[nodiscard]] Expected is_signature_invalid();
// Nothing that can be read as a structure: any outcome but valid.
[[nodiscard]] Expected is_not_secured(std::string_view reference_says = outcome::invalid);

// Whose key opens what is encrypted, and a message encrypted to them, Subject hidden as its
// signature says.
inline constexpr std::string_view opener_name = "bob-envelopes";
[[nodiscard]] std::string sealed_message(const Author& author, const std::string& message);

// The groups.
void add_value_vectors(const Author& author);
void add_field_vectors(const Author& author);
void add_signature_vectors(const Author& author);
void add_attribute_vectors(const Author& author);
void add_wrapped_vectors(const Author& author);
void add_name_vectors(const Author& author);
void add_place_vectors(const Author& author);
void add_sign_vectors(const Author& author);

}  // namespace mailassay::vectors
