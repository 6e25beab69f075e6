#include "shim/answer.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/base64.h"
#include "imf/header.h"
#include "secureheaders/render.h"
#include "secureheaders/sign.h"
#include "secureheaders/verify.h"
#include "shim/request.h"

namespace mailassay::shim {

namespace {

using Json = nlohmann::ordered_json;

// One visitor a request; each gives what stands beside the id in the answer.
class Answerer {
  public:
    explicit Answerer(const Environment& environment) : environment_(environment) {}

    Json operator()(const Info&) const {
        return result({{"name", "Mailassay's reference"},
                       {"version", environment_.version},
                       {"operations", {"verify", "sign", "canonicalize"}}});
    }

    Json operator()(const Verify& verify) const {
        const secureheaders::Verification verification{
            .policies = verify.policies,
            .trust = {.anchors = verify.trust,
                      .at = verify.time.value_or(environment_.clock.now())},
            .edition = verify.edition,
            .strictness = verify.tolerant ? secureheaders::Strictness::Tolerant
                                          : secureheaders::Strictness::Strict};
        const auto verified = secureheaders::verify_message(verify.message, verification,
                                                            environment_.secure_headers);
        Json told = Json::parse(secureheaders::to_json("", verify.edition, verified));
        Json answer{{"outcome", told["outcome"]}, {"layers", std::move(told["layers"])}};
        if (!verified) answer["reason"] = to_string(verified.error());
        return result(std::move(answer));
    }

    Json operator()(const Sign& sign) const {
        const secureheaders::Signing signing{.policy = sign.policies.inner,
                                             .edition = sign.edition,
                                             .encapsulation = sign.encapsulation,
                                             .signers = sign.signers,
                                             .chain = sign.chain};
        const auto made = secureheaders::sign_message(
            sign.message, signing, environment_.secure_headers, environment_.random);
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
