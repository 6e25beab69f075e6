#include "smtp/server.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "smtp/server_core.h"
#include "smtp/server_parameters.h"

namespace mailassay::smtp {
namespace {

constexpr std::string_view kCrLf = "\r\n";

constexpr dsn::EnhancedStatus kDone{2, 0, 0};
constexpr dsn::EnhancedStatus kOutOfSequence{5, 5, 1};
constexpr dsn::EnhancedStatus kSyntax{5, 5, 2};
constexpr dsn::EnhancedStatus kBadArguments{5, 5, 4};
constexpr dsn::EnhancedStatus kTooLarge{5, 3, 4};

void check_refusal(const Reply& reply) {
    if (!reply.is_transient() && !reply.is_permanent()) {
        throw Misuse("a policy refuses with a 4xx or 5xx reply");
    }
}

// How much data may go on after the limit before the connection is given up.
std::uint64_t runaway_octets(std::uint64_t size_limit) {
    constexpr std::uint64_t kMore = std::uint64_t{1024} * 1024;
    const std::uint64_t twice = size_limit > UINT64_MAX / 2 ? UINT64_MAX : size_limit * 2;
    return twice > UINT64_MAX - kMore ? UINT64_MAX : twice + kMore;
}

bool asks_utf8(const Envelope& envelope) {
    return find_parameter(envelope.mail_parameters, "SMTPUTF8") != nullptr;
}

// Octets above 127 are for transactions that asked for SMTPUTF8 (RFC 6531 section 3.4).
std::optional<Reply> judge_utf8(const Path& path, const std::vector<Parameter>& parameters,
                                bool utf8_asked) {
    if (utf8_asked) return std::nullopt;
    if (path.needs_utf8()) return make_reply(553, {5, 6, 7}, "SMTPUTF8 is needed for this address");
    const bool ascii = std::all_of(parameters.begin(), parameters.end(), [](const Parameter& one) {
        return base::is_ascii(one.value.value_or(std::string()));
    });
    if (!ascii) return make_reply(501, kBadArguments, "SMTPUTF8 is needed for this parameter");
    return std::nullopt;
}

}  // namespace

Server::Core::Core(ServerConfig config, ServerPolicy& policy)
    : config_(std::move(config)), policy_(&policy), channel_(config_.channel) {
    if (config_.hostname.empty() ||
        !std::all_of(config_.hostname.begin(), config_.hostname.end(), base::is_visible)) {
        throw Misuse("the host name of a server is not empty and has visible characters only");
    }
    const char* protocol = config_.protocol == Protocol::Lmtp ? " LMTP" : " ESMTP";
    answer(make_reply(220, config_.hostname + protocol));
}

// ---- octets in, events out ----

void Server::Core::receive(std::string_view octets) {
    if (state_ == State::Closed) return;
    if (state_ == State::Handshake && residue_ == Residue::Discard) {
        discarded_ += octets.size();
        return;
    }
    input_.append(octets);
}

ServerEvent Server::Core::next_event() {
    for (;;) {
        switch (state_) {
            case State::Closed:
                return Close{};
            case State::MessageWaits:
                throw Misuse("a message waits for its answer");
            case State::Handshake:
                if (input_ended_) state_ = State::Closed;
                return input_ended_ ? ServerEvent(Close{}) : ServerEvent(StartTls{});
            case State::Commands:
            case State::Auth:
                if (const auto line = take_line()) {
                    state_ == State::Auth ? handle_response(*line) : handle_line(*line);
                    continue;
                }
                break;
            case State::Data:
                if (!take_data()) break;
                if (state_ == State::MessageWaits) {
                    return MessageReceived{*envelope_, data_->take_data()};
                }
                continue;
        }
        if (!input_ended_) return NeedData{};
        state_ = State::Closed;
    }
}

std::string Server::Core::take_output() {
    return std::exchange(output_, std::string());
}

std::optional<Server::Core::CommandLine> Server::Core::take_line() {
    const std::string_view input = input_.view();
    const std::size_t end = input.find(kCrLf);
    if (end == std::string_view::npos) {
        if (input.size() > config_.command_line_limit || dropping_line_) {
            dropping_line_ = true;
            // The CR may be the first half of the line's end.
            input_.consume(input.size() - (input.ends_with('\r') ? 1 : 0));
        }
        return std::nullopt;
    }
    const std::size_t octets = end + kCrLf.size();
    CommandLine line;
    if (dropping_line_ || octets > config_.command_line_limit) {
        line.fit = LineFit::TooLong;
    } else {
        line.text = input.substr(0, end);
    }
    dropping_line_ = false;
    input_.consume(octets);
    return line;
}

void Server::Core::handle_line(const CommandLine& line) {
    if (line.fit == LineFit::TooLong) {
        refuse(500, kSyntax, "Line too long");
        return;
    }
    const auto command = parse_command(line.text);
    if (command) {
        std::visit(*this, *command);
    } else {
        handle_error(command.error(), line.text);
    }
}

void Server::Core::handle_error(const Error& error, std::string_view line) {
    if (error.id == "smtp.command.octet") {
        refuse(500, kSyntax, "Octets that no command has");
    } else if (error.id.starts_with("smtp.path.")) {
        const bool sender = base::starts_with_ignore_case(line, "MAIL");
        refuse(501, sender ? dsn::EnhancedStatus{5, 1, 7} : dsn::EnhancedStatus{5, 1, 3},
               "Bad address syntax");
    } else {
        refuse(501, kBadArguments, "Bad arguments");
    }
}

bool Server::Core::take_data() {
    const std::uint64_t allowance = runaway_octets(config_.size_limit) - data_->octets_seen();
    const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(allowance, input_.size()));
    input_.consume(data_->receive(input_.view().substr(0, most)));
    if (data_->done()) {
        finish_data(data_->fault());
        return true;
    }
    if (data_->octets_seen() == runaway_octets(config_.size_limit)) {
        close_with(make_reply(421, {4, 3, 4}, "Message far beyond the size limit"));
        return true;
    }
    return false;
}

void Server::Core::finish_data(DataFault fault) {
    state_ = State::MessageWaits;
    switch (fault) {
        case DataFault::None:
            return;
        case DataFault::TooLarge:
            return message_answered(make_reply(552, kTooLarge, "Message too large"));
        case DataFault::LineTooLong:
            return message_answered(
                make_reply(554, {5, 6, 0}, "A line of the message is too long"));
        case DataFault::NulOctet:
            return message_answered(make_reply(554, {5, 6, 0}, "NUL octet in the message"));
    }
}

// ---- what the driver says ----

void Server::Core::tls_established() {
    if (state_ != State::Handshake) throw Misuse("no handshake was due");
    // Everything said in plaintext is forgotten (RFC 3207 section 4.2).
    state_ = State::Commands;
    channel_ = Channel::Tls;
    hello_.reset();
    login_ = Login::None;
    forget_transaction();
}

void Server::Core::message_answered(const Reply& reply) {
    if (state_ != State::MessageWaits) throw Misuse("no message waits for an answer");
    const bool each = config_.protocol == Protocol::Lmtp;
    message_answered(std::vector<Reply>(each ? envelope_->recipients.size() : 1, reply));
}

void Server::Core::message_answered(const std::vector<Reply>& replies) {
    if (state_ != State::MessageWaits) throw Misuse("no message waits for an answer");
    // RFC 2033 section 4.2: one reply for each recipient that was accepted.
    const bool each = config_.protocol == Protocol::Lmtp;
    if (replies.size() != (each ? envelope_->recipients.size() : 1)) {
        throw Misuse("a message has one answer, in LMTP one for each recipient");
    }
    for (const Reply& reply : replies) {
        if (!reply.is_completion() && !reply.is_transient() && !reply.is_permanent()) {
            throw Misuse("a message is answered by 2xx, 4xx or 5xx");
        }
    }
    for (const Reply& reply : replies) answer(reply);
    state_ = State::Commands;
    forget_transaction();
    data_.reset();
}

void Server::Core::close_with(const Reply& reply) {
    if (state_ == State::Closed) return;
    // Within a handshake plaintext would be garbage to the peer.
    if (state_ != State::Handshake) answer(reply);
    state_ = State::Closed;
}

// ---- replies ----

void Server::Core::answer(const Reply& reply) {
    output_ += to_octets(reply);
}

void Server::Core::refuse(const Reply& reply) {
    if (++errors_ < config_.error_limit) {
        answer(reply);
    } else {
        close_with(make_reply(421, {4, 7, 0}, "Too many errors"));
    }
}

void Server::Core::refuse(int code, dsn::EnhancedStatus status, std::string_view text) {
    refuse(make_reply(code, status, text));
}

// Not counted as an error: a client that pipelines could not know that MAIL would be refused.
void Server::Core::answer_without_mail() {
    answer(make_reply(503, kOutOfSequence, "Say MAIL first"));
}

std::vector<Extension> Server::Core::extensions() const {
    return is_extended() ? policy_->extensions(channel_) : std::vector<Extension>();
}

bool Server::Core::is_extended() const {
    return hello_ && hello_->verb != HelloVerb::Helo;
}

void Server::Core::answer_hello() {
    Reply reply = make_reply(250, config_.hostname);
    if (is_extended()) {
        reply.lines.insert(reply.lines.end(), own_keywords().begin(), own_keywords().end());
        reply.lines.push_back("SIZE " + std::to_string(config_.size_limit));
        if (channel_ == Channel::Plaintext && config_.starttls == StartTlsOffer::Offered) {
            reply.lines.emplace_back("STARTTLS");
        }
        for (const Extension& extension : extensions()) {
            if (extension.announce == Announce::No) continue;
            reply.lines.push_back(extension.argument.empty()
                                      ? extension.keyword
                                      : extension.keyword + " " + extension.argument);
        }
    }
    answer(reply);
}

// ---- commands ----

void Server::Core::operator()(const HelloCommand& command) {
    // LMTP has LHLO instead of the other two (RFC 2033 section 4.1).
    const bool lmtp = config_.protocol == Protocol::Lmtp;
    if (lmtp != (command.verb == HelloVerb::Lhlo)) {
        refuse(500, kOutOfSequence, lmtp ? "This is LMTP: use LHLO" : "This is not LMTP");
        return;
    }
    forget_transaction();
    hello_ = command;
    answer_hello();
}

void Server::Core::operator()(const MailCommand& command) {
    if (!hello_) return refuse(503, kOutOfSequence, "Say EHLO first");
    if (envelope_) return refuse(503, kOutOfSequence, "Within a transaction already");
    const Offer offer = is_extended() ? Offer::Extensions : Offer::Nothing;
    if (const auto refusal = judge_mail_parameters(command.parameters, offer, extensions())) {
        return refuse(*refusal);
    }
    Envelope envelope{
        command.reverse_path, command.parameters, {}, channel_, hello_->domain, login_};
    if (const auto refusal =
            judge_utf8(command.reverse_path, command.parameters, asks_utf8(envelope))) {
        return refuse(*refusal);
    }
    if (const Parameter* size = find_parameter(command.parameters, "SIZE")) {
        const auto octets = base::parse_decimal(size->value.value_or(std::string()));
        if (octets.value_or(UINT64_MAX) > config_.size_limit) {
            return answer(make_reply(552, kTooLarge, "Message too large"));
        }
    }
    if (const auto refusal = policy_->on_mail(command.reverse_path, command.parameters, channel_)) {
        check_refusal(*refusal);
        return answer(*refusal);
    }
    envelope_ = std::move(envelope);
    answer(make_reply(250, {2, 1, 0}, "Sender accepted"));
}

void Server::Core::operator()(const RcptCommand& command) {
    if (!envelope_) return answer_without_mail();
    if (envelope_->recipients.size() >= config_.recipient_limit) {
        return answer(make_reply(452, {4, 5, 3}, "Too many recipients"));
    }
    const Offer offer = is_extended() ? Offer::Extensions : Offer::Nothing;
    if (const auto refusal = judge_rcpt_parameters(command.parameters, offer, extensions())) {
        return refuse(*refusal);
    }
    if (const auto refusal =
            judge_utf8(command.forward_path, command.parameters, asks_utf8(*envelope_))) {
        return refuse(*refusal);
    }
    Recipient recipient{command.forward_path, command.parameters};
    if (const auto refusal = policy_->on_rcpt(recipient, *envelope_)) {
        check_refusal(*refusal);
        return answer(*refusal);
    }
    envelope_->recipients.push_back(std::move(recipient));
    answer(make_reply(250, {2, 1, 5}, "Recipient accepted"));
}

void Server::Core::operator()(const DataCommand&) {
    if (!envelope_) return answer_without_mail();
    if (envelope_->recipients.empty()) {
        // RFC 2033 section 4.2 has 503 for this; RFC 5321 section 3.3 allows either.
        const int code = config_.protocol == Protocol::Lmtp ? 503 : 554;
        return answer(make_reply(code, kOutOfSequence, "No valid recipients"));
    }
    data_.emplace(DataLimits{config_.size_limit, config_.text_line_limit});
    state_ = State::Data;
    answer(make_reply(354, "Send the message, end it with a dot on a line of its own"));
}

void Server::Core::operator()(const RsetCommand&) {
    forget_transaction();
    answer(make_reply(250, kDone, "Done"));
}

void Server::Core::operator()(const NoopCommand&) {
    answer(make_reply(250, kDone, "Done"));
}

void Server::Core::operator()(const QuitCommand&) {
    close_with(make_reply(221, kDone, config_.hostname + " closes the connection"));
}

void Server::Core::operator()(const HelpCommand&) {
    answer(make_reply(214, kDone, "See RFC 5321"));
}

void Server::Core::operator()(const StartTlsCommand&) {
    if (channel_ == Channel::Tls) return refuse(503, kOutOfSequence, "TLS is active already");
    if (config_.starttls == StartTlsOffer::NotOffered) {
        return refuse(502, kOutOfSequence, "STARTTLS is not offered");
    }
    // An extension is used only after EHLO offered it.
    if (!is_extended()) return refuse(503, kOutOfSequence, "Say EHLO first");
    if (envelope_) return refuse(503, kOutOfSequence, "Within a transaction");
    answer(make_reply(220, kDone, "Ready to start TLS"));
    state_ = State::Handshake;
    residue_ = policy_->on_starttls_residue();
    if (residue_ == Residue::Discard) {
        discarded_ += input_.size();
        input_.clear();
    }
}

void Server::Core::operator()(const VrfyCommand&) {
    // RFC 5321 section 7.3: what may not be verified is neither confirmed nor denied.
    answer(make_reply(252, kDone, "Not verified; send some mail and see"));
}

void Server::Core::operator()(const ExpnCommand&) {
    refuse(502, kOutOfSequence, "EXPN is not implemented");
}

void Server::Core::operator()(const UnknownCommand&) {
    refuse(500, kOutOfSequence, "Command not recognized");
}

// ---- the public face ----

Server::Server(ServerConfig config, ServerPolicy& policy)
    : core_(std::make_unique<Core>(std::move(config), policy)) {}
Server::~Server() = default;
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;

void Server::receive(std::string_view octets) {
    core_->receive(octets);
}
void Server::end_of_input() {
    core_->end_of_input();
}
ServerEvent Server::next_event() {
    return core_->next_event();
}
std::string Server::take_output() {
    return core_->take_output();
}
void Server::tls_established() {
    core_->tls_established();
}
void Server::message_answered(const Reply& reply) {
    core_->message_answered(reply);
}
void Server::message_answered(const std::vector<Reply>& replies) {
    core_->message_answered(replies);
}
void Server::close_with(const Reply& reply) {
    core_->close_with(reply);
}
Channel Server::channel() const {
    return core_->channel();
}
std::size_t Server::discarded_octets() const {
    return core_->discarded_octets();
}

}  // namespace mailassay::smtp
