#pragma once

#include <condition_variable>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "logging/log.h"
#include "mta/config.h"
#include "mta/deliverer.h"
#include "mta/spool.h"
#include "requiretls/rules.h"

namespace mailassay::mta {

// What the queue works with. All must outlive it.
struct QueueParts {
    const Config& config;
    const requiretls::Rules& rules;
    Spool& spool;
    Deliverer& deliverer;
    const base::Clock& clock;
    base::Random& random;  // safe to call from several threads
    logging::Log& log;
};

// Brings spooled messages to their end. A message is taken up when it is due; the domains of its
// recipients are served at the same time, up to client.max_deliveries over all messages. When the
// last of them is done the round is settled: one bounce for all that failed in it, the rest waits
// for the next round. A bounce is in the spool before the failure is written down, so a crash can
// repeat a bounce but never lose one.
class Queue {
  public:
    explicit Queue(const QueueParts& parts);
    // Stops if that was not done.
    ~Queue();
    Queue(const Queue&) = delete;
    Queue& operator=(const Queue&) = delete;

    // A message that is in the spool and due at that time. Any thread.
    void add(const std::string& id, base::TimePoint due);

    void start();
    // Takes up nothing new and waits for deliveries under way; interrupt their links first to make
    // that quick. What is unfinished stays in the spool.
    void stop();

  private:
    struct Round;  // one message being served
    struct Task;   // one of its groups

    void schedule();
    void work();
    [[nodiscard]] std::shared_ptr<Round> take_up(const std::string& id);
    [[nodiscard]] GroupResults serve(const Message& message, const Group& group);
    void settle_round(const Round& round);
    [[nodiscard]] bool bounce(const Message& message, const std::vector<Failure>& failures);

    QueueParts parts_;
    std::mutex mutex_;
    std::condition_variable due_changed_;
    std::condition_variable tasks_changed_;
    std::multimap<base::TimePoint, std::string> due_;
    std::list<Task> tasks_;  // in the order of arrival
    std::size_t active_rounds_ = 0;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace mailassay::mta
