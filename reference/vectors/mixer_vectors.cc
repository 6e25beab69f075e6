#include "vectors/mixer_vectors.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <variant>

#include "base/base64.h"
#include "imf/address.h"
#include "imf/header.h"
#include "mixer/address_mapping.h"
#include "mixer/comments.h"
#include "mixer/rfc822_fields.h"
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

MixerJson people_of(const std::optional<std::vector<mixer::OrDescriptor>>& people) {
    MixerJson all = MixerJson::array();
    if (!people) return all;
    for (const auto& each : *people) all.push_back(person(each));
    return all;
}

MixerJson recipients_of(const std::optional<std::vector<mixer::Recipient>>& recipients) {
    MixerJson all = MixerJson::array();
    if (!recipients) return all;
    for (const auto& each : *recipients) all.push_back(person(each.descriptor));
    return all;
}

// As the vectors name an identifier: what its user calls it, and him behind an asterisk.
std::string identifier_text(const mixer::IpmIdentifier& identifier) {
    return identifier.local + (identifier.user ? "*" + mixer::to_text(*identifier.user) : "");
}

std::string hexadecimal(std::string_view octets) {
    std::string text;
    for (const char c : octets) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return text;
}

// MMHS extensions with the octets of their values, and the fields that are carried.
void tell_extensions(MixerJson& outcome, const mixer::Heading& heading) {
    outcome["mmhs"] = MixerJson::object();
    outcome["carried"] = MixerJson::array();
    for (const mixer::Extension& each : heading.extensions) {
        const auto value = each.value.value_or(der::make_null());
        if (each.oid == "1.3.26.0.4406.0.2.4") {
            outcome["exempted"] = people_of(mixer::decode_people(value).value());
        }
        if (is_mmhs(each)) outcome["mmhs"][each.oid] = hexadecimal(der::write(value));
        if (each.oid != mixer::oid_rfc_822_fields) continue;
        for (const der::Value& field : value.members) outcome["carried"].push_back(field.content);
    }
}

MixerJson outcome_of_ipm(const MixerJson& result) {
    const auto octets = base::decode_base64(result["ipm"].get<std::string>());
    const auto reading = mixer::decode_ipm(octets.value_or(""));
    if (!reading) return {{"outcome", "unreadable"}};
    const mixer::Heading& heading = reading->heading;
    MixerJson names = MixerJson::array();
    MixerJson texts = MixerJson::array();
    std::size_t telephones = 0;
    for (const auto& user :
         heading.authorizing_users.value_or(std::vector<mixer::OrDescriptor>())) {
        telephones += user.telephone ? 1 : 0;
        names.push_back(user.free_form.value_or(""));
        texts.push_back(user.address ? mixer::to_text(*user.address) : "");
    }
    std::size_t requests = 0;
    for (const auto* list : {&heading.primary, &heading.copy, &heading.blind_copy}) {
        if (!*list) continue;
        for (const auto& each : **list) requests += each.requests.size();
    }
    MixerJson related = MixerJson::array();
    for (const auto& each : heading.related) related.push_back(identifier_text(each));
    MixerJson outcome{
        {"outcome", "mapped"},
        {"originator", heading.originator ? person(*heading.originator) : ""},
        {"authorizing-users", people_of(heading.authorizing_users)},
        {"names", std::move(names)},
        {"addresses", std::move(texts)},
        {"primary-recipients", recipients_of(heading.primary)},
        {"copy-recipients", recipients_of(heading.copy)},
        {"blind-copy-recipients", recipients_of(heading.blind_copy)},
        {"reply-recipients", people_of(heading.reply_recipients)},
        {"subject", heading.subject.value_or("")},
        {"requests", requests},
        {"telephones", telephones},
        {"this-ipm", identifier_text(heading.this_ipm)},
        {"local-identifier", heading.this_ipm.local},
        {"has-user", heading.this_ipm.user.has_value()},
        {"replied-to", heading.replied_to ? identifier_text(*heading.replied_to) : ""},
        {"related", std::move(related)}};
    tell_extensions(outcome, heading);
    return outcome;
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
    for (const char* name : {"From", "Sender", "MMHS-Authorizing-Users", "To", "Cc", "Bcc",
                             "Reply-To", "MMHS-Exempted-Address"}) {
        outcome[name] = people_in(message->header, name);
    }
    outcome["names"] = MixerJson::array();
    if (const auto* users = message->header.find_first("MMHS-Authorizing-Users")) {
        for (const auto& each :
             imf::parse_mailbox_list(users->body).value_or(std::vector<imf::Mailbox>())) {
            outcome["names"].push_back(each.display_name);
        }
    }
    outcome["comments"] = MixerJson::array();
    if (const auto* to = message->header.find_first("To")) {
        for (const std::string& each : mixer::comments_in(to->value())) {
            outcome["comments"].push_back(each.empty() ? "" : each.substr(1, each.size() - 2));
        }
    }
    outcome["fields"] = MixerJson::object();
    for (const imf::HeaderField& field : message->header.fields()) {
        outcome["fields"][field.name] = field.value();
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

// Each that is wanted is there with its value; null: it is not there.
bool has_all(const MixerJson& made, const MixerJson& wanted) {
    return std::ranges::all_of(wanted.items(), [&](const auto& each) {
        if (each.value().is_null()) return !made.contains(each.key());
        return made.contains(each.key()) && made[each.key()] == each.value();
    });
}

bool has_none(const MixerJson& made, const MixerJson& names) {
    return std::ranges::none_of(
        names, [&](const MixerJson& name) { return made.contains(name.get<std::string>()); });
}

bool agrees(const MixerJson& made, const std::string& aspect, const MixerJson& wanted) {
    if (aspect == "fields" || aspect == "mmhs") return has_all(made[aspect], wanted);
    if (aspect == "absent") return has_none(made["fields"], wanted);
    const auto stands_in = [&](const std::string& field) {
        return [text = made["fields"].value(field, "")](const MixerJson& each) {
            return text.contains(each.get<std::string>());
        };
    };
    if (aspect == "mentioned") return std::ranges::all_of(wanted, stands_in("To"));
    if (aspect == "never") {
        return std::ranges::none_of(wanted, stands_in("MMHS-Authorizing-Users"));
    }
    return made.contains(aspect) && made[aspect] == wanted;
}

std::string fault_of(const MixerVector& vector, const MixerJson& answer) {
    MixerJson outcome{{"outcome", answer["outcome"]}};
    if (answer["outcome"] == "mapped") {
        outcome =
            vector.operation == "to-x400" ? outcome_of_ipm(answer) : outcome_of_message(answer);
    }
    const MixerJson& wanted = vector.outcomes.front();
    for (const auto& [key, value] : wanted.items()) {
        // Which kind of string a number is in, the heading does not say.
        if (key == "reading" || key == "numeric") continue;
        if (!agrees(outcome, key, value)) {
            return key + " of " + outcome.dump() + " instead of " + value.dump();
        }
    }
    return "";
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
    MixerJson made{{"id", fmt::format("mixer/{}/{}/{}", vector.operation, word, vector.name)},
                   {"case", fmt::format("release/gateway/{}-{}", vector.operation, group)},
                   {"edition", word},
                   {"requirement", requirement_of(vector, edition)}};
    if (!vector.also.empty()) made["also"] = vector.also;
    made["flags"] = std::move(flags);
    made["input"] = vector.input;
    made["expected"] = {{"outcomes", vector.outcomes}};
    made["reference"] = answer;
    made["note"] = vector.note;
    return made;
}

bool is_for(const MixerVector& vector, base::Edition edition) {
    return vector.editions == MixerEditions::Both ||
           (vector.editions == MixerEditions::Draft) == (edition == base::Edition::Draft);
}

// `base` with the aspects of `more`, which go before.
MixerJson with(MixerJson base, const MixerJson& more) {
    for (const auto& [key, value] : more.items()) base[key] = value;
    return base;
}

}  // namespace

MixerJson heading_json(const MixerJson& more) {
    return with({{"outcome", "mapped"},
                 {"originator", "a@example.mil"},
                 {"authorizing-users", MixerJson::array()},
                 {"primary-recipients", {"to@example.org"}}},
                more);
}

MixerJson header_json(const MixerJson& more) {
    return with({{"outcome", "mapped"},
                 {"kind", "military"},
                 {"From", {"a@example.mil"}},
                 {"Sender", MixerJson::array()},
                 {"MMHS-Authorizing-Users", MixerJson::array()}},
                more);
}

MixerFiles make_mixer_vectors() {
    MixerVectors all;
    for (const auto add :
         {add_to_x400_vectors, add_to_x400_heading_vectors, add_to_x400_address_vectors,
          add_to_x400_military_vectors, add_from_x400_vectors, add_from_x400_encoding_vectors,
          add_from_x400_heading_vectors, add_from_x400_address_vectors,
          add_from_x400_military_vectors}) {
        add(all);
    }
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
