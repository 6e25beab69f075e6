#include "simulate/simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "mta/bouncer.h"
#include "mta/deliverer.h"
#include "mta/intake.h"
#include "mta/outgoing.h"
#include "mta/plan.h"
#include "requiretls/header_field.h"
#include "simulate/wire.h"

namespace mailassay::simulate {

namespace {

using requiretls::HostFacts;
using requiretls::StsMatch;
using requiretls::Tag;

constexpr std::string_view secret = "for nobody else to read";

// Senders are called m0, m1, ...: the address tells the ledger which message a report is about.
std::optional<Number> number_of(const smtp::Path& path) {
    Number number = 0;
    const std::string& name = path.local_part;
    if (!name.starts_with('m')) return std::nullopt;
    const auto [end, error] = std::from_chars(name.data() + 1, name.data() + name.size(), number);
    return error == std::errc() && end == name.data() + name.size() ? std::optional(number)
                                                                    : std::nullopt;
}

// Of a report; its own field stands before what it returns.
std::string_view message_id_of(std::string_view data) {
    const std::size_t field = data.find("Message-ID: ");
    if (field == std::string_view::npos) return {};
    const std::size_t open = data.find('<', field);
    const std::size_t close = data.find('>', field);
    if (close == std::string_view::npos || open > close) return {};
    return data.substr(open, close - open + 1);
}

// What is known of next hops: the network's facts, with lookups that fail and answers that lie.
class Names final : public net::NextHops {
  public:
    Names(const Network& network, const Assumptions& assumptions, const requiretls::Rules& rules,
          base::Random& random)
        : network_(network), assumptions_(assumptions), rules_(rules), random_(random) {}

    net::Candidates find(const std::string& name) const override {
        const std::size_t index = network_.domain_of(name);
        if (index == network_.domains().size()) {
            return std::unexpected(requiretls::LookupFailure::NoSuchDomain);
        }
        const Domain& domain = network_.domains()[index];
        if (percent(random_) < assumptions_.failed_lookups) {
            return std::unexpected(requiretls::LookupFailure::Temporary);
        }
        std::vector<HostFacts> hosts = domain.facts;
        if (percent(random_) < assumptions_.attacks) return spoofed(hosts.front());
        // The policy of a domain can't always be fetched.
        if (hosts.front().sts.match == StsMatch::Listed &&
            percent(random_) < assumptions_.failed_lookups) {
            for (HostFacts& host : hosts) host.sts = {StsMatch::Unavailable, {}};
        }
        return hosts;
    }

  private:
    // An attacker answers: with his own host, which no signature and no policy vouches for.
    net::Candidates spoofed(HostFacts host) const {
        if (host.mx_security == requiretls::DnsSecurity::Secure) {
            if (rules_.bogus_answers() == requiretls::BogusAnswers::Refuse) {
                return std::unexpected(requiretls::LookupFailure::Temporary);
            }
            host.mx_security = requiretls::DnsSecurity::Bogus;
        }
        host.host = attackers_host;
        host.addresses = {std::string(attackers_host)};
        host.tlsa = requiretls::TlsaState::None;
        if (host.sts.match == StsMatch::Listed) host.sts.match = StsMatch::NotListed;
        return std::vector{std::move(host)};
    }

    const Network& network_;
    const Assumptions& assumptions_;
    const requiretls::Rules& rules_;
    base::Random& random_;
};

// A message in the spool of a host.
struct Copy {
    Number number = 0;
    std::size_t host = 0;
    std::string report;  // Message-ID, when it is a bounce
    mta::Message message;
    mta::Progress progress;
};

struct Due {
    base::TimePoint at;
    std::uint64_t order = 0;  // first come, first served
    std::unique_ptr<Copy> copy;
};
struct Later {
    bool operator()(const Due& a, const Due& b) const {
        return a.at != b.at ? a.at > b.at : a.order > b.order;
    }
};

class Simulation {
  public:
    Simulation(const Network& network, const Assumptions& assumptions,
               const requiretls::Rules& rules, const Run& run)
        : network_(network),
          assumptions_(assumptions),
          rules_(rules),
          run_(run),
          random_(run.seed),
          names_(network, assumptions, rules, random_),
          wire_(
              network, assumptions, rules, random_,
              [this](std::size_t host) { return down_until_[host] <= clock_.now(); },
              [this](Arrival arrival) { return take(std::move(arrival)); }),
          ledger_(rules.edition(), start),
          log_(clock_, nullptr),
          down_until_(network.hosts().size(), start) {
        queue_.retry = retry;
        queue_.lifetime = lifetime;
    }

    Outcome run();

  private:
    static constexpr base::TimePoint start = base::TimePoint(std::chrono::days(20'000));

    void submit(Number number);
    void spool(std::size_t host, Number number, std::string report, mta::Message message);
    void push(base::TimePoint at, std::unique_ptr<Copy> copy);
    void serve(std::unique_ptr<Copy> copy);
    bool settle(Copy& copy, const std::vector<std::optional<mta::RecipientResult>>& results);
    void check_ends(const Copy& copy, const mta::Settlement& settlement,
                    const std::vector<std::optional<mta::RecipientResult>>& results);
    void bounce(const Copy& copy, const std::vector<mta::Failure>& failures);
    std::optional<smtp::Reply> take(Arrival arrival);
    void store(std::size_t host, std::string report, const mta::Submission& submission);
    bool crashes(std::size_t host);

    const Network& network_;
    const Assumptions& assumptions_;
    const requiretls::Rules& rules_;
    Run run_;
    base::SeededRandom random_;
    base::ManualClock clock_{start};
    Names names_;
    Wire wire_;
    Ledger ledger_;
    logging::Log log_;
    mta::QueueSettings queue_;
    std::vector<base::TimePoint> down_until_;
    std::vector<Due> due_;  // a heap
    std::uint64_t order_ = 0;
    const Copy* sending_ = nullptr;
    Outcome outcome_;
};

Outcome Simulation::run() {
    Number next = 0;
    base::TimePoint next_submission = start;
    while (!ledger_.violation() && (next < run_.messages || !due_.empty())) {
        const bool submits =
            next < run_.messages && (due_.empty() || next_submission <= due_.front().at);
        if (submits) {
            clock_.set(next_submission);
            ledger_.now(clock_.now());
            submit(next++);
            next_submission += submission_interval;
            continue;
        }
        std::ranges::pop_heap(due_, Later());
        Due due = std::move(due_.back());
        due_.pop_back();
        clock_.set(due.at);
        ledger_.now(clock_.now());
        serve(std::move(due.copy));
        outcome_.most_under_way =
            std::max<std::uint64_t>(outcome_.most_under_way, ledger_.open_messages());
    }
    if (!ledger_.violation()) ledger_.close();
    outcome_.tagged = ledger_.tally(Tag::Required);
    outcome_.plain = ledger_.tally(Tag::None);
    outcome_.optional = ledger_.tally(Tag::Optional);
    outcome_.connections = wire_.connections();
    outcome_.checks = ledger_.checks();
    outcome_.violation = ledger_.violation();
    return outcome_;
}

// A message comes in from a user of some domain, by that domain's best host.
void Simulation::submit(Number number) {
    const double kind = percent(random_);
    const bool tagged = kind < assumptions_.tagged;
    const bool optional = !tagged && kind < assumptions_.tagged + assumptions_.optional;
    const auto& domains = network_.domains();
    const auto& adopters = network_.adopters();
    const std::size_t from =
        tagged ? adopters[below(random_, adopters.size())] : below(random_, domains.size());
    std::size_t to = below(random_, domains.size() - 1);
    if (to >= from) ++to;
    const double target = percent(random_);
    std::string user = "user";
    if (target < assumptions_.lists) {
        user = "list";
    } else if (target < assumptions_.lists + assumptions_.forwarded) {
        user = "forward";
    }
    mta::Submission submission;
    submission.envelope.reverse_path = {fmt::format("m{}", number), domains[from].name};
    submission.envelope.recipients = {{.forward_path = {user, domains[to].name}, .parameters = {}}};
    submission.envelope.channel = smtp::Channel::Tls;
    if (tagged) {
        submission.envelope.mail_parameters.push_back({"REQUIRETLS", std::nullopt});
        // Some senders ask for what a tagged message's report must not do.
        if (below(random_, 2) == 0) submission.envelope.mail_parameters.push_back({"RET", "FULL"});
    }
    if (optional) {
        submission.data = std::string(requiretls::field_name(rules_.edition())) + ": No\r\n";
    }
    submission.data += fmt::format("Subject: {}\r\n\r\n{}\r\n", number, secret);
    submission.peer_address = "192.0.2.1";
    submission.arrival = clock_.now();
    const Tag tag = tagged ? Tag::Required : optional ? Tag::Optional : Tag::None;
    ledger_.submitted(number, tag, domains[from].adopts && domains[to].adopts, domains[from].name,
                      submission.envelope.recipients[0].forward_path.address());
    store(domains[from].hosts.front(), {}, submission);
}

void Simulation::push(base::TimePoint at, std::unique_ptr<Copy> copy) {
    due_.push_back({at, order_++, std::move(copy)});
    std::ranges::push_heap(due_, Later());
}

void Simulation::spool(std::size_t host, Number number, std::string report, mta::Message message) {
    auto copy = std::make_unique<Copy>();
    copy->number = number;
    copy->host = host;
    copy->report = std::move(report);
    copy->progress = mta::initial_progress(message);
    copy->message = std::move(message);
    ledger_.spooled(number);
    push(clock_.now(), std::move(copy));
}

// What the receiver of mta does with a message, with this spool.
void Simulation::store(std::size_t host, std::string report, const mta::Submission& submission) {
    const Host& where = network_.hosts()[host];
    const Domain& domain = network_.domains()[where.domain];
    const bool parameter =
        smtp::find_parameter(submission.envelope.mail_parameters, "REQUIRETLS") != nullptr;
    std::vector<mta::Message> messages = mta::make_messages(
        submission, domain.config, rules_, [this] { return fmt::format("{}", order_++); });
    for (mta::Message& message : messages) {
        // Who does not know the extension knows nothing of tags.
        if (!where.speaks_requiretls) message.tag = Tag::None;
        const auto about = number_of(message.envelope.recipients.front().forward_path);
        const auto by = number_of(message.envelope.reverse_path);
        const Number number = about ? *about : by.value();
        ledger_.tag_after_receipt(number, report, message.tag, parameter, where.speaks_requiretls);
        spool(host, number, report, std::move(message));
    }
}

bool Simulation::crashes(std::size_t host) {
    if (percent(random_) >= assumptions_.crashes) return false;
    ++outcome_.crashes;
    down_until_[host] = clock_.now() + restart;
    return true;
}

// The far end of a connection has a whole message.
std::optional<smtp::Reply> Simulation::take(Arrival arrival) {
    const Copy& copy = *sending_;
    const auto& parameters = arrival.received.envelope.mail_parameters;
    const bool parameter = smtp::find_parameter(parameters, "REQUIRETLS") != nullptr;
    const std::string_view where = arrival.by_attacker
                                       ? attackers_host
                                       : std::string_view(network_.hosts()[arrival.host].name);
    ledger_.note(copy.number, clock_.now(),
                 fmt::format("{} to {} over {}{}{}", copy.report.empty() ? "sent" : "report sent",
                             where, arrival.hop.encrypted ? "TLS" : "plaintext or old TLS",
                             parameter ? ", REQUIRETLS" : "",
                             arrival.hop.is_fit(rules_.edition()) ? "" : ", unfit"));
    ledger_.crossed(copy.number, copy.report, arrival.hop, parameter);
    if (arrival.refuses) return smtp::make_reply(451, {4, 3, 1}, "no room");
    ++outcome_.hops;
    if (arrival.by_attacker) {
        ledger_.intercepted(copy.number, copy.report);
        return smtp::make_reply(250, {2, 0, 0}, "mine");
    }
    const bool durable = below(random_, 2) == 0;
    const bool crash = crashes(arrival.host);
    if (crash && !durable) return std::nullopt;
    store(arrival.host, copy.report,
          {.envelope = std::move(arrival.received.envelope),
           .data = std::move(arrival.received.data),
           .peer_address = "192.0.2.1",
           .arrival = clock_.now()});
    if (!crash) return smtp::make_reply(250, {2, 0, 0}, "taken");
    ledger_.crashed(copy.number);
    return std::nullopt;
}

// One round of one message, as the queue of mta does it.
void Simulation::serve(std::unique_ptr<Copy> owned) {
    Copy& copy = *owned;
    if (down_until_[copy.host] > clock_.now())
        return push(down_until_[copy.host], std::move(owned));
    const Host& host = network_.hosts()[copy.host];
    const Domain& domain = network_.domains()[host.domain];
    sending_ = &copy;
    std::vector<std::optional<mta::RecipientResult>> results(copy.progress.fates.size());
    for (const mta::Group& group : mta::group_by_domain(copy.message, copy.progress)) {
        mta::GroupResults given;
        if (group.domain == domain.name) {
            ledger_.note(copy.number, clock_.now(),
                         copy.report.empty() ? "delivered" : "report delivered");
            given.assign(group.recipients.size(),
                         mta::make_result(mta::Outcome::Relayed, {2, 0, 0}, ""));
            for (std::size_t i = 0; i < given.size(); ++i) {
                ledger_.delivered(copy.number, copy.report);
            }
        } else {
            mta::Deliverer deliverer(domain.config, rules_, names_, wire_, log_);
            given = deliverer.deliver(copy.message, group);
        }
        for (std::size_t i = 0; i < given.size(); ++i) {
            results[group.recipients[i]] = std::move(given[i]);
        }
    }
    if (!settle(copy, results)) return push(copy.progress.next_attempt, std::move(owned));
    ledger_.finished(copy.number);
}

// True when nothing is left to do for the copy.
bool Simulation::settle(Copy& copy,
                        const std::vector<std::optional<mta::RecipientResult>>& results) {
    mta::Settlement settlement =
        mta::settle(copy.message, copy.progress, results, queue_, clock_.now());
    const bool before_bounce = below(random_, 2) == 0;
    const bool crash = crashes(copy.host);
    if (!crash || !before_bounce) {
        check_ends(copy, settlement, results);
        bounce(copy, settlement.failures);
    }
    if (crash) {
        // The spool holds the message as it was; the round is repeated after the restart.
        ledger_.crashed(copy.number);
        copy.message = mta::decode_message(mta::encode(copy.message)).value();
        copy.progress.next_attempt = down_until_[copy.host];
        copy.progress = mta::decode_progress(mta::encode(copy.progress)).value();
        return false;
    }
    copy.progress = std::move(settlement.progress);
    return copy.progress.is_finished();
}

// A recipient that ended in this round was relayed, or is reported, or is a report out of time.
void Simulation::check_ends(const Copy& copy, const mta::Settlement& settlement,
                            const std::vector<std::optional<mta::RecipientResult>>& results) {
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (!results[i] || settlement.progress.fates[i] != mta::Fate::Failed) continue;
        const bool reported = std::ranges::any_of(
            settlement.failures,
            [i](const mta::Failure& failure) { return failure.recipient == i; });
        const bool in_time = clock_.now() < copy.message.arrival + lifetime;
        ledger_.note(copy.number, clock_.now(),
                     fmt::format("{} at {}: {}", copy.report.empty() ? "failed" : "report failed",
                                 network_.hosts()[copy.host].name, results[i]->explanation));
        if (copy.report.empty()) {
            if (!reported) ledger_.vanished(copy.number);
        } else if (in_time) {
            ledger_.report_dropped(copy.number);
        } else {
            ledger_.report_expired(copy.number, copy.report);
        }
    }
}

void Simulation::bounce(const Copy& copy, const std::vector<mta::Failure>& failures) {
    if (failures.empty() || !copy.report.empty()) return;
    const std::string& hostname = network_.hosts()[copy.host].name;
    auto report = mta::make_bounce(copy.message, failures, rules_,
                                   {.hostname = hostname, .now = clock_.now(), .random = random_});
    if (!report) return ledger_.vanished(copy.number);
    const std::string id(message_id_of(report->data));
    ledger_.report_form(copy.number, report->envelope.reverse_path.is_null(),
                        report->data.find(secret) != std::string::npos);
    for (const mta::Failure& failure : failures) {
        ledger_.reported(copy.number, copy.message.id, failure.recipient, id);
    }
    report->id = fmt::format("{}", order_++);
    spool(copy.host, copy.number, id, std::move(*report));
}

}  // namespace

Outcome simulate(const Network& network, const Assumptions& assumptions,
                 const requiretls::Rules& rules, const Run& run) {
    return Simulation(network, assumptions, rules, run).run();
}

}  // namespace mailassay::simulate
