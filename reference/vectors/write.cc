#include "vectors/write.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/ascii.h"

namespace mailassay::vectors {

namespace {

using Json = nlohmann::ordered_json;
using secureheaders::Match;
using secureheaders::Policies;
using secureheaders::Policy;

std::string_view word(Match match) {
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

Json policy_json(const Policy& policy, bool names_algorithm = true) {
    Json json;
    if (names_algorithm) json["algorithm"] = secureheaders::to_string(policy.algorithm);
    json["shared"] = policy.sharing == secureheaders::Sharing::Shared;
    if (!policy.mandatory.empty()) json["mandatory"] = policy.mandatory;
    for (const auto& [name, status] : policy.secured)
        json["secured"][name] = secureheaders::to_string(status);
    return json;
}

bool same_fields(const Policy& a, const Policy& b) {
    return std::ranges::equal(a.secured, b.secured);
}

Json policies_json(const Policies& policies) {
    Json json = policy_json(policies.inner);
    if (!same_fields(policies.inner, policies.outer)) json["outer"] = policy_json(policies.outer);
    return json;
}

Json fields_json(const std::vector<secureheaders::FieldReport>& fields, bool with_match) {
    Json list = Json::array();
    for (const auto& field : fields) {
        Json json{{"name", field.secured.name},
                  {"value", field.secured.value},
                  {"status", secureheaders::to_string(field.secured.status)}};
        if (with_match) json["match"] = word(field.match);
        list.push_back(std::move(json));
    }
    return list;
}

Json expected_json(const Expected& expected, bool with_match) {
    Json json{{"outcomes", expected.outcomes}};
    for (const auto& [word, reading] : expected.readings)
        json["readings"][std::string(word)] = reading;
    for (const auto& [warning, name] : expected.warnings) {
        json["warnings"].push_back(
            {{"warning", secureheaders::to_string(warning)}, {"name", name}});
    }
    for (const auto warning : expected.silent)
        json["silent"].push_back(secureheaders::to_string(warning));
    if (expected.algorithm) json["algorithm"] = secureheaders::to_string(*expected.algorithm);
    if (expected.fields) json["fields"] = fields_json(*expected.fields, with_match);
    if (expected.address) json["address"] = secureheaders::to_string(*expected.address);
    if (!expected.unaware.empty()) json["unaware"] = expected.unaware;
    return json;
}

std::string id_of(const Common& common, std::string_view operation) {
    return "secure-headers/" + std::string(operation) + "/" +
           std::string(secureheaders::to_string(common.edition)) + "/" + common.name;
}

std::string file_of(const Common& common, std::string_view operation) {
    return "messages/" + std::string(operation) + "/" +
           std::string(secureheaders::to_string(common.edition)) + "/" + common.name + ".eml";
}

// What stands before `input` and behind it.
Json begun(const Common& common, std::string_view operation, std::string_view role) {
    return {{"id", id_of(common, operation)},
            {"case", "secure-headers/" + std::string(role) + "/" + common.case_slug},
            {"edition", secureheaders::to_string(common.edition)},
            {"requirement", common.requirement},
            {"flags", common.flags}};
}

Json ended(Json json, const Common& common, bool with_match) {
    json["expected"] = expected_json(common.expected, with_match);
    json["reason"] = common.reason;
    json["note"] = common.note;
    return json;
}

Json verify_json(const VerifyVector& vector) {
    Json json = begun(vector.common, "verify", "verifier");
    Json input{{"message", file_of(vector.common, "verify")},
               {"trust", Json::array()},
               {"time", vector.time}};
    for (const std::string& name : vector.trust) input["trust"].push_back("keys/" + name + ".pem");
    // A policy that lists nothing is none.
    if (vector.policies && !vector.policies->inner.secured.empty()) {
        input["policy"] = policies_json(*vector.policies);
    }
    if (!vector.opener.empty()) {
        input["certificate"] = "keys/" + vector.opener + ".pem";
        input["key"] = "keys/" + vector.opener + ".key.pem";
    }
    json["input"] = std::move(input);
    return ended(std::move(json), vector.common, true);
}

Json signer_json(std::string_view words) {
    const std::string name(words.substr(0, words.find('+')));
    return {{"certificate", "keys/" + name + ".pem"}, {"key", "keys/" + name + ".key.pem"}};
}

Json sign_json(const SignVector& vector) {
    const bool beside = vector.place == Place::Beside;
    Json json = begun(vector.common, "sign", beside ? "gateway" : "signer");
    const bool default_algorithm =
        std::ranges::find(vector.common.flags, "default-algorithm") != vector.common.flags.end();
    Json input{{"message", file_of(vector.common, "sign")},
               {"encapsulation",
                vector.encapsulation == crypto::Encapsulation::Detached ? "detached" : "opaque"},
               {"signers", Json::array()},
               {"time", signing_time},
               {"policy", policy_json(vector.policy, !default_algorithm)}};
    for (const std::string& words : vector.signers) input["signers"].push_back(signer_json(words));
    if (beside) input["place"] = "beside";
    if (vector.outer) {
        input["policy"]["outer"] = policy_json(*vector.outer);
        input["layer"] = secureheaders::to_string(vector.layer);
    }
    json["input"] = std::move(input);
    return ended(std::move(json), vector.common, false);
}

std::string file(Json vectors) {
    return Json{{"schema", 1}, {"vectors", std::move(vectors)}}.dump(1, ' ',
                                                                     /*ensure_ascii=*/true) +
           "\n";
}

}  // namespace

std::map<std::string, std::string> to_files(const VectorSet& set) {
    std::map<std::string, std::string> files;
    Json verify = Json::array();
    for (const VerifyVector& vector : set.verify) {
        verify.push_back(verify_json(vector));
        files[file_of(vector.common, "verify")] = vector.message;
    }
    Json sign = Json::array();
    for (const SignVector& vector : set.sign) {
        sign.push_back(sign_json(vector));
        files[file_of(vector.common, "sign")] = vector.message;
    }
    files["verify.json"] = file(std::move(verify));
    files["sign.json"] = file(std::move(sign));
    return files;
}

}  // namespace mailassay::vectors
