#pragma once

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
    // releasing::fingerprint_of() of the draft.
    std::string fingerprint;
};

// Safe to use from several threads.
class EnvelopeStore {
  public:
    virtual ~EnvelopeStore() = default;

    // On disk once this returns; what finds it again, which nobody can guess.
    [[nodiscard]] virtual Result<std::string> keep(const KeptEnvelope& kept) = 0;
    // nullopt: there is none of that reference.
    [[nodiscard]] virtual Result<std::optional<KeptEnvelope>> find(std::string_view reference) = 0;
};

// In a directory, a file each, which one process holds. An envelope stays when its draft is
// released, since the release may be handed in again after a connection was lost; it goes once it
// is older than `keep`, which is looked at when the store is opened.
class EnvelopeFolder final : public EnvelopeStore {
  public:
    struct Limits {
        std::size_t envelopes = 100'000;
        base::Duration keep = std::chrono::days(90);
    };

    // Errors: those of mta::Files.
    [[nodiscard]] static Result<std::unique_ptr<EnvelopeFolder>> open(
        std::unique_ptr<mta::Files> files, const base::Clock& clock, const Limits& limits);

    // Errors: those of mta::Files, roles.envelopes.full.
    Result<std::string> keep(const KeptEnvelope& kept) override;
    // Errors: those of mta::Files, roles.envelopes.damaged.
    Result<std::optional<KeptEnvelope>> find(std::string_view reference) override;

  private:
    EnvelopeFolder(std::unique_ptr<mta::Files> files, const base::Clock& clock,
                   const Limits& limits)
        : files_(std::move(files)), clock_(clock), limits_(limits) {}
    [[nodiscard]] Result<void> remove_old();

    std::mutex mutex_;
    std::unique_ptr<mta::Files> files_;
    const base::Clock& clock_;
    Limits limits_;
    std::set<std::string, std::less<>> names_ = {};
};

}  // namespace mailassay::roles
