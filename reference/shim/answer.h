#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "dca/rules.h"
#include "mixer/rules.h"
#include "opes/rules.h"
#include "release/rules.h"
#include "secureheaders/rules.h"
#include "shim/carry.h"

// Answers to requests of the shim protocol, without I/O.
namespace mailassay::shim {

// What an answer may depend on beside its request. The caller keeps all of it alive.
struct Environment {
    const secureheaders::Rules& secure_headers;
    const dca::Rules& confidentiality;
    const opes::Rules& adaptation;
    const mixer::Rules& border;
    const release::Rules& release;
    const base::Clock& clock;
    base::Random& random;
    std::string_view version;  // of the program
    // nullptr: there is nothing to carry messages with, and the answer to `carry` says so.
    const Carrier* carrier = nullptr;
};

// One line of JSON, without its line end, whatever the request is.
// vectors/schema/shim-answer.schema.json has its shape.
[[nodiscard]] std::string answer(std::string_view line, const Environment& environment);

}  // namespace mailassay::shim
