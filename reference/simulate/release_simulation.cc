#include "simulate/release_simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "release/authorize.h"
#include "releasing/courier.h"
#include "releasing/evidence.h"
#include "roles/release.h"
#include "simulate/release_disk.h"
#include "simulate/release_seals.h"

namespace mailassay::simulate {

namespace {

using release::Decision;
using release::End;
using release::Place;

constexpr std::string_view eve = "eve@mil.example";
constexpr std::array<std::string_view, 3> readers{"bob@example.net", "dora@example.net",
                                                  "finn@example.org"};
constexpr std::string_view unseen = "carol@example.net";
constexpr std::array<std::string_view, 4> officers{"one@mil.example", "two@mil.example",
                                                   "three@mil.example", "four@mil.example"};
// In a hundred.
constexpr unsigned lost = 5, doubled = 5, power_cut = 3, unsigned_drafts = 5, by_officers = 15,
                   passed_on = 5, replayed = 5;
constexpr int most_tries = 100;
constexpr std::uint64_t most_events = 2'000;

enum class Who : std::uint8_t {
    Drafter,
    Officer,
    Attacker,  // with a draft of his own
    Replayer,  // with what was released to others
};

struct Handing {
    Who who = Who::Drafter;
    std::string from;
    std::vector<std::string> to;
    std::string octets;
    std::function<void()> then = [] {};  // once the client has heard that it was taken
    int tries = 0;
};

struct Event {
    base::TimePoint at;
    std::uint64_t order = 0;  // first come, first served
    std::function<void()> act;
};
struct Later {
    bool operator()(const Event& a, const Event& b) const {
        return a.at != b.at ? a.at > b.at : a.order > b.order;
    }
};

// What the simulation tells drafts apart by: the innermost text. No program looks at it.
std::string_view draft_in(std::string_view octets) {
    const std::size_t at = octets.rfind("Draft number ");
    return at == std::string_view::npos ? std::string_view("none") : octets.substr(at);
}

std::string_view body_of(std::string_view octets) {
    const std::size_t end = octets.find("\r\n\r\n");
    return end == std::string_view::npos ? octets : octets.substr(end + 4);
}

class Run {
  public:
    Run(std::uint64_t seed, const release::Rules& rules, ReleaseCounts& counts)
        : rules_(rules),
          counts_(counts),
          random_(seed),
          seals_(random_.next()),
          disk_(random_),
          policy_(some_policy()),
          edition_(below(4) == 0 ? base::Edition::Draft : base::Edition::Rfc),
          handed_in_by_(below(2) == 0 ? roles::HandedInBy::ItsUsers : roles::HandedInBy::Anybody),
          ledger_({.officers = policy_.needed,
                   .is_ordered = policy_.order == release::Order::AsListed}),
          border_(settings(Place::Border), rules, clock_, nullptr) {
        start_server();
    }

    std::optional<ReleaseViolation> to_the_end() {
        const std::uint64_t drafts = 1 + below(2);
        for (std::uint64_t i = 0; i < drafts; ++i) later([this] { draft(); });
        if (below(3) == 0) later([this] { attack(); });
        std::uint64_t events = 0;
        while (!events_.empty() && !ledger_.violation()) {
            const Event next = events_.top();
            events_.pop();
            if (next.at > clock_.now()) clock_.advance(next.at - clock_.now());
            if (++events > most_events) ledger_.breaks(ReleaseBroken::Endless, draft_in(last_));
            next.act();
        }
        if (!ledger_.violation()) ledger_.close();
        count_ends();
        return ledger_.violation();
    }

  private:
    // -- chance ----------------------------------------------------------------------------------

    std::uint64_t below(std::uint64_t bound) { return random_.next() % bound; }
    bool happens(unsigned in_a_hundred) { return below(100) < in_a_hundred; }
    void later(std::function<void()> act) {
        const base::Duration wait = std::chrono::seconds(1 + below(3'600));
        events_.push({.at = clock_.now() + wait, .order = ++order_, .act = std::move(act)});
    }

    release::Policy some_policy() {
        release::Policy policy;
        const std::uint64_t count = 1 + below(officers.size());
        for (std::uint64_t i = 0; i < count; ++i) {
            policy.officers.push_back(imf::parse_mailbox(officers.at(i)).value());
        }
        policy.needed = 1 + below(count);
        policy.order = below(2) == 0 ? release::Order::Any : release::Order::AsListed;
        policy.proof = below(2) == 0 ? release::Proof::OfMessage : release::Proof::OfField;
        policy.doubt =
            std::array{release::Doubt::Hold, release::Doubt::Return, release::Doubt::Tell}.at(
                below(3));
        policy.forgery = below(2) == 0 ? release::Forgery::Return : release::Forgery::ToAbuse;
        return policy;
    }

    // -- servers ---------------------------------------------------------------------------------

    [[nodiscard]] roles::ReleaseSettings settings(Place place) const {
        return {.place = place,
                .edition = edition_,
                .verification = {.policy = policy_, .trust = {}, .seals = &seals_},
                .handed_in_by = handed_in_by_};
    }

    // With what the disk has.
    void start_server() {
        auto folder = roles::EnvelopeFolder::open(std::make_unique<SimulatedFiles>(disk_), clock_,
                                                  random_, {});
        server_ = std::make_unique<roles::Release>(settings(Place::Submission), rules_, clock_,
                                                   std::move(*folder));
    }

    void restart_server() {
        ++counts_.restarts;
        disk_.cut = std::nullopt;
        start_server();
    }

    // What the role makes of a message in an envelope.
    milter::Answer judged(const roles::Release& role, const Handing& handing) {
        milter::Session session;
        session.envelope.reverse_path.address = "<" + handing.from + ">";
        for (const std::string& each : handing.to) {
            session.envelope.recipients.push_back({"<" + each + ">", {}});
        }
        auto parsed = imf::view_message(handing.octets);
        if (!parsed) return {.verdict = milter::Refuse{{.code = "554", .status = "", .text = ""}}};
        return role.judge({.session = session,
                           .octets = handing.octets,
                           .header = std::move(parsed->header),
                           .body = parsed->body});
    }

    // One attempt of a client to hand a message in.
    void hand_in(Handing handing) {
        last_ = handing.octets;
        if (happens(lost)) {
            ++counts_.lost_connections;
            return again(std::move(handing));
        }
        if (happens(power_cut)) disk_.cut = below(6);
        milter::Answer answer;
        try {
            answer = judged(*server_, handing);
            // The MTA's own queue may be hit as well.
            if (disk_.cut && below(2) == 0) throw PowerCut();
            disk_.cut = std::nullopt;
        } catch (const PowerCut&) {
            restart_server();
            return again(std::move(handing));
        }
        if (const auto* refusal = std::get_if<milter::Refuse>(&answer.verdict)) {
            if (milter::is_temporary(refusal->reply)) return again(std::move(handing));
            return refused(handing, refusal->reply);
        }
        take(handing, std::get<milter::Deliver>(answer.verdict).changes);
        if (happens(lost)) {
            ++counts_.lost_replies;
            ledger_.reply_lost(draft_in(handing.octets));
            return again(std::move(handing));
        }
        handing.then();
    }

    void again(Handing handing) {
        if (++handing.tries > most_tries) {
            return ledger_.ended(draft_in(handing.octets), DraftEnd::Refused);
        }
        later([this, handing = std::move(handing)]() mutable { hand_in(std::move(handing)); });
    }

    void refused(const Handing& handing, const milter::Reply& reply) {
        ledger_.note(draft_in(handing.octets), "refused: " + reply.text);
        ledger_.ended(draft_in(handing.octets), DraftEnd::Refused);
        if (handing.who == Who::Attacker) ++counts_.attacks_stopped;
        if (handing.who == Who::Replayer) ++counts_.replays_stopped;
        if (reply.text.ends_with("roles.release.went-out")) ++counts_.second_releases_stopped;
    }

    // The message is in the queue, and goes to where the server says.
    void take(const Handing& handing, const milter::Changes& changes) {
        const bool is_draft = handing.who == Who::Drafter || handing.who == Who::Attacker;
        if (is_draft) {
            const bool has_blind = std::ranges::find(handing.to, unseen) != handing.to.end();
            ledger_.taken(draft_in(handing.octets), handing.to,
                          has_blind ? unseen : std::string_view());
        }
        std::vector<std::string> to = handing.to;
        for (const std::string& each : changes.removed_recipients) {
            std::erase(to, each.substr(1, each.size() - 2));
        }
        for (const std::string& each : changes.added_recipients) {
            to.push_back(each.substr(1, each.size() - 2));
        }
        std::string octets = handing.octets;
        if (changes.header) {
            octets = fmt::format("{}\r\n{}", changes.header->to_octets(), body_of(octets));
        }
        for (const std::string& each : to) bring(each, octets);
    }

    void bring(const std::string& recipient, const std::string& octets) {
        const auto officer = std::ranges::find(officers, recipient);
        if (officer == officers.end()) {
            return later([this, recipient, octets] { at_border(recipient, octets); });
        }
        const auto number = static_cast<std::size_t>(officer - officers.begin());
        const int copies = happens(doubled) ? 2 : 1;
        counts_.doubled += copies == 2 ? 1 : 0;
        for (int i = 0; i < copies; ++i) {
            later([this, number, octets] { decide(number, octets); });
        }
    }

    void at_border(const std::string& recipient, const std::string& octets) {
        const std::string_view draft = draft_in(octets);
        const auto answer =
            judged(border_, {.from = std::string(eve), .to = {recipient}, .octets = octets});
        if (!std::holds_alternative<milter::Deliver>(answer.verdict)) {
            return ledger_.breaks(ReleaseBroken::StoppedBehind, draft);
        }
        std::set<std::size_t> signed_by;
        for (const auto& layer : seals_.open(octets, {}, std::nullopt).signatures) {
            for (const auto& signer : layer.signers) {
                const auto who = std::ranges::find(officers, signer.addresses.front().address());
                if (signer.standing == release::Standing::Holds && who != officers.end()) {
                    signed_by.insert(static_cast<std::size_t>(who - officers.begin()));
                }
            }
        }
        ledger_.left(draft, recipient, body_of(octets), signed_by, octets);
        left_.push_back(octets);
        const bool has_to_stop = handed_in_by_ == roles::HandedInBy::ItsUsers;
        if (has_to_stop && happens(replayed)) later([this] { replay(); });
    }

    // -- people ----------------------------------------------------------------------------------

    std::string text(std::string_view from) {
        return fmt::format("From: {}\r\nTo: {}\r\nSubject: s\r\n\r\nDraft number {}\r\n", from,
                           readers[0], ++drafts_);
    }

    void draft() {
        const std::string from = happens(by_officers)
                                     ? std::string(officers.at(below(officers.size())))
                                     : "ann@mil.example";
        std::string octets = text(from);
        if (!happens(unsigned_drafts)) octets = seals_.sealed(octets, from, ++seals_made_);
        std::vector<std::string> to(readers.begin(), readers.begin() + 1 + below(readers.size()));
        if (below(3) == 0) to.emplace_back(unseen);
        ++counts_.drafts;
        hand_in({.who = Who::Drafter, .from = from, .to = to, .octets = octets});
    }

    Decision some_decision() {
        const std::uint64_t chance = below(100);
        if (chance < 75) return Decision::Release;
        if (chance < 82) return Decision::Return;
        if (chance < 88) return Decision::Discard;
        return chance < 95 ? Decision::Forward : Decision::Redraft;
    }

    // An officer finds a message in his mailbox, and tells his agent what he thinks of it; or lays
    // it into a colleague's.
    void decide(std::size_t officer, const std::string& octets) {
        if (happens(passed_on)) {
            const std::size_t other = below(officers.size());
            return later([this, other, octets] { decide(other, octets); });
        }
        ++counts_.steps;
        const auto resumed = releasing::resume(octets);
        if (!resumed) return ledger_.ended(draft_in(octets), DraftEnd::Held);
        release::Authorization authorization{
            .edition = edition_, .user = policy_user(officer), .decision = some_decision()};
        if (authorization.decision == Decision::Forward) {
            authorization.forward_to = policy_.officers.at(below(policy_.officers.size()));
        }
        const auto parsed = imf::view_message(resumed->message);
        if (!parsed) return ledger_.ended(draft_in(octets), DraftEnd::Held);
        const auto evidence = releasing::evidence_of(
            seals_.open(resumed->message, {}, std::nullopt), {}, edition_, rules_);
        const auto outcome =
            release::authorize(parsed->header, evidence, policy_, authorization, rules_);
        const bool is_approved = authorization.decision == Decision::Release ||
                                 authorization.decision == Decision::Forward;
        if (is_approved &&
            std::ranges::find(outcome.steps, release::Step::Review) != outcome.steps.end()) {
            ledger_.approved(draft_in(octets), officer);
        }
        if (!goes_on(outcome.end)) return end(draft_in(octets), outcome.end);
        std::string message = fmt::format("{}{}{}", outcome.header->to_octets(), parsed->separator,
                                          rules_.body(parsed->body));
        if (outcome.has_entered()) {
            message = seals_.sealed(message, officers.at(officer), ++seals_made_);
        }
        // Whom he hands it in to is nobody's business but the server's.
        if (resumed->reference) {
            message = fmt::format("{}: {}\r\n{}", releasing::reference_field, *resumed->reference,
                                  message);
        }
        hand_in({.who = Who::Officer,
                 .from = std::string(officers.at(officer)),
                 .to = {std::string(readers[below(readers.size())])},
                 .octets = std::move(message)});
    }

    [[nodiscard]] imf::Mailbox policy_user(std::size_t officer) const {
        return imf::parse_mailbox(officers.at(officer)).value();
    }

    static bool goes_on(End end) { return end == End::Released || end == End::ToNext; }

    void end(std::string_view draft, End end) {
        ledger_.note(draft, fmt::format("ended: {}", release::name_of(end)));
        switch (end) {
            case End::Returned:
                return ledger_.ended(draft, DraftEnd::Returned);
            case End::Discarded:
                return ledger_.ended(draft, DraftEnd::Discarded);
            case End::Redrafted:
                return ledger_.ended(draft, DraftEnd::Redrafted);
            case End::ToAbuse:
            case End::SetAside:
                return ledger_.ended(draft, DraftEnd::Held);
            case End::Released:
            case End::ToNext:
                return;
        }
    }

    // Somebody within the organization who may send drafts, and would like to have them leave.
    void attack() {
        ++counts_.attacks;
        ++counts_.drafts;
        // Not every server knows whose addresses its clients may use.
        hand_in({.who = Who::Attacker,
                 .from = std::string(below(2) == 0 ? eve : officers[0]),
                 .to = {std::string(readers[0])},
                 .octets = some_attack()});
    }

    // As it left, to somebody else.
    void replay() {
        ++counts_.attacks;
        hand_in({.who = Who::Replayer,
                 .from = std::string(eve),
                 .to = {std::string(eve)},
                 .octets = left_.back()});
    }

    std::string some_attack() {
        const std::string own = text(eve);
        const std::string all = users(policy_.needed);
        switch (below(7)) {
            case 0:  // names the officers
                return all + own;
            case 1:  // above what is signed by somebody else
                return all + seals_.sealed(own, eve, ++seals_made_);
            case 2:  // and signs that too
                return seals_.sealed(all + own, eve, ++seals_made_);
            case 3:  // is an officer by his own account
                return seals_.sealed(fmt::format("{}: {}\r\n{}", release::field_name, eve, own),
                                     eve, ++seals_made_);
            case 4: {  // has an address that looks like an officer's
                std::string alike(officers[0]);
                alike.front() = 'O';
                return seals_.sealed(all + own, alike, ++seals_made_);
            }
            case 5: {  // puts his text into what was released before
                std::string before = left_.empty() ? all + own : left_.back();
                const std::size_t at = before.rfind("Draft number ");
                return before.replace(at, std::string::npos, draft_in(own));
            }
            default: {  // takes over the reference of another draft
                const auto names = disk_.names();
                if (names.empty()) return own;
                return fmt::format("{}: {}\r\n{}", releasing::reference_field, names.front(),
                                   seals_.sealed(own, eve, ++seals_made_));
            }
        }
    }

    static std::string users(std::size_t count) {
        std::string field = fmt::format("{}:", release::field_name);
        for (std::size_t i = 0; i < count; ++i) {
            field += fmt::format("{} {}", i == 0 ? "" : ",", officers.at(i));
        }
        return field + "\r\n";
    }

    void count_ends() {
        for (const DraftEnd each : ledger_.ends()) {
            switch (each) {
                case DraftEnd::Delivered:
                    ++counts_.delivered;
                    break;
                case DraftEnd::Returned:
                    ++counts_.returned;
                    break;
                case DraftEnd::Discarded:
                    ++counts_.discarded;
                    break;
                case DraftEnd::Redrafted:
                    ++counts_.redrafted;
                    break;
                case DraftEnd::Held:
                    ++counts_.held;
                    break;
                case DraftEnd::Refused:
                    ++counts_.refused;
                    break;
            }
        }
    }

    const release::Rules& rules_;
    ReleaseCounts& counts_;
    base::SeededRandom random_;
    base::ManualClock clock_{std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)};
    SimulatedSeals seals_;
    SimulatedDisk disk_;
    release::Policy policy_;
    base::Edition edition_;
    roles::HandedInBy handed_in_by_;
    ReleaseLedger ledger_;
    roles::Release border_;
    std::unique_ptr<roles::Release> server_ = {};
    std::priority_queue<Event, std::vector<Event>, Later> events_ = {};
    std::uint64_t order_ = 0;
    std::uint64_t seals_made_ = 0;
    std::uint64_t drafts_ = 0;
    std::vector<std::string> left_ = {};
    std::string last_ = {};  // what was handed in last
};

}  // namespace

const char* ReleaseCounts::missing() const {
    const std::array<std::pair<std::uint64_t, const char*>, 14> all{
        {{delivered, "no draft was delivered"},
         {returned, "no draft was returned"},
         {discarded, "no draft was discarded"},
         {redrafted, "no draft was taken over"},
         {held, "no draft was held"},
         {refused, "nothing was refused"},
         {steps, "no agent was asked"},
         {lost_connections, "no connection was lost"},
         {lost_replies, "no reply was lost"},
         {doubled, "nothing came twice"},
         {restarts, "the server never stopped"},
         {attacks_stopped, "no attack was stopped"},
         {replays_stopped, "no replay was stopped"},
         {second_releases_stopped, "no second release was stopped"}}};
    const auto none = std::ranges::find(all, 0U, &std::pair<std::uint64_t, const char*>::first);
    return none == all.end() ? nullptr : none->second;
}

ReleaseResult simulate_release(const release::Rules& rules, const ReleaseRuns& runs) {
    ReleaseResult result;
    for (std::uint64_t i = 0; i < runs.runs && !result.violation; ++i) {
        result.seed = runs.seed + i;
        ++result.counts.runs;
        result.violation = Run(result.seed, rules, result.counts).to_the_end();
    }
    return result;
}

}  // namespace mailassay::simulate
