#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "smtp/client.h"

// One mail transaction seen from the client: which commands are out, what their replies decided.
// Nothing but the client includes this.
namespace mailassay::smtp {

class TransactionRun {
  public:
    // Throws Misuse on a transaction that no commands can say.
    TransactionRun(Transaction transaction, Protocol protocol, Pipelining pipelining);

    // The commands or data that may be sent now; takes them away.
    [[nodiscard]] std::string take_output();

    // The reply to the oldest command without one. Error smtp.client.reply-unexpected when the
    // command can't have such a reply.
    [[nodiscard]] Result<void> on_reply(const Reply& reply);

    // Every recipient has its outcome and the server is ready for the next transaction.
    [[nodiscard]] bool done() const { return phase_ == Phase::Done; }

    // The server is going away (421): that reply decides about all recipients still open.
    void abandon(const Reply& reply);

    // Once done or abandoned.
    [[nodiscard]] TransactionOutcome take_outcome();

  private:
    enum class Phase : std::uint8_t {
        Commands,   // MAIL, RCPT and DATA
        Message,    // the message is out, its reply or replies are due
        NoMessage,  // 354 came although nobody was accepted: only the final dot is out
        Reset,      // RSET is out, to end what MAIL began
        Done,
    };
    // Commands are numbered: MAIL is 0, the recipients follow, DATA is the last.
    [[nodiscard]] std::size_t data_index() const { return transaction_.recipients.size() + 1; }
    [[nodiscard]] Stage stage_of(std::size_t index) const;
    [[nodiscard]] std::string command(std::size_t index) const;
    [[nodiscard]] bool may_send_next() const;
    [[nodiscard]] bool is_wanted(std::size_t index) const;
    [[nodiscard]] bool mail_accepted() const { return mail_ && mail_->is_completion(); }
    [[nodiscard]] bool anyone_accepted() const { return accepted_ > 0 && mail_accepted(); }

    Result<void> on_command_reply(const Reply& reply);
    Result<void> on_data_reply(const Reply& reply);
    void on_final_reply(const Reply& reply);
    void finish_commands();
    void decide_open(Stage stage, const Reply& reply);

    Transaction transaction_;
    Protocol protocol_;
    Pipelining pipelining_;
    Phase phase_ = Phase::Commands;
    std::size_t next_to_send_ = 0;
    std::size_t next_to_answer_ = 0;
    std::string output_;

    std::optional<Reply> mail_;
    std::size_t accepted_ = 0;  // recipients
    std::vector<std::optional<RecipientOutcome>> fates_;
    std::optional<Reply> data_;
    std::vector<Reply> final_replies_;
};

}  // namespace mailassay::smtp
