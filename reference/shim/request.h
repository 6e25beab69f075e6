#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/edition.h"
#include "base/error.h"
#include "crypto/certificate.h"
#include "crypto/signed_data.h"
#include "dca/message.h"
#include "imf/canonicalization.h"
#include "secureheaders/policy.h"
#include "shim/mixer_request.h"
#include "shim/opes_request.h"
#include "shim/release_request.h"

// Requests of the shim protocol (interop/shims/README.md): one JSON object a line, read into
// values. vectors/schema/shim-request.schema.json has their shape.
namespace mailassay::shim {

struct Info {};

struct Verify {
    base::Edition edition = base::Edition::Rfc;
    std::string message;
    std::vector<crypto::Certificate> trust;
    std::optional<base::TimePoint> time;  // nullopt: now
    secureheaders::Policies policies;
    bool tolerant = false;
    // Who opens what is encrypted below the outer signature; nobody unless given.
    std::optional<dca::Decryption> opener = std::nullopt;
};

// Where a signature comes: around the message, or beside the signers that it has.
enum class Place : std::uint8_t { Around, Beside };

struct Sign {
    base::Edition edition = base::Edition::Rfc;
    std::string message;
    Place place = Place::Around;
    secureheaders::Layer layer = secureheaders::Layer::Inner;  // by which part of the policy
    crypto::Encapsulation encapsulation = crypto::Encapsulation::Detached;
    std::vector<crypto::Signer> signers;
    std::vector<crypto::Certificate> chain;
    secureheaders::Policies policies;
};

struct Canonicalize {
    imf::Canonicalization algorithm = imf::Canonicalization::Relaxed;
    std::string field;  // one raw header field
};

struct Encrypt {
    std::string message;
    dca::Encryption encryption;
    std::optional<base::TimePoint> time = std::nullopt;  // nullopt: now
};

struct Decrypt {
    std::string message;
    dca::Decryption decryption;
    std::optional<base::TimePoint> time = std::nullopt;  // nullopt: now
};

// An operation that this program does not know.
struct Unknown {
    std::string operation;
};

using Operation =
    std::variant<Info, Verify, Sign, Canonicalize, Encrypt, Decrypt, Trace, Bypass, Report, State,
                 ToX400, FromX400, Authorize, CheckRelease, Carry, Unknown>;

// Longest line that is read: a message of 256 MiB in base64 is not for a line of JSON.
inline constexpr std::size_t max_line_octets = std::size_t{64} * 1024 * 1024;

// The id that an answer repeats, as it stands in the line; empty when there is none. Kept apart,
// since a request that can't be read is answered all the same.
[[nodiscard]] std::string id_of(std::string_view line);

// Errors: shim.request.too-long, .syntax, .no-id, .missing, .wrong-type (the detail names the key),
// .unknown-key, those of secureheaders::parse_policies() and of reading certificates and keys.
[[nodiscard]] Result<Operation> parse_request(std::string_view line);

}  // namespace mailassay::shim
