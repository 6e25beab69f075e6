#include "roles/dca.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/ascii.h"
#include "buffer/octets.h"
#include "imf/header.h"
#include "secureheaders/signed_message.h"

namespace mailassay::roles {

namespace {

std::string_view domain_part(const milter::Path& path) {
    const std::string_view address = path.bare();
    const std::size_t at = address.rfind('@');
    return at == std::string_view::npos ? std::string_view() : address.substr(at + 1);
}

// Only the error's id: its detail may quote what is to be hidden.
milter::Answer refused(OnFault how, std::string_view status, std::string_view what,
                       const Error& error) {
    const bool for_now = how == OnFault::RefuseForNow;
    return {.verdict = milter::Refuse{{.code = for_now ? "451" : "554",
                                       .status = fmt::format("{}.{}", for_now ? 4 : 5, status),
                                       .text = fmt::format("{}: {}", what, error.id)}},
            .notes = {{"why", std::string(error.id)}}};
}

void add_words(std::string& words, std::string_view subject,
               const std::vector<dca::NameFault>& faults) {
    for (const dca::NameFault fault : faults) {
        words += fmt::format("{}{}: {}", words.empty() ? "" : "; ", subject, dca::to_string(fault));
    }
}

std::string words_for(const std::vector<dca::Flag>& flags) {
    std::string words;
    for (const dca::Flag& flag : flags) add_words(words, flag.subject, flag.faults);
    return words;
}

// What is told of the signatures around an envelope, which are gone once it is open.
void add_notes(milter::Notes& notes, const std::vector<dca::OuterSignature>& signatures) {
    std::string signers;
    std::string faults;
    for (const dca::OuterSignature& each : signatures) {
        signers += fmt::format("{}{}: {}", signers.empty() ? "" : "; ", each.subject,
                               dca::to_string(each.standing));
        for (const dca::Agent agent : each.agents) signers += fmt::format(" as {}", name_of(agent));
        if (each.fault) signers += fmt::format(", {}", each.fault->id);
        add_words(faults, each.subject, each.name_faults);
    }
    if (!signers.empty()) notes.emplace_back("outer", std::move(signers));
    if (!faults.empty()) notes.emplace_back("signers", std::move(faults));
}

// What is said of a message: how many fields were changed, never which value they had.
milter::Notes notes_of(const std::vector<dca::Change>& changes,
                       std::optional<dca::Unchanged> unchanged, const std::vector<dca::Flag>& flags,
                       std::string_view changed) {
    milter::Notes notes{{"header", std::string(unchanged ? dca::to_string(*unchanged) : changed)},
                        {"fields", std::to_string(changes.size())}};
    if (!flags.empty()) notes.emplace_back("names", words_for(flags));
    return notes;
}

// The message in the place of the one that the MTA has.
milter::Answer replaced(const base::Octets& octets, milter::Notes notes) {
    const auto made = imf::view_message(octets.view());
    if (!made) return refused(OnFault::RefuseForNow, "3.0", "Can't be handled", made.error());
    milter::Deliver deliver;
    deliver.changes.header = made->header;
    deliver.changes.body = octets.part(made->body);
    return {.verdict = std::move(deliver), .notes = std::move(notes)};
}

// A message that is made piece by piece, and what is told of it.
template <class Report>
struct Made {
    Report report = {};
    base::Octets message = {};
};

// `write` writes the message and gives the report.
template <class Report, class Write>
Result<Made<Report>> made_by(base::Scratch& scratch, Write write) {
    Made<Report> made;
    auto kept = scratch.keep([&](base::Sink& out) -> Result<void> {
        auto report = write(out);
        if (!report) return std::unexpected(report.error());
        made.report = std::move(*report);
        return {};
    });
    if (!kept) return std::unexpected(kept.error());
    made.message = std::move(*kept);
    return made;
}

}  // namespace

const DcaOutSettings::Domain* DcaOut::domain_of(const milter::Path& path) const {
    const auto is_its = [&path](const DcaOutSettings::Domain& domain) {
        return base::equals_ignore_case(domain.name, domain_part(path));
    };
    const auto found = std::ranges::find_if(settings_.domains, is_its);
    return found == settings_.domains.end() ? nullptr : &*found;
}

std::optional<milter::Reply> DcaOut::refuses_recipient(const milter::Session& session,
                                                       const milter::Path& path) const {
    const auto& taken = session.envelope.recipients;
    if (taken.empty()) return std::nullopt;
    const bool encrypted = domain_of(taken.front()) != nullptr;
    if (encrypted == (domain_of(path) != nullptr)) return std::nullopt;
    return milter::Reply{
        .code = "452",
        .status = "4.5.3",
        .text = "This recipient needs a message of its own: some mail is encrypted"};
}

milter::Answer DcaOut::judge(const milter::Message& message) const {
    dca::Encryption encryption{.recipients = {},
                               .addresses = {},
                               .replacements = settings_.replacements,
                               .cipher = settings_.cipher,
                               .edition = settings_.edition,
                               .strictness = settings_.strictness,
                               .outer = settings_.outer};
    if (encryption.outer) encryption.outer->trust.at = clock_.now();
    std::vector<const DcaOutSettings::Domain*> domains;
    for (const milter::Path& path : message.session.envelope.recipients) {
        encryption.addresses.emplace_back(path.bare());
        const auto* domain = domain_of(path);
        if (domain == nullptr || std::ranges::find(domains, domain) != domains.end()) continue;
        domains.push_back(domain);
        std::ranges::copy(domain->certificates, std::back_inserter(encryption.recipients));
    }
    if (domains.empty()) return {.notes = {{"why", "no-domain"}}};
    buffer::Scratch scratch;
    const auto made = made_by<dca::EncryptionReport>(scratch, [&](base::Sink& out) {
        return dca::encrypt_message(message.octets, encryption, rules_, scratch, out);
    });
    if (!made) return refused(settings_.on_fault, "7.0", "Can't be encrypted", made.error());
    const dca::EncryptionReport& report = made->report;
    auto notes = notes_of(report.changes, report.unchanged, report.flags, "hidden");
    if (report.outer) notes.emplace_back("outer", std::string(dca::to_string(*report.outer)));
    return replaced(made->message, std::move(notes));
}

milter::Answer DcaIn::judge_fault(const Error& error) const {
    constexpr std::string_view text = "Can't be decrypted";
    if (error.id == "dca.decrypt.not-enveloped") return {.notes = {{"why", "not-encrypted"}}};
    const bool foreign = error.id == "crypto.decrypt.not-a-recipient";
    if (!foreign) return refused(settings_.on_fault, "7.5", text, error);
    switch (settings_.on_foreign) {
        case OnForeign::Deliver:
            return {.notes = {{"why", std::string(error.id)}}};
        case OnForeign::RefuseForNow:
            return refused(OnFault::RefuseForNow, "7.5", text, error);
        case OnForeign::RefuseForGood:
            return refused(OnFault::RefuseForGood, "7.5", text, error);
    }
    std::unreachable();
}

milter::Answer DcaIn::judge(const milter::Message& message) const {
    dca::Decryption decryption{.key = settings_.key,
                               .certificate = settings_.certificate,
                               .addresses = {},
                               .edition = settings_.edition,
                               .strictness = settings_.strictness,
                               .trust = {.anchors = settings_.trust, .at = clock_.now()}};
    for (const milter::Path& path : message.session.envelope.recipients) {
        decryption.addresses.emplace_back(path.bare());
    }
    buffer::Scratch scratch;
    const auto made = made_by<dca::DecryptionReport>(scratch, [&](base::Sink& out) {
        return dca::decrypt_message(message.octets, decryption, rules_, scratch, out);
    });
    if (!made) return judge_fault(made.error());
    const dca::DecryptionReport& report = made->report;
    auto notes = notes_of(report.changes, report.unchanged, report.flags, "restored");
    add_notes(notes, report.outer);
    if (report.fault) notes.emplace_back("why", std::string(report.fault->id));
    return replaced(made->message, std::move(notes));
}

}  // namespace mailassay::roles
