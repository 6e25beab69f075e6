#include "shim/answer.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/base64.h"
#include "dca/message.h"
#include "dca/wrapped.h"
#include "imf/header.h"
#include "secureheaders/add_signature.h"
#include "secureheaders/render.h"
#include "secureheaders/sign.h"
#include "secureheaders/verify.h"
#include "shim/mixer_answer.h"
#include "shim/opes_answer.h"
#include "shim/release_answer.h"
#include "shim/request.h"

namespace mailassay::shim {

namespace {

using Json = nlohmann::ordered_json;

std::string_view outcome_of(const Error& error) {
    if (error.id == "crypto.decrypt.not-a-recipient") return "not-a-recipient";
    if (error.id == "dca.decrypt.not-enveloped") return "not-encrypted";
    return "unreadable";
}

Json as_json(const std::vector<dca::Change>& changes) {
    Json all = Json::array();
    for (const dca::Change& change : changes) {
        all.push_back({{"name", change.name}, {"change", dca::to_string(change.kind)}});
    }
    return all;
}

Json as_json(const std::vector<dca::Flag>& flags) {
    Json all = Json::array();
    for (const dca::Flag& flag : flags) {
        Json faults = Json::array();
        for (const dca::NameFault fault : flag.faults) faults.push_back(dca::to_string(fault));
        all.push_back({{"subject", flag.subject}, {"faults", std::move(faults)}});
    }
    return all;
}

Json as_json(const std::vector<dca::OuterSignature>& signatures) {
    Json all = Json::array();
    for (const dca::OuterSignature& each : signatures) {
        Json as = Json::array();
        for (const dca::Agent agent : each.agents) as.push_back(name_of(agent));
        Json faults = Json::array();
        if (each.fault) faults.push_back(each.fault->id);
        for (const dca::NameFault fault : each.name_faults) faults.push_back(dca::to_string(fault));
        all.push_back({{"subject", each.subject},
                       {"standing", dca::to_string(each.standing)},
                       {"as", std::move(as)},
                       {"faults", std::move(faults)}});
    }
    return all;
}

// One visitor a request; each gives what stands beside the id in the answer.
class Answerer {
  public:
    explicit Answerer(const Environment& environment) : environment_(environment) {}

    Json operator()(const Info&) const {
        return result(
            {{"name", "Mailassay's reference"},
             {"version", environment_.version},
             {"operations",
              {"verify", "sign", "canonicalize", "encrypt", "decrypt", "trace", "bypass", "report",
               "statement", "to-x400", "from-x400", "authorize", "check-release"}}});
    }

    Json operator()(const Verify& verify) const {
        const secureheaders::Verification verification{
            .policies = verify.policies,
            .trust = {.anchors = verify.trust,
                      .at = verify.time.value_or(environment_.clock.now())},
            .edition = verify.edition,
            .strictness = verify.tolerant ? secureheaders::Strictness::Tolerant
                                          : secureheaders::Strictness::Strict};
        const auto verified =
            verify.opener
                ? dca::verify_wrapped(verify.message, verification, *verify.opener,
                                      environment_.secure_headers, environment_.confidentiality)
                : secureheaders::verify_message(verify.message, verification,
                                                environment_.secure_headers);
        Json told = Json::parse(secureheaders::to_json("", verify.edition, verified));
        Json answer{{"outcome", told["outcome"]}, {"layers", std::move(told["layers"])}};
        if (!verified) answer["reason"] = to_string(verified.error());
        return result(std::move(answer));
    }

    Json operator()(const Sign& sign) const {
        const secureheaders::Rules& rules = environment_.secure_headers;
        const secureheaders::Signing signing{.policy = rules.part(sign.policies, sign.layer),
                                             .edition = sign.edition,
                                             .encapsulation = sign.encapsulation,
                                             .signers = sign.signers,
                                             .chain = sign.chain};
        const auto made =
            sign.place == Place::Beside
                ? secureheaders::add_signature(sign.message, signing, rules)
                : secureheaders::sign_message(sign.message, signing, rules, environment_.random);
        if (!made) return result({{"outcome", "refused"}, {"reason", to_string(made.error())}});
        return result({{"outcome", "signed"}, {"message", base::encode_base64(*made)}});
    }

    Json operator()(const Canonicalize& request) const {
        const auto message = imf::parse_message(request.field);
        if (!message) return Json{{"error", to_string(message.error())}};
        if (message->header.fields().size() != 1 || message->header.fields()[0].is_opaque()) {
            return Json{{"error", "one header field is wanted"}};
        }
        const auto canonical =
            environment_.secure_headers.canonical(message->header.fields()[0], request.algorithm);
        return result({{"name", base::encode_base64(canonical.name)},
                       {"value", base::encode_base64(canonical.value)}});
    }

    Json operator()(const Encrypt& request) const {
        dca::Encryption encryption = request.encryption;
        if (encryption.outer) {
            encryption.outer->trust.at = request.time.value_or(environment_.clock.now());
        }
        const auto made =
            dca::encrypt_message(request.message, encryption, environment_.confidentiality);
        if (!made) return result({{"outcome", "refused"}, {"reason", to_string(made.error())}});
        Json answer{{"outcome", "encrypted"},
                    {"message", base::encode_base64(made->message)},
                    {"header", made->unchanged ? to_string(*made->unchanged) : "hidden"},
                    {"changes", as_json(made->changes)},
                    {"flags", as_json(made->flags)}};
        if (made->outer) answer["outer"] = to_string(*made->outer);
        return result(std::move(answer));
    }

    Json operator()(const Decrypt& request) const {
        dca::Decryption decryption = request.decryption;
        decryption.trust.at = request.time.value_or(environment_.clock.now());
        const auto made =
            dca::decrypt_message(request.message, decryption, environment_.confidentiality);
        if (!made) {
            return result(
                {{"outcome", outcome_of(made.error())}, {"reason", to_string(made.error())}});
        }
        Json answer{{"outcome", "decrypted"},
                    {"message", base::encode_base64(made->message)},
                    {"header", made->unchanged ? to_string(*made->unchanged) : "restored"},
                    {"changes", as_json(made->changes)},
                    {"flags", as_json(made->flags)},
                    {"outer", as_json(made->outer)}};
        if (made->fault) answer["reason"] = to_string(*made->fault);
        return result(std::move(answer));
    }

    Json operator()(const Trace& request) const {
        return result(result_of(request, environment_.adaptation));
    }

    Json operator()(const ToX400& request) const {
        return result(result_of(request, environment_.border));
    }

    Json operator()(const FromX400& request) const {
        return result(result_of(request, environment_.border));
    }

    Json operator()(const Carry& request) const {
        if (environment_.carrier == nullptr) return Json{{"unimplemented", true}};
        return result(result_of(request, *environment_.carrier, environment_.clock.now()));
    }

    Json operator()(const Authorize& request) const {
        return result(result_of(request, environment_.release, environment_.clock.now(),
                                environment_.random));
    }

    Json operator()(const CheckRelease& request) const {
        return result(result_of(request, environment_.release, environment_.clock.now()));
    }

    Json operator()(const Bypass& request) const {
        return result(result_of(request, environment_.adaptation));
    }

    Json operator()(const Report& request) const {
        return result(result_of(request, environment_.adaptation, environment_.random));
    }

    Json operator()(const State& request) const {
        return result(result_of(request, environment_.adaptation));
    }

    Json operator()(const Unknown&) const { return {{"unimplemented", true}}; }

  private:
    static Json result(Json value) { return {{"result", std::move(value)}}; }

    const Environment& environment_;
};

}  // namespace

std::string answer(std::string_view line, const Environment& environment) {
    Json answer{{"id", id_of(line)}};
    const auto request = parse_request(line);
    if (request) {
        answer.update(std::visit(Answerer(environment), *request));
    } else {
        answer["error"] = to_string(request.error());
    }
    return answer.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

}  // namespace mailassay::shim
