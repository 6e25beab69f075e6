#pragma once

#include <openssl/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/octets.h"
#include "crypto/certificate.h"
#include "crypto/trust.h"

// SignedData of CMS (RFC 5652 section 5), made and verified.
namespace mailassay::crypto {

enum class Digest : std::uint8_t { Sha256, Sha384, Sha512 };
enum class RsaPadding : std::uint8_t { Pkcs1v15, Pss };

// The word for it in a multipart/signed (RFC 8551 section 3.5.3.2).
[[nodiscard]] std::string_view micalg_of(Digest digest);

// A signed attribute with one value, in DER. CMS lets an attribute have more: `others`.
struct Attribute {
    std::string oid;  // in dots
    std::string value;
    std::vector<std::string> others = {};
};

struct Signer {
    PrivateKey key;
    Certificate certificate;
    Digest digest = Digest::Sha256;
    RsaPadding padding = RsaPadding::Pkcs1v15;                   // of an RSA key
    std::optional<base::TimePoint> signing_time = std::nullopt;  // nullopt: now
    std::vector<Attribute> attributes = {};  // beside content type, digest and time
};

enum class Encapsulation : std::uint8_t { Detached, Opaque };

// A ContentInfo in DER. `chain` are certificates to send along beside the signers' own.
// Errors: crypto.sign.no-signer, crypto.sign.key-mismatch, crypto.sign.attribute,
// crypto.sign.unsupported-key (nothing that OpenSSL signs CMS with: Ed25519 in 3.0; the detail
// names it), crypto.sign.failed.
[[nodiscard]] Result<std::string> sign(std::string_view content, std::span<const Signer> signers,
                                       std::span<const Certificate> chain,
                                       Encapsulation encapsulation);

// The same ContentInfo piece by piece, which copies nothing of the content: all pieces one after
// the other are the ContentInfo. `content` are views that must outlive the result; they make one
// content, and a detached one is in none of the pieces.
struct SignedPieces {
    std::string before;
    std::span<const std::string_view> content;
    std::string behind;
};
[[nodiscard]] Result<SignedPieces> sign_pieces(std::span<const std::string_view> content,
                                               std::span<const Signer> signers,
                                               std::span<const Certificate> chain,
                                               Encapsulation encapsulation);

// The same ContentInfo with one more signerInfo, whose digest is taken from those that are there.
// Every value in it keeps its octets, in BER as in DER: only the lengths around them change. The
// signer's certificate and those of `chain` are put to the others, each once.
// Errors: those of sign(), crypto.cms.malformed, crypto.cms.not-signed-data.
[[nodiscard]] Result<std::string> add_signer(std::string_view content_info, const Signer& signer,
                                             std::span<const Certificate> chain = {});

// The same ContentInfo with one more countersignature (RFC 5652 section 11.4) on a signerInfo,
// counted as on the wire and as verify() reports them: an instance of the attribute of its own. It
// is over the value of that signature and nothing else. Every value keeps its octets.
// Errors: those of sign(), crypto.cms.malformed (there is no such signerInfo, among others).
[[nodiscard]] Result<std::string> countersign(std::string_view content_info, std::size_t index,
                                              const Signer& signer);
// The same on every signerInfo.
[[nodiscard]] Result<std::string> countersign_all(std::string_view content_info,
                                                  const Signer& signer);

// The same on the first countersignature that stands on that signerInfo; there has to be one.
[[nodiscard]] Result<std::string> countersign_countersignature(std::string_view content_info,
                                                               std::size_t index,
                                                               const Signer& signer);

// The attributes of countersignatures on a signerInfo, each a whole value; and the same ContentInfo
// with such on a signerInfo, whatever they are over. Error: crypto.cms.malformed.
[[nodiscard]] Result<std::vector<std::string>> countersignatures_in(std::string_view content_info,
                                                                    std::size_t index);
[[nodiscard]] Result<std::string> with_countersignatures(std::string_view content_info,
                                                         std::size_t index,
                                                         std::span<const std::string> attributes);

// The same ContentInfo without a signerInfo, or without some of the countersignatures on it. The
// certificates stay. Errors: crypto.cms.malformed.
[[nodiscard]] Result<std::string> without_signer(std::string_view content_info, std::size_t index);
[[nodiscard]] Result<std::string> without_countersignatures(std::string_view content_info,
                                                            std::size_t index,
                                                            std::span<const std::size_t> doomed);

enum class SignatureState : std::uint8_t {
    Good,
    NoCertificate,   // the signer's certificate is not there
    WrongSignature,  // over the signed attributes
    WrongDigest,     // of the content
    Unsupported,     // by a key that OpenSSL does not verify CMS with
};

// A signed attribute as it stands on the wire.
struct FoundAttribute {
    std::string oid;
    std::vector<std::string> values;  // each a whole BER value
};

struct SignerReport {
    SignatureState signature = SignatureState::NoCertificate;
    ChainVerdict chain = {};
    std::optional<Certificate> certificate = std::nullopt;
    std::string digest_algorithm = {};     // OpenSSL's short name
    std::string signature_algorithm = {};  // likewise
    std::vector<FoundAttribute> attributes = {};
    // Each over the value of this signature, in the order of the wire; they may have some in turn.
    std::vector<SignerReport> countersignatures = {};

    [[nodiscard]] bool is_good() const {
        return signature == SignatureState::Good && chain.state == ChainState::Trusted;
    }
    // All attributes of that type; the RFC allows one (RFC 5652 section 5.3).
    [[nodiscard]] std::vector<const FoundAttribute*> find_all(std::string_view oid) const;
};

struct SignedDataReport {
    std::vector<SignerReport> signers;
    // Of an opaque signature: in the ContentInfo where it stands there in one piece.
    std::optional<base::Octets> content;
};

// `detached` is the content that is not in the ContentInfo. `content_info` must outlive the result.
// What does not stand in one piece is put together in `scratch`.
// Errors: crypto.cms.malformed, crypto.cms.not-signed-data, crypto.cms.no-content (neither in it
// nor beside it), crypto.cms.two-contents, crypto.cms.no-signer, crypto.cms.unsupported (a digest
// that OpenSSL does not know), and those of `scratch`.
[[nodiscard]] Result<SignedDataReport> verify(std::string_view content_info,
                                              std::optional<std::string_view> detached,
                                              const Trust& trust,
                                              base::Scratch& scratch = base::memory());

// The same but for any judgement: of each signer the report has the attributes alone. For whoever
// asks what a signature says, and not whether it holds.
// Errors: those of verify() but crypto.cms.unsupported.
[[nodiscard]] Result<SignedDataReport> inspect_signatures(std::string_view content_info,
                                                          std::optional<std::string_view> detached,
                                                          base::Scratch& scratch = base::memory());

}  // namespace mailassay::crypto
