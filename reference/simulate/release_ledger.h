#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// What became of each draft, and whether that may be. Knows nothing of the rules: who approved what
// is what people did, and not what a message says about them.
namespace mailassay::simulate {

// What is broken when it happens even once.
enum class ReleaseBroken : std::uint8_t {
    Unauthorized,   // a message left the organization without enough approvals
    OutOfOrder,     // with enough, but not in the order that the policy has
    Misdirected,    // to somebody to whom its drafter did not address it
    BlindSeen,      // with the address of a blind-copy recipient in it
    ReleasedTwice,  // two releases of one draft left
    Repeated,       // one left twice, with no lost reply to excuse it
    StoppedBehind,  // what the submission server let out did not pass the border
    Lost,           // a draft that was taken ended nowhere, and nobody was told
    Endless,        // its way did not end
};
[[nodiscard]] std::string_view describe(ReleaseBroken broken);

struct ReleaseViolation {
    ReleaseBroken broken = ReleaseBroken::Lost;
    std::string story = {};  // of the draft, one line an event
};

// How many officers a message needs, and whether in the order of their numbers.
struct Needed {
    std::size_t officers = 1;
    bool is_ordered = false;
};

enum class DraftEnd : std::uint8_t { Delivered, Returned, Discarded, Redrafted, Held, Refused };

class ReleaseLedger {
  public:
    explicit ReleaseLedger(Needed needed) : needed_(needed) {}

    // A draft was taken for these recipients; `blind` is one of them, or empty. Drafts are told
    // apart by `draft`, a text of their own.
    void taken(std::string_view draft, const std::vector<std::string>& recipients,
               std::string_view blind);
    // This officer looked at the draft and let it go.
    void approved(std::string_view draft, std::size_t officer);
    void ended(std::string_view draft, DraftEnd end);
    // A reply or a connection was lost: what was handed in may come once more.
    void reply_lost(std::string_view draft);
    // It left the organization. `signed_by` are the officers whose signatures on it hold, and
    // `release` is what tells one release of the draft from another.
    void left(std::string_view draft, const std::string& recipient, std::string_view release,
              const std::set<std::size_t>& signed_by, std::string_view octets);
    void breaks(ReleaseBroken broken, std::string_view draft);
    // For the story alone.
    void note(std::string_view draft, std::string words);

    // What was taken and ended nowhere is lost.
    void close();

    [[nodiscard]] const std::optional<ReleaseViolation>& violation() const { return violation_; }
    // How the drafts ended; one that was delivered may have been returned by another officer.
    [[nodiscard]] std::vector<DraftEnd> ends() const;

  private:
    struct Draft {
        std::set<std::string> recipients;
        std::string blind;
        std::vector<std::size_t> approvals;  // in the order of time
        std::set<DraftEnd> ends;
        std::map<std::string, std::size_t> deliveries;  // by recipient
        std::string release;
        std::size_t lost_replies = 0;
        bool was_taken = false;
        std::vector<std::string> story;
    };

    [[nodiscard]] Draft& of(std::string_view draft) { return drafts_[std::string(draft)]; }
    void check_approvals(std::string_view draft, const std::set<std::size_t>& signed_by);

    Needed needed_;
    std::map<std::string, Draft, std::less<>> drafts_;
    std::optional<ReleaseViolation> violation_;  // the first
};

}  // namespace mailassay::simulate
