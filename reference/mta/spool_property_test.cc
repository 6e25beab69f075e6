// The spool's promise under power cuts and failing disks: whatever operation is cut short, and
// whichever of the operations not yet synced the disk happened to keep, no acknowledged message is
// lost or changed.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "mta/spool.h"

namespace mailassay::mta {
namespace {

struct PowerCut {};

// A disk that keeps what was synced and forgets any part of the rest.
class UnreliableFiles final : public Files {
  public:
    enum class Trouble : std::uint8_t { PowerCut, Error };

    void trouble_at(std::size_t operation, Trouble trouble) {
        countdown_ = operation;
        trouble_ = trouble;
    }
    [[nodiscard]] bool had_trouble() const { return had_trouble_; }

    // The machine comes up again. Bit i of `kept` says whether unsynced operation i reached the
    // disk.
    void restart(std::uint64_t kept) {
        for (std::size_t index = 0; index < pending_.size(); ++index) {
            if ((kept >> (index % 64) & 1U) != 0) apply(durable_, pending_[index]);
        }
        pending_.clear();
        names_ = durable_;
        countdown_.reset();
    }

    Result<void> write_new(const std::string& path, std::string_view octets) override {
        if (names_.contains(path)) return std::unexpected(Error{.id = "test.exists"});
        if (const auto trouble = step()) {
            // A part may be there already, under its name.
            change({.add = path, .octets = std::string(octets.substr(0, octets.size() / 2))});
            return fail(*trouble);
        }
        change({.add = path, .octets = std::string(octets)});
        return {};
    }
    Result<void> rename(const std::string& from, const std::string& to) override {
        if (const auto trouble = step()) return fail(*trouble);
        const auto source = names_.find(from);
        if (source == names_.end()) return std::unexpected(Error{.id = "test.missing"});
        const std::string octets = source->second;
        change({.add = to, .octets = octets, .remove = from});
        return {};
    }
    Result<void> remove(const std::string& path) override {
        if (const auto trouble = step()) return fail(*trouble);
        if (names_.contains(path)) change({.remove = path});
        return {};
    }
    Result<void> sync_directory(const std::string& path) override {
        if (const auto trouble = step()) return fail(*trouble);
        std::deque<Change> left;
        for (const Change& each : pending_) {
            const bool touched = is_in(each.add, path) || is_in(each.remove, path);
            if (touched) {
                apply(durable_, each);
            } else {
                left.push_back(each);
            }
        }
        pending_ = left;
        return {};
    }
    Result<void> make_directory(const std::string&) override { return {}; }
    Result<std::string> read(const std::string& path) override {
        const auto found = names_.find(path);
        if (found == names_.end()) return std::unexpected(Error{.id = "test.missing"});
        return found->second;
    }
    Result<std::vector<std::string>> list(const std::string& path) override {
        std::vector<std::string> names;
        for (const auto& [name, octets] : names_) {
            if (is_in(name, path)) names.push_back(name.substr(path.size() + 1));
        }
        return names;
    }

  private:
    // A rename is an addition and a removal that reach the disk together.
    struct Change {
        std::string add = {};
        std::string octets = {};
        std::string remove = {};
    };
    using Names = std::map<std::string, std::string>;

    static bool is_in(const std::string& name, const std::string& folder) {
        return name.starts_with(folder + "/");
    }
    static void apply(Names& names, const Change& change) {
        if (!change.remove.empty()) names.erase(change.remove);
        if (!change.add.empty()) names[change.add] = change.octets;
    }
    void change(Change change) {
        apply(names_, change);
        pending_.push_back(std::move(change));
    }
    std::optional<Trouble> step() {
        if (!countdown_ || (*countdown_)-- != 0) return std::nullopt;
        countdown_.reset();
        had_trouble_ = true;
        return trouble_;
    }
    static std::unexpected<Error> fail(Trouble trouble) {
        if (trouble == Trouble::PowerCut) throw PowerCut{};
        return std::unexpected(Error{.id = "test.disk"});
    }

    Names names_;
    Names durable_;
    std::deque<Change> pending_;
    std::optional<std::size_t> countdown_;
    Trouble trouble_ = Trouble::PowerCut;
    bool had_trouble_ = false;
};

enum class Action : std::uint8_t { Add, Update, Remove };

Message arbitrary_message(const std::string& id) {
    Message message;
    message.id = id;
    message.tag = *rc::gen::element(requiretls::Tag::None, requiretls::Tag::Required);
    message.arrival = base::TimePoint(std::chrono::milliseconds(*rc::gen::inRange(0, 100'000)));
    message.envelope.reverse_path = {*rc::gen::arbitrary<std::string>(), "a.example"};
    message.envelope.mail_parameters = {{"REQUIRETLS", std::nullopt}, {"RET", "FULL"}};
    message.envelope.recipients.resize(*rc::gen::inRange<std::size_t>(1, 4));
    for (smtp::Recipient& recipient : message.envelope.recipients) {
        recipient.forward_path = {*rc::gen::arbitrary<std::string>(), "b.example"};
    }
    message.data = *rc::gen::arbitrary<std::string>();
    return message;
}

// Drives a spool and remembers what it has promised.
struct Ledger {
    std::map<std::string, Message> acknowledged;      // add() returned, remove() was not called
    std::map<std::string, Progress> progress;         // the last update() that returned
    std::map<std::string, Progress> progress_unsure;  // one that did not
    std::set<std::string> uncertain;                  // add() or remove() that did not return

    void perform(Spool& spool, Action action) {
        if (action == Action::Add) return add(spool);
        if (acknowledged.empty()) return;
        auto entry = acknowledged.begin();
        const auto index = *rc::gen::inRange<std::size_t>(0, acknowledged.size());
        std::advance(entry, static_cast<std::ptrdiff_t>(index));
        const Message message = entry->second;
        action == Action::Update ? update(spool, message) : remove(spool, message);
    }
    void add(Spool& spool) {
        const Message message = arbitrary_message(spool.new_id());
        uncertain.insert(message.id);
        if (!spool.add(message)) return;
        uncertain.erase(message.id);
        acknowledged.emplace(message.id, message);
    }
    void update(Spool& spool, const Message& message) {
        Progress next = initial_progress(message);
        next.attempts = *rc::gen::inRange(1U, 100U);
        progress_unsure[message.id] = next;
        if (!spool.update(message.id, next)) return;
        progress_unsure.erase(message.id);
        progress[message.id] = next;
    }
    void remove(Spool& spool, const Message& message) {
        acknowledged.erase(message.id);
        uncertain.insert(message.id);
        if (spool.remove(message.id)) uncertain.erase(message.id);
    }
    void check(Spool& spool, const Recovered& recovered) const {
        RC_ASSERT(recovered.damaged.empty());
        const std::set<std::string> found(recovered.ids.begin(), recovered.ids.end());
        for (const auto& [id, message] : acknowledged) {
            RC_ASSERT(found.contains(id));
            const auto loaded = spool.load(id);
            RC_ASSERT(loaded.has_value());
            RC_ASSERT(*loaded == message);
            const auto reached = spool.load_progress(message);
            RC_ASSERT(reached.has_value());
            const auto sure = progress.find(id);
            const Progress expected =
                sure == progress.end() ? initial_progress(message) : sure->second;
            const auto unsure = progress_unsure.find(id);
            const bool in_flight = unsure != progress_unsure.end() && *reached == unsure->second;
            RC_ASSERT(*reached == expected || in_flight);
        }
        for (const std::string& id : found) {
            RC_ASSERT(acknowledged.contains(id) || uncertain.contains(id));
        }
    }
};

void run_with(UnreliableFiles::Trouble trouble) {
    UnreliableFiles files;
    base::SeededRandom random(*rc::gen::arbitrary<std::uint64_t>());
    Ledger ledger;
    {
        Recovered nothing;
        const auto spool = Spool::open(files, random, nothing);
        RC_ASSERT(spool.has_value());
        files.trouble_at(*rc::gen::inRange<std::size_t>(0, 60), trouble);
        const auto actions =
            *rc::gen::container<std::vector<Action>>(rc::gen::weightedElement<Action>(
                {{5, Action::Add}, {3, Action::Update}, {2, Action::Remove}}));
        try {
            for (const Action action : actions) ledger.perform(**spool, action);
        } catch (const PowerCut&) {
        }
    }
    RC_CLASSIFY(files.had_trouble(), "trouble struck");
    files.restart(*rc::gen::arbitrary<std::uint64_t>());
    Recovered recovered;
    const auto spool = Spool::open(files, random, recovered);
    RC_ASSERT(spool.has_value());
    ledger.check(**spool, recovered);
}

RC_GTEST_PROP(SpoolProperty, NoPowerCutLosesAnAcknowledgedMessage, ()) {
    run_with(UnreliableFiles::Trouble::PowerCut);
}

RC_GTEST_PROP(SpoolProperty, NoDiskErrorLosesAnAcknowledgedMessage, ()) {
    run_with(UnreliableFiles::Trouble::Error);
}

RC_GTEST_PROP(SpoolProperty, EveryMessageReadsBackAsWritten, (std::string id)) {
    const Message message = arbitrary_message(id);
    const auto decoded = decode_message(encode(message));
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(*decoded == message);
}

RC_GTEST_PROP(SpoolProperty, NoFileCutShortOrChangedReadsAsTheSameMessage, (std::string id)) {
    const Message message = arbitrary_message(id);
    std::string octets = encode(message);
    const auto cut = *rc::gen::inRange<std::size_t>(0, octets.size());
    RC_ASSERT(!decode_message(octets.substr(0, cut)).has_value());
    octets[cut] = static_cast<char>(octets[cut] ^ *rc::gen::inRange(1, 128));
    const auto decoded = decode_message(octets);
    // A bool of its own: the assertion's expression does not stop at the first true half.
    const bool noticed = !decoded.has_value() || *decoded != message;
    RC_ASSERT(noticed);
}

}  // namespace
}  // namespace mailassay::mta
