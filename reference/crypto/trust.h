#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "crypto/certificate.h"

// What certificates are trusted for: which chains hold (RFC 5280 section 6), and when.
namespace mailassay::crypto {

enum class ChainState : std::uint8_t {
    Trusted,
    NotTrusted,  // no anchor, a bad signature, a wrong purpose
    Expired,
    NotYetValid,
    NotChecked,  // there is no certificate
};

struct ChainVerdict {
    ChainState state = ChainState::NotChecked;
    std::string reason = {};  // OpenSSL's, when the chain is not trusted
};

class ChainJudge;

// What a chain is built to, and when it must hold.
struct Trust {
    std::vector<Certificate> anchors;
    base::TimePoint at;
    // Made by prepare(), of what the other members were then; shared by copies, and safe to use
    // from several threads. Without it every verify() makes one of its own.
    std::shared_ptr<ChainJudge> judge = nullptr;

    // For whoever verifies many messages with the same trust: a chain that held is not built again
    // for the next message that comes with the same certificates.
    void prepare();
};

}  // namespace mailassay::crypto
