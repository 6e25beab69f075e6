#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/edition.h"
#include "base/error.h"
#include "opes/processing.h"
#include "opes/system.h"
#include "smtp/reply.h"

// Requests about OPES (vectors/schema/shim-request.schema.json): what a processor makes of a
// message whose services do what the request says, whom it calls, and what a report tells.
namespace mailassay::shim {

class Reader;

// What a service does to what it is given, as a milter may.
struct Edit {
    enum class Kind : std::uint8_t { Insert, Add, Remove, Replace, Body } kind = Kind::Add;
    std::string name = {};   // of a field; Insert is on top, Add at the end
    std::string value = {};  // of the field, or the whole body
};

struct Callout {
    opes::Service service;
    std::vector<Edit> edits = {};
    std::optional<smtp::Reply> refusal = std::nullopt;
};

struct Trace {
    base::Edition edition = base::Edition::Rfc;
    std::string message;
    opes::System system;
    std::vector<Callout> callouts;
    opes::Readdressing readdressing;
};

struct Bypass {
    base::Edition edition = base::Edition::Rfc;
    std::string message;
    opes::System system;
    opes::Requests requests;  // without allowances, which are these
    std::vector<opes::Allowance> allowances;
};

// What the system says of itself.
struct State {
    base::Edition edition = base::Edition::Rfc;
    opes::System system;
};

struct Report {
    base::Edition edition = base::Edition::Rfc;
    std::string message;  // as it was accepted
    opes::System system;
    std::string recipient;
    smtp::Reply reason;
};

// Errors: those of parse_request(), shim.request.uri (no absolute URI), and of reading replies.
[[nodiscard]] Result<Trace> read_trace(Reader& request);
[[nodiscard]] Result<Bypass> read_bypass(Reader& request);
[[nodiscard]] Result<Report> read_report(Reader& request);
[[nodiscard]] Result<State> read_state(Reader& request);

}  // namespace mailassay::shim
