#include "milter/server.h"

#include <arpa/inet.h>
#include <libmilter/mfapi.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <utility>

#include "base/ascii.h"

namespace mailassay::milter {

namespace {

// What libmilter gives no place for in its callbacks.
struct Running {
    const Role& role;
    const Settings& settings;
    logging::Log& log;
    unsigned long actions;
    std::mutex mutex = {};
    std::condition_variable changed = {};
    std::size_t conversations = 0;
};
Running* running = nullptr;

constexpr std::array macro_names{
    "j",           "_",           "i",           "daemon_name",  "daemon_addr",
    "v",           "client_addr", "client_name", "auth_type",    "auth_authen",
    "auth_author", "tls_version", "cipher",      "cert_subject", "mail_addr",
    "mail_host",   "rcpt_addr",   "rcpt_host"};

char* writable(const std::string& text) {
    return const_cast<char*>(text.c_str());  // libmilter does not write to it
}

unsigned long flags_of(const Role& role) {
    unsigned long flags = 0;
    for (const Action action : role.actions()) {
        switch (action) {
            case Action::ChangeHeader:
                flags |= SMFIF_ADDHDRS | SMFIF_CHGHDRS;
                break;
            case Action::ChangeBody:
                flags |= SMFIF_CHGBODY;
                break;
            case Action::ChangeEnvelope:
                flags |= SMFIF_CHGFROM | SMFIF_ADDRCPT | SMFIF_DELRCPT;
                break;
            case Action::Quarantine:
                flags |= SMFIF_QUARANTINE;
                break;
        }
    }
    return flags;
}

// Only what an SMTP reply takes.
std::string printable(std::string_view text) {
    std::string shown(text.substr(0, 530));
    std::ranges::replace_if(shown, [](char c) { return c < ' ' || c > '~'; }, '?');
    return shown;
}

// MTAs read a reply's text as a format, so that "%" is written twice.
std::string formatted(std::string_view text) {
    std::string written;
    for (const char c : printable(text)) written.append(c == '%' ? 2 : 1, c);
    return written;
}

constexpr std::size_t reply_lines = 8;

// A field comes in one packet, however long it is. Of one that is larger than libmilter takes, 64
// KiB unless told otherwise, it closes the connection, and nobody hears why.
constexpr std::size_t largest_packet = std::size_t{16} * 1024 * 1024;

sfsistat refuse(SMFICTX* context, const Reply& reply) {
    std::vector<std::string> lines;
    for (const std::string& line : reply.first_lines) {
        if (lines.size() + 1 < reply_lines) lines.push_back(formatted(line));
    }
    lines.push_back(formatted(reply.text));
    std::array<char*, reply_lines> each{};
    std::ranges::transform(lines, each.begin(), writable);
    smfi_setmlreply(context, reply.code.c_str(), reply.status.c_str(), each[0], each[1], each[2],
                    each[3], each[4], each[5], each[6], each[7], static_cast<char*>(nullptr));
    return is_temporary(reply) ? SMFIS_TEMPFAIL : SMFIS_REJECT;
}

Conversation& conversation_of(SMFICTX* context) {
    return *static_cast<Conversation*>(smfi_getpriv(context));
}

void take_macros(SMFICTX* context, Conversation& conversation) {
    for (const char* name : macro_names) {
        const std::string symbol =
            std::string_view(name).size() == 1 ? name : "{" + std::string(name) + "}";
        const char* value = smfi_getsymval(context, writable(symbol));
        if (value != nullptr) conversation.macro(name, value);
    }
}

// A step of the conversation. Nothing may be thrown into libmilter, which is C.
template <class Step>
sfsistat step(SMFICTX* context, Step&& carry_out) {
    try {
        if (smfi_getpriv(context) == nullptr) return SMFIS_TEMPFAIL;
        Conversation& conversation = conversation_of(context);
        take_macros(context, conversation);
        return carry_out(conversation);
    } catch (const std::exception&) {
        return SMFIS_TEMPFAIL;
    }
}

// Without the white space behind the colon a message could not be had octet by octet.
sfsistat on_negotiate(SMFICTX*, unsigned long actions, unsigned long steps, unsigned long,
                      unsigned long, unsigned long* wanted_actions, unsigned long* wanted_steps,
                      unsigned long* wanted_2, unsigned long* wanted_3) {
    *wanted_actions = running->actions;
    *wanted_steps = SMFIP_HDR_LEADSPC;
    *wanted_2 = 0;
    *wanted_3 = 0;
    const bool able =
        (actions & running->actions) == running->actions && (steps & SMFIP_HDR_LEADSPC) != 0;
    if (able) return SMFIS_CONTINUE;
    running->log.event(
        "mta-unfit", {{"role", std::string(running->role.name())}, {"why", "milter.negotiation"}});
    return SMFIS_REJECT;
}

std::string text_of(const sockaddr* address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address == nullptr) return {};
    if (address->sa_family == AF_INET) {
        const auto* of = reinterpret_cast<const sockaddr_in*>(address);
        ::inet_ntop(AF_INET, &of->sin_addr, text.data(), text.size());
    } else if (address->sa_family == AF_INET6) {
        const auto* of = reinterpret_cast<const sockaddr_in6*>(address);
        ::inet_ntop(AF_INET6, &of->sin6_addr, text.data(), text.size());
    } else if (address->sa_family == AF_UNIX) {
        return reinterpret_cast<const sockaddr_un*>(address)->sun_path;
    }
    return text.data();
}

sfsistat on_connect(SMFICTX* context, char* host, sockaddr* address) {
    try {
        auto conversation = std::make_unique<Conversation>(running->role, running->settings.limits);
        conversation->connected(host == nullptr ? "" : host, text_of(address));
        if (smfi_setpriv(context, conversation.get()) != MI_SUCCESS) return SMFIS_TEMPFAIL;
        static_cast<void>(conversation.release());
    } catch (const std::exception&) {
        return SMFIS_TEMPFAIL;
    }
    const std::lock_guard lock(running->mutex);
    ++running->conversations;
    return SMFIS_CONTINUE;
}

sfsistat on_helo(SMFICTX* context, char* name) {
    return step(context, [&](Conversation& conversation) {
        conversation.greeted(name);
        return SMFIS_CONTINUE;
    });
}

Path path_of(char** arguments) {
    Path path{.address = arguments[0], .parameters = {}};
    for (char** each = arguments + 1; *each != nullptr; ++each) path.parameters.emplace_back(*each);
    return path;
}

sfsistat answered(SMFICTX* context, Conversation& conversation, std::string_view event,
                  const std::optional<Reply>& refusal) {
    if (!refusal) return SMFIS_CONTINUE;
    running->log.event(event, {{"role", std::string(running->role.name())},
                               {"queue", conversation.queue_name()},
                               {"reply", refusal->code + " " + refusal->status},
                               {"text", refusal->text}});
    return refuse(context, *refusal);
}

sfsistat on_sender(SMFICTX* context, char** arguments) {
    return step(context, [&](Conversation& conversation) {
        return answered(context, conversation, "sender-refused",
                        conversation.sender(path_of(arguments)));
    });
}

sfsistat on_recipient(SMFICTX* context, char** arguments) {
    return step(context, [&](Conversation& conversation) {
        return answered(context, conversation, "recipient-refused",
                        conversation.recipient(path_of(arguments)));
    });
}

sfsistat on_field(SMFICTX* context, char* name, char* value) {
    return step(context, [&](Conversation& conversation) {
        conversation.field(name, value);
        return SMFIS_CONTINUE;
    });
}

sfsistat on_end_of_header(SMFICTX* context) {
    return step(context, [](Conversation& conversation) {
        conversation.end_of_header();
        return SMFIS_CONTINUE;
    });
}

sfsistat on_body(SMFICTX* context, unsigned char* octets, std::size_t size) {
    return step(context, [&](Conversation& conversation) {
        conversation.body({reinterpret_cast<const char*>(octets), size});
        return SMFIS_CONTINUE;
    });
}

// Where a field is inserted the MTA counts its own Received field too, which stands above all
// fields that it shows: so it is with sendmail (the manual of smfi_insheader()) and with Postfix.
constexpr int own_fields = 1;

bool carry_out(SMFICTX* context, const HeaderEdit& edit) {
    const int index = static_cast<int>(edit.index);
    char* name = writable(edit.name);
    switch (edit.kind) {
        case EditKind::Change:
            return smfi_chgheader(context, name, index, writable(edit.value)) == MI_SUCCESS;
        case EditKind::Delete:
            return smfi_chgheader(context, name, index, nullptr) == MI_SUCCESS;
        case EditKind::Insert:
            return smfi_insheader(context, index + own_fields, name, writable(edit.value)) ==
                   MI_SUCCESS;
    }
    std::unreachable();
}

bool replace_body(SMFICTX* context, std::string_view body) {
    // At least once: an empty body replaces as well. libmilter counts in int.
    do {
        const std::string_view piece = body.substr(0, buffer::most_held);
        body.remove_prefix(piece.size());
        auto* octets =
            const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(piece.data()));
        if (smfi_replacebody(context, octets, static_cast<int>(piece.size())) != MI_SUCCESS) {
            return false;
        }
    } while (!body.empty());
    return true;
}

// Hands all changes to the MTA. Unless all are taken the message must not go on.
bool carry_out(SMFICTX* context, const Applied& applied, const Changes& changes) {
    for (const HeaderEdit& edit : applied.header_edits) {
        if (!carry_out(context, edit)) return false;
    }
    if (changes.body && !replace_body(context, changes.body->view())) return false;
    if (changes.reverse_path &&
        smfi_chgfrom(context, writable(*changes.reverse_path), nullptr) != MI_SUCCESS) {
        return false;
    }
    for (const std::string& recipient : changes.added_recipients) {
        if (smfi_addrcpt(context, writable(recipient)) != MI_SUCCESS) return false;
    }
    for (const std::string& recipient : changes.removed_recipients) {
        if (smfi_delrcpt(context, writable(recipient)) != MI_SUCCESS) return false;
    }
    return !changes.quarantine ||
           smfi_quarantine(context, writable(printable(*changes.quarantine))) == MI_SUCCESS;
}

void tell(const Conversation& conversation, std::string_view outcome, const Notes& notes) {
    std::vector<logging::LogField> fields{{"role", std::string(running->role.name())},
                                          {"queue", conversation.queue_name()},
                                          {"outcome", std::string(outcome)}};
    fields.insert(fields.end(), notes.begin(), notes.end());
    running->log.event("message", fields);
}

sfsistat deliver(SMFICTX* context, const Conversation& conversation, const Applied& applied) {
    const Changes& changes = std::get<Deliver>(applied.verdict).changes;
    if (!carry_out(context, applied, changes)) {
        tell(conversation, "refused", {{"why", "milter.change-refused"}});
        return SMFIS_TEMPFAIL;
    }
    const bool held = changes.quarantine.has_value();
    const bool changed = !applied.header_edits.empty() || changes.body || changes.reverse_path ||
                         !changes.added_recipients.empty() || !changes.removed_recipients.empty();
    tell(conversation, held ? "held" : changed ? "changed" : "passed", applied.notes);
    return SMFIS_CONTINUE;
}

sfsistat on_end_of_message(SMFICTX* context) {
    return step(context, [&](Conversation& conversation) -> sfsistat {
        const Applied applied = conversation.end_of_message();
        if (std::holds_alternative<Deliver>(applied.verdict)) {
            return deliver(context, conversation, applied);
        }
        if (std::holds_alternative<Discard>(applied.verdict)) {
            tell(conversation, "discarded", applied.notes);
            return SMFIS_DISCARD;
        }
        const Reply& reply = std::get<Refuse>(applied.verdict).reply;
        Notes notes = applied.notes;
        notes.emplace_back("reply", reply.code + " " + reply.status);
        tell(conversation, "refused", notes);
        return refuse(context, reply);
    });
}

sfsistat on_abort(SMFICTX* context) {
    return step(context, [](Conversation& conversation) {
        conversation.abort();
        return SMFIS_CONTINUE;
    });
}

sfsistat on_close(SMFICTX* context) {
    auto* conversation = static_cast<Conversation*>(smfi_getpriv(context));
    if (conversation == nullptr) return SMFIS_CONTINUE;
    smfi_setpriv(context, nullptr);
    delete conversation;
    const std::lock_guard lock(running->mutex);
    --running->conversations;
    running->changed.notify_all();
    return SMFIS_CONTINUE;
}

smfiDesc describe(unsigned long actions) {
    static char name[] = "mailassay";
    smfiDesc filter{};
    filter.xxfi_name = name;
    filter.xxfi_version = SMFI_VERSION;
    filter.xxfi_flags = actions;
    filter.xxfi_connect = on_connect;
    filter.xxfi_helo = on_helo;
    filter.xxfi_envfrom = on_sender;
    filter.xxfi_envrcpt = on_recipient;
    filter.xxfi_header = on_field;
    filter.xxfi_eoh = on_end_of_header;
    filter.xxfi_body = on_body;
    filter.xxfi_eom = on_end_of_message;
    filter.xxfi_abort = on_abort;
    filter.xxfi_close = on_close;
    filter.xxfi_negotiate = on_negotiate;
    return filter;
}

// What is written goes out at once. A change and the answer behind it are two writes of
// libmilter's: over TCP the second would wait for the MTA's acknowledgement of the first, which
// takes it 40 ms. libmilter does not tell its socket; connections have this from the one that
// listens.
void send_at_once() {
    std::error_code none;
    for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd", none)) {
        const auto number = base::parse_decimal(each.path().filename().string(), 9);
        if (!number) continue;
        const int descriptor = static_cast<int>(*number);
        int listens = 0;
        socklen_t size = sizeof listens;
        const bool told = ::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0;
        const int yes = 1;
        // On a UNIX socket this fails, which needs no such thing.
        if (told && listens != 0) {
            ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        }
    }
}

// A socket in the file system outlives its listener otherwise.
void remove_socket(std::string_view socket) {
    for (const std::string_view kind : {"unix:", "local:"}) {
        if (socket.starts_with(kind)) ::unlink(std::string(socket.substr(kind.size())).c_str());
    }
}

bool is_socket(std::string_view text) {
    for (const std::string_view kind : {"unix:", "local:", "inet:", "inet6:"}) {
        if (text.starts_with(kind) && text.size() > kind.size()) return true;
    }
    return false;
}

}  // namespace

Result<void> serve(const Role& role, const Settings& settings, logging::Log& log,
                   const std::function<void()>& listening) {
    if (running != nullptr) throw Misuse("milter::serve: a second time");
    if (!is_socket(settings.socket)) {
        return std::unexpected(Error{.id = "milter.socket.syntax", .detail = settings.socket});
    }
    running =
        new Running{.role = role, .settings = settings, .log = log, .actions = flags_of(role)};
    smfi_setmaxdatasize(largest_packet);
    const bool ready = smfi_setconn(writable(settings.socket)) == MI_SUCCESS &&
                       smfi_register(describe(running->actions)) == MI_SUCCESS &&
                       smfi_opensocket(true) == MI_SUCCESS;
    if (!ready) {
        return std::unexpected(Error{.id = "milter.socket.unusable", .detail = settings.socket});
    }
    send_at_once();
    listening();
    const bool ended = smfi_main() == MI_SUCCESS;
    remove_socket(settings.socket);
    std::unique_lock lock(running->mutex);
    running->changed.wait_for(lock, std::chrono::seconds(2),
                              [] { return running->conversations == 0; });
    if (!ended) return std::unexpected(Error{.id = "milter.failed"});
    return {};
}

}  // namespace mailassay::milter
