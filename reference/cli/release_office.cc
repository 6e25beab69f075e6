#include "cli/release_office.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "imf/header.h"
#include "releasing/desk.h"
#include "roles/release.h"

namespace mailassay::cli {

namespace {

using release::Place;

class Envelopes final : public roles::EnvelopeStore {
  public:
    explicit Envelopes(base::Random& random) : random_(random) {}

    Result<std::string> keep(const roles::KeptEnvelope& kept) override {
        std::string reference = base::random_token(random_);
        all_.emplace(reference, kept);
        return reference;
    }
    Result<std::optional<roles::KeptEnvelope>> find(std::string_view reference) override {
        const auto found = all_.find(reference);
        if (found == all_.end()) return std::nullopt;
        return found->second;
    }
    Result<roles::Claim> claim(std::string_view reference, std::string_view release) override {
        const auto found = all_.find(reference);
        if (found == all_.end()) return std::unexpected(Error{.id = "roles.envelopes.unknown"});
        std::string& taken = found->second.release;
        if (!taken.empty() && taken != release) return roles::Claim::TakenBefore;
        taken = release;
        return roles::Claim::Granted;
    }

  private:
    base::Random& random_;
    std::map<std::string, roles::KeptEnvelope, std::less<>> all_ = {};
};

std::string bare(std::string_view path) {
    return std::string(path.substr(1, path.size() - 2));
}

class Day {
  public:
    Day(const shim::Carry& request, const release::Rules& rules, base::Random& random)
        : request_(request),
          rules_(rules),
          random_(random),
          clock_(*request.time),
          verification_(request.verification),
          submission_(settings(Place::Submission), rules, clock_,
                      std::make_unique<Envelopes>(random)),
          border_(settings(Place::Border), rules, clock_, nullptr) {
        verification_.trust.at = *request.time;
    }

    shim::Carried carried() {
        hand_in(request_.sender, request_.recipients, request_.message);
        for (const shim::Deciding& each : request_.decisions) decide(each);
        std::erase_if(made_.mailboxes, [](const auto& each) { return each.second.empty(); });
        return std::move(made_);
    }

  private:
    [[nodiscard]] roles::ReleaseSettings settings(Place place) const {
        // What a message is let out for is what stands in it, and not who hands it in.
        return {.place = place,
                .edition = request_.edition,
                .verification = verification_,
                .handed_in_by = roles::HandedInBy::Anybody};
    }

    // nullopt: it was refused, which is noted.
    std::optional<milter::Changes> judged(const roles::Release& role, const std::string& from,
                                          const std::vector<std::string>& to,
                                          const imf::MessageView& parsed, std::string_view octets) {
        milter::Session session;
        session.envelope.reverse_path.address = "<" + from + ">";
        for (const std::string& each : to) {
            session.envelope.recipients.push_back({.address = "<" + each + ">", .parameters = {}});
        }
        const milter::Answer answer = role.judge(
            {.session = session, .octets = octets, .header = parsed.header, .body = parsed.body});
        if (const auto* refusal = std::get_if<milter::Refuse>(&answer.verdict)) {
            made_.refusals.push_back(refusal->reply.text);
            return std::nullopt;
        }
        return std::get<milter::Deliver>(answer.verdict).changes;
    }

    void hand_in(const std::string& from, std::vector<std::string> to, std::string_view octets) {
        auto parsed = imf::view_message(octets);
        if (!parsed) return made_.refusals.push_back(to_string(parsed.error()));
        const auto changes = judged(submission_, from, to, *parsed, octets);
        if (!changes) return;
        for (const std::string& each : changes->removed_recipients) std::erase(to, bare(each));
        for (const std::string& each : changes->added_recipients) to.push_back(bare(each));
        if (changes->header) parsed->header = *changes->header;
        std::string whole = parsed->header.to_octets();
        whole += parsed->separator;
        whole += parsed->body;
        for (const std::string& each : to) deliver(from, each, whole);
    }

    void deliver(const std::string& from, const std::string& to, const std::string& octets) {
        const auto mailbox = imf::parse_mailbox(to);
        const bool is_officer = mailbox && rules_.officer(*mailbox, verification_.policy);
        const auto parsed = imf::view_message(octets);
        if (!is_officer && (!parsed || !judged(border_, from, {to}, *parsed, octets))) return;
        made_.mailboxes[to].push_back(octets);
    }

    void decide(const shim::Deciding& deciding) {
        const std::string user = deciding.authorization.user.address();
        std::vector<std::string>& mailbox = made_.mailboxes[user];
        if (mailbox.empty())
            return made_.refusals.push_back("the mailbox of " + user + " is empty");
        const std::string message = std::move(mailbox.front());
        mailbox.erase(mailbox.begin());
        const auto handled = releasing::handle(message, verification_, deciding.authorization,
                                               deciding.signer, rules_, random_);
        if (!handled) return made_.refusals.push_back(to_string(handled.error()));
        if (handled->to_hand_in.empty()) return;
        hand_in(user, recipients_of(*handled), handled->to_hand_in);
    }

    // A new drafter's are those of the old one; else any will do: the server knows whom the drafter
    // meant.
    [[nodiscard]] std::vector<std::string> recipients_of(const releasing::Handled& handled) const {
        if (handled.notice_to) return {handled.notice_to->address()};
        if (handled.outcome.end == release::End::Redrafted) return request_.recipients;
        return {request_.recipients.front()};
    }

    const shim::Carry& request_;
    const release::Rules& rules_;
    base::Random& random_;
    base::ManualClock clock_;
    releasing::Verification verification_;
    roles::Release submission_;
    roles::Release border_;
    shim::Carried made_ = {};
};

}  // namespace

shim::Carried ReleaseOffice::carry(const shim::Carry& request) const {
    return Day(request, rules_, random_).carried();
}

}  // namespace mailassay::cli
