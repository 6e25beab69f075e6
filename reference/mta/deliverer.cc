#include "mta/deliverer.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/ascii.h"
#include "mta/outgoing.h"

namespace mailassay::mta {

using requiretls::Fitness;
using requiretls::HostFacts;
using requiretls::HostVerdict;

namespace {

std::string_view describe(requiretls::LookupFailure failure) {
    switch (failure) {
        case requiretls::LookupFailure::Temporary:
        case requiretls::LookupFailure::Bogus:
            return "The name servers gave no usable answer for the domain.";
        case requiretls::LookupFailure::NoSuchDomain:
            return "The domain does not exist.";
        case requiretls::LookupFailure::NullMx:
            return "The domain takes no mail.";
    }
    return "";
}

// No name server was asked for it, so none can have lied; what is left to prove is its name.
HostFacts facts_of(const Store& store) {
    HostFacts host;
    host.domain = store.domain;
    host.host = base::to_lower(store.host);
    host.lookup = requiretls::Lookup::Address;
    host.addresses = {store.address.address};
    return host;
}

ClientSettings settings_for(const Store& store, ClientSettings settings) {
    settings.port = store.address.port;
    settings.protocol = smtp::Protocol::Lmtp;  // [rfc8689/2/4]
    return settings;
}

}  // namespace

// The recipients of one group on their way through the hosts.
class Deliverer::Round {
  public:
    Round(const Message& message, const Group& group)
        : sending_(sending_of(message)),
          left_(group.recipients),
          results_(group.recipients.size()) {
        for (std::size_t slot = 0; slot < left_.size(); ++slot) slots_.push_back(slot);
    }

    [[nodiscard]] const requiretls::Sending& sending() const { return sending_; }
    [[nodiscard]] const std::vector<std::size_t>& left() const { return left_; }
    [[nodiscard]] bool is_finished() const { return left_.empty(); }

    // A host that took up the message: who was deferred may do better at the next one.
    void settle(GroupResults results) {
        std::vector<std::size_t> left;
        std::vector<std::size_t> slots;
        for (std::size_t index = 0; index < results.size(); ++index) {
            if (results[index].outcome == Outcome::Deferred) {
                left.push_back(left_[index]);
                slots.push_back(slots_[index]);
            }
            results_[slots_[index]] = std::move(results[index]);
        }
        left_ = std::move(left);
        slots_ = std::move(slots);
        was_taken_up_ = true;
    }
    void note(const HostFacts& host, const HostOutcome& outcome) {
        verdicts_.push_back(outcome.verdict);
        explanations_ += fmt::format("{}{}: {}.", explanations_.empty() ? "" : " ", host.host,
                                     describe(outcome.verdict.reason));
        last_host_ = host.host;
        if (outcome.refusal && outcome.refusal->is_permanent()) {
            ++greeted_with_refusal_;
            refusal_ = outcome.refusal;
        }
    }
    // No host is left: what becomes of those still without a fate.
    void close(const requiretls::Rules& rules) {
        // Who was deferred by a fit host is tried again, whatever the others were.
        if (is_finished() || was_taken_up_) return;
        if (refusal_ && greeted_with_refusal_ == verdicts_.size()) {
            return fill(result_of(*refusal_, last_host_));
        }
        const auto [fate, status] = rules.after_last_host(sending_, verdicts_);
        RecipientResult result = with_fate(
            make_result(Outcome::Deferred, status, "No host could be used. " + explanations_),
            fate);
        if (verdicts_.size() == 1) result.remote_mta = last_host_;
        fill(result);
    }
    void fill(const RecipientResult& result) {
        for (const std::size_t slot : slots_) results_[slot] = result;
    }
    [[nodiscard]] GroupResults take() { return std::move(results_); }

  private:
    requiretls::Sending sending_;
    std::vector<std::size_t> left_;   // recipients without a final fate
    std::vector<std::size_t> slots_;  // their places in results_
    GroupResults results_;
    std::vector<HostVerdict> verdicts_;
    std::string explanations_;
    std::string last_host_;
    std::optional<smtp::Reply> refusal_;
    std::size_t greeted_with_refusal_ = 0;
    bool was_taken_up_ = false;
};

GroupResults Deliverer::deliver(const Message& message, const Group& group) {
    Round round(message, group);
    if (const Store* store = find_store(config_, group.domain)) {
        try_hosts(message, {facts_of(*store)}, settings_for(*store, config_.client), round);
        return finish(message, group, round);
    }
    auto found = next_hops_.find(group.domain);
    if (!found) {
        const auto [fate, status] = rules_.judge_failed_lookup(round.sending(), found.error());
        round.fill(with_fate(
            make_result(Outcome::Deferred, status, std::string(describe(found.error()))), fate));
    } else if (auto hosts = without_ourselves(std::move(*found)); hosts.empty()) {
        // RFC 5321 section 5.1: we are the best host for the domain, and have no mailboxes.
        round.fill(make_result(Outcome::Failed, {.cls = 5, .subject = 4, .detail = 6},
                               "The mail of the domain loops back to this host."));
    } else {
        try_hosts(message, rules_.candidates(round.sending(), std::move(hosts)), config_.client,
                  round);
    }
    return finish(message, group, round);
}

GroupResults Deliverer::finish(const Message& message, const Group& group, Round& round) {
    GroupResults results = round.take();
    log_results(message, group, results);
    return results;
}

// One host after the other until every recipient has a final fate. [rfc8689/4.2.1/9]
void Deliverer::try_hosts(const Message& message, const std::vector<HostFacts>& hosts,
                          const ClientSettings& settings, Round& round) {
    HopSession hop(settings, rules_, connector_, log_);
    for (const HostFacts& host : hosts) {
        HostOutcome outcome;
        outcome.verdict = rules_.judge_host(round.sending(), host);
        if (outcome.verdict.fitness == Fitness::Fit) {
            outcome = hop.attempt(message, round.left(), host);
        }
        if (outcome.results) {
            round.settle(std::move(*outcome.results));
            if (round.is_finished()) return;
            continue;
        }
        log_.event("host-unfit", {{"id", message.id},
                                  {"host", host.host},
                                  {"reason", std::string(describe(outcome.verdict.reason))},
                                  {"detail", base::escape(outcome.detail)}});
        round.note(host, outcome);
        const auto next = rules_.after_host(round.sending(), outcome.verdict);
        if (next == requiretls::AfterHost::GiveUp) break;
    }
    round.close(rules_);
}

// RFC 5321 section 5.1: nothing may be sent to a host that is no better than this one.
std::vector<HostFacts> Deliverer::without_ourselves(std::vector<HostFacts> hosts) const {
    const auto self = std::find_if(hosts.begin(), hosts.end(), [this](const HostFacts& host) {
        return base::equals_ignore_case(host.host, config_.server.hostname);
    });
    if (self == hosts.end()) return hosts;
    const std::uint16_t own = self->preference;
    std::erase_if(hosts, [own](const HostFacts& host) { return host.preference >= own; });
    return hosts;
}

void Deliverer::log_results(const Message& message, const Group& group,
                            const GroupResults& results) {
    for (std::size_t index = 0; index < results.size(); ++index) {
        const RecipientResult& result = results[index];
        const smtp::Path& path =
            message.envelope.recipients.at(group.recipients.at(index)).forward_path;
        std::string_view event = "deferred";
        if (result.outcome == Outcome::Relayed) event = "relayed";
        if (result.outcome == Outcome::Failed) event = "failed";
        if (result.outcome == Outcome::Dropped) event = "dropped";
        log_.event(event, {{"id", message.id},
                           {"recipient", path.address()},
                           {"host", result.remote_mta.value_or("")},
                           {"status", dsn::to_string(result.status)},
                           {"explanation", result.explanation}});
    }
}

}  // namespace mailassay::mta
