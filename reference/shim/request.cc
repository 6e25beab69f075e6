#include "shim/request.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <utility>

#include "shim/material.h"
#include "shim/opes_request.h"
#include "shim/reader.h"

namespace mailassay::shim {

namespace {

// More is never meant, and reading a policy recurses.
constexpr int max_policy_depth = 4;

// A JSON value as TOML writes it, so that policies have one reader. Strings are written alike.
Result<std::string> to_toml(const Json& value, int depth = 0) {
    if (depth > max_policy_depth) return wrong("shim.request.wrong-type", "policy");
    if (!value.is_object()) {
        return value.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
    }
    std::string table = "{";
    for (const auto& [key, member] : value.items()) {
        const auto written = to_toml(member, depth + 1);
        if (!written) return written;
        table +=
            fmt::format("{}{} = {}", table.size() > 1 ? ", " : "",
                        Json(key).dump(-1, ' ', false, Json::error_handler_t::replace), *written);
    }
    return table + "}";
}

Result<secureheaders::Policies> take_policies(Reader& request) {
    const Json* policy = request.take("policy");
    if (policy == nullptr) return secureheaders::Policies{};
    if (!policy->is_object()) return wrong("shim.request.wrong-type", "policy");
    std::string toml;
    for (const auto& [key, member] : policy->items()) {
        const auto written = to_toml(member, 1);
        if (!written) return std::unexpected(written.error());
        toml += fmt::format(
            "{} = {}\n", Json(key).dump(-1, ' ', false, Json::error_handler_t::replace), *written);
    }
    return secureheaders::parse_policies(toml);
}

// The keys of whoever opens an envelope.
Result<dca::Decryption> take_decryption(Reader& request, base::Edition edition) {
    const auto certificate = request.text("certificate");
    if (!certificate) return std::unexpected(certificate.error());
    const auto certificates = crypto::Certificate::all_from_pem(*certificate);
    if (!certificates) return std::unexpected(certificates.error());
    const auto pem = request.text("key");
    if (!pem) return std::unexpected(pem.error());
    auto key = crypto::PrivateKey::from_pem(*pem);
    if (!key) return std::unexpected(key.error());
    auto addresses = request.texts("addresses");
    if (!addresses) return std::unexpected(addresses.error());
    return dca::Decryption{.key = std::move(*key),
                           .certificate = certificates->front(),
                           .addresses = std::move(*addresses),
                           .edition = edition};
}

Result<Operation> read_verify(Reader& request) {
    Verify verify;
    const auto edition = take_edition(request);
    if (!edition) return std::unexpected(edition.error());
    auto message = request.octets("message");
    if (!message) return std::unexpected(message.error());
    auto trust = take_certificates(request, "trust");
    if (!trust) return std::unexpected(trust.error());
    const auto time = take_time(request);
    if (!time) return std::unexpected(time.error());
    auto policies = take_policies(request);
    if (!policies) return std::unexpected(policies.error());
    const auto tolerant = request.choice<bool>("reading", {{"strict", false}, {"tolerant", true}});
    if (!tolerant) return std::unexpected(tolerant.error());
    std::optional<dca::Decryption> opener;
    if (request.has("certificate") || request.has("key")) {
        auto decryption = take_decryption(request, *edition);
        if (!decryption) return std::unexpected(decryption.error());
        opener = std::move(*decryption);
    }
    return Verify{.edition = *edition,
                  .message = std::move(*message),
                  .trust = std::move(*trust),
                  .time = *time,
                  .policies = std::move(*policies),
                  .tolerant = *tolerant,
                  .opener = std::move(opener)};
}

Result<Operation> read_sign(Reader& request) {
    Sign sign;
    const auto edition = take_edition(request);
    if (!edition) return std::unexpected(edition.error());
    sign.edition = *edition;
    auto message = request.octets("message");
    if (!message) return std::unexpected(message.error());
    sign.message = std::move(*message);
    const auto form = request.choice<crypto::Encapsulation>(
        "encapsulation",
        {{"detached", crypto::Encapsulation::Detached}, {"opaque", crypto::Encapsulation::Opaque}});
    if (!form) return std::unexpected(form.error());
    sign.encapsulation = *form;
    const auto place =
        request.choice<Place>("place", {{"around", Place::Around}, {"beside", Place::Beside}});
    if (!place) return std::unexpected(place.error());
    sign.place = *place;
    const auto layer = request.choice<secureheaders::Layer>(
        "layer", {{"inner", secureheaders::Layer::Inner}, {"outer", secureheaders::Layer::Outer}});
    if (!layer) return std::unexpected(layer.error());
    sign.layer = *layer;
    const auto signers = request.list("signers");
    if (!signers) return std::unexpected(signers.error());
    const auto time = take_time(request);
    if (!time) return std::unexpected(time.error());
    for (const Json* each : *signers) {
        auto signer = read_signer(*each);
        if (!signer) return std::unexpected(signer.error());
        signer->signing_time = *time;
        sign.signers.push_back(std::move(*signer));
    }
    auto chain = take_certificates(request, "chain");
    if (!chain) return std::unexpected(chain.error());
    sign.chain = std::move(*chain);
    auto policies = take_policies(request);
    if (!policies) return std::unexpected(policies.error());
    sign.policies = std::move(*policies);
    return sign;
}

Result<Operation> read_canonicalize(Reader& request) {
    const auto algorithm = request.choice<imf::Canonicalization>(
        "algorithm",
        {{"relaxed", imf::Canonicalization::Relaxed}, {"simple", imf::Canonicalization::Simple}});
    if (!algorithm) return std::unexpected(algorithm.error());
    auto field = request.octets("field");
    if (!field) return std::unexpected(field.error());
    return Canonicalize{.algorithm = *algorithm, .field = std::move(*field)};
}

// Values that would be more than one field are refused when they are used.
Result<dca::Replacements> take_replacements(Reader& request) {
    dca::Replacements replacements;
    const Json* value = request.take("replacements");
    if (value == nullptr) return replacements;
    if (!value->is_object()) return wrong("shim.request.wrong-type", "replacements");
    for (const auto& [name, body] : value->items()) {
        if (!body.is_string()) return wrong("shim.request.wrong-type", "replacements");
        replacements[name] = body.get<std::string>();
    }
    return replacements;
}

// A signature around the envelope, if one is asked for; `anchors` are those of the request.
Result<std::optional<dca::OuterSigning>> take_outer(
    Reader& request, const std::vector<crypto::Certificate>& anchors) {
    const Json* value = request.take("outer");
    if (value == nullptr) return std::nullopt;
    if (!value->is_object()) return wrong("shim.request.wrong-type", "outer");
    Reader outer(*value);
    const auto as =
        outer.choice<std::optional<dca::Agent>>("as", {{"domain", dca::Agent::DomainSigning},
                                                       {"review", dca::Agent::Review},
                                                       {"user", std::nullopt}});
    if (!as) return std::unexpected(as.error());
    const auto form = outer.choice<crypto::Encapsulation>(
        "encapsulation",
        {{"detached", crypto::Encapsulation::Detached}, {"opaque", crypto::Encapsulation::Opaque}});
    if (!form) return std::unexpected(form.error());
    const Json* words = outer.take("signer");
    if (words == nullptr) return wrong("shim.request.missing", "outer.signer");
    auto signer = read_signer(*words);
    if (!signer) return std::unexpected(signer.error());
    if (auto end = outer.end(); !end) return std::unexpected(end.error());
    return dca::OuterSigning{.signer = std::move(*signer),
                             .chain = {},
                             .as = *as,
                             .encapsulation = *form,
                             .trust = {.anchors = anchors, .at = {}}};
}

Result<Operation> read_encrypt(Reader& request) {
    Encrypt encrypt;
    const auto edition = take_edition(request);
    if (!edition) return std::unexpected(edition.error());
    encrypt.encryption.edition = *edition;
    auto message = request.octets("message");
    if (!message) return std::unexpected(message.error());
    encrypt.message = std::move(*message);
    auto recipients = take_certificates(request, "recipients");
    if (!recipients) return std::unexpected(recipients.error());
    encrypt.encryption.recipients = std::move(*recipients);
    // No chain of a recipient is judged here.
    const auto trust = take_certificates(request, "trust");
    if (!trust) return std::unexpected(trust.error());
    auto outer = take_outer(request, *trust);
    if (!outer) return std::unexpected(outer.error());
    encrypt.encryption.outer = std::move(*outer);
    const auto time = take_time(request);
    if (!time) return std::unexpected(time.error());
    encrypt.time = *time;
    if (encrypt.encryption.outer) encrypt.encryption.outer->signer.signing_time = *time;
    auto addresses = request.texts("addresses");
    if (!addresses) return std::unexpected(addresses.error());
    encrypt.encryption.addresses = std::move(*addresses);
    auto replacements = take_replacements(request);
    if (!replacements) return std::unexpected(replacements.error());
    encrypt.encryption.replacements = std::move(*replacements);
    const auto cipher = request.choice<crypto::ContentCipher>(
        "cipher", {{"aes-256-cbc", crypto::ContentCipher::Aes256Cbc},
                   {"aes-128-cbc", crypto::ContentCipher::Aes128Cbc},
                   {"aes-128-gcm", crypto::ContentCipher::Aes128Gcm},
                   {"aes-256-gcm", crypto::ContentCipher::Aes256Gcm}});
    if (!cipher) return std::unexpected(cipher.error());
    encrypt.encryption.cipher = *cipher;
    return encrypt;
}

Result<Operation> read_decrypt(Reader& request) {
    const auto edition = take_edition(request);
    if (!edition) return std::unexpected(edition.error());
    auto message = request.octets("message");
    if (!message) return std::unexpected(message.error());
    auto decryption = take_decryption(request, *edition);
    if (!decryption) return std::unexpected(decryption.error());
    auto trust = take_certificates(request, "trust");
    if (!trust) return std::unexpected(trust.error());
    decryption->trust.anchors = std::move(*trust);
    const auto time = take_time(request);
    if (!time) return std::unexpected(time.error());
    return Decrypt{
        .message = std::move(*message), .decryption = std::move(*decryption), .time = *time};
}

template <class Request>
Result<Operation> as_operation(Result<Request> request) {
    if (!request) return std::unexpected(std::move(request.error()));
    return Operation(std::move(*request));
}

Result<Operation> read_operation(const std::string& name, Reader& request) {
    if (name == "info") return Info{};
    if (name == "verify") return read_verify(request);
    if (name == "sign") return read_sign(request);
    if (name == "canonicalize") return read_canonicalize(request);
    if (name == "encrypt") return read_encrypt(request);
    if (name == "decrypt") return read_decrypt(request);
    if (name == "trace") return as_operation(read_trace(request));
    if (name == "bypass") return as_operation(read_bypass(request));
    if (name == "report") return as_operation(read_report(request));
    if (name == "statement") return as_operation(read_state(request));
    if (name == "to-x400") return as_operation(read_to_x400(request));
    if (name == "from-x400") return as_operation(read_from_x400(request));
    if (name == "authorize") return as_operation(read_authorize(request));
    if (name == "check-release") return as_operation(read_check_release(request));
    if (name == "carry") return as_operation(read_carry(request));
    return Unknown{name};
}

// nullopt: no JSON object.
std::optional<Json> parse_object(std::string_view line) {
    Json object = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!object.is_object()) return std::nullopt;
    return object;
}

}  // namespace

std::string id_of(std::string_view line) {
    if (line.size() > max_line_octets) return {};
    const auto object = parse_object(line);
    if (!object) return {};
    const auto found = object->find("id");
    return found != object->end() && found->is_string() ? found->get<std::string>() : "";
}

Result<Operation> parse_request(std::string_view line) {
    if (line.size() > max_line_octets) return wrong("shim.request.too-long", "");
    const auto object = parse_object(line);
    if (!object) return wrong("shim.request.syntax", "a JSON object is wanted");
    Reader request(*object);
    const auto id = request.text("id");
    if (!id || id->empty()) return wrong("shim.request.no-id", "");
    const auto name = request.text("op");
    if (!name) return std::unexpected(name.error());
    auto operation = read_operation(*name, request);
    if (!operation || std::holds_alternative<Unknown>(*operation)) return operation;
    if (auto end = request.end(); !end) return std::unexpected(end.error());
    return operation;
}

}  // namespace mailassay::shim
