#include <utility>
#include <variant>

#include "base/base64.h"
#include "smtp/server_core.h"

// AUTH: RFC 4954 section 4.
namespace mailassay::smtp {

void Server::Core::operator()(const AuthCommand& command) {
    constexpr dsn::EnhancedStatus out_of_sequence{5, 5, 1};
    const AuthOffer offer = is_extended() ? policy_->auth_offer(channel_) : AuthOffer::None;
    if (offer == AuthOffer::None) return refuse(502, out_of_sequence, "AUTH is not offered");
    if (offer == AuthOffer::NeedsTls) return refuse(538, {5, 7, 11}, "Say STARTTLS first");
    if (login_ == Login::Done) return refuse(503, out_of_sequence, "Logged in already");
    if (envelope_) return refuse(503, out_of_sequence, "Within a transaction");
    const auto mechanism = find_mechanism(command.mechanism);
    if (!mechanism) return refuse(504, {5, 5, 4}, "Mechanism not known");
    sasl_.emplace(*mechanism);
    go_on(sasl_->begin(command.initial_response));
}

void Server::Core::handle_response(const CommandLine& line) {
    state_ = State::Commands;
    if (line.fit == LineFit::TooLong) return refuse(500, {5, 5, 6}, "Line too long");
    go_on(sasl_->respond(line.text));
}

void Server::Core::go_on(Result<SaslExchange::Step> step) {
    if (!step) {
        const bool cancelled = step.error().id == "smtp.sasl.cancelled";
        return refuse(501, cancelled ? dsn::EnhancedStatus{5, 7, 0} : dsn::EnhancedStatus{5, 5, 2},
                      cancelled ? "Cancelled" : "Not a response of the mechanism");
    }
    if (const auto* challenge = std::get_if<SaslExchange::Challenge>(&*step)) {
        state_ = State::Auth;
        return answer(make_reply(334, base::encode_base64(challenge->text)));
    }
    // A wrong guess counts, so that nobody guesses for long.
    if (const auto refusal = policy_->on_credentials(std::get<Credentials>(*step))) {
        return refuse(*refusal);
    }
    login_ = Login::Done;
    answer(make_reply(235, {2, 7, 0}, "Logged in"));
}

}  // namespace mailassay::smtp
