#pragma once

#include <string>
#include <utility>
#include <vector>

#include "vectors/release_author.h"

// How outcomes of an authorizing user's agent are written down, and its vectors. For the files of
// this module.
namespace mailassay::vectors {

inline ReleaseJson end(const char* outcome, ReleaseJson more = ReleaseJson::object()) {
    ReleaseJson made{{"outcome", outcome}};
    made.update(more);
    return made;
}

// The two ways to keep a message from going on where the text leaves the choice.
inline std::vector<ReleaseJson> stays(const char* usual = "set-aside",
                                      const char* other = "returned") {
    return {end(usual), end(other)};
}

// Released with these users in the field, after a review and with the user's signature.
inline ReleaseJson released(const std::vector<std::string>& users) {
    return end(
        "released",
        {{"users", release_list(users)}, {"reviewed", true}, {"kept", true}, {"signed", true}});
}

inline ReleaseJson to_next(int next, const std::vector<std::string>& users) {
    return end("to-next", {{"next", officer_address(next)},
                           {"users", release_list(users)},
                           {"reviewed", true},
                           {"kept", true},
                           {"signed", true}});
}

// Goes on as it came.
inline ReleaseJson untouched(const char* outcome, ReleaseJson more = ReleaseJson::object()) {
    ReleaseJson made{{"outcome", outcome}, {"reviewed", false}, {"unchanged", true}};
    made.update(more);
    return made;
}

// Vectors of one case, which share their clauses.
class Group {
  public:
    Group(ReleaseVectors& all, std::string name, std::vector<std::string> clauses)
        : all_(all), name_(std::move(name)), clauses_(std::move(clauses)) {}

    ReleaseVector& add(const std::string& name, std::string note, std::string message,
                       std::vector<ReleaseJson> outcomes, ReleaseJson policy = release_policy(),
                       int officer = 1, const char* decision = "release") const {
        const std::string user = officer_address(officer);
        all_.push_back({.operation = "authorize",
                        .who = "agent",
                        .name = name_ + "/" + name,
                        .clauses = clauses_,
                        .note = std::move(note),
                        .message = std::move(message),
                        .input = {{"policy", std::move(policy)},
                                  {"user", user},
                                  {"decision", decision},
                                  {"signer", "officer-" + user.substr(0, user.find('@'))}},
                        .outcomes = std::move(outcomes)});
        return all_.back();
    }

  private:
    ReleaseVectors& all_;
    std::string name_;
    std::vector<std::string> clauses_;
};

}  // namespace mailassay::vectors
