#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "crypto/certificate.h"
#include "crypto/signed_data.h"
#include "crypto/trust.h"
#include "imf/address.h"
#include "imf/header.h"
#include "release/evidence.h"

// The signatures around a message, from the outside to the inside, and what each is over.
namespace mailassay::releasing {

// Signatures within signatures; more are not looked into.
inline constexpr std::size_t max_layers = 16;

struct Signature {
    std::vector<imf::Mailbox> addresses;  // of its signer's certificate
    release::Standing standing = release::Standing::Holds;
};

[[nodiscard]] release::Standing standing_of(const crypto::SignerReport& signer);

struct SignatureLayer {
    std::vector<Signature> signers;
    // Over the value of one of these signatures or of another countersignature, and nothing else
    // (RFC 5652 section 11.4); one on a signature that does not hold does not hold either.
    std::vector<Signature> countersigners = {};
    // The header that the signature covers: that of a message/rfc822 which is its content
    // (RFC 8551 section 3.1). nullopt: it covers a body alone.
    std::optional<imf::HeaderSection> covered = std::nullopt;
};

// Whoever can decrypt what is encrypted between signatures.
struct Opener {
    crypto::PrivateKey key;
    crypto::Certificate certificate;
};

struct Layers {
    // The header of the message as it came.
    imf::HeaderSection header;
    std::vector<SignatureLayer> signatures = {};
    // The innermost that can be read: a message where the header is covered, else a MIME entity.
    std::string content = {};
    bool is_sealed = false;  // something is left that could not be decrypted
    // What ended the way inside before its end.
    std::optional<Error> fault = std::nullopt;
};

// Never fails on hostile input: what can't be read is the fault. Errors of it: those of
// imf::view_message(), secureheaders::find_signature(), crypto::verify(), and
// releasing.layers.too-many.
[[nodiscard]] Layers open_layers(std::string_view message, const crypto::Trust& trust,
                                 const std::optional<Opener>& opener = std::nullopt);

// Who opens them. Signatures are those of CMS everywhere but in a simulation, which has no time for
// them.
class Seals {
  public:
    virtual ~Seals() = default;
    [[nodiscard]] virtual Layers open(std::string_view message, const crypto::Trust& trust,
                                      const std::optional<Opener>& opener) const = 0;
};

// open_layers() as such.
[[nodiscard]] const Seals& cms_seals();

}  // namespace mailassay::releasing
