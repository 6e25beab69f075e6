#pragma once

#include <functional>
#include <string>

#include "base/error.h"
#include "logging/log.h"
#include "milter/conversation.h"

// The front end: the only user of libmilter.
namespace mailassay::milter {

struct Settings {
    // As libmilter has it: "unix:/run/dca.sock", "inet:8891@127.0.0.1", "inet6:8891@::1".
    std::string socket;
    Limits limits = {};
};

// Serves a role until SIGTERM, SIGINT or SIGHUP, each connection in a thread of its own. Calls
// `listening` once connections are accepted. What it says of each message stands in one line of the
// log, event "message". Once in the life of a process, since libmilter is so made. The role and the
// log have to live as long as the process: a connection that does not end within two seconds of the
// signal ends with it, and the MTA does with its message what it does when a milter is gone.
// Errors: milter.socket.syntax, milter.socket.unusable, milter.failed.
[[nodiscard]] Result<void> serve(const Role& role, const Settings& settings, logging::Log& log,
                                 const std::function<void()>& listening);

}  // namespace mailassay::milter
