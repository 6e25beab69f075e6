#include "smtp/client_transaction.h"

#include <algorithm>
#include <utility>

#include "smtp/command.h"
#include "smtp/data_codec.h"

namespace mailassay::smtp {
namespace {

// So many commands go out before the first reply is read, whatever the number of recipients: with
// more, both sides could wait for each other to read (RFC 2920 section 3.1).
constexpr std::size_t kMostOutstanding = 100;

void check_parameters(const std::vector<Parameter>& parameters) {
    for (const Parameter& parameter : parameters) {
        const auto parsed = parse_parameter(to_string(parameter));
        if (!parsed || *parsed != parameter) throw Misuse("a parameter that no command can hold");
    }
}

void check(const Transaction& transaction) {
    if (transaction.recipients.empty()) throw Misuse("a transaction has at least one recipient");
    const auto reverse = parse_reverse_path(to_string(transaction.reverse_path));
    if (!reverse || *reverse != transaction.reverse_path) {
        throw Misuse("a reverse-path that no command can hold");
    }
    check_parameters(transaction.mail_parameters);
    for (const Recipient& recipient : transaction.recipients) {
        const auto forward = parse_forward_path(to_string(recipient.forward_path));
        if (!forward || *forward != recipient.forward_path) {
            throw Misuse("a forward-path that no command can hold");
        }
        check_parameters(recipient.parameters);
    }
}

std::unexpected<Error> unexpected_reply(const Reply& reply) {
    return std::unexpected(
        Error{"smtp.client.reply-unexpected", 0, "rfc5321/4.3.2", to_string(reply)});
}

}  // namespace

TransactionRun::TransactionRun(Transaction transaction, Protocol protocol, Pipelining pipelining)
    : transaction_(std::move(transaction)),
      protocol_(protocol),
      pipelining_(pipelining),
      fates_(transaction_.recipients.size()) {
    check(transaction_);
}

Stage TransactionRun::stage_of(std::size_t index) const {
    if (index == 0) return Stage::Mail;
    return index == data_index() ? Stage::Data : Stage::Rcpt;
}

std::string TransactionRun::command(std::size_t index) const {
    switch (stage_of(index)) {
        case Stage::Mail:
            return to_string(
                Command(MailCommand{transaction_.reverse_path, transaction_.mail_parameters}));
        case Stage::Rcpt: {
            const Recipient& recipient = transaction_.recipients[index - 1];
            return to_string(Command(RcptCommand{recipient.forward_path, recipient.parameters}));
        }
        default:
            return to_string(Command(DataCommand{}));
    }
}

// ---- sending ----

// False for a command that can no longer lead to anything.
bool TransactionRun::is_wanted(std::size_t index) const {
    if (index > data_index()) return false;
    if (mail_ && !mail_accepted()) return false;
    const bool all_refused = next_to_answer_ == data_index() && accepted_ == 0;
    return index != data_index() || !all_refused;
}

bool TransactionRun::may_send_next() const {
    if (phase_ != Phase::Commands || !is_wanted(next_to_send_)) return false;
    const std::size_t outstanding = next_to_send_ - next_to_answer_;
    return outstanding < (pipelining_ == Pipelining::Never ? 1 : kMostOutstanding);
}

std::string TransactionRun::take_output() {
    while (may_send_next()) output_ += command(next_to_send_++) + "\r\n";
    return std::exchange(output_, std::string());
}

// ---- replies ----

Result<void> TransactionRun::on_reply(const Reply& reply) {
    switch (phase_) {
        case Phase::Commands:
            return on_command_reply(reply);
        case Phase::Message:
            if (reply.is_intermediate()) return unexpected_reply(reply);
            on_final_reply(reply);
            return {};
        case Phase::NoMessage:
        case Phase::Reset:
            if (reply.is_intermediate()) return unexpected_reply(reply);
            phase_ = Phase::Done;
            return {};
        case Phase::Done:
            break;
    }
    return unexpected_reply(reply);
}

Result<void> TransactionRun::on_command_reply(const Reply& reply) {
    const std::size_t index = next_to_answer_++;
    const Stage stage = stage_of(index);
    if (stage == Stage::Data) return on_data_reply(reply);
    if (reply.is_intermediate()) return unexpected_reply(reply);
    if (stage == Stage::Mail) {
        mail_ = reply;
        if (!mail_accepted()) decide_open(Stage::Mail, reply);
    } else if (reply.is_completion()) {
        ++accepted_;
    } else if (auto& fate = fates_[index - 1]; !fate) {
        fate = RecipientOutcome{Stage::Rcpt, reply};
    }
    finish_commands();
    return {};
}

Result<void> TransactionRun::on_data_reply(const Reply& reply) {
    if (reply.is_completion() || (reply.is_intermediate() && reply.code != 354)) {
        return unexpected_reply(reply);
    }
    data_ = reply;
    if (!reply.is_intermediate()) {
        decide_open(Stage::Data, reply);
        finish_commands();
    } else if (anyone_accepted()) {
        output_ += encode_data(transaction_.data);
        transaction_.data = std::string();
        phase_ = Phase::Message;
    } else if (protocol_ == Protocol::Lmtp) {
        // With nobody accepted no reply would follow the dot (RFC 2033 section 4.2).
        return unexpected_reply(reply);
    } else {
        // RFC 2920 section 3.1: a pipelining client may have to end a message for nobody.
        output_ += ".\r\n";
        phase_ = Phase::NoMessage;
    }
    return {};
}

void TransactionRun::on_final_reply(const Reply& reply) {
    final_replies_.push_back(reply);
    const RecipientOutcome outcome{Stage::Final, reply};
    if (protocol_ == Protocol::Smtp) {
        decide_open(Stage::Final, reply);
    } else {
        *std::find(fates_.begin(), fates_.end(), std::nullopt) = outcome;
    }
    const bool all = std::none_of(fates_.begin(), fates_.end(),
                                  [](const auto& fate) { return !fate.has_value(); });
    if (all) phase_ = Phase::Done;
}

// Once no command is out and none is left to send: the transaction came to nothing, and if the
// server still thinks that it is in one, it must be told.
void TransactionRun::finish_commands() {
    const bool replies_due = next_to_answer_ < next_to_send_;
    if (replies_due || is_wanted(next_to_send_)) return;
    if (mail_accepted()) {
        output_ += to_string(Command(RsetCommand{})) + "\r\n";
        phase_ = Phase::Reset;
    } else {
        phase_ = Phase::Done;
    }
}

void TransactionRun::decide_open(Stage stage, const Reply& reply) {
    for (auto& fate : fates_) {
        if (!fate) fate = RecipientOutcome{stage, reply};
    }
}

void TransactionRun::abandon(const Reply& reply) {
    const Stage stage = phase_ == Phase::Commands ? stage_of(next_to_answer_) : Stage::Final;
    if (phase_ == Phase::Message) final_replies_.push_back(reply);
    if (stage == Stage::Mail) mail_ = reply;
    if (stage == Stage::Data) data_ = reply;
    decide_open(stage, reply);
    phase_ = Phase::Done;
}

TransactionOutcome TransactionRun::take_outcome() {
    TransactionOutcome outcome;
    outcome.mail = mail_.value_or(Reply{});
    for (auto& fate : fates_) outcome.recipients.push_back(std::move(*fate));
    outcome.data = std::move(data_);
    outcome.final_replies = std::move(final_replies_);
    return outcome;
}

}  // namespace mailassay::smtp
