#include "vectors/reference_answer.h"

#include <utility>

#include "base/clock.h"
#include "base/random.h"
#include "shim/answer.h"

namespace mailassay::vectors {

nlohmann::ordered_json reference_answer(nlohmann::ordered_json request) {
    request["id"] = "1";
    const secureheaders::StandardRules secure_headers;
    const dca::StandardRules confidentiality;
    const opes::StandardRules adaptation;
    const mixer::StandardRules border;
    const release::StandardRules release;
    const base::SystemClock clock;
    base::SeededRandom random(1);
    const shim::Environment environment{.secure_headers = secure_headers,
                                        .confidentiality = confidentiality,
                                        .adaptation = adaptation,
                                        .border = border,
                                        .release = release,
                                        .clock = clock,
                                        .random = random,
                                        .version = ""};
    auto answer = nlohmann::ordered_json::parse(shim::answer(request.dump(), environment));
    answer.erase("id");
    return answer;
}

}  // namespace mailassay::vectors
