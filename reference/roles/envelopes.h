#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "milter/role.h"
#include "mta/files.h"

// Envelopes of drafts, kept while authorizing users have the drafts themselves.
namespace mailassay::roles {

struct KeptEnvelope {
    milter::Envelope envelope;
    // releasing::fingerprint_of() of the draft: the same whatever is put around it.
    std::string fingerprint;
    // SHA-256 of the draft as it was handed in, as hexadecimal digits.
    std::string octets;
    // releasing::fingerprint_of_release() of the one that went out; empty: none did.
    std::string release = {};
};

// To whom a draft's recipients belong.
enum class Claim : std::uint8_t {
    Granted,
    TakenBefore,  // another release of the draft went out
};

// Safe to use from several threads.
class EnvelopeStore {
  public:
    virtual ~EnvelopeStore() = default;

    // On disk once this returns; what finds it again, which nobody can guess. A draft that is
    // handed in again with the same octets, as after a lost reply, is the same draft.
    [[nodiscard]] virtual Result<std::string> keep(const KeptEnvelope& kept) = 0;
    // nullopt: there is none of that reference.
    [[nodiscard]] virtual Result<std::optional<KeptEnvelope>> find(std::string_view reference) = 0;
    // For the release with that fingerprint, of a draft that is kept. It is granted to the first,
    // on disk once this returns, and to the same again.
    [[nodiscard]] virtual Result<Claim> claim(std::string_view reference,
                                              std::string_view release) = 0;
};

// In a directory, a file each, which one process holds. An envelope stays when its draft is
// released, since the same release may be handed in again after a connection was lost; it goes once
// it is older than `keep`, which is looked at when the store is opened.
class EnvelopeFolder final : public EnvelopeStore {
  public:
    struct Limits {
        std::size_t envelopes = 100'000;
        base::Duration keep = std::chrono::days(90);
    };

    // The clock and the random numbers must outlive it. Errors: those of mta::Files.
    [[nodiscard]] static Result<std::unique_ptr<EnvelopeFolder>> open(
        std::unique_ptr<mta::Files> files, const base::Clock& clock, base::Random& random,
        const Limits& limits);

    // Errors: those of mta::Files, roles.envelopes.full.
    Result<std::string> keep(const KeptEnvelope& kept) override;
    // Errors: those of mta::Files, roles.envelopes.damaged.
    Result<std::optional<KeptEnvelope>> find(std::string_view reference) override;
    // Errors: those of find(), roles.envelopes.unknown.
    Result<Claim> claim(std::string_view reference, std::string_view release) override;

  private:
    EnvelopeFolder(std::unique_ptr<mta::Files> files, const base::Clock& clock,
                   base::Random& random, const Limits& limits)
        : files_(std::move(files)), clock_(clock), random_(random), limits_(limits) {}
    [[nodiscard]] Result<void> remove_old();
    // Replaces what is there; whole, or not at all.
    [[nodiscard]] Result<void> write(const std::string& reference, const std::string& text);
    struct Read {
        KeptEnvelope kept;
        base::TimePoint when;
    };
    // nullopt: it is no envelope.
    [[nodiscard]] static std::optional<Read> from_text(const std::string& text);
    [[nodiscard]] Result<Read> read_file(std::string_view reference);

    std::mutex mutex_;
    std::unique_ptr<mta::Files> files_;
    const base::Clock& clock_;
    base::Random& random_;
    Limits limits_;
    std::set<std::string, std::less<>> names_ = {};
    std::map<std::string, std::string> by_octets_ = {};  // names
};

}  // namespace mailassay::roles
