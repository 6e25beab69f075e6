#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

// What the authors of the vectors of the border to X.400 share.
namespace mailassay::vectors {

using MixerJson = nlohmann::ordered_json;

// Editions that a vector is for.
enum class MixerEditions : std::uint8_t { Both, Draft, Rfc };

// One message or heading, and all that may come of it.
struct MixerVector {
    std::string operation;    // "to-x400" or "from-x400"
    std::string name;         // group/name: "sender/with-the-field"
    std::string requirement;  // below 5 of the edition: "5.1/3"; or a whole id of another text
    std::string note;
    MixerJson input;     // `message` is text here, `ipm` base64
    MixerJson outcomes;  // vectors/schema/mixer.schema.json, the reference's first
    MixerEditions editions = MixerEditions::Both;
    std::vector<std::string> also = {};  // whole ids of other clauses that the outcomes tell of
};

using MixerVectors = std::vector<MixerVector>;
using People = std::vector<std::string>;

inline MixerJson people_json(const People& people) {
    MixerJson list = MixerJson::array();
    for (const std::string& each : people) list.push_back(each);
    return list;
}

inline MixerJson refused_json(const std::string& reading = "") {
    MixerJson outcome{{"outcome", "refused"}};
    if (!reading.empty()) outcome["reading"] = reading;
    return outcome;
}

// A list in JSON, whatever its members are; braces alone would leave it to the compiler.
inline MixerJson outcomes_of(std::vector<MixerJson> members) {
    MixerJson list = MixerJson::array();
    for (MixerJson& member : members) list.push_back(std::move(member));
    return list;
}

// What the messages of the files below have in common: a@example.mil wrote to to@example.org.
// `more` are further aspects of the outcome, and may replace one of these.
[[nodiscard]] MixerJson heading_json(const MixerJson& more);  // to-x400
[[nodiscard]] MixerJson header_json(const MixerJson& more);   // from-x400, of a military message

void add_to_x400_vectors(MixerVectors& all);
void add_to_x400_heading_vectors(MixerVectors& all);
void add_to_x400_address_vectors(MixerVectors& all);
void add_to_x400_military_vectors(MixerVectors& all);
void add_from_x400_vectors(MixerVectors& all);
void add_from_x400_encoding_vectors(MixerVectors& all);
void add_from_x400_heading_vectors(MixerVectors& all);
void add_from_x400_address_vectors(MixerVectors& all);
void add_from_x400_military_vectors(MixerVectors& all);

}  // namespace mailassay::vectors
