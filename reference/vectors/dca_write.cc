#include "vectors/dca_write.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "base/ascii.h"
#include "vectors/dca_author.h"

namespace mailassay::vectors {

namespace {

using Json = nlohmann::ordered_json;

// The message of a vector, or with another ending what comes out of it.
std::string file_of(const DcaCommon& common, std::string_view operation,
                    std::string_view ending = ".eml") {
    return fmt::format("messages/{}/{}/{}{}", operation, secureheaders::to_string(common.edition),
                       common.name, ending);
}

std::string certificate_file(std::string_view name) {
    return fmt::format("keys/{}.pem", name);
}

Json faults_json(const NameFaults& faults) {
    Json json = Json::array();
    for (const dca::NameFault fault : faults) json.push_back(dca::to_string(fault));
    return json;
}

Json begun(const DcaCommon& common, std::string_view operation) {
    return {{"id", fmt::format("dca/{}/{}/{}", operation, secureheaders::to_string(common.edition),
                               common.name)},
            {"edition", secureheaders::to_string(common.edition)},
            {"requirement", common.requirement},
            {"flags", common.flags},
            {"input", {{"message", file_of(common, operation)}, {"addresses", common.addresses}}}};
}

// What is expected in both operations.
Json expected_json(const DcaCommon& common) {
    Json json{{"outcomes", common.outcomes}};
    if (!common.header.empty()) {
        json["header"] = common.header;
        json["verifies"] = common.verifies;
    }
    return json;
}

Json ended(Json json, Json expected, const DcaCommon& common) {
    json["expected"] = std::move(expected);
    json["reason"] = common.reason;
    json["note"] = common.note;
    return json;
}

std::string_view form_word(crypto::Encapsulation form) {
    return form == crypto::Encapsulation::Detached ? "detached" : "opaque";
}

Json wish_json(const OuterWish& wish) {
    return {{"signer", wish.signer}, {"as", wish.as}, {"encapsulation", form_word(wish.form)}};
}

Json seen_json(const OuterSeen& seen) {
    return {{"signer", seen.signer},
            {"standing", seen.standing},
            {"as", seen.as},
            {"faults", seen.faults}};
}

// Which octets of a value are UTF-8 is not asked: a field with other octets is not written.
Json encrypt_json(const EncryptVector& vector) {
    Json json = begun(vector.common, "encrypt");
    Json& input = json["input"];
    input["recipients"] = Json::array();
    for (const std::string& name : vector.recipients) {
        input["recipients"].push_back(certificate_file(name));
    }
    input["replacements"] = Json::object();
    for (const auto& [name, value] : vector.replacements) input["replacements"][name] = value;
    input["cipher"] = word(vector.cipher);
    if (vector.signature) input["signature"] = wish_json(*vector.signature);
    Json expected = expected_json(vector.common);
    if (!vector.common.header.empty()) {
        expected["outer"] = vector.outer;
        expected["hidden"] = vector.hidden;
        for (const auto& [name, faults] : vector.name_faults) {
            expected["flags"].push_back(
                {{"recipient", certificate_file(name)}, {"faults", faults_json(faults)}});
        }
    }
    if (!vector.wrapped.empty()) expected["wrapped"] = vector.wrapped;
    return ended(std::move(json), std::move(expected), vector.common);
}

Json decrypt_json(const DecryptVector& vector) {
    Json json = begun(vector.common, "decrypt");
    json["input"]["certificate"] = certificate_file(vector.holder);
    json["input"]["key"] = fmt::format("keys/{}.key.pem", vector.holder);
    Json expected = expected_json(vector.common);
    if (vector.restored) {
        expected["message"] = file_of(vector.common, "decrypt", ".out.eml");
        expected["determined"] = vector.is_determined;
    }
    if (!vector.name_faults.empty()) expected["flags"] = faults_json(vector.name_faults);
    for (const OuterSeen& seen : vector.around) expected["around"].push_back(seen_json(seen));
    return ended(std::move(json), std::move(expected), vector.common);
}

std::string file(Json vectors) {
    const Json all{{"schema", 1}, {"vectors", std::move(vectors)}};
    return all.dump(1, ' ', /*ensure_ascii=*/true) + "\n";
}

}  // namespace

std::map<std::string, std::string> to_files(const DcaVectorSet& set) {
    std::map<std::string, std::string> files;
    Json encrypt = Json::array();
    for (const EncryptVector& vector : set.encrypt) {
        encrypt.push_back(encrypt_json(vector));
        files[file_of(vector.common, "encrypt")] = vector.message;
    }
    Json decrypt = Json::array();
    for (const DecryptVector& vector : set.decrypt) {
        decrypt.push_back(decrypt_json(vector));
        files[file_of(vector.common, "decrypt")] = vector.message;
        if (vector.restored) {
            files[file_of(vector.common, "decrypt", ".out.eml")] = *vector.restored;
        }
    }
    files["encrypt.json"] = file(std::move(encrypt));
    files["decrypt.json"] = file(std::move(decrypt));
    return files;
}

}  // namespace mailassay::vectors
