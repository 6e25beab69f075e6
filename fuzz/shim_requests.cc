// A line of the shim protocol: whatever it is, its answer is one line of JSON with its id.

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/clock.h"
#include "base/random.h"
#include "require.h"
#include "shim/answer.h"
#include "shim/request.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using mailassay::fuzz::require;
    using Json = nlohmann::json;
    const std::string_view line = mailassay::fuzz::octets_of(data, size);
    const mailassay::secureheaders::StandardRules rules;
    const mailassay::dca::StandardRules confidentiality;
    const mailassay::opes::StandardRules adaptation;
    const mailassay::mixer::StandardRules border;
    const mailassay::release::StandardRules release;
    const mailassay::base::ManualClock clock;
    mailassay::base::SeededRandom random(1);
    const std::string answer = mailassay::shim::answer(line, {.secure_headers = rules,
                                                              .confidentiality = confidentiality,
                                                              .adaptation = adaptation,
                                                              .border = border,
                                                              .release = release,
                                                              .clock = clock,
                                                              .random = random,
                                                              .version = "1"});
    require(!answer.contains('\n'), "an answer is one line");
    const Json json = Json::parse(answer, nullptr, false);
    require(json.is_object(), "an answer is a JSON object");
    require(json["id"] == mailassay::shim::id_of(line), "an answer has the request's id");
    const auto kinds = json.count("result") + json.count("error") + json.count("unimplemented");
    require(kinds == 1 && json.size() == 2, "an answer is of one kind");
    const bool valid = json.contains("result") && json["result"].value("outcome", "") == "valid";
    require(!valid, "nothing is valid where nobody is trusted");
    return 0;
}
