#include "mta/queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "mta/bouncer.h"
#include "mta/outgoing.h"
#include "mta/plan.h"

namespace mailassay::mta {

struct Queue::Round {
    Message message;
    Progress progress;
    std::vector<Group> groups;
    // Guarded by the queue's mutex:
    std::vector<std::optional<RecipientResult>> results;
    std::size_t groups_left = 0;
};

struct Queue::Task {
    std::shared_ptr<Round> round;
    std::size_t group = 0;
};

Queue::Queue(const QueueParts& parts) : parts_(parts) {}

Queue::~Queue() {
    stop();
}

void Queue::add(const std::string& id, base::TimePoint due) {
    {
        const std::lock_guard lock(mutex_);
        due_.emplace(due, id);
    }
    due_changed_.notify_one();
}

void Queue::start() {
    threads_.emplace_back([this] { schedule(); });
    for (std::size_t index = 0; index < parts_.config.client.max_deliveries; ++index) {
        threads_.emplace_back([this] { work(); });
    }
}

void Queue::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    due_changed_.notify_all();
    tasks_changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
}

// Turns due messages into tasks; no more rounds at a time than there are workers, so that the
// memory for messages under way is bounded.
void Queue::schedule() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        if (due_.empty() || active_rounds_ >= parts_.config.client.max_deliveries) {
            due_changed_.wait(lock);
            continue;
        }
        const auto first = due_.begin();
        if (first->first > parts_.clock.now()) {
            due_changed_.wait_until(lock, first->first);
            continue;
        }
        const std::string id = first->second;
        due_.erase(first);
        ++active_rounds_;
        lock.unlock();
        const std::shared_ptr<Round> round = take_up(id);
        lock.lock();
        if (!round) {
            --active_rounds_;
            continue;
        }
        for (std::size_t group = 0; group < round->groups.size(); ++group) {
            tasks_.push_back({.round = round, .group = group});
        }
        tasks_changed_.notify_all();
    }
}

std::shared_ptr<Queue::Round> Queue::take_up(const std::string& id) {
    auto message = parts_.spool.load(id);
    if (!message) {
        parts_.log.event("unreadable", {{"id", id}, {"detail", to_string(message.error())}});
        return nullptr;
    }
    const auto progress = parts_.spool.load_progress(*message);
    auto round = std::make_shared<Round>();
    // Unreadable progress: beginning anew may deliver twice, which is better than not at all.
    round->progress = progress ? *progress : initial_progress(*message);
    round->message = std::move(*message);
    round->groups = group_by_domain(round->message, round->progress);
    round->results.resize(round->message.envelope.recipients.size());
    round->groups_left = round->groups.size();
    if (round->groups.empty()) {
        (void)parts_.spool.remove(id);
        return nullptr;
    }
    return round;
}

void Queue::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        tasks_changed_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
        if (tasks_.empty()) return;
        const Task task = std::move(tasks_.front());
        tasks_.pop_front();
        Round& round = *task.round;
        // At the end what was not begun stays pending, but what was done is still written down.
        if (!stopping_) {
            const Group& group = round.groups[task.group];
            lock.unlock();
            GroupResults results = serve(round.message, group);
            lock.lock();
            for (std::size_t index = 0; index < results.size(); ++index) {
                round.results[group.recipients[index]] = std::move(results[index]);
            }
        }
        if (--round.groups_left != 0) continue;
        lock.unlock();
        settle_round(round);
        lock.lock();
        --active_rounds_;
        due_changed_.notify_one();
    }
}

// A fault of ours must not end the service for the other messages.
GroupResults Queue::serve(const Message& message, const Group& group) {
    try {
        return parts_.deliverer.deliver(message, group);
    } catch (const std::exception& fault) {
        parts_.log.event("fault", {{"id", message.id}, {"detail", fault.what()}});
        const RecipientResult later = make_result(
            Outcome::Deferred, {.cls = 4, .subject = 3, .detail = 0}, "Delivery failed locally.");
        return GroupResults(group.recipients.size(), later);
    }
}

void Queue::settle_round(const Round& round) {
    const std::string& id = round.message.id;
    Settlement settlement = settle(round.message, round.progress, round.results,
                                   parts_.config.queue, parts_.clock.now());
    Progress& progress = settlement.progress;
    if (!bounce(round.message, settlement.failures)) {
        // The spool did not take the bounce: the failures stay pending until it does.
        for (const Failure& failure : settlement.failures) {
            progress.fates[failure.recipient] = Fate::Pending;
        }
        progress.next_attempt = parts_.clock.now() + parts_.config.queue.retry;
    }
    const bool finished = progress.is_finished();
    const auto written = finished ? parts_.spool.remove(id) : parts_.spool.update(id, progress);
    if (!written) {
        parts_.log.event("spool-error", {{"id", id}, {"detail", to_string(written.error())}});
    }
    if (!finished) add(id, progress.next_attempt);
}

// False when a bounce is due and could not be made durable.
bool Queue::bounce(const Message& message, const std::vector<Failure>& failures) {
    if (failures.empty()) return true;
    const Reporter reporter{.hostname = parts_.config.server.hostname,
                            .now = parts_.clock.now(),
                            .random = parts_.random};
    auto report = make_bounce(message, failures, parts_.rules, reporter);
    if (!report) {
        std::string_view why = "the reverse-path can't be reported to";
        if (report.error() == Silence::NullReversePath) why = "the message is a bounce itself";
        if (report.error() == Silence::NotWanted) why = "NOTIFY does not ask for one";
        parts_.log.event("no-bounce", {{"id", message.id}, {"why", std::string(why)}});
        return true;
    }
    report->id = parts_.spool.new_id();
    if (const auto stored = parts_.spool.add(*report); !stored) {
        parts_.log.event("spool-error",
                         {{"id", message.id}, {"detail", to_string(stored.error())}});
        return false;
    }
    parts_.log.event("bounced", {{"id", message.id},
                                 {"bounce", report->id},
                                 {"to", message.envelope.reverse_path.address()}});
    add(report->id, report->arrival);
    return true;
}

}  // namespace mailassay::mta
