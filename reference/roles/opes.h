#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "milter/role.h"
#include "opes/processing.h"
#include "opes/rules.h"
#include "roles/allow_list.h"
#include "roles/services.h"

// An OPES processor in a mail server (RFC 4902): it hands mail to milters, says so in the message,
// and leaves services out for those who may ask it to.
namespace mailassay::roles {

// What becomes of mail when a service can't be asked, or answers what is no answer.
enum class OnFailure : std::uint8_t {
    RefuseForNow,
    GoOn,  // as if the service had not been there; never for one that is indispensable
};

struct OpesService {
    opes::Service what;
    ServiceSocket where;
    OnFailure on_failure = OnFailure::RefuseForNow;
};

struct OpesSettings {
    opes::System system;                     // its services are those below
    std::vector<OpesService> services = {};  // in the order in which they are called; no URI twice
    // Clients that may ask for a bypass without logging in, by their IP addresses.
    std::vector<std::string> own_clients = {};
};

// Recipients for whom other services are called need a message of their own (452), since a milter
// can't split one.
class Opes final : public milter::Role {
  public:
    // `rules` must outlive it.
    Opes(OpesSettings settings, const opes::Rules& rules,
         std::unique_ptr<const ServiceCaller> caller,
         std::unique_ptr<const Allowances> allowances = std::make_unique<NoAllowances>());

    [[nodiscard]] std::string_view name() const override { return "opes"; }
    [[nodiscard]] std::vector<milter::Action> actions() const override {
        return {milter::Action::ChangeHeader, milter::Action::ChangeBody,
                milter::Action::ChangeEnvelope, milter::Action::Quarantine};
    }
    [[nodiscard]] std::optional<milter::Reply> refuses_sender(
        const milter::Session& session) const override;
    [[nodiscard]] std::optional<milter::Reply> refuses_recipient(
        const milter::Session& session, const milter::Path& path) const override;
    [[nodiscard]] milter::Answer judge(const milter::Message& message) const override;

  private:
    struct Way;

    // `allowed` must outlive what is made of it.
    [[nodiscard]] opes::Requests requests_of(const milter::Session& session,
                                             const opes::AllowList& allowed) const;
    // What the services of that stage say of the dialogue so far, the last recipient being `last`.
    [[nodiscard]] std::optional<milter::Reply> asked(opes::Stage stage,
                                                     const std::vector<opes::Service>& called,
                                                     const milter::Session& session,
                                                     const milter::Path* last) const;
    // The refusal that the service is the reason for; or the message is held for it.
    [[nodiscard]] std::optional<milter::Reply> refused(const OpesService& service,
                                                       const std::vector<std::string>& lines,
                                                       Way& way) const;
    [[nodiscard]] std::optional<milter::Reply> carry_through(const OpesService& service,
                                                             Way& way) const;
    [[nodiscard]] std::optional<milter::Reply> failed(const OpesService& service) const;
    [[nodiscard]] milter::Reply explained(const std::vector<std::string>& lines) const;
    [[nodiscard]] const OpesService& service_of(const opes::Service& what) const;

    OpesSettings settings_;
    opes::System system_;
    const opes::Rules& rules_;
    std::unique_ptr<const ServiceCaller> caller_;
    std::unique_ptr<const Allowances> allowances_;
};

}  // namespace mailassay::roles
