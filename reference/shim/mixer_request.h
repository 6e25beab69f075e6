#pragma once

#include <string>

#include "base/error.h"
#include "mixer/mapping.h"

// Requests about the border to X.400 (vectors/schema/shim-request.schema.json).
namespace mailassay::shim {

class Reader;

struct ToX400 {
    std::string message;
    mixer::Mapping mapping;
};

struct FromX400 {
    std::string ipm;  // an InformationObject in BER
    mixer::Mapping mapping;
};

// Errors: those of parse_request(), and of mixer::parse_text() for the gateway's route.
[[nodiscard]] Result<ToX400> read_to_x400(Reader& request);
[[nodiscard]] Result<FromX400> read_from_x400(Reader& request);

}  // namespace mailassay::shim
