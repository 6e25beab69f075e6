#include "dkim/verify.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <string>

#include "base/ascii.h"
#include "crypto/hash.h"
#include "dkim/canonical.h"

namespace mailassay::dkim {

namespace {

// Clocks differ (RFC 6376 section 3.5, t=).
constexpr base::Duration drift = std::chrono::minutes(5);

bool is_in_time(const Signature& signature, base::TimePoint at) {
    return (!signature.expires || at <= *signature.expires) &&
           (!signature.made || *signature.made <= at + drift);
}

bool fits(const KeyRecord& record, const Signature& signature) {
    const bool is_rsa = signature.algorithm == Algorithm::RsaSha256;
    const bool is_kind =
        record.key.kind() == (is_rsa ? crypto::KeyKind::Rsa : crypto::KeyKind::Ed25519);
    return is_kind && (!record.is_for_domain_alone ||
                       base::equals_ignore_case(signature.agent.domain, signature.domain));
}

class Verifier {
  public:
    Verifier(const imf::HeaderSection& header, std::string_view body, const Keys& keys,
             base::TimePoint at)
        : header_(header), body_(body), keys_(keys), at_(at) {}

    Report verified(const imf::HeaderField& field) {
        auto signature = parse_signature(field.body);
        if (!signature) return {.state = State::Malformed, .fault = signature.error()};
        Report report{.signature = *signature};
        report.state = state_of(field, *signature, report.fault);
        return report;
    }

  private:
    State state_of(const imf::HeaderField& field, const Signature& signature,
                   std::optional<Error>& fault) {
        if (!is_in_time(signature, at_)) return State::NotInTime;
        const auto found = keys_.find(key_name(signature));
        if (found == keys_.end()) return State::NoKey;
        const auto record = parse_key(found->second);
        if (!record) fault = record.error();
        if (!record || !fits(*record, signature)) return State::UnfitKey;
        const std::string_view content = content_by(signature.of_body);
        const std::uint64_t length = signature.length.value_or(content.size());
        if (length > content.size() ||
            crypto::sha256(content.substr(0, length)) != signature.body_hash) {
            return State::WrongBody;
        }
        const std::string covered =
            canonical_header(header_, signature.fields, field, signature.of_header);
        if (!record->key.verifies(covered, signature.value)) return State::WrongSignature;
        return length < content.size() ? State::PartOfBody : State::Good;
    }

    const std::string& content_by(imf::Canonicalization algorithm) {
        const auto [place, is_new] = contents_.try_emplace(algorithm);
        if (is_new) place->second = canonical_content(body_, algorithm);
        return place->second;
    }

    const imf::HeaderSection& header_;
    std::string_view body_;
    const Keys& keys_;
    base::TimePoint at_;
    std::map<imf::Canonicalization, std::string> contents_ = {};
};

}  // namespace

bool Report::covers(std::string_view name, const imf::HeaderSection& header) const {
    if (!signature) return false;
    const auto named = std::ranges::count_if(signature->fields, [&](const std::string& each) {
        return base::equals_ignore_case(each, name);
    });
    const std::size_t there = header.count(name);
    return there > 0 && static_cast<std::size_t>(named) >= there;
}

std::vector<Report> verify(const imf::HeaderSection& header, std::string_view body,
                           const Keys& keys, base::TimePoint at) {
    Verifier verifier(header, body, keys, at);
    std::vector<Report> reports;
    for (const imf::HeaderField* field : header.find_all(signature_field)) {
        if (reports.size() == max_signatures) break;
        reports.push_back(verifier.verified(*field));
    }
    return reports;
}

}  // namespace mailassay::dkim
