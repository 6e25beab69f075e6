#include "secureheaders/render.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/ascii.h"

namespace mailassay::secureheaders {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t longest_shown = 2'000;

std::string_view to_word(crypto::SignatureState state) {
    switch (state) {
        case crypto::SignatureState::Good:
            return "good";
        case crypto::SignatureState::NoCertificate:
            return "no-certificate";
        case crypto::SignatureState::WrongSignature:
            return "wrong-signature";
        case crypto::SignatureState::WrongDigest:
            return "wrong-digest";
        case crypto::SignatureState::Unsupported:
            return "unsupported";
    }
    std::unreachable();
}

std::string_view to_word(crypto::ChainState state) {
    switch (state) {
        case crypto::ChainState::Trusted:
            return "trusted";
        case crypto::ChainState::NotTrusted:
            return "not-trusted";
        case crypto::ChainState::Expired:
            return "expired";
        case crypto::ChainState::NotYetValid:
            return "not-yet-valid";
        case crypto::ChainState::NotChecked:
            return "not-checked";
    }
    std::unreachable();
}

std::string_view to_word(Match match) {
    switch (match) {
        case Match::Same:
            return "same";
        case Match::Different:
            return "different";
        case Match::Missing:
            return "missing";
    }
    std::unreachable();
}

bool has_fault(const LayerResult& layer) {
    return std::ranges::any_of(layer.signers,
                               [](const SignerResult& signer) { return signer.fault.has_value(); });
}

std::string_view verdict_sentence(const MessageResult& result) {
    switch (result.outcome()) {
        case Outcome::Valid:
            // [rfc7508/4.5.2/22]
            return "The signature is valid, and the secured fields are as they were signed.";
        case Outcome::Invalid:
            if (std::ranges::any_of(result.layers, has_fault)) {
                return "INVALID: the secured fields can't be read.";
            }
            return "INVALID: the secured fields are not as they were signed.";
        case Outcome::SignatureInvalid:
            return "INVALID: the signature itself does not hold; nothing in it is believed.";
        case Outcome::NoSecureHeaders:
            return "The signature is valid and secures no header field.";
        case Outcome::NotSigned:
            return "The message is not signed.";
    }
    std::unreachable();
}

std::string sentence(const WarningReport& warning) {
    const std::string name = base::printable(warning.name, 200);
    switch (warning.warning) {
        case Warning::Missing:
            return fmt::format("{} was signed and is missing from the message", name);
        case Warning::Mismatch:
            return fmt::format("{} has another value than was signed", name);
        case Warning::Extra:
            return fmt::format("{} was added after signing", name);
        case Warning::NotSecured:
            return fmt::format("{} stands in the message and is not secured", name);
        case Warning::MandatoryUnsigned:
            return fmt::format("{} should have been secured and is not", name);
        case Warning::SignersDisagree:
            return "the signers secured different fields";
        case Warning::SignerWithout:
            return "one of the signers secured no fields";
    }
    std::unreachable();
}

std::string shown(std::string_view octets) {
    return base::printable(octets, longest_shown);
}

std::string listed(const std::vector<std::string>& names) {
    std::string all;
    for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
    return all;
}

void append_signer(std::string& out, const SignerResult& signer) {
    const auto& cms = signer.cms;
    out += fmt::format("signer   {}\n", cms.certificate ? shown(cms.certificate->subject())
                                                        : std::string("without a certificate"));
    out += fmt::format("         signature {}, chain {}{}, {} with {}, address {}\n",
                       to_word(cms.signature), to_word(cms.chain.state),
                       cms.chain.reason.empty() ? "" : " (" + shown(cms.chain.reason) + ")",
                       shown(cms.signature_algorithm), shown(cms.digest_algorithm),
                       to_string(signer.address));
    if (signer.address == AddressMatch::Differs) {
        // [rfc8550/3/10]
        out += fmt::format(
            "         warning: the certificate is for {}, and the message is from nobody of "
            "these\n",
            shown(listed(cms.certificate->mail_addresses())));
    }
    if (signer.fault) {
        out += fmt::format("         secured fields can't be read: {}\n", to_string(*signer.fault));
    }
    for (const Error& each : signer.tolerated) {
        out += fmt::format("         tolerated: {}\n", to_string(each));
    }
}

void append_comparison(std::string& out, const Comparison& comparison) {
    out += fmt::format("canonicalization {}\n", to_string(comparison.algorithm));
    std::size_t widest = 5;
    for (const FieldReport& field : comparison.fields) {
        widest = std::max(widest, std::min<std::size_t>(shown(field.secured.name).size(), 30));
    }
    // [rfc7508/4.5.2/4] [rfc7508/4.5.2/5] [rfc7508/4.5.2/30]
    out += fmt::format("\n  {:<9}  {:<10}  {:<{}}  signed value\n", "match", "status", "field",
                       widest);
    for (const FieldReport& field : comparison.fields) {
        out += fmt::format("  {:<9}  {:<10}  {:<{}}  {}\n", to_word(field.match),
                           to_string(field.secured.status), shown(field.secured.name), widest,
                           shown(field.secured.value));
        if (field.match == Match::Different) {
            out += fmt::format("  {:<9}  {:<10}  {:<{}}  {}\n", "", "", "", widest,
                               "now: " + shown(field.found));
        }
    }
    if (!comparison.warnings.empty()) out += "\n";
    for (const WarningReport& warning : comparison.warnings) {
        out += fmt::format("  warning: {}\n", sentence(warning));
    }
    out += "\n";
}

// UTF-8 as it is; anything else escaped, and told apart by nothing that a reader could mistake.
std::string text_of(std::string_view octets) {
    return base::is_utf8(octets) ? std::string(octets) : base::escape(octets, octets.size());
}

Json fault_json(const Error& error) {
    return {{"id", error.id},
            {"offset", error.offset},
            {"requirement", error.requirement},
            {"detail", text_of(error.detail)}};
}

Json signer_json(const SignerResult& signer) {
    Json json{{"signature", to_word(signer.cms.signature)},
              {"chain", to_word(signer.cms.chain.state)},
              {"subject", nullptr},
              {"serial", nullptr},
              {"digest_algorithm", signer.cms.digest_algorithm},
              {"signature_algorithm", signer.cms.signature_algorithm},
              {"address", to_string(signer.address)},
              {"mail_addresses", Json::array()},
              {"fault", nullptr},
              {"tolerated", Json::array()}};
    if (signer.cms.certificate) {
        json["subject"] = text_of(signer.cms.certificate->subject());
        json["serial"] = signer.cms.certificate->serial();
        for (const std::string& each : signer.cms.certificate->mail_addresses()) {
            json["mail_addresses"].push_back(text_of(each));
        }
    }
    if (signer.fault) json["fault"] = fault_json(*signer.fault);
    for (const Error& each : signer.tolerated) json["tolerated"].push_back(fault_json(each));
    return json;
}

Json comparison_json(const Comparison& comparison) {
    Json fields = Json::array();
    for (const FieldReport& field : comparison.fields) {
        fields.push_back({{"name", text_of(field.secured.name)},
                          {"value", text_of(field.secured.value)},
                          {"status", to_string(field.secured.status)},
                          {"match", to_word(field.match)},
                          {"found", field.match == Match::Missing ? Json(nullptr)
                                                                  : Json(text_of(field.found))}});
    }
    Json warnings = Json::array();
    for (const WarningReport& warning : comparison.warnings) {
        warnings.push_back(
            {{"warning", to_string(warning.warning)}, {"name", text_of(warning.name)}});
    }
    return {{"algorithm", to_string(comparison.algorithm)},
            {"fields", std::move(fields)},
            {"warnings", std::move(warnings)}};
}

}  // namespace

std::string to_text(const MessageResult& result) {
    std::string out;
    for (std::size_t i = 0; i < result.layers.size(); ++i) {
        const LayerResult& layer = result.layers[i];
        if (result.layers.size() > 1 || layer.layer == Layer::Outer) {
            out += fmt::format("signature {}, {}:\n", i + 1, to_string(layer.layer));
        }
        for (const SignerResult& signer : layer.signers) append_signer(out, signer);
        if (layer.comparison) append_comparison(out, *layer.comparison);
    }
    if (result.inside == Inside::Encrypted) {
        out += "The content is encrypted: what is signed in there has not been looked at.\n";
    }
    return out + fmt::format("{}\n", verdict_sentence(result));
}

std::string to_json(std::string_view file, Edition edition, const Result<MessageResult>& result) {
    Json json{{"schema", 1},
              {"file", text_of(file)},
              {"edition", to_string(edition)},
              {"outcome", result ? to_string(result->outcome()) : "unreadable"},
              {"error", result ? Json(nullptr) : fault_json(result.error())},
              {"inside", result ? Json(to_string(result->inside)) : Json(nullptr)},
              {"layers", Json::array()}};
    if (result) {
        for (const LayerResult& layer : result->layers) {
            Json signers = Json::array();
            for (const SignerResult& signer : layer.signers) signers.push_back(signer_json(signer));
            json["layers"].push_back(
                {{"layer", to_string(layer.layer)},
                 {"outcome", to_string(layer.outcome)},
                 {"signers", std::move(signers)},
                 {"secure_headers",
                  layer.comparison ? comparison_json(*layer.comparison) : Json(nullptr)}});
        }
    }
    return json.dump();
}

}  // namespace mailassay::secureheaders
