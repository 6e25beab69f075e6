#include "simulate/ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mailassay::simulate {

using requiretls::Tag;

namespace {
constexpr std::size_t longest_story = 400;
}

std::string_view describe(Broken broken) {
    switch (broken) {
        case Broken::UnfitHop:
            return "a tagged message crossed an unfit hop";
        case Broken::WithoutParameter:
            return "a tagged message was relayed without REQUIRETLS on MAIL";
        case Broken::TagLost:
            return "a server took a tagged message and forgot its tag";
        case Broken::Vanished:
            return "a message vanished without a report";
        case Broken::ReportedTwice:
            return "a failure was reported twice";
        case Broken::BadReport:
            return "a report has a sender, or returns content that it must not";
        case Broken::ReportDropped:
            return "a report was given up before its time was over";
    }
    return "";
}

void Ledger::submitted(Number message, Tag tag, bool ends_adopt, std::string_view from,
                       std::string_view to) {
    Entry& entry = entries_[message];
    entry.tag = tag;
    entry.ends_adopt = ends_adopt;
    const std::string_view kind = tag == Tag::Required ? " with REQUIRETLS" : "";
    note(message, now_, fmt::format("submitted{} from {} to {}", kind, from, to));
}

void Ledger::spooled(Number message) {
    ++entries_.at(message).copies;
}

// The last copy takes the entry with it, so that memory is bounded by what is under way.
void Ledger::finished(Number message) {
    Entry& entry = entries_.at(message);
    if (--entry.copies != 0) return;
    settle(message, entry);
    entries_.erase(message);
}

void Ledger::crossed(Number message, std::string_view report, const HopTruth& hop, bool parameter) {
    Entry& entry = entries_.at(message);
    ++checks_;
    if (Report* about = find_report(entry, report)) {
        // A bounce is exempt from the steps, section 4.2.1; what it was given is counted.
        about->is_protected = about->is_protected && parameter && hop.is_fit(edition_);
        return;
    }
    if (entry.tag != Tag::Required) return;
    if (!hop.is_fit(edition_)) return breaks(Broken::UnfitHop, message);
    if (!parameter) breaks(Broken::WithoutParameter, message);
}

void Ledger::tag_after_receipt(Number message, std::string_view, Tag tag, bool parameter,
                               bool aware) {
    ++checks_;
    if (aware && parameter && tag != Tag::Required) breaks(Broken::TagLost, message);
}

void Ledger::delivered(Number message, std::string_view report) {
    Entry& entry = entries_.at(message);
    Report* about = find_report(entry, report);
    if (about == nullptr) {
        ++entry.deliveries;
        return;
    }
    ++checks_;
    if (++about->arrivals > 1 + entry.excused) breaks(Broken::ReportedTwice, message);
}

void Ledger::intercepted(Number message, std::string_view report) {
    Entry& entry = entries_.at(message);
    if (Report* about = find_report(entry, report)) {
        about->was_intercepted = true;
    } else {
        ++entry.interceptions;
    }
}

void Ledger::reported(Number message, std::string_view copy, std::size_t recipient,
                      std::string_view report) {
    Entry& entry = entries_.at(message);
    entry.reports.try_emplace(std::string(report));
    ++checks_;
    if (++entry.failures[fmt::format("{}/{}", copy, recipient)] > 1 + entry.excused) {
        breaks(Broken::ReportedTwice, message);
    }
}

void Ledger::report_form(Number message, bool null_path, bool holds_body) {
    ++checks_;
    const bool tagged = entries_.at(message).tag == Tag::Required;
    if (tagged && (!null_path || holds_body)) breaks(Broken::BadReport, message);
}

void Ledger::report_expired(Number message, std::string_view report) {
    if (Report* about = find_report(entries_.at(message), report)) about->has_expired = true;
}

void Ledger::report_dropped(Number message) {
    ++checks_;
    breaks(Broken::ReportDropped, message);
}

void Ledger::vanished(Number message) {
    breaks(Broken::Vanished, message);
}

void Ledger::crashed(Number message) {
    ++entries_.at(message).excused;
    note(message, now_, "crash before that was written down or acknowledged");
}

void Ledger::note(Number message, base::TimePoint now, std::string words) {
    Entry& entry = entries_.at(message);
    if (entry.story.size() >= longest_story) return;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - start_).count();
    entry.story.push_back(fmt::format("{:>9} s  {}", seconds, words));
}

void Ledger::close() {
    std::vector<Number> left;
    for (const auto& [number, entry] : entries_) left.push_back(number);
    std::ranges::sort(left);
    for (const Number number : left) breaks(Broken::Vanished, number);
    entries_.clear();
}

const Tally& Ledger::tally(Tag tag) const {
    return tallies_[static_cast<std::size_t>(tag)];
}
Tally& Ledger::tally_of(Tag tag) {
    return tallies_[static_cast<std::size_t>(tag)];
}

Ledger::Report* Ledger::find_report(Entry& entry, std::string_view report) {
    const auto found = entry.reports.find(report);
    return found == entry.reports.end() ? nullptr : &found->second;
}

void Ledger::breaks(Broken broken, Number message) {
    if (violation_) return;
    std::string story;
    for (const std::string& line : entries_.at(message).story) story += line + "\n";
    violation_ = Violation{.broken = broken, .message = message, .story = std::move(story)};
}

// No copy is left anywhere, so nothing more can happen to the message.
void Ledger::settle(Number message, const Entry& entry) {
    ++checks_;
    if (entry.deliveries == 0 && entry.interceptions == 0 && entry.reports.empty()) {
        breaks(Broken::Vanished, message);
    }
    Tally& tally = tally_of(entry.tag);
    ++tally.messages;
    const bool arrived = entry.reports.empty() && entry.interceptions == 0;
    tally.arrived += arrived ? 1 : 0;
    tally.failed += entry.reports.empty() ? 0 : 1;
    tally.intercepted += entry.interceptions > 0 ? 1 : 0;
    tally.between_adopters += entry.ends_adopt ? 1 : 0;
    tally.arrived_between_adopters += entry.ends_adopt && arrived ? 1 : 0;
    for (const auto& [id, report] : entry.reports) {
        ++tally.reports;
        if (report.arrivals > 0) {
            ++tally.reports_arrived;
            tally.reports_protected += report.is_protected ? 1 : 0;
        } else if (report.was_intercepted) {
            ++tally.reports_intercepted;
        } else if (report.has_expired) {
            ++tally.reports_expired;
        } else {
            breaks(Broken::Vanished, message);
        }
    }
}

}  // namespace mailassay::simulate
