#include "vectors/release_vectors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/base64.h"
#include "imf/header.h"
#include "release/authorize.h"
#include "vectors/reference_answer.h"
#include "vectors/release_author.h"

namespace mailassay::vectors {

namespace {

std::string_view word_for(base::Edition edition) {
    return edition == base::Edition::Rfc ? "rfc" : "draft";
}

ReleaseJson answer_of(const ReleaseVector& vector, base::Edition edition,
                      const Material& material) {
    ReleaseJson request = vector.input;
    request["op"] = vector.operation;
    request["edition"] = word_for(edition);
    request["message"] = base::encode_base64(vector.message);
    request["time"] = release_time;
    request["trust"] = release_list({material.certificates.at("root").to_pem()});
    for (const char* who : {"signer", "opener"}) {
        if (!request.contains(who)) continue;
        const std::string name = request[who];
        request[who] = {{"certificate", material.certificates.at(name).to_pem()},
                        {"key", material.keys.at(name).to_pem()}};
    }
    return reference_answer(std::move(request));
}

// What is for those to say who did not write this: whether octets are kept, which signatures hold,
// and what a notice says.
constexpr std::array<std::string_view, 9> for_others{
    "reading", "kept", "signed", "signer", "signers", "countersigners", "told", "report", "said"};

// The users in the field of what goes on.
ReleaseJson users_in(const std::string& message, base::Edition edition) {
    const auto parsed = imf::parse_message(message);
    if (!parsed) return "unreadable";
    ReleaseJson all = ReleaseJson::array();
    for (const std::string& body : release::field_bodies(parsed->header)) {
        const auto field = release::parse_field(body, edition);
        if (!field) return "unreadable";
        for (const imf::Mailbox& user : field->users()) all.push_back(user.address());
    }
    return all;
}

// What there is to see of an answer, by the words of the vectors.
ReleaseJson seen_of(const ReleaseVector& vector, const ReleaseJson& answer, base::Edition edition) {
    if (!answer.contains("result")) return answer;
    const ReleaseJson& result = answer["result"];
    ReleaseJson seen{{"outcome", result["outcome"]}};
    if (result.contains("recipients")) {
        for (const auto& each : result["recipients"]) seen["fates"].push_back(each["fate"]);
    }
    if (result.contains("users")) seen["proven"] = result["users"];
    if (!result.contains("steps")) return seen;
    const auto& steps = result["steps"];
    seen["reviewed"] = std::ranges::find(steps, "review") != steps.end();
    if (result.contains("next") && result["next"].is_string()) seen["next"] = result["next"];
    if (!result.contains("message")) return seen;
    const std::string message =
        base::decode_base64(result["message"].get<std::string>()).value_or("");
    seen["users"] = users_in(message, edition);
    seen["unchanged"] = message == vector.message;
    return seen;
}

std::string fault_of(const ReleaseVector& vector, const ReleaseJson& answer,
                     base::Edition edition) {
    const ReleaseJson seen = seen_of(vector, answer, edition);
    for (const auto& [aspect, wanted] : vector.outcomes.front().items()) {
        if (std::ranges::find(for_others, aspect) != for_others.end()) continue;
        if (!seen.contains(aspect) || seen[aspect] != wanted) {
            return fmt::format("{} instead of {}", seen.dump(), vector.outcomes.front().dump());
        }
    }
    return "";
}

bool is_for(const ReleaseVector& vector, base::Edition edition) {
    return vector.editions == ReleaseEditions::Both ||
           (vector.editions == ReleaseEditions::Draft) == (edition == base::Edition::Draft);
}

ReleaseVectors all_vectors(const Mail& mail) {
    ReleaseVectors all;
    add_origin_vectors(mail, all);
    add_own_entry_vectors(mail, all);
    add_review_vectors(mail, all);
    add_entry_vectors(mail, all);
    add_onward_vectors(mail, all);
    add_malformed_vectors(mail, all);
    add_protection_vectors(mail, all);
    add_check_vectors(mail, all);
    add_recipient_vectors(mail, all);
    return all;
}

class Writer {
  public:
    explicit Writer(const Material& material) : material_(material) {}

    ReleaseFiles written(const ReleaseVectors& all) {
        for (const ReleaseVector& vector : all) {
            const std::string file = fmt::format("messages/{}/{}.eml", vector.who, vector.name);
            if (!made_.files.emplace(file, vector.message).second) {
                made_.disagreements.push_back(file + ": stands twice");
            }
            for (const auto edition : {base::Edition::Rfc, base::Edition::Draft}) {
                if (is_for(vector, edition)) add(vector, edition, file);
            }
        }
        for (const auto& [operation, list] : lists_) {
            const ReleaseJson file{{"schema", 1}, {"vectors", list}};
            made_.files[operation + ".json"] = file.dump(1) + "\n";
        }
        return std::move(made_);
    }

  private:
    void add(const ReleaseVector& vector, base::Edition edition, const std::string& file) {
        const ReleaseJson answer = answer_of(vector, edition, material_);
        const std::string id =
            fmt::format("release/{}/{}/{}", vector.who, word_for(edition), vector.name);
        const std::string fault = fault_of(vector, answer, edition);
        if (!fault.empty()) made_.disagreements.push_back(id + ": " + fault);
        ReleaseJson flags = ReleaseJson::array();
        if (vector.outcomes.size() > 1) flags.push_back("reading");
        ReleaseJson input{{"message", file}};
        input.update(vector.input);
        ReleaseJson reference = answer.value("result", ReleaseJson::object());
        // It is as large as the message, and whoever wants it asks for it.
        reference.erase("message");
        if (reference.contains("notice")) reference["notice"].erase("message");
        lists_[vector.operation].push_back(
            {{"id", id},
             {"case", fmt::format("release/{}/{}", vector.who,
                                  vector.name.substr(0, vector.name.find('/')))},
             {"edition", word_for(edition)},
             {"clauses", vector.clauses},
             {"flags", std::move(flags)},
             {"input", std::move(input)},
             {"expected", {{"outcomes", vector.outcomes}}},
             {"reference", std::move(reference)},
             {"note", vector.note}});
        ++made_.count;
    }

    const Material& material_;
    std::map<std::string, ReleaseJson> lists_ = {};
    ReleaseFiles made_ = {};
};

}  // namespace

ReleaseFiles make_release_vectors(const Material& material) {
    return Writer(material).written(all_vectors(Mail(material)));
}

}  // namespace mailassay::vectors
