#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "crypto/certificate.h"
#include "dca/message.h"
#include "dca/rules.h"
#include "milter/role.h"

// A Domain Confidentiality Authority in a mail server (RFC 7508 section 4.6): one encrypts what
// leaves for a domain, the other decrypts what comes for its own.
namespace mailassay::roles {

// What becomes of a message that can't be dealt with. The original stays where it is: with the MTA
// or the client, which keeps it or returns it.
enum class OnFault : std::uint8_t { RefuseForNow, RefuseForGood };

struct DcaOutSettings {
    // What is sent to a domain is encrypted to all of its certificates. A name is compared as a
    // whole, in any case; a subdomain is another domain.
    struct Domain {
        std::string name;
        std::vector<crypto::Certificate> certificates;
    };

    std::vector<Domain> domains = {};
    dca::Replacements replacements = {};
    std::optional<crypto::ContentCipher> cipher = crypto::ContentCipher::Aes256Cbc;  // as there
    secureheaders::Edition edition = secureheaders::Edition::Rfc;
    secureheaders::Strictness strictness = secureheaders::Strictness::Strict;
    OnFault on_fault = OnFault::RefuseForNow;
    // A signature around the envelope; its `trust.at` is the time of each message.
    std::optional<dca::OuterSigning> outer = std::nullopt;
};

// One message is encrypted for all of its recipients or for none: a recipient of the other kind is
// refused for now (452), and its client sends it a message of its own (RFC 5321
// section 4.5.3.1.10).
class DcaOut final : public milter::Role {
  public:
    // `rules` and `clock` must outlive it.
    DcaOut(DcaOutSettings settings, const dca::Rules& rules, const base::Clock& clock)
        : settings_(std::move(settings)), rules_(rules), clock_(clock) {}

    [[nodiscard]] std::string_view name() const override { return "dca-out"; }
    [[nodiscard]] std::vector<milter::Action> actions() const override {
        return {milter::Action::ChangeHeader, milter::Action::ChangeBody};
    }
    [[nodiscard]] std::optional<milter::Reply> refuses_recipient(
        const milter::Session& session, const milter::Path& path) const override;
    [[nodiscard]] milter::Answer judge(const milter::Message& message) const override;

  private:
    [[nodiscard]] const DcaOutSettings::Domain* domain_of(const milter::Path& path) const;

    DcaOutSettings settings_;
    const dca::Rules& rules_;
    const base::Clock& clock_;
};

// What becomes of an envelope that the authority is no recipient of.
enum class OnForeign : std::uint8_t {
    Deliver,  // as it is: an end recipient may open it
    RefuseForNow,
    RefuseForGood,
};

struct DcaInSettings {
    crypto::PrivateKey key;
    crypto::Certificate certificate;
    secureheaders::Edition edition = secureheaders::Edition::Rfc;
    secureheaders::Strictness strictness = secureheaders::Strictness::Strict;
    OnFault on_fault = OnFault::RefuseForNow;
    OnForeign on_foreign = OnForeign::Deliver;
    // By what signatures around an envelope are trusted.
    std::vector<crypto::Certificate> trust = {};
};

// What is no envelope passes as it is. So does the header of what was decrypted if it can't be
// restored: the message is there, and who verifies it will see.
class DcaIn final : public milter::Role {
  public:
    // `rules` and `clock` must outlive it.
    DcaIn(DcaInSettings settings, const dca::Rules& rules, const base::Clock& clock)
        : settings_(std::move(settings)), rules_(rules), clock_(clock) {}

    [[nodiscard]] std::string_view name() const override { return "dca-in"; }
    [[nodiscard]] std::vector<milter::Action> actions() const override {
        return {milter::Action::ChangeHeader, milter::Action::ChangeBody};
    }
    [[nodiscard]] milter::Answer judge(const milter::Message& message) const override;

  private:
    [[nodiscard]] milter::Answer judge_fault(const Error& error) const;

    DcaInSettings settings_;
    const dca::Rules& rules_;
    const base::Clock& clock_;
};

}  // namespace mailassay::roles
