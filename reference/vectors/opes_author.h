#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

// What the authors of the OPES vectors share.
namespace mailassay::vectors {

using OpesJson = nlohmann::ordered_json;

// One question and what must come of it, for both editions.
struct OpesVector {
    std::string operation;    // "trace", "bypass", "report" or "statement"
    std::string name;         // group/name: "deleted/system"
    std::string requirement;  // as the RFC counts it
    std::string note;
    OpesJson input;     // `message` is text here; a statement has none
    OpesJson expected;  // vectors/schema/opes.schema.json
    std::vector<std::string> flags = {};
};

using OpesVectors = std::vector<OpesVector>;

inline constexpr const char* opes_system = "https://opes.example/";
inline constexpr const char* opes_policy = "https://opes.example/privacy";
inline constexpr const char* opes_message =
    "Received: from a.example by b.example; Thu, 01 Jan 2026 12:00:00 +0000\r\n"
    "From: Ann <ann@example.org>\r\n"
    "To: Bob <bob@example.net>\r\n"
    "Subject: Quarterly figures\r\n"
    "Date: Thu, 01 Jan 2026 12:00:00 +0000\r\n"
    "Message-ID: <figures@example.org>\r\n";
inline constexpr const char* opes_body = "The figures are attached.\r\n";

inline OpesJson system_json() {
    OpesJson system{{"uri", opes_system}};
    system["parameters"]["policy"] = opes_policy;
    return system;
}

// A message with these fields above or below the usual ones.
inline std::string opes_message_with(const std::string& above, const std::string& below = "",
                                     const std::string& body = opes_body) {
    return above + opes_message + below + "\r\n" + body;
}

// A list in JSON, whatever its members are; braces alone would leave it to the compiler.
inline OpesJson list_of(std::vector<OpesJson> members) {
    OpesJson list = OpesJson::array();
    for (OpesJson& member : members) list.push_back(std::move(member));
    return list;
}

inline std::string service_uri(const std::string& name) {
    return std::string(opes_system) + "services/" + name;
}

void add_trace_vectors(OpesVectors& all);
void add_content_vectors(OpesVectors& all);
void add_refusal_vectors(OpesVectors& all);
void add_bypass_vectors(OpesVectors& all);
void add_policy_vectors(OpesVectors& all);
void add_scenario_vectors(OpesVectors& all);

}  // namespace mailassay::vectors
