#include "vectors/opes_vectors.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/base64.h"
#include "vectors/opes_author.h"
#include "vectors/reference_answer.h"

namespace mailassay::vectors {

namespace {

constexpr const char* editions[] = {"rfc", "draft"};

// The answer of the reference, without the id.
OpesJson answer_of(const OpesVector& vector, const std::string& edition) {
    OpesJson request = vector.input;
    request["id"] = "1";
    request["op"] = vector.operation;
    request["edition"] = edition;
    if (request.contains("message")) {
        request["message"] = base::encode_base64(request["message"].get<std::string>());
    }
    return reference_answer(request);
}

bool is_listed(const OpesJson& list, const OpesJson& value) {
    return std::ranges::find(list, value) != list.end();
}

// What is wrong with the reference's plan; empty: nothing.
std::string fault_of_plan(const OpesVector& vector, const OpesJson& result) {
    const OpesJson& wanted = vector.expected["recipients"];
    const OpesJson& made = result["recipients"];
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (!is_listed(wanted[i]["called"], made[i]["called"])) {
            return "calls " + made[i]["called"].dump();
        }
        if (wanted[i]["parameters"] != made[i]["parameters"]) {
            return "passes on " + made[i]["parameters"].dump();
        }
    }
    if (vector.expected["sender_parameters"] != result["sender_parameters"]) {
        return "passes on " + result["sender_parameters"].dump();
    }
    return vector.expected["field"] == result["field"] ? "" : "adds " + result["field"].dump();
}

std::string fault_of(const OpesVector& vector, const OpesJson& answer) {
    if (!answer.contains("result")) return answer.dump();
    const OpesJson& result = answer["result"];
    // The reference's own outcome stands first.
    if (vector.expected["outcomes"].front() != result["outcome"]) return result.dump();
    return result["outcome"] == "planned" ? fault_of_plan(vector, result) : "";
}

// GROUP/NAME or scenario/USE/NAME.
std::string case_of(const OpesVector& vector) {
    const std::string group = vector.name.substr(0, vector.name.rfind('/'));
    if (group.starts_with("scenario/")) return "opes/" + group;
    return (vector.operation == "report" ? "opes/reports/" : "opes/processor/") + group;
}

OpesJson written(const OpesVector& vector, const std::string& edition, const OpesJson& answer) {
    return {{"id", fmt::format("opes/{}/{}/{}", vector.operation, edition, vector.name)},
            {"case", case_of(vector)},
            {"edition", edition},
            {"requirement", vector.requirement},
            {"flags", vector.flags},
            {"input", vector.input},
            {"expected", vector.expected},
            {"reference", answer.value("result", OpesJson())},
            {"note", vector.note}};
}

}  // namespace

OpesFiles make_opes_vectors() {
    OpesVectors all;
    add_trace_vectors(all);
    add_content_vectors(all);
    add_refusal_vectors(all);
    add_bypass_vectors(all);
    add_policy_vectors(all);
    add_scenario_vectors(all);

    OpesFiles made;
    std::map<std::string, OpesJson> lists;
    std::set<std::string> names;
    for (const OpesVector& vector : all) {
        if (!names.insert(vector.operation + "/" + vector.name).second) {
            made.disagreements.push_back(vector.name + ": stands twice");
        }
        for (const char* edition : editions) {
            const OpesJson answer = answer_of(vector, edition);
            const std::string fault = fault_of(vector, answer);
            if (!fault.empty()) made.disagreements.push_back(vector.name + ": " + fault);
            lists[vector.operation].push_back(written(vector, edition, answer));
            ++made.count;
        }
    }
    for (const auto& [operation, list] : lists) {
        const OpesJson file{{"schema", 1}, {"vectors", list}};
        made.files[operation + ".json"] = file.dump(1) + "\n";
    }
    return made;
}

}  // namespace mailassay::vectors
