#include "mta/spool.h"

#include <algorithm>

namespace mailassay::mta {

namespace {

const std::string incoming = "incoming";
const std::string messages = "messages";
const std::string progress_folder = "progress";
const std::string damaged_folder = "damaged";

std::string in(const std::string& folder, const std::string& name) {
    return folder + "/" + name;
}

}  // namespace

Result<std::unique_ptr<Spool>> Spool::open(Files& files, base::Random& random,
                                           Recovered& recovered) {
    std::unique_ptr<Spool> spool(new Spool(files, random));
    if (auto done = spool->prepare(); !done) return std::unexpected(done.error());
    if (auto done = spool->recover(recovered); !done) return std::unexpected(done.error());
    return spool;
}

Result<void> Spool::prepare() {
    for (const std::string& folder : {incoming, messages, progress_folder, damaged_folder}) {
        if (auto done = files_.make_directory(folder); !done) return done;
    }
    if (auto done = files_.sync_directory("."); !done) return done;
    // What stands in incoming/ was never acknowledged: its sender still has it.
    const auto leftovers = files_.list(incoming);
    if (!leftovers) return std::unexpected(leftovers.error());
    for (const std::string& name : *leftovers) {
        if (auto done = files_.remove(in(incoming, name)); !done) return done;
    }
    return {};
}

Result<void> Spool::recover(Recovered& recovered) {
    const auto names = files_.list(messages);
    if (!names) return std::unexpected(names.error());
    for (const std::string& id : *names) {
        const auto pending = recover_message(id);
        if (pending && *pending) recovered.ids.push_back(id);
        if (pending) continue;
        // Never deleted: it may hold a message that somebody can still read.
        if (auto done = files_.rename(in(messages, id), in(damaged_folder, id)); !done) return done;
        recovered.damaged.push_back(id);
    }
    return drop_orphans(recovered.ids);
}

// Progress whose message is gone: a crash fell between the two halves of remove().
Result<void> Spool::drop_orphans(const std::vector<std::string>& ids) {
    const auto names = files_.list(progress_folder);
    if (!names) return std::unexpected(names.error());
    for (const std::string& name : *names) {
        if (std::binary_search(ids.begin(), ids.end(), name)) continue;
        if (auto done = files_.remove(in(progress_folder, name)); !done) return done;
    }
    return {};
}

// Whether the message still has recipients to be served. An error: it can't be read.
Result<bool> Spool::recover_message(const std::string& id) {
    const auto message = load(id);
    if (!message) return std::unexpected(message.error());
    const auto progress = load_progress(*message);
    // Damaged progress costs at most a second delivery; losing the message would be worse.
    if (!progress || !progress->is_finished()) return true;
    if (auto done = remove(id); !done) return std::unexpected(done.error());
    return false;
}

std::string Spool::new_id() {
    const std::lock_guard lock(random_mutex_);
    return base::random_token(random_, 20);
}

Result<void> Spool::add(const Message& message) {
    const std::string temporary = in(incoming, message.id);
    const std::string place = in(messages, message.id);
    if (auto done = files_.write_new(temporary, encode(message)); !done) return done;
    if (auto done = files_.rename(temporary, place); !done) {
        (void)files_.remove(temporary);
        return done;
    }
    if (auto done = files_.sync_directory(messages); !done) {
        // The caller answers with a refusal and the sender tries again, so this copy has to go.
        (void)files_.remove(place);
        return done;
    }
    return {};
}

Result<Message> Spool::load(const std::string& id) {
    const auto octets = files_.read(in(messages, id));
    if (!octets) return std::unexpected(octets.error());
    auto message = decode_message(*octets);
    if (message && message->id != id) {
        return std::unexpected(Error{.id = "mta.spool.damaged", .detail = id});
    }
    return message;
}

Result<Progress> Spool::load_progress(const Message& message) {
    const auto octets = files_.read(in(progress_folder, message.id));
    if (!octets) return initial_progress(message);
    auto progress = decode_progress(*octets);
    if (!progress) return progress;
    if (progress->fates.size() != message.envelope.recipients.size()) {
        return std::unexpected(Error{.id = "mta.spool.damaged", .detail = message.id});
    }
    return progress;
}

Result<void> Spool::update(const std::string& id, const Progress& progress) {
    const std::string temporary = in(incoming, id + ".progress");
    if (auto done = files_.remove(temporary); !done) return done;
    if (auto done = files_.write_new(temporary, encode(progress)); !done) return done;
    if (auto done = files_.rename(temporary, in(progress_folder, id)); !done) return done;
    return files_.sync_directory(progress_folder);
}

Result<void> Spool::remove(const std::string& id) {
    // The message first: progress without a message is harmless, the reverse delivers twice.
    if (auto done = files_.remove(in(messages, id)); !done) return done;
    if (auto done = files_.sync_directory(messages); !done) return done;
    return files_.remove(in(progress_folder, id));
}

}  // namespace mailassay::mta
