#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
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
    // Another message of the drafter's, likewise.
    [[nodiscard]] std::string another() const {
        return wrapped(draft("", "The fleet sinks.\r\n"), "drafter");
    }
    // The drafter's, authorized by these one after the other: addresses and keys.
    [[nodiscard]] std::string authorized(
        const std::vector<std::pair<std::string, std::string>>& officers) const;
    // Another message, likewise.
    [[nodiscard]] std::string authorized_of(
        std::string message,
        const std::vector<std::pair<std::string, std::string>>& officers) const;
    // Those of the usual policy, by number: {1, 2}.
    [[nodiscard]] std::string authorized_by(const std::vector<int>& officers) const;
    // Encrypted to that certificate, and signed by nobody, or with that key.
    [[nodiscard]] std::string sealed(std::string_view to = "bob-rsa",
                                     std::string_view key = "drafter") const;
    // A signed message encrypted to that certificate and signed again (RFC 2634 section 1.1).
    [[nodiscard]] std::string triple_wrapped(std::string_view to) const;

    // The outermost signature with one more signer beside it, or a countersignature on each of its
    // signers.
    [[nodiscard]] std::string with_signer(const std::string& message, std::string_view key) const;
    [[nodiscard]] std::string countersigned(const std::string& message, std::string_view key) const;
    // With a countersignature on the one that is on its outermost signature.
    [[nodiscard]] std::string countersigned_again(const std::string& message,
                                                  std::string_view key) const;
    // A message whose drafter's signature has the countersignatures of another one's.
    [[nodiscard]] static std::string with_countersignatures_of(const std::string& from,
                                                               const std::string& to);

    // With a DKIM signature on top, by that key.
    struct Domain {
        std::string agent = "one@mil.example";
        std::vector<std::string> fields = {"From", "MMHS-Authorizing-Users"};
        std::string domain = "mil.example";
        std::optional<std::uint64_t> length = std::nullopt;
        std::optional<base::TimePoint> made = base::from_timestamp(release_time);
        std::optional<base::TimePoint> until = std::nullopt;
    };
    [[nodiscard]] std::string by_domain(const std::string& message, const Domain& domain) const;
    // The records of the keys that by_domain() signs with.
    [[nodiscard]] ReleaseJson domain_keys() const;

  private:
    const Material& material_;
};

// "one@mil.example" and so on.
[[nodiscard]] std::string officer_address(int number);
// Of three officers, how many; the rest of a policy as JSON.
[[nodiscard]] ReleaseJson release_policy(int needed = 1, ReleaseJson more = ReleaseJson::object());
// A list in JSON, whatever its members are.
[[nodiscard]] ReleaseJson release_list(const std::vector<std::string>& members);

// The text with the first of those words replaced. Throws Misuse where it is not there.
[[nodiscard]] std::string replaced_once(std::string text, std::string_view from,
                                        std::string_view to);

void add_origin_vectors(const Mail& mail, ReleaseVectors& all);
void add_own_entry_vectors(const Mail& mail, ReleaseVectors& all);
void add_review_vectors(const Mail& mail, ReleaseVectors& all);
void add_entry_vectors(const Mail& mail, ReleaseVectors& all);
void add_onward_vectors(const Mail& mail, ReleaseVectors& all);
void add_malformed_vectors(const Mail& mail, ReleaseVectors& all);
void add_protection_vectors(const Mail& mail, ReleaseVectors& all);
void add_check_vectors(const Mail& mail, ReleaseVectors& all);
void add_recipient_vectors(const Mail& mail, ReleaseVectors& all);

}  // namespace mailassay::vectors
