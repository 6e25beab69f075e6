#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/certificate.h"

// A SignedData (RFC 5652 section 5.1) in the octets of its members, so that one more signature can
// stand in it, or one less, and nothing that was signed changes. Only for the .cc files of this
// module.
namespace mailassay::crypto {

// A SET OF, each element a whole value. What is put in keeps the order of DER where it was there,
// and stands at the end where it was not.
class Elements {
  public:
    Elements() = default;
    // `contents` of the SET; nullopt: it is no list of values.
    [[nodiscard]] static std::optional<Elements> in(std::string_view contents);

    [[nodiscard]] const std::vector<std::string>& all() const { return all_; }
    [[nodiscard]] bool has(std::string_view element) const;
    void add(std::string element);
    void replace(std::size_t index, std::string element);
    void remove(std::size_t index);
    // The whole value.
    [[nodiscard]] std::string under(char identifier) const;

  private:
    void put_in_order();

    std::vector<std::string> all_;
    bool is_ordered_ = true;
};

struct SignedDataPieces {
    std::string type;                      // of the ContentInfo
    std::string version;                   // likewise a whole value
    Elements digests;                      // digestAlgorithms
    std::string content;                   // encapContentInfo
    std::optional<Elements> certificates;  // [0], if there is one
    std::string revocations;               // [1], or empty
    Elements signers;                      // signerInfos

    // The ContentInfo; what is around the members is in definite lengths.
    [[nodiscard]] std::string whole() const;
};

// nullopt: the octets are not of that shape.
[[nodiscard]] std::optional<SignedDataPieces> take_apart(std::string_view content_info);

// Adds it where it is not there yet.
void add_certificate(SignedDataPieces& pieces, const Certificate& certificate);

struct SignerInfoPieces {
    std::string identity;                         // version, sid and digestAlgorithm
    std::string signed_attributes;                // [0] as a whole value, or empty
    std::string algorithm;                        // signatureAlgorithm
    std::string signature;                        // a whole value
    std::optional<Elements> unsigned_attributes;  // [1], if there is one

    [[nodiscard]] std::string whole() const;
};

[[nodiscard]] std::optional<SignerInfoPieces> take_apart_signer(std::string_view signer_info);

}  // namespace mailassay::crypto
