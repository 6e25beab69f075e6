#include "net/policies.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "net/addresses.h"

namespace mailassay::net {
namespace {

// What the TXT records at _mta-sts.<domain> come to.
enum class Announcement : std::uint8_t { None, Unknown, Present };
struct Announced {
    Announcement kind = Announcement::None;
    std::string id = {};
    std::optional<Error> fault = {};
};

// The character-strings of a TXT record, joined (RFC 8461 section 3.1).
std::string text_from(std::string_view rdata) {
    std::string text;
    while (!rdata.empty()) {
        const auto length = static_cast<unsigned char>(rdata.front());
        text += rdata.substr(1, length);
        rdata.remove_prefix(std::min(rdata.size(), std::size_t{length} + 1));
    }
    return text;
}

Announced announcement_in(const Answer& answer) {
    if (answer.kind == AnswerKind::Failure) {
        const bool bogus = answer.security == requiretls::DnsSecurity::Bogus;
        return {.kind = Announcement::Unknown,
                .fault = Error{bogus ? "net.policy.record-bogus" : "net.policy.record-unanswered"}};
    }
    // Records of something else are passed over; of MTA-STS there has to be exactly one, and that
    // without a fault (RFC 8461 section 3.1).
    std::vector<Result<std::string>> ids;
    for (const std::string& rdata : answer.rdata) {
        auto id = requiretls::parse_sts_record(text_from(rdata));
        const bool is_another = !id && id.error().id == "requiretls.sts.record-version";
        if (!is_another) ids.push_back(std::move(id));
    }
    if (ids.empty()) return {};
    if (ids.size() > 1) return {.fault = Error{"net.policy.several-records"}};
    if (!ids.front()) return {.fault = ids.front().error()};
    return {.kind = Announcement::Present, .id = *ids.front()};
}

DomainPolicy as_domain_policy(const Result<requiretls::StsPolicy>& policy) {
    if (!policy) return {.state = PolicyState::Unavailable, .fault = policy.error()};
    return {.state = PolicyState::Known, .policy = *policy};
}

}  // namespace

Policies::Policies(std::shared_ptr<const Dns> dns, HttpsGet get, Settings settings,
                   const base::Clock& clock)
    : dns_(std::move(dns)), get_(std::move(get)), settings_(std::move(settings)), clock_(clock) {}

DomainPolicy Policies::of(const std::string& domain) const {
    const Announced announced =
        announcement_in(dns_->look_up("_mta-sts." + domain, RecordType::Txt));
    const std::optional<Cached> known = cached(domain);
    // A policy stays in force until it runs out, whatever becomes of its record (section 3.3).
    const bool holds =
        known && (announced.kind != Announcement::Present || announced.id == known->id);
    if (holds && (known->policy || announced.kind == Announcement::Present)) {
        return as_domain_policy(known->policy);
    }
    if (announced.kind == Announcement::None) return {.fault = announced.fault};
    if (announced.kind == Announcement::Unknown) {
        return {.state = PolicyState::Unavailable, .fault = announced.fault};
    }

    const auto fetched = fetch(domain);
    if (fetched) {
        keep(domain, {announced.id, *fetched, clock_.now() + fetched->max_age});
        return as_domain_policy(fetched);
    }
    if (known && known->policy) return as_domain_policy(known->policy);
    keep(domain, {announced.id, fetched, clock_.now() + settings_.retry});
    return as_domain_policy(fetched);
}

std::optional<Policies::Cached> Policies::cached(const std::string& domain) const {
    const std::lock_guard lock(mutex_);
    const auto found = cache_.find(domain);
    if (found == cache_.end() || found->second.until <= clock_.now()) return std::nullopt;
    return found->second;
}

void Policies::keep(const std::string& domain, Cached entry) const {
    const std::lock_guard lock(mutex_);
    if (cache_.size() >= settings_.max_cached) {
        std::erase_if(cache_,
                      [now = clock_.now()](const auto& each) { return each.second.until <= now; });
    }
    // Without room a policy is fetched again next time: slower, and as safe.
    if (cache_.size() < settings_.max_cached || cache_.contains(domain)) {
        cache_[domain] = std::move(entry);
    }
}

Result<requiretls::StsPolicy> Policies::fetch(const std::string& domain) const {
    HttpsRequest request;
    request.host = "mta-sts." + domain;
    request.path = "/.well-known/mta-sts.txt";
    request.addresses = addresses_of(*dns_, request.host).found;
    request.ca_file = settings_.ca_file;
    request.trust = settings_.trust;
    request.media_type = "text/plain";
    request.max_octets = requiretls::max_policy_octets;
    const auto body = get_(request);
    if (!body) return std::unexpected(body.error());
    return requiretls::parse_sts_policy(*body);
}

}  // namespace mailassay::net
