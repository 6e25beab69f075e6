#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/octets.h"
#include "base/random.h"
#include "crypto/signed_data.h"
#include "imf/header.h"

// A MIME entity within its signature (RFC 8551 section 3.5), whatever the signature says.
namespace mailassay::secureheaders {

// The two halves of a signed message that a signature makes: the fields that describe its content,
// and its body.
class SignatureAround {
  public:
    // `entity` are views that make one entity, and must outlive this; each is whole lines. `random`
    // makes the boundary. Errors: those of crypto::sign().
    [[nodiscard]] static Result<SignatureAround> make(std::span<const std::string_view> entity,
                                                      std::span<const crypto::Signer> signers,
                                                      std::span<const crypto::Certificate> chain,
                                                      crypto::Encapsulation encapsulation,
                                                      base::Random& random);

    [[nodiscard]] const std::vector<imf::HeaderField>& content_fields() const { return fields_; }
    // After an error `out` may hold a part. `preamble` is for readers who do not know
    // multipart/signed: lines with their ends, or nothing. Errors: those of `out`.
    [[nodiscard]] Result<void> write_body(base::Sink& out, std::string_view preamble = "") const;

  private:
    SignatureAround() = default;
    [[nodiscard]] Result<void> write_detached(base::Sink& out, std::string_view preamble) const;
    [[nodiscard]] Result<void> write_opaque(base::Sink& out) const;

    std::vector<imf::HeaderField> fields_;
    std::span<const std::string_view> entity_;
    crypto::SignedPieces cms_;
    std::string boundary_;  // empty: opaque
};

}  // namespace mailassay::secureheaders
