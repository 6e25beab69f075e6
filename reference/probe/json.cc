#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/clock.h"
#include "probe/advice.h"
#include "probe/render.h"
#include "probe/words.h"

namespace mailassay::probe {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t max_text = 500;     // octets of anything that a peer said
constexpr std::size_t max_records = 20;   // TLSA
constexpr std::size_t max_patterns = 20;  // of a policy

std::string plain(std::string_view words) {
    return base::escape(words, max_text);
}

Json text_or_null(std::string_view words) {
    return words.empty() ? Json(nullptr) : Json(plain(words));
}

Json time_or_null(const std::optional<std::chrono::sys_seconds>& time) {
    return time ? Json(base::to_timestamp(*time)) : Json(nullptr);
}

std::string hexadecimal(std::string_view octets) {
    std::string text;
    for (const char c : octets.substr(0, 64)) {
        text += fmt::format("{:02x}", static_cast<unsigned char>(c));
    }
    return octets.size() > 64 ? text + "..." : text;
}

Json records_of(const requiretls::HostFacts& host) {
    Json records = Json::array();
    for (const auto& record : host.tlsa_records) {
        if (records.size() == max_records) break;
        records.push_back(fmt::format("{} {} {} {}", record.usage, record.selector,
                                      record.matching_type, hexadecimal(record.data)));
    }
    return records;
}

Json policy_json(const PolicyFacts& policy) {
    Json patterns = Json::array();
    if (policy.policy) {
        for (const std::string& pattern : policy.policy->mx) {
            if (patterns.size() == max_patterns) break;
            patterns.push_back(plain(pattern));
        }
    }
    const Json mode = policy.policy ? Json(word_for(policy.policy->mode)) : Json(nullptr);
    const Json fault = policy.fault ? Json(plain(to_string(*policy.fault))) : Json(nullptr);
    return {{"mode", mode}, {"mx", patterns}, {"fault", fault}};
}

Json certificate_json(const std::optional<requiretls::CertificateFacts>& certificate) {
    if (!certificate) return nullptr;
    Json names = Json::array();
    for (const std::string& name : certificate->names) names.push_back(plain(name));
    return {{"names", names},
            {"issuer", plain(certificate->issuer)},
            {"not_before", time_or_null(certificate->not_before)},
            {"not_after", time_or_null(certificate->not_after)}};
}

Json session_json(const std::optional<SessionFacts>& session) {
    if (!session) return nullptr;
    const auto& [in_plaintext, in_tls] = session->greetings;
    return {{"end", word_for(session->end)},
            {"detail", text_or_null(session->detail)},
            {"address", text_or_null(session->address)},
            {"starttls_offered", in_plaintext.has("STARTTLS")},
            {"tls", word_for(session->tls.outcome)},
            {"tls_detail", text_or_null(session->tls.detail)},
            {"tls_version", word_for(session->tls.version)},
            {"cipher", text_or_null(session->tls.cipher)},
            {"authentication", word_for(session->tls.authentication)},
            {"certificate_fault", word_for(session->tls.fault)},
            {"certificate", certificate_json(session->tls.certificate)},
            {"requiretls_in_plaintext", in_plaintext.has("REQUIRETLS")},
            {"requiretls_in_tls", in_tls && in_tls->has("REQUIRETLS")}};
}

Json advice_json(const Advice& advice) {
    return {{"problem", text_or_null(advice.problem)}, {"fix", text_or_null(advice.fix)}};
}

Json host_json(const DomainProbe& domain, const HostProbe& probe, const HostAssessment& found) {
    const requiretls::HostFacts& host = probe.facts;
    Json addresses = host.addresses;
    Json json{{"host", plain(host.host)},
              {"preference", host.preference},
              {"lookup", host.lookup == requiretls::Lookup::Mx ? "mx" : "address"},
              {"mx_security", word_for(host.mx_security)},
              {"mta_sts", word_for(host.sts.match)},
              {"alias_of", text_or_null(host.canonical_name)},
              {"addresses", addresses},
              {"tlsa", word_for(host.tlsa)},
              {"tlsa_base", text_or_null(host.tlsa_base)},
              {"tlsa_records", records_of(host)},
              {"session", session_json(probe.session)},
              {"outcome", name_of(found.outcome)},
              {"finding", name_of(found.finding)}};
    json.update(advice_json(advise(domain, probe, found.finding)));
    return json;
}

}  // namespace

std::string to_json(const DomainProbe& domain, const DomainAssessment& assessment,
                    requiretls::Edition edition) {
    Json hosts = Json::array();
    for (std::size_t i = 0; i < assessment.hosts.size(); ++i) {
        hosts.push_back(host_json(domain, (*domain.hosts)->at(i), assessment.hosts[i]));
    }
    const auto host_or_null = [&](const std::optional<std::size_t>& index) {
        return index ? hosts.at(*index).at("host") : Json(nullptr);
    };
    Json json{{"schema", 1},
              {"domain", plain(domain.domain)},
              {"edition", word_for(edition)},
              {"port", domain.port},
              {"dnssec_validated", domain.validation == Validation::On},
              {"outcome", name_of(assessment.outcome)},
              {"through", host_or_null(assessment.through)},
              {"nearest", host_or_null(assessment.nearest)},
              {"finding", name_of(assessment.finding)}};
    json.update(advice_json(advise(domain, assessment.finding)));
    json["mta_sts"] = policy_json(domain.policy);
    json["hosts"] = std::move(hosts);
    return json.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace mailassay::probe
