#include "milter/conversation.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/ascii.h"

namespace mailassay::milter {

namespace {

// Where one more line begins, all lines but the first must begin with white space; otherwise the
// value would become another field, or the end of the header section.
bool is_one_value(std::string_view value) {
    for (std::size_t at = value.find('\n'); at != std::string_view::npos;
         at = value.find('\n', at + 1)) {
        if (at + 1 >= value.size() || !base::is_wsp(value[at + 1])) return false;
    }
    return !value.contains('\0');
}

std::string with_crlf(std::string_view value) {
    std::string lines;
    lines.reserve(value.size() + value.size() / 32);
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] == '\n' && (i == 0 || value[i - 1] != '\r')) lines += '\r';
        lines += value[i];
    }
    return lines;
}

}  // namespace

std::string_view Path::bare() const {
    std::string_view path = address;
    if (path.starts_with('<')) path.remove_prefix(1);
    if (path.ends_with('>')) path.remove_suffix(1);
    return path;
}

bool is_temporary(const Reply& reply) {
    return reply.code.starts_with('4');
}

void Conversation::connected(std::string host, std::string address) {
    session_ = {};
    session_.connection = {.host = std::move(host), .address = std::move(address), .helo = {}};
}

void Conversation::macro(std::string_view name, std::string_view value) {
    session_.macros.insert_or_assign(std::string(name), std::string(value));
}

void Conversation::fail(std::string_view why, Fault fault) {
    if (fault_) return;  // the first reason is the one that counts
    fault_ = fault;
    why_ = why;
    message_ = buffer::Collector();
}

void Conversation::abort() {
    session_.envelope = {};
    session_.macros.erase("i");
    message_ = buffer::Collector();
    fields_ = 0;
    header_ended_ = false;
    fault_.reset();
}

std::optional<Reply> Conversation::sender(Path path) {
    const auto queue = session_.macros.extract("i");
    abort();
    if (queue) session_.macros.insert_or_assign("i", queue.mapped());
    session_.envelope.reverse_path = std::move(path);
    return role_.refuses_sender(session_);
}

std::optional<Reply> Conversation::recipient(Path path) {
    if (session_.envelope.recipients.size() >= limits_.recipients) {
        return Reply{.code = "452", .status = "4.5.3", .text = "Too many recipients"};
    }
    auto refused = role_.refuses_recipient(session_, path);
    if (!refused) session_.envelope.recipients.push_back(std::move(path));
    return refused;
}

void Conversation::append(std::string_view octets) {
    if (fault_) return;
    if (octets.size() > limits_.message_octets - message_.size()) {
        return fail("milter.message.too-large", Fault::TooLarge);
    }
    if (const auto done = message_.append(octets); !done) fail(done.error().id);
}

void Conversation::field(std::string_view name, std::string_view value) {
    if (fault_) return;
    if (header_ended_) return fail("milter.sequence");
    if (!is_one_value(value) || !imf::is_field_name(base::trim(name))) {
        return fail("milter.field.syntax");
    }
    append(std::string(name) + ":" + with_crlf(value) + "\r\n");
    if (++fields_ > limits_.fields || message_.size() > limits_.header_octets) {
        fail("milter.header.too-large", Fault::TooLarge);
    }
}

void Conversation::end_of_header() {
    header_ended_ = true;
    append("\r\n");
}

void Conversation::body(std::string_view octets) {
    if (!header_ended_) return fail("milter.sequence");
    append(octets);
}

Applied Conversation::end_of_message() {
    if (!header_ended_) fail("milter.sequence");
    if (fault_) return refused();
    const auto collected = message_.finish();
    if (collected) return judged(*collected);
    fail(collected.error().id);
    return refused();
}

Applied Conversation::judged(const base::Octets& octets) {
    const std::size_t most = limits_.message_octets;
    auto parsed = imf::view_message(
        octets.view(), {.message_octets = most, .header_octets = most, .fields = limits_.fields});
    if (!parsed || parsed->header.fields().size() != fields_) {
        fail("milter.header.differs");
        return refused();
    }
    const Message message{.session = session_,
                          .octets = octets.view(),
                          .header = std::move(parsed->header),
                          .body = parsed->body};
    try {
        Answer answer = role_.judge(message);
        Applied applied{.verdict = std::move(answer.verdict), .notes = std::move(answer.notes)};
        const auto* deliver = std::get_if<Deliver>(&applied.verdict);
        if (deliver != nullptr && deliver->changes.header) {
            applied.header_edits = edits(message.header, *deliver->changes.header);
        }
        return applied;
    } catch (const std::exception&) {
        // Its text might quote the message.
        fail("milter.exception");
        return refused();
    }
}

Applied Conversation::refused() const {
    const Reply reply =
        fault_ == Fault::TooLarge
            ? Reply{.code = "552", .status = "5.3.4", .text = "The message is too large"}
            : Reply{.code = "451", .status = "4.3.0", .text = "The message can't be handled now"};
    return {.verdict = Refuse{reply}, .notes = {{"why", std::string(why_)}}};
}

std::string Conversation::queue_name() const {
    const auto found = session_.macros.find("i");
    return found == session_.macros.end() ? std::string() : found->second;
}

}  // namespace mailassay::milter
