#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "vectors/material.h"

// What the authors of the vectors of Draft and Release share.
namespace mailassay::vectors {

using ReleaseJson = nlohmann::ordered_json;

enum class ReleaseEditions : std::uint8_t { Both, Rfc, Draft };

// One question and what may come of it.
struct ReleaseVector {
    std::string operation;  // of the shim protocol
    // Whose case it is: "agent", "submission", "border", "delivery", "recipient".
    std::string who;
    std::string name;  // group/name: "own-entry/not-signed"
    std::vector<std::string>
        clauses;  // as the RFC counts them, or the draft where it alone has one
    std::string note;
    std::string message;
    ReleaseJson input;                  // the rest of the request; keys by name
    std::vector<ReleaseJson> outcomes;  // the reference's first
    ReleaseEditions editions = ReleaseEditions::Both;
};

using ReleaseVectors = std::vector<ReleaseVector>;

inline constexpr std::string_view release_time = "2026-01-01T12:00:00Z";

// Messages of a drafter, and who has signed them.
class Mail {
  public:
    explicit Mail(const Material& material) : material_(material) {}

    // A message of the drafter's, with these fields above the others.
    [[nodiscard]] static std::string draft(
        const std::string& fields = "", const std::string& body = "The fleet sails at dawn.\r\n");
    [[nodiscard]] static std::string field(const std::string& users) {
        return "MMHS-Authorizing-Users: " + users + "\r\n";
    }
    // Signed with that key, around the whole message.
    [[nodiscard]] std::string wrapped(const std::string& message, std::string_view key) const;
    // Signed with that key as most mail clients do: the body alone.
    [[nodiscard]] std::string body_signed(const std::string& message, std::string_view key) const;
    // The drafter's, signed by him.
    [[nodiscard]] std::string signed_draft() const { return wrapped(draft(), "drafter"); }
    // The same, authorized by these one after the other: addresses and keys.
    [[nodiscard]] std::string authorized(
        const std::vector<std::pair<std::string, std::string>>& officers) const;
    // Another message, likewise.
    [[nodiscard]] std::string authorized_of(
        std::string message,
        const std::vector<std::pair<std::string, std::string>>& officers) const;
    // Those of the usual policy, by number: {1, 2}.
    [[nodiscard]] std::string authorized_by(const std::vector<int>& officers) const;
    // Encrypted to somebody else, signed by the drafter.
    [[nodiscard]] std::string sealed() const;

  private:
    const Material& material_;
};

// "one@mil.example" and so on.
[[nodiscard]] std::string officer_address(int number);
// Of three officers, how many; the rest of a policy as JSON.
[[nodiscard]] ReleaseJson release_policy(int needed = 1, ReleaseJson more = ReleaseJson::object());
// A list in JSON, whatever its members are.
[[nodiscard]] ReleaseJson release_list(const std::vector<std::string>& members);

void add_origin_vectors(const Mail& mail, ReleaseVectors& all);
void add_own_entry_vectors(const Mail& mail, ReleaseVectors& all);
void add_review_vectors(const Mail& mail, ReleaseVectors& all);
void add_entry_vectors(const Mail& mail, ReleaseVectors& all);
void add_onward_vectors(const Mail& mail, ReleaseVectors& all);
void add_malformed_vectors(const Mail& mail, ReleaseVectors& all);
void add_check_vectors(const Mail& mail, ReleaseVectors& all);
void add_recipient_vectors(const Mail& mail, ReleaseVectors& all);

}  // namespace mailassay::vectors
