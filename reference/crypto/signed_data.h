#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "crypto/certificate.h"

// SignedData of CMS (RFC 5652 section 5), made and verified.
namespace mailassay::crypto {

enum class Digest : std::uint8_t { Sha256, Sha384, Sha512 };
enum class RsaPadding : std::uint8_t { Pkcs1v15, Pss };

// A signed attribute with one value, in DER.
struct Attribute {
    std::string oid;  // in dots
    std::string value;
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
// crypto.sign.failed (the algorithm is not one that OpenSSL signs CMS with, among others).
[[nodiscard]] Result<std::string> sign(std::string_view content, std::span<const Signer> signers,
                                       std::span<const Certificate> chain,
                                       Encapsulation encapsulation);

// The same ContentInfo with one more signerInfo, whose digest is taken from those that are there;
// nothing else changes. Errors: those of sign(), crypto.cms.malformed, crypto.cms.not-signed-data.
[[nodiscard]] Result<std::string> add_signer(std::string_view content_info, const Signer& signer);

// What a chain is built to, and when it must hold.
struct Trust {
    std::vector<Certificate> anchors;
    base::TimePoint at;
    // Made by prepare(), of what the other members were then; shared by copies, and safe to use
    // from several threads. Without it every verify() makes one of its own.
    std::shared_ptr<X509_STORE> store = nullptr;

    // For whoever verifies many messages with the same trust.
    void prepare();
};

enum class SignatureState : std::uint8_t {
    Good,
    NoCertificate,   // the signer's certificate is not there
    WrongSignature,  // over the signed attributes
    WrongDigest,     // of the content
};

enum class ChainState : std::uint8_t {
    Trusted,
    NotTrusted,  // no anchor, a bad signature, a wrong purpose
    Expired,
    NotYetValid,
    NotChecked,  // there is no certificate
};

// A signed attribute as it stands on the wire.
struct FoundAttribute {
    std::string oid;
    std::vector<std::string> values;  // each a whole BER value
};

struct SignerReport {
    SignatureState signature = SignatureState::NoCertificate;
    ChainState chain = ChainState::NotChecked;
    std::string chain_reason = {};  // OpenSSL's, when the chain is not trusted
    std::optional<Certificate> certificate = std::nullopt;
    std::string digest_algorithm = {};     // OpenSSL's short name
    std::string signature_algorithm = {};  // likewise
    std::vector<FoundAttribute> attributes = {};

    [[nodiscard]] bool is_good() const {
        return signature == SignatureState::Good && chain == ChainState::Trusted;
    }
    // All attributes of that type; the RFC allows one (RFC 5652 section 5.3).
    [[nodiscard]] std::vector<const FoundAttribute*> find_all(std::string_view oid) const;
};

struct SignedDataReport {
    std::vector<SignerReport> signers;
    // Of an opaque signature.
    std::optional<std::string> content;
};

// `detached` is the content that is not in the ContentInfo.
// Errors: crypto.cms.malformed, crypto.cms.not-signed-data, crypto.cms.no-content (neither in it
// nor beside it), crypto.cms.two-contents, crypto.cms.no-signer, crypto.cms.unsupported (a digest
// that OpenSSL does not know).
[[nodiscard]] Result<SignedDataReport> verify(std::string_view content_info,
                                              std::optional<std::string_view> detached,
                                              const Trust& trust);

}  // namespace mailassay::crypto
