#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vectors/dca_vector.h"
#include "vectors/originator.h"

// What the groups of an authority's vectors are written with.
namespace mailassay::vectors {

using crypto::ContentCipher;

// A message as two halves: the fields that cross the wire, and the MIME entity that is encrypted.
// Hiding is done here by hand, field by field.
class Carried {
  public:
    explicit Carried(std::string_view message);

    // Each throws Misuse when there is no such field. `instance` counts from 0.
    Carried& remove(std::string_view name, std::size_t instance = 0);
    // All between the colon and the CRLF.
    Carried& replace(std::string_view name, std::string_view body, std::size_t instance = 0);
    // Before the first field of that name.
    Carried& insert_before(std::string_view name, std::string field);
    Carried& on_top(std::string field);
    Carried& below(std::string field);

    // Without their CRLF.
    [[nodiscard]] const std::vector<std::string>& fields() const { return fields_; }
    [[nodiscard]] const std::string& entity() const { return entity_; }
    // As it would be without any encryption, with the entity's fields behind all others.
    [[nodiscard]] std::string in_the_clear() const;

  private:
    [[nodiscard]] std::size_t find(std::string_view name, std::size_t instance) const;

    std::vector<std::string> fields_;
    std::string entity_;
};

// How an envelope is carried.
struct Wrapping {
    std::string content_type =
        " application/pkcs7-mime; smime-type=enveloped-data; name=\"smime.p7m\"";
    std::string encoding = " base64";
};

class DcaAuthor : public Originator {
  public:
    DcaAuthor(const Material& material, Edition edition, DcaVectorSet& out)
        : Originator(material, edition), out_(out) {}

    // From and Date are secured as duplicated, To as modified and Subject as deleted.
    [[nodiscard]] static Draft confidential(Canonicalization algorithm = Canonicalization::Relaxed);

    // An envelope in DER, the same octets each time. Throws Misuse where none can be made.
    [[nodiscard]] std::string seal(std::string_view content,
                                   const std::vector<std::string>& recipients,
                                   ContentCipher cipher = ContentCipher::Aes256Cbc) const;
    // A message that carries these octets.
    [[nodiscard]] static std::string carry(const Carried& carried, std::string_view body,
                                           const Wrapping& wrapping);
    // A message with its entity in an envelope.
    [[nodiscard]] std::string carry(const Carried& carried,
                                    const std::vector<std::string>& recipients = {"dca-rsa"},
                                    ContentCipher cipher = ContentCipher::Aes256Cbc) const;

    // The message signed once more, by a gateway: with the policy, or without the attribute.
    [[nodiscard]] std::string sign_again(const std::string& message,
                                         std::optional<Policy> policy = std::nullopt) const;

    void add(EncryptVector vector) const;
    void add(DecryptVector vector) const;

  private:
    DcaVectorSet& out_;
};

inline constexpr std::string_view undisclosed = "undisclosed-recipients:;";

[[nodiscard]] std::string_view word(ContentCipher cipher);
inline constexpr ContentCipher ciphers[] = {ContentCipher::Aes128Cbc, ContentCipher::Aes256Cbc,
                                            ContentCipher::Aes128Gcm, ContentCipher::Aes256Gcm};

// The groups.
void add_hiding_vectors(const DcaAuthor& author);
void add_refusal_vectors(const DcaAuthor& author);
void add_recipient_vectors(const DcaAuthor& author);
void add_restoring_vectors(const DcaAuthor& author);
void add_condition_vectors(const DcaAuthor& author);
void add_envelope_vectors(const DcaAuthor& author);
void add_wrapping_vectors(const DcaAuthor& author);

}  // namespace mailassay::vectors
