#include "vectors/mixer_vectors.h"

#include <fmt/format.h>

#include <set>
#include <variant>

#include "base/base64.h"
#include "imf/address.h"
#include "imf/header.h"
#include "mixer/address_mapping.h"
#include "mixer/rules.h"
#include "shim/mixer_answer.h"
#include "vectors/mixer_author.h"

namespace mailassay::vectors {

namespace {

// As the vectors name people: an Internet address, an O/R address in text, or "Name:;".
std::string person(const mixer::OrDescriptor& descriptor) {
    if (!descriptor.address) return descriptor.free_form.value_or("") + ":;";
    const auto held = mixer::held_mailbox(*descriptor.address);
    return held ? held->address() : mixer::to_text(*descriptor.address);
}

MixerJson users_of(const std::optional<std::vector<mixer::OrDescriptor>>& users) {
    MixerJson all = MixerJson::array();
    if (!users) return all;
    for (const auto& each : *users) all.push_back(person(each));
    return all;
}

MixerJson outcome_of_ipm(const MixerJson& result) {
    const auto octets = base::decode_base64(result["ipm"].get<std::string>());
    const auto reading = mixer::decode_ipm(octets.value_or(""));
    if (!reading) return {{"outcome", "unreadable"}};
    const mixer::Heading& heading = reading->heading;
    MixerJson recipients = MixerJson::array();
    if (heading.primary) {
        for (const auto& each : *heading.primary) recipients.push_back(person(each.descriptor));
    }
    return {{"outcome", "mapped"},
            {"originator", heading.originator ? person(*heading.originator) : ""},
            {"authorizing-users", users_of(heading.authorizing_users)},
            {"primary-recipients", std::move(recipients)}};
}

MixerJson people_in(const imf::HeaderSection& header, std::string_view name) {
    MixerJson all = MixerJson::array();
    for (const imf::HeaderField* field : header.find_all(name)) {
        const auto addresses = imf::parse_address_list(field->body);
        if (!addresses) return "unreadable";
        for (const imf::Address& each : *addresses) {
            const auto* mailbox = std::get_if<imf::Mailbox>(&each);
            all.push_back(mailbox != nullptr ? mailbox->address()
                                             : std::get<imf::Group>(each).display_name + ":;");
        }
    }
    return all;
}

MixerJson outcome_of_message(const MixerJson& result) {
    const auto octets = base::decode_base64(result["message"].get<std::string>());
    const auto message = imf::parse_message(octets.value_or(""));
    if (!message) return {{"outcome", "unreadable"}};
    MixerJson outcome{{"outcome", "mapped"}, {"kind", result["kind"]}};
    for (const char* name : {"From", "Sender", "MMHS-Authorizing-Users"}) {
        outcome[name] = people_in(message->header, name);
    }
    return outcome;
}

MixerJson answer_of(const MixerVector& vector, base::Edition edition) {
    const mixer::StandardRules rules;
    mixer::Mapping mapping{.edition = edition};
    if (vector.operation == "to-x400") {
        return shim::result_of(shim::ToX400{.message = vector.input["message"], .mapping = mapping},
                               rules);
    }
    if (vector.input["military"] == "always") mapping.military = mixer::Military::Always;
    auto ipm = base::decode_base64(vector.input["ipm"].get<std::string>());
    return shim::result_of(shim::FromX400{.ipm = ipm.value_or(""), .mapping = mapping}, rules);
}

std::string fault_of(const MixerVector& vector, const MixerJson& answer) {
    MixerJson outcome{{"outcome", answer["outcome"]}};
    if (answer["outcome"] == "mapped") {
        outcome =
            vector.operation == "to-x400" ? outcome_of_ipm(answer) : outcome_of_message(answer);
    }
    MixerJson wanted = vector.outcomes.front();
    wanted.erase("reading");
    return wanted == outcome ? "" : outcome.dump() + " instead of " + wanted.dump();
}

std::string requirement_of(const MixerVector& vector, base::Edition edition) {
    if (vector.requirement.starts_with("rfc")) return vector.requirement;
    return (edition == base::Edition::Rfc ? "rfc7912/" : "draft-melnikov/") + vector.requirement;
}

MixerJson written(const MixerVector& vector, base::Edition edition, const MixerJson& answer) {
    const std::string word = edition == base::Edition::Rfc ? "rfc" : "draft";
    const std::string group = vector.name.substr(0, vector.name.find('/'));
    MixerJson flags = MixerJson::array();
    if (vector.outcomes.size() > 1) flags.push_back("reading");
    return {{"id", fmt::format("mixer/{}/{}/{}", vector.operation, word, vector.name)},
            {"case", fmt::format("release/gateway/{}-{}", vector.operation, group)},
            {"edition", word},
            {"requirement", requirement_of(vector, edition)},
            {"flags", std::move(flags)},
            {"input", vector.input},
            {"expected", {{"outcomes", vector.outcomes}}},
            {"reference", answer},
            {"note", vector.note}};
}

bool is_for(const MixerVector& vector, base::Edition edition) {
    return vector.editions == MixerEditions::Both ||
           (vector.editions == MixerEditions::Draft) == (edition == base::Edition::Draft);
}

}  // namespace

MixerFiles make_mixer_vectors() {
    MixerVectors all;
    add_to_x400_vectors(all);
    add_from_x400_vectors(all);
    MixerFiles made;
    std::map<std::string, MixerJson> lists;
    std::set<std::string> ids;
    for (const MixerVector& vector : all) {
        for (const auto edition : {base::Edition::Rfc, base::Edition::Draft}) {
            if (!is_for(vector, edition)) continue;
            const MixerJson answer = answer_of(vector, edition);
            MixerJson entry = written(vector, edition, answer);
            const std::string id = entry["id"];
            if (!ids.insert(id).second) made.disagreements.push_back(id + ": stands twice");
            const std::string fault = fault_of(vector, answer);
            if (!fault.empty()) made.disagreements.push_back(id + ": " + fault);
            lists[vector.operation].push_back(std::move(entry));
            ++made.count;
        }
    }
    for (const auto& [operation, list] : lists) {
        const MixerJson file{{"schema", 1}, {"vectors", list}};
        made.files[operation + ".json"] = file.dump(1) + "\n";
    }
    return made;
}

}  // namespace mailassay::vectors
