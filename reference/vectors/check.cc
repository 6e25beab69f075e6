#include "vectors/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/clock.h"
#include "base/random.h"
#include "dca/wrapped.h"
#include "secureheaders/add_signature.h"
#include "secureheaders/sign.h"
#include "secureheaders/verify.h"

namespace mailassay::vectors {

namespace {

using secureheaders::FieldReport;
using secureheaders::MessageResult;
using secureheaders::Outcome;

// What is wrong with a signer's signature; empty: nothing.
std::string fault_of(const crypto::SignerReport& signer) {
    switch (signer.signature) {
        case crypto::SignatureState::NoCertificate:
            return "no-certificate";
        case crypto::SignatureState::WrongSignature:
            return "wrong-signature";
        case crypto::SignatureState::WrongDigest:
            return "wrong-digest";
        case crypto::SignatureState::Unsupported:
            return "unsupported";
        case crypto::SignatureState::Good:
            break;
    }
    switch (signer.chain.state) {
        case crypto::ChainState::NotTrusted:
            return "not-trusted";
        case crypto::ChainState::Expired:
            return "expired";
        case crypto::ChainState::NotYetValid:
            return "not-yet-valid";
        case crypto::ChainState::NotChecked:
            return "not-checked";
        case crypto::ChainState::Trusted:
            break;
    }
    return "";
}

// The first thing that makes the message invalid.
std::string reason_of(const MessageResult& result) {
    const secureheaders::StandardRules rules;
    for (const auto& layer : result.layers) {
        for (const auto& signer : layer.signers) {
            if (auto fault = fault_of(signer.cms); !fault.empty()) return fault;
            if (signer.fault) return std::string(signer.fault->id);
        }
        if (!layer.comparison) continue;
        for (const auto& warning : layer.comparison->warnings) {
            if (rules.invalidates(warning.warning)) return std::string(to_string(warning.warning));
        }
    }
    return "";
}

std::vector<FieldReport> fields_of(const MessageResult& result) {
    std::vector<FieldReport> fields;
    for (const auto& layer : result.layers) {
        if (!layer.comparison) continue;
        std::ranges::copy(layer.comparison->fields, std::back_inserter(fields));
    }
    return fields;
}

// Without order: a SET OF has none.
std::multiset<std::string> told(const std::vector<FieldReport>& fields) {
    std::multiset<std::string> lines;
    for (const FieldReport& field : fields) {
        lines.insert(fmt::format("{}:{} {} {}", field.secured.name, field.secured.value,
                                 to_string(field.secured.status), static_cast<int>(field.match)));
    }
    return lines;
}

class Judge {
  public:
    explicit Judge(const Material& material) : material_(material) {}

    void verify(const VerifyVector& vector) {
        secureheaders::Verification verification{
            .policies = vector.policies.value_or(secureheaders::Policies{}),
            .trust = {.anchors = {}, .at = *base::from_timestamp(vector.time)},
            .edition = vector.common.edition};
        for (const std::string& name : vector.trust) {
            verification.trust.anchors.push_back(material_.certificates.at(name));
        }
        const auto result = verified(vector, verification);
        const std::string_view came = result ? to_string(result->outcome()) : outcome::unreadable;
        compare(vector.common, "outcome", vector.common.expected.outcomes.front(), came);
        const std::string reason = result ? reason_of(*result) : std::string(result.error().id);
        compare(vector.common, "reason", vector.common.reason, reason);
        if (result) judge_telling(vector.common, *result);
    }

    void sign(const SignVector& vector) {
        const secureheaders::Policies policies{.inner = vector.policy,
                                               .outer = vector.outer.value_or(vector.policy)};
        secureheaders::Signing signing{.policy = rules_.part(policies, vector.layer),
                                       .edition = vector.common.edition,
                                       .encapsulation = vector.encapsulation,
                                       .signers = {},
                                       .chain = {}};
        for (const std::string& words : vector.signers) {
            signing.signers.push_back(material_.signer(words));
        }
        base::SeededRandom random(1);
        const auto made =
            vector.place == Place::Beside
                ? secureheaders::add_signature(vector.message, signing, rules_)
                : secureheaders::sign_message(vector.message, signing, rules_, random);
        const std::string_view wanted = vector.common.expected.outcomes.front();
        const std::string reason = made ? std::string() : std::string(made.error().id);
        compare(vector.common, "outcome", wanted, made ? outcome::made : outcome::refused);
        compare(vector.common, "reason", vector.common.reason, reason);
        if (!made) return;
        secureheaders::Verification verification{
            .policies = {},
            .trust = {.anchors = {material_.certificates.at("root")},
                      .at = *base::from_timestamp(verifying_time)},
            .edition = vector.common.edition};
        const auto result = secureheaders::verify_message(*made, verification, rules_);
        const std::string came =
            result ? std::string(to_string(result->outcome())) : to_string(result.error());
        compare(vector.common, "outcome", outcome::valid, came);
        if (result) judge_telling(vector.common, *result);
    }

    void name(const Common& common, std::string_view operation) {
        const auto key = fmt::format("{} {}", operation, where(common));
        if (!names_.insert(key).second) lines.push_back(where(common) + ": stands twice");
    }

    std::vector<std::string> lines;

  private:
    static std::string where(const Common& common) {
        return fmt::format("{}/{}", secureheaders::to_string(common.edition), common.name);
    }

    void compare(const Common& common, std::string_view what, std::string_view wanted,
                 std::string_view came) {
        if (wanted == came) return;
        lines.push_back(
            fmt::format("{}: {} should be '{}', and is '{}'", where(common), what, wanted, came));
    }

    Result<MessageResult> verified(const VerifyVector& vector,
                                   const secureheaders::Verification& verification) const {
        if (vector.opener.empty()) {
            return secureheaders::verify_message(vector.message, verification, rules_);
        }
        const dca::Decryption opener{.key = material_.keys.at(vector.opener),
                                     .certificate = material_.certificates.at(vector.opener),
                                     .edition = verification.edition};
        return dca::verify_wrapped(vector.message, verification, opener, rules_,
                                   dca::StandardRules());
    }

    void judge_telling(const Common& common, const MessageResult& result) {
        std::vector<secureheaders::WarningReport> given;
        for (const auto& layer : result.layers) {
            if (!layer.comparison) continue;
            std::ranges::copy(layer.comparison->warnings, std::back_inserter(given));
        }
        for (const auto& [warning, name] : common.expected.warnings) {
            const bool found = std::ranges::any_of(given, [&](const auto& each) {
                return each.warning == warning && base::equals_ignore_case(each.name, name);
            });
            if (!found) compare(common, "warnings", to_string(warning), "none of " + name);
        }
        for (const auto warning : common.expected.silent) {
            const bool found = std::ranges::any_of(
                given, [&](const auto& each) { return each.warning == warning; });
            if (found) compare(common, "silence", "", to_string(warning));
        }
        for (const auto& layer : result.layers) {
            if (!common.expected.address) break;
            compare(common, "address", to_string(*common.expected.address),
                    to_string(layer.signers.front().address));
        }
        if (common.expected.fields && told(*common.expected.fields) != told(fields_of(result))) {
            lines.push_back(where(common) + ": other fields than it says");
        }
    }

    const Material& material_;
    const secureheaders::StandardRules rules_;
    std::set<std::string> names_;
};

}  // namespace

std::vector<std::string> disagreements(const VectorSet& set, const Material& material) {
    Judge judge(material);
    for (const VerifyVector& vector : set.verify) {
        judge.name(vector.common, "verify");
        judge.verify(vector);
    }
    for (const SignVector& vector : set.sign) {
        judge.name(vector.common, "sign");
        judge.sign(vector);
    }
    return std::move(judge.lines);
}

}  // namespace mailassay::vectors
