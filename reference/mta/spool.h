#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "mta/files.h"
#include "mta/message.h"

namespace mailassay::mta {

// What recovery found.
struct Recovered {
    std::vector<std::string> ids;      // messages still to be delivered
    std::vector<std::string> damaged;  // files that could not be read, now in damaged/
};

// Messages on disk. The promise of RFC 5321 section 6.1: once add() has returned an id, the
// message is found by the next open(), whatever happened to the process or the power, until
// remove() of that id. A crash within update() or remove() leaves the state before or after it.
//
//   incoming/   being written; emptied by open()
//   messages/   one file a message, named by its id
//   progress/   how far delivery has come, absent before the first round
//   damaged/    what could not be read, kept for a person
//
// Safe to call from several threads; one id belongs to one thread at a time.
class Spool {
  public:
    // `files` and `random` must outlive the spool. Reads what is there into `recovered`.
    // Errors: mta.files.*.
    [[nodiscard]] static Result<std::unique_ptr<Spool>> open(Files& files, base::Random& random,
                                                             Recovered& recovered);

    // A new id. The caller puts it into the message before add(), and into trace fields.
    [[nodiscard]] std::string new_id();

    // Makes the message durable. On an error nothing was promised: answer 451.
    [[nodiscard]] Result<void> add(const Message& message);

    [[nodiscard]] Result<Message> load(const std::string& id);
    // initial_progress() when none was written.
    [[nodiscard]] Result<Progress> load_progress(const Message& message);
    [[nodiscard]] Result<void> update(const std::string& id, const Progress& progress);
    [[nodiscard]] Result<void> remove(const std::string& id);

  private:
    Spool(Files& files, base::Random& random) : files_(files), random_(random) {}

    [[nodiscard]] Result<void> prepare();
    [[nodiscard]] Result<void> recover(Recovered& recovered);
    [[nodiscard]] Result<void> drop_orphans(const std::vector<std::string>& ids);
    [[nodiscard]] Result<bool> recover_message(const std::string& id);

    Files& files_;
    base::Random& random_;
    std::mutex random_mutex_;
};

}  // namespace mailassay::mta
