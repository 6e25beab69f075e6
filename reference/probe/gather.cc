#include "probe/gather.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "mta/hop_connection.h"

namespace mailassay::probe {

using requiretls::HostFacts;

void visit(const HostFacts& host, const mta::ClientSettings& settings, mta::Connector& connector,
           const std::function<void(SessionFacts)>& learnt) {
    mta::HopConnection connection(settings, connector, host);
    if (connection.life() == mta::HopConnection::Life::Alive) connection.protect();
    learnt({.end = connection.end(),
            .address = connection.address(),
            .greetings = connection.greetings(),
            .tls = connection.tls(),
            .refusal = connection.refusal(),
            .detail = connection.detail()});
    connection.leave(requiretls::Farewell::Quit);
}

Gathering::Gathering(const Sources& sources, const mta::ClientSettings& settings,
                     std::string domain)
    : sources_(sources), settings_(settings) {
    probe_.domain = std::move(domain);
    under_way_ = 1;
    finder_ = std::thread([this] { look_up(); });
}

Gathering::~Gathering() {
    {
        const std::lock_guard lock(mutex_);
        interrupted_ = true;
    }
    sources_.links.interrupt_all();
    finder_.join();
    for (std::thread& visitor : visitors_) visitor.join();
}

void Gathering::look_up() {
    const Validation validation = sources_.validation();
    net::Candidates found = sources_.next_hops.find(probe_.domain);
    PolicyFacts policy;
    if (found && !probe_.domain.starts_with('[')) {
        net::DomainPolicy published = sources_.policy_of(probe_.domain);
        if (published.state == net::PolicyState::Known) policy.policy = std::move(published.policy);
        policy.fault = std::move(published.fault);
    }
    const std::lock_guard lock(mutex_);
    probe_.validation = validation;
    probe_.policy = std::move(policy);
    if (!found) {
        probe_.hosts = std::unexpected(found.error());
    } else {
        std::ranges::sort(
            *found, {}, [](const HostFacts& host) { return std::tie(host.preference, host.host); });
        std::vector<HostProbe> hosts;
        for (HostFacts& host : *found) hosts.push_back({.facts = std::move(host), .session = {}});
        probe_.hosts = std::move(hosts);
        for (std::size_t index = 0; index < (*probe_.hosts)->size() && !interrupted_; ++index) {
            ++under_way_;
            visitors_.emplace_back([this, index] { visit_host(index); });
        }
    }
    --under_way_;
    changed_.notify_all();
}

void Gathering::visit_host(std::size_t index) {
    const HostFacts host = [&] {
        const std::lock_guard lock(mutex_);
        return (*probe_.hosts)->at(index).facts;
    }();
    visit(host, settings_, sources_.connector, [&](SessionFacts session) {
        const std::lock_guard lock(mutex_);
        // What an interruption looks like says nothing about the host.
        if (!interrupted_) (*probe_.hosts)->at(index).session = std::move(session);
    });
    const std::lock_guard lock(mutex_);
    --under_way_;
    changed_.notify_all();
}

DomainProbe Gathering::until(net::Deadline deadline) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, deadline, [this] { return under_way_ == 0; });
    return probe_;
}

bool Gathering::is_complete() const {
    const std::lock_guard lock(mutex_);
    return under_way_ == 0;
}

}  // namespace mailassay::probe
