#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "requiretls/facts.h"

// What happened to each message, and whether that may happen. Knows nothing of the rules: what is
// right is stated here from the text, over what is true in the simulated world.
namespace mailassay::simulate {

using Number = std::uint64_t;  // of a message, from 0

// What is broken when it happens even once.
enum class Broken : std::uint8_t {
    UnfitHop,          // a tagged message crossed a hop without the properties of section 2
    WithoutParameter,  // a tagged message crossed a hop without REQUIRETLS on MAIL
    TagLost,           // a server that knows the extension took the parameter and forgot it
    Vanished,          // a recipient's copy ended without delivery, relay or report
    ReportedTwice,     // the same failure was reported again, with no crash to excuse it
    BadReport,         // not from the null reverse-path, or with content that must not return
    ReportDropped,     // a bounce was given up though time was left to deliver it
};
[[nodiscard]] std::string_view describe(Broken broken);

// What a hop was in truth, whatever the client believed.
struct HopTruth {
    bool encrypted = false;          // TLS 1.2 or newer
    bool genuine = false;            // nobody stood in the middle
    bool authenticated = false;      // and the host's certificate showed that
    bool vouched_for = false;        // DNSSEC or an enforced MTA-STS policy vouched for its name
    bool offers_requiretls = false;  // in the EHLO reply within TLS

    // Section 2 of RFC 8689; the draft asks nothing of the lookup.
    [[nodiscard]] bool is_fit(requiretls::Edition edition) const {
        return encrypted && genuine && authenticated && offers_requiretls &&
               (vouched_for || edition == requiretls::Edition::Draft);
    }
};

// How many messages, by their end; a message with several ends counts by the worst.
struct Tally {
    std::uint64_t messages = 0;
    std::uint64_t arrived = 0;  // every copy reached a mailbox
    std::uint64_t failed = 0;   // some copy failed, and a report was made
    std::uint64_t intercepted =
        0;  // some copy was taken by an attacker; if tagged, under the draft only
    std::uint64_t between_adopters = 0;
    std::uint64_t arrived_between_adopters = 0;
    std::uint64_t reports = 0;
    std::uint64_t reports_arrived = 0;
    std::uint64_t reports_protected = 0;  // arrived, each hop with REQUIRETLS, or never left home
    // Reports that no host of the way back took in time; they have nobody to be returned to.
    std::uint64_t reports_expired = 0;
    std::uint64_t reports_intercepted = 0;
};

struct Violation {
    Broken broken = Broken::Vanished;
    Number message = 0;
    std::string story;  // one line an event
};

class Ledger {
  public:
    Ledger(requiretls::Edition edition, base::TimePoint start) : edition_(edition), start_(start) {}

    // A message enters the network; `ends_adopt`: its sender's and its recipients' domains do.
    void submitted(Number message, requiretls::Tag tag, bool ends_adopt, std::string_view from,
                   std::string_view to);
    // Copies of the message, or of a report about it, that wait in some spool.
    void spooled(Number message);
    void finished(Number message);

    // A hop was crossed: the peer has the content, whatever it says then. `report` is the
    // Message-ID of the bounce, empty for the message itself.
    void crossed(Number message, std::string_view report, const HopTruth& hop, bool parameter);
    void tag_after_receipt(Number message, std::string_view report, requiretls::Tag tag,
                           bool parameter, bool aware);
    void delivered(Number message, std::string_view report);
    void intercepted(Number message, std::string_view report);
    // The relayed copy that `copy` names failed for this recipient, and this bounce tells of it.
    void reported(Number message, std::string_view copy, std::size_t recipient,
                  std::string_view report);
    void report_form(Number message, bool null_path, bool holds_body);
    void report_expired(Number message, std::string_view report);
    void report_dropped(Number message);
    void vanished(Number message);
    // A crash came between an act and its being written down: one repetition is excused.
    void crashed(Number message);

    // For the story alone. `words` must be short.
    void note(Number message, base::TimePoint now, std::string words);
    void now(base::TimePoint now) { now_ = now; }

    // Anything still unfinished has vanished.
    void close();

    [[nodiscard]] const Tally& tally(requiretls::Tag tag) const;
    [[nodiscard]] const std::optional<Violation>& violation() const { return violation_; }
    [[nodiscard]] std::uint64_t checks() const { return checks_; }
    [[nodiscard]] std::size_t open_messages() const { return entries_.size(); }

  private:
    struct Report {
        std::uint32_t arrivals = 0;
        bool is_protected = true;
        bool has_expired = false;
        bool was_intercepted = false;
    };
    struct Entry {
        requiretls::Tag tag = requiretls::Tag::None;
        bool ends_adopt = false;
        std::uint32_t copies = 0;  // in spools
        std::uint32_t deliveries = 0;
        std::uint32_t interceptions = 0;
        std::uint32_t excused = 0;
        std::map<std::string, Report, std::less<>> reports;
        std::map<std::string, std::uint32_t> failures;  // times reported, by copy and recipient
        std::vector<std::string> story;
    };

    void breaks(Broken broken, Number message);
    void settle(Number message, const Entry& entry);
    Report* find_report(Entry& entry, std::string_view report);
    [[nodiscard]] Tally& tally_of(requiretls::Tag tag);

    requiretls::Edition edition_;
    base::TimePoint start_;
    base::TimePoint now_;
    std::unordered_map<Number, Entry> entries_;
    Tally tallies_[3];
    std::optional<Violation> violation_;  // the first
    std::uint64_t checks_ = 0;
};

}  // namespace mailassay::simulate
