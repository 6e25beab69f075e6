#include "smtp/client.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/ascii.h"
#include "base/base64.h"
#include "smtp/client_transaction.h"

namespace mailassay::smtp {
namespace {

constexpr int kServiceClosing = 421;
constexpr std::size_t kLongestCommand = 512;  // RFC 5321 section 4.5.3.1.4

// Replies by which a server says that it does not know EHLO, so that HELO is worth a try
// (RFC 5321 section 4.1.4).
bool is_ehlo_unknown(const Reply& reply) {
    constexpr int kCodes[] = {500, 501, 502, 504, 550};
    return std::find(std::begin(kCodes), std::end(kCodes), reply.code) != std::end(kCodes);
}

Violation violation(std::string_view id, const Reply& reply) {
    return Violation{Error{id, 0, "rfc5321/4.3.2", to_string(reply)}};
}

Violation unexpected_reply(const Reply& reply) {
    return violation("smtp.client.reply-unexpected", reply);
}

}  // namespace

class Client::Core {
  public:
    explicit Core(ClientConfig config);

    void receive(std::string_view octets);
    void end_of_input() { input_ended_ = true; }
    ClientEvent next_event();
    std::string take_output() { return std::exchange(output_, std::string()); }

    void start_tls();
    void tls_established();
    void authenticate(const PlainCredentials& credentials);
    void send(Transaction transaction);
    void quit();

    [[nodiscard]] Channel channel() const { return channel_; }
    [[nodiscard]] std::size_t discarded_octets() const { return discarded_; }

  private:
    // What the next reply answers.
    enum class State : std::uint8_t {
        Greeting,
        Hello,       // EHLO or LHLO
        PlainHello,  // HELO
        Idle,        // nothing; the session is ready
        StartTls,
        Handshake,  // nothing; octets belong to nobody until TLS stands
        Auth,
        Transaction,
        Refused,  // nothing; only QUIT may follow
        Quit,
        Ended,
    };

    void say(std::string_view command);
    void say_hello();
    // False when the session has ended, which the caller could not know.
    [[nodiscard]] bool may_speak(const char* what) const;
    // The event that a reply makes, if it makes one.
    std::optional<ClientEvent> on_reply(const Reply& reply);
    std::optional<ClientEvent> on_greeting(const Reply& reply);
    std::optional<ClientEvent> on_hello(const Reply& reply);
    std::optional<ClientEvent> on_plain_hello(const Reply& reply);
    std::optional<ClientEvent> on_start_tls(const Reply& reply);
    std::optional<ClientEvent> on_auth(const Reply& reply);
    std::optional<ClientEvent> on_transaction(const Reply& reply);
    void note_closing(const Reply& reply);
    ClientEvent ready();
    ClientEvent refused(const Reply& reply);
    ClientEvent transaction_done();
    ClientEvent end(ClientEvent last);

    ClientConfig config_;
    State state_ = State::Greeting;
    Channel channel_;
    ReplyReader reader_;
    std::size_t discarded_ = 0;
    bool input_ended_ = false;
    std::string output_;
    Capabilities capabilities_;
    // AUTH: what to answer to 334; empty when there is nothing more to say.
    std::vector<std::string> auth_answers_;
    std::optional<TransactionRun> transaction_;
    // What next_event() says for ever once the session is over.
    ClientEvent last_ = Closed{};
};

Client::Core::Core(ClientConfig config)
    : config_(std::move(config)), channel_(config_.channel), reader_(config_.reply_limits) {
    if (config_.helo.empty() ||
        !std::all_of(config_.helo.begin(), config_.helo.end(), base::is_visible)) {
        throw Misuse("the name in EHLO is not empty and has visible characters only");
    }
}

// ---- octets in, events out ----

void Client::Core::receive(std::string_view octets) {
    if (state_ == State::Ended) return;
    if (state_ == State::Handshake) {
        discarded_ += octets.size();
    } else {
        reader_.receive(octets);
    }
}

ClientEvent Client::Core::next_event() {
    while (state_ != State::Ended) {
        if (state_ == State::Handshake) return input_ended_ ? end(Closed{}) : StartTlsGo{};
        auto reply = reader_.next();
        if (!reply) return end(Violation{std::move(reply.error())});
        if (!*reply) return input_ended_ ? end(Closed{}) : ClientNeedData{};
        if (auto event = on_reply(**reply)) return std::move(*event);
    }
    return last_;
}

std::optional<ClientEvent> Client::Core::on_reply(const Reply& reply) {
    switch (state_) {
        case State::Greeting:
            return on_greeting(reply);
        case State::Hello:
            return on_hello(reply);
        case State::PlainHello:
            return on_plain_hello(reply);
        case State::StartTls:
            return on_start_tls(reply);
        case State::Auth:
            return on_auth(reply);
        case State::Transaction:
            return on_transaction(reply);
        case State::Quit:
            return end(Closed{reply});
        case State::Idle:
        case State::Refused:
            // A server that goes away may say so at any time (RFC 5321 section 3.8).
            if (reply.code == kServiceClosing) return end(Closed{reply});
            return end(violation("smtp.client.reply-unsolicited", reply));
        case State::Handshake:
        case State::Ended:
            break;
    }
    return std::nullopt;
}

ClientEvent Client::Core::end(ClientEvent last) {
    state_ = State::Ended;
    last_ = std::move(last);
    return last_;
}

// A command may be answered by 421: its own event comes first, Closed after it.
void Client::Core::note_closing(const Reply& reply) {
    if (reply.code == kServiceClosing) (void)end(Closed{reply});
}

// ---- greeting and EHLO ----

std::optional<ClientEvent> Client::Core::on_greeting(const Reply& reply) {
    if (reply.code == 220) {
        say_hello();
        return std::nullopt;
    }
    if (reply.is_completion() || reply.is_intermediate()) return end(unexpected_reply(reply));
    return refused(reply);
}

void Client::Core::say_hello() {
    say((config_.protocol == Protocol::Lmtp ? "LHLO " : "EHLO ") +
        config_.helo);  // [rfc8689/4.2.1/3]
    state_ = State::Hello;
}

std::optional<ClientEvent> Client::Core::on_hello(const Reply& reply) {
    if (reply.is_intermediate()) return end(unexpected_reply(reply));
    if (reply.is_completion()) {
        capabilities_ = Capabilities::from_ehlo(reply);
        return ready();
    }
    if (config_.protocol == Protocol::Lmtp || !is_ehlo_unknown(reply)) return refused(reply);
    say("HELO " + config_.helo);
    state_ = State::PlainHello;
    return std::nullopt;
}

std::optional<ClientEvent> Client::Core::on_plain_hello(const Reply& reply) {
    if (reply.is_intermediate()) return end(unexpected_reply(reply));
    return reply.is_completion() ? ready() : refused(reply);
}

ClientEvent Client::Core::ready() {
    state_ = State::Idle;
    return Ready{capabilities_, channel_};
}

ClientEvent Client::Core::refused(const Reply& reply) {
    state_ = State::Refused;
    note_closing(reply);
    return Refused{reply};
}

// ---- STARTTLS and AUTH ----

void Client::Core::start_tls() {
    if (!may_speak("start_tls")) return;
    if (channel_ == Channel::Tls) throw Misuse("start_tls within TLS");
    say("STARTTLS");
    state_ = State::StartTls;
}

std::optional<ClientEvent> Client::Core::on_start_tls(const Reply& reply) {
    if (reply.code == 220) {
        // What stands behind the reply was not protected by TLS (RFC 3207 section 4.2).
        discarded_ += reader_.discard();
        state_ = State::Handshake;
        return StartTlsGo{};
    }
    state_ = State::Idle;
    note_closing(reply);
    return StartTlsRefused{reply};
}

void Client::Core::tls_established() {
    if (state_ != State::Handshake) throw Misuse("no handshake was due");
    channel_ = Channel::Tls;
    capabilities_ = Capabilities();
    say_hello();
}

void Client::Core::authenticate(const PlainCredentials& credentials) {
    if (!may_speak("authenticate")) return;
    if (channel_ != Channel::Tls) throw Misuse("authenticate in plaintext");
    const std::string message =
        std::string(1, '\0') + credentials.user + std::string(1, '\0') + credentials.password;
    if (credentials.user.find('\0') != std::string::npos ||
        credentials.password.find('\0') != std::string::npos) {
        throw Misuse("a NUL octet in credentials");
    }
    const std::string response = base::encode_base64(message);
    const std::string at_once = "AUTH PLAIN " + response;
    // "*" cancels: after it the server has nothing left to ask (RFC 4954 section 4).
    auth_answers_ = {"*"};
    if (at_once.size() + 2 <= kLongestCommand) {
        say(at_once);
    } else {
        auth_answers_.push_back(response);
        say("AUTH PLAIN");
    }
    state_ = State::Auth;
}

std::optional<ClientEvent> Client::Core::on_auth(const Reply& reply) {
    if (reply.is_intermediate()) {
        if (reply.code != 334 || auth_answers_.empty()) return end(unexpected_reply(reply));
        say(auth_answers_.back());
        auth_answers_.pop_back();
        return std::nullopt;
    }
    auth_answers_.clear();
    state_ = State::Idle;
    note_closing(reply);
    return AuthenticationDone{reply};
}

// ---- transactions ----

void Client::Core::send(Transaction transaction) {
    if (!may_speak("send")) return;
    const bool pipelined =
        config_.pipelining == Pipelining::WhenOffered && capabilities_.has("PIPELINING");
    transaction_.emplace(std::move(transaction), config_.protocol,
                         pipelined ? Pipelining::WhenOffered : Pipelining::Never);
    state_ = State::Transaction;
    output_ += transaction_->take_output();
}

std::optional<ClientEvent> Client::Core::on_transaction(const Reply& reply) {
    if (reply.code == kServiceClosing) {
        transaction_->abandon(reply);
        const ClientEvent event = transaction_done();
        note_closing(reply);
        return event;
    }
    if (auto taken = transaction_->on_reply(reply); !taken) {
        return end(Violation{std::move(taken.error())});
    }
    output_ += transaction_->take_output();
    if (!transaction_->done()) return std::nullopt;
    return transaction_done();
}

ClientEvent Client::Core::transaction_done() {
    TransactionDone event{transaction_->take_outcome()};
    transaction_.reset();
    state_ = State::Idle;
    return event;
}

void Client::Core::quit() {
    if (state_ != State::Refused && !may_speak("quit")) return;
    say("QUIT");
    state_ = State::Quit;
}

void Client::Core::say(std::string_view command) {
    output_ += command;
    output_ += "\r\n";
}

bool Client::Core::may_speak(const char* what) const {
    if (state_ == State::Ended) return false;
    if (state_ != State::Idle) throw Misuse(std::string(what) + ": the session is not ready");
    return true;
}

// ---- the public face ----

Client::Client(ClientConfig config) : core_(std::make_unique<Core>(std::move(config))) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

void Client::receive(std::string_view octets) {
    core_->receive(octets);
}
void Client::end_of_input() {
    core_->end_of_input();
}
ClientEvent Client::next_event() {
    return core_->next_event();
}
std::string Client::take_output() {
    return core_->take_output();
}
void Client::start_tls() {
    core_->start_tls();
}
void Client::tls_established() {
    core_->tls_established();
}
void Client::authenticate(const PlainCredentials& credentials) {
    core_->authenticate(credentials);
}
void Client::send(Transaction transaction) {
    core_->send(std::move(transaction));
}
void Client::quit() {
    core_->quit();
}
Channel Client::channel() const {
    return core_->channel();
}
std::size_t Client::discarded_octets() const {
    return core_->discarded_octets();
}

}  // namespace mailassay::smtp
