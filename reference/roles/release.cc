#include "roles/release.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "crypto/hash.h"
#include "releasing/courier.h"

namespace mailassay::roles {

namespace {

using release::Fate;
using release::Place;

// What can't be read as an address is a recipient that is nobody's.
imf::Mailbox mailbox_of(const milter::Path& path) {
    auto mailbox = imf::parse_mailbox(path.bare());
    if (mailbox) return std::move(*mailbox);
    return {.display_name = {}, .local_part = std::string(path.bare()), .domain = {}};
}

// Only the error's id: its detail may quote the message.
milter::Answer refused(const Error& error) {
    return {.verdict = milter::Refuse{{.code = "550",
                                       .status = "5.7.1",
                                       .text = fmt::format("Not released: {}", error.id)}},
            .notes = {{"release", "refused"}, {"why", std::string(error.id)}}};
}

milter::Answer refused_for_now(const Error& error) {
    return {.verdict = milter::Refuse{{.code = "451",
                                       .status = "4.3.0",
                                       .text = fmt::format("Can't be handled: {}", error.id)}},
            .notes = {{"release", "put-off"}, {"why", std::string(error.id)}}};
}

bool is_among(const std::vector<milter::Path>& paths, const milter::Path& path) {
    return std::ranges::any_of(
        paths, [&](const milter::Path& each) { return each.bare() == path.bare(); });
}

// The changes that make one envelope another.
void readdress(milter::Changes& changes, const milter::Envelope& from, const milter::Envelope& to) {
    for (const milter::Path& each : from.recipients) {
        if (!is_among(to.recipients, each)) changes.removed_recipients.push_back(each.address);
    }
    for (const milter::Path& each : to.recipients) {
        if (!is_among(from.recipients, each)) changes.added_recipients.push_back(each.address);
    }
    if (from.reverse_path.bare() != to.reverse_path.bare()) {
        changes.reverse_path = to.reverse_path.address;
    }
}

}  // namespace

Release::Release(ReleaseSettings settings, const release::Rules& rules, const base::Clock& clock,
                 std::unique_ptr<EnvelopeStore> store)
    : settings_(std::move(settings)), rules_(rules), clock_(clock), store_(std::move(store)) {
    if (settings_.place == Place::Submission && !store_) {
        throw Misuse("roles: a submission server without a store of envelopes");
    }
}

std::optional<milter::Reply> Release::refuses_recipient(const milter::Session& session,
                                                        const milter::Path& path) const {
    const auto& before = session.envelope.recipients;
    if (before.empty()) return std::nullopt;
    const auto is_exempt = [&](const milter::Path& each) {
        return rules_.is_exempt(settings_.place, mailbox_of(each), settings_.verification.policy);
    };
    if (is_exempt(before.front()) == is_exempt(path)) return std::nullopt;
    return milter::Reply{.code = "452", .status = "4.5.3", .text = "Send it a message of its own"};
}

milter::Answer Release::judge(const milter::Message& message) const {
    std::vector<imf::Mailbox> recipients;
    for (const milter::Path& each : message.session.envelope.recipients) {
        recipients.push_back(mailbox_of(each));
    }
    releasing::Verification verification = settings_.verification;
    verification.trust.at = clock_.now();
    const release::Judgement judgement = releasing::check(
        message.octets, recipients, settings_.place, verification, settings_.edition, rules_);
    const auto all = [&](Fate fate) {
        return std::ranges::all_of(judgement.recipients,
                                   [&](const auto& each) { return each.fate == fate; });
    };
    if (!judgement.recipients.empty() && all(Fate::Passes)) return released(message);
    if (!judgement.recipients.empty() && all(Fate::ToOfficers)) {
        return to_officers(message, judgement);
    }
    return refused(judgement.reason.value_or(Error{.id = "release.field.absent"}));
}

milter::Answer Release::released(const milter::Message& message) const {
    milter::Deliver deliver;
    milter::Notes notes{{"release", "passes"}};
    if (settings_.place == Place::Submission) {
        const auto kept = kept_of(message);
        if (!kept) {
            return kept.error().id == "roles.release.other-draft" ? refused(kept.error())
                                                                  : refused_for_now(kept.error());
        }
        // [rfc7912/3.1/2] [draft-melnikov/3/3]: to those whom the drafter addressed it to.
        if (*kept) {
            const auto claim =
                store_->claim(*releasing::reference_in(message.header),
                              releasing::fingerprint_of_release(message.header, message.body));
            if (!claim) return refused_for_now(claim.error());
            // Each of several users may have released it by himself.
            if (*claim == Claim::TakenBefore) return refused({.id = "roles.release.went-out"});
            readdress(deliver.changes, message.session.envelope, (*kept)->envelope);
            notes.emplace_back("envelope", "restored");
        } else if (const auto fault = fault_of_envelope(message)) {
            return refused(*fault);
        }
    }
    if (message.header.count(releasing::reference_field) > 0) {
        deliver.changes.header = releasing::with_reference(message.header, "");
    }
    return {.verdict = std::move(deliver), .notes = std::move(notes)};
}

milter::Answer Release::to_officers(const milter::Message& message,
                                    const release::Judgement& judgement) const {
    const auto kept = kept_of(message);
    if (!kept && kept.error().id != "roles.release.other-draft") {
        return refused_for_now(kept.error());
    }
    std::string reference;
    if (kept && *kept) {
        reference = *releasing::reference_in(message.header);
    } else {
        auto made = store_->keep({.envelope = message.session.envelope,
                                  .fingerprint = fingerprint_of(message),
                                  .octets = crypto::sha256_hex(message.octets)});
        if (!made) return refused_for_now(made.error());
        reference = std::move(*made);
    }
    milter::Envelope officers{.reverse_path = message.session.envelope.reverse_path,
                              .recipients = {}};
    for (const std::string& each : officers_for(judgement)) {
        officers.recipients.push_back({.address = "<" + each + ">", .parameters = {}});
    }
    milter::Deliver deliver;
    // [rfc7912/3.2/2] [draft-melnikov/3/4]
    readdress(deliver.changes, message.session.envelope, officers);
    deliver.changes.header = releasing::with_reference(message.header, reference);
    return {.verdict = std::move(deliver),
            .notes = {{"release", "to-officers"},
                      {"why", std::string(judgement.reason ? judgement.reason->id : "draft")}}};
}

std::optional<Error> Release::fault_of_envelope(const milter::Message& message) const {
    // Whom the drafter meant nobody knows any more.
    if (releasing::reference_in(message.header)) {
        return Error{.id = "roles.release.unknown-draft"};
    }
    if (settings_.handed_in_by == HandedInBy::Anybody) return std::nullopt;
    const auto field = rules_.read(release::field_bodies(message.header), settings_.edition);
    const auto users = field && *field ? (*field)->users() : std::vector<imf::Mailbox>{};
    const imf::Mailbox sender = mailbox_of(message.session.envelope.reverse_path);
    const auto is_sender = [&](const imf::Mailbox& each) { return rules_.is_same(each, sender); };
    if (std::ranges::any_of(users, is_sender)) return std::nullopt;
    return Error{.id = "roles.release.not-by-its-users"};
}

Result<std::optional<KeptEnvelope>> Release::kept_of(const milter::Message& message) const {
    const auto reference = releasing::reference_in(message.header);
    if (!reference) return std::nullopt;
    auto kept = store_->find(*reference);
    if (!kept || !*kept) return kept;
    if ((*kept)->fingerprint != fingerprint_of(message)) {
        return std::unexpected(Error{.id = "roles.release.other-draft"});
    }
    return kept;
}

std::string Release::fingerprint_of(const milter::Message& message) const {
    return releasing::fingerprint_of(message.octets, *settings_.verification.seals);
}

std::vector<std::string> Release::officers_for(const release::Judgement& judgement) const {
    const release::Policy& policy = settings_.verification.policy;
    const bool has_order = policy.order == release::Order::AsListed;
    if (has_order && judgement.next) return {judgement.next->address()};
    if (!settings_.mailbox.empty()) return {settings_.mailbox};
    if (judgement.next) return {judgement.next->address()};
    std::vector<std::string> all;
    for (const imf::Mailbox& each : policy.officers) all.push_back(each.address());
    if (has_order) all.resize(1);
    return all;
}

}  // namespace mailassay::roles
