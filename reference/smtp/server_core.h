#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smtp/command.h"
#include "smtp/data_codec.h"
#include "smtp/input_buffer.h"
#include "smtp/server.h"

// The inside of Server. Nothing else includes this.
namespace mailassay::smtp {

class Server::Core {
  public:
    Core(ServerConfig config, ServerPolicy& policy);

    void receive(std::string_view octets);
    void end_of_input() { input_ended_ = true; }
    ServerEvent next_event();
    std::string take_output();
    void tls_established();
    void message_answered(const std::vector<Reply>& replies);
    void message_answered(const Reply& reply);
    void close_with(const Reply& reply);

    [[nodiscard]] Channel channel() const { return channel_; }
    [[nodiscard]] std::size_t discarded_octets() const { return discarded_; }

    // One for each kind of command.
    void operator()(const HelloCommand& command);
    void operator()(const MailCommand& command);
    void operator()(const RcptCommand& command);
    void operator()(const DataCommand& command);
    void operator()(const RsetCommand& command);
    void operator()(const NoopCommand& command);
    void operator()(const QuitCommand& command);
    void operator()(const HelpCommand& command);
    void operator()(const StartTlsCommand& command);
    void operator()(const VrfyCommand& command);
    void operator()(const ExpnCommand& command);
    void operator()(const AuthCommand& command);
    void operator()(const UnknownCommand& command);

  private:
    // What the next octets are, or what the driver has to do before there are any.
    enum class State : std::uint8_t { Commands, Auth, Data, MessageWaits, Handshake, Closed };

    // A command line without its CRLF; `text` is empty when it was too long to keep.
    enum class LineFit : std::uint8_t { Fits, TooLong };
    struct CommandLine {
        LineFit fit = LineFit::Fits;
        std::string text;
    };

    std::optional<CommandLine> take_line();
    void handle_line(const CommandLine& line);
    void handle_error(const Error& error, std::string_view line);
    // server_auth.cc: AUTH and the lines that follow it.
    void handle_response(const CommandLine& line);
    void go_on(Result<SaslExchange::Step> step);
    // False when the data has not ended yet.
    bool take_data();
    void finish_data(DataFault fault);

    void answer(const Reply& reply);
    // A refusal by the protocol itself, which counts as an error.
    void refuse(int code, dsn::EnhancedStatus status, std::string_view text);
    void refuse(const Reply& reply);
    void answer_hello();
    void answer_without_mail();
    [[nodiscard]] std::vector<Extension> extensions() const;
    [[nodiscard]] bool is_extended() const;
    void forget_transaction() { envelope_.reset(); }

    ServerConfig config_;
    ServerPolicy* policy_;
    State state_ = State::Commands;
    Channel channel_;

    InputBuffer input_;
    std::size_t discarded_ = 0;
    Residue residue_ = Residue::Discard;
    // Within a line that is too long: its octets are dropped until its end.
    bool dropping_line_ = false;
    bool input_ended_ = false;
    std::string output_;
    std::size_t errors_ = 0;

    std::optional<HelloCommand> hello_;
    std::optional<Envelope> envelope_;  // there is one between MAIL and the end of the transaction
    std::optional<DataDecoder> data_;
    std::optional<SaslExchange> sasl_;  // while a client is logging in
    Login login_ = Login::None;
};

}  // namespace mailassay::smtp
