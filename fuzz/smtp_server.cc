// The server's state machine, fed whole and octet by octet. The first octet of the input chooses
// the configuration.

#include "require.h"
#include "smtp/test_support.h"

using namespace mailassay;

namespace {

smtp::ServerConfig config_of(std::uint8_t choice) {
    smtp::ServerConfig config;
    config.hostname = "mx.example";
    config.protocol = (choice & 1U) != 0 ? smtp::Protocol::Lmtp : smtp::Protocol::Smtp;
    config.starttls =
        (choice & 2U) != 0 ? smtp::StartTlsOffer::NotOffered : smtp::StartTlsOffer::Offered;
    config.channel = (choice & 4U) != 0 ? smtp::Channel::Tls : smtp::Channel::Plaintext;
    config.size_limit = 60;
    config.text_line_limit = 40;
    config.command_line_limit = 80;
    config.recipient_limit = 2;
    config.error_limit = 12;
    return config;
}

// The policy is asked about nothing that the protocol refuses.
class WatchingPolicy final : public smtp::ServerPolicy {
  public:
    std::vector<smtp::Extension> extensions(smtp::Channel channel) const override {
        return policy_.extensions(channel);
    }
    std::optional<smtp::Reply> on_mail(const smtp::Path& path,
                                       const std::vector<smtp::Parameter>& parameters,
                                       smtp::Channel channel) override {
        for (const smtp::Parameter& parameter : parameters) {
            const bool sample = parameter.is("XSAMPLE");
            fuzz::require(!sample || channel == smtp::Channel::Tls,
                          "a parameter is judged where its extension is offered");
        }
        return policy_.on_mail(path, parameters, channel);
    }
    std::optional<smtp::Reply> on_rcpt(const smtp::Recipient& recipient,
                                       const smtp::Envelope& envelope) override {
        fuzz::require(!recipient.forward_path.is_null(), "a recipient has a path");
        fuzz::require(envelope.recipients.size() < 2, "the number of recipients is bounded");
        return policy_.on_rcpt(recipient, envelope);
    }

  private:
    smtp::test::SamplePolicy policy_;
};

void check(const smtp::test::ServerRun& run) {
    for (const smtp::ServerEvent& event : run.events) {
        const auto* message = std::get_if<smtp::MessageReceived>(&event);
        if (message == nullptr) continue;
        fuzz::require(!message->envelope.recipients.empty(), "a message has recipients");
        fuzz::require(message->data.size() <= 60, "a message is within the limit");
        fuzz::require(message->data.find('\0') == std::string::npos, "a message has no NUL");
    }
    smtp::ReplyReader reader;
    reader.receive(run.output);
    auto reply = reader.next();
    while (reply && *reply) reply = reader.next();
    fuzz::require(reply && reader.empty(), "the output is replies and nothing else");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const smtp::ServerConfig config = config_of(data[0]);
    const std::string_view octets = fuzz::octets_of(data + 1, size - 1);

    WatchingPolicy policy;
    using smtp::test::Handshake;
    smtp::test::ServerDriver whole(smtp::Server(config, policy), Handshake::AfterInput);
    whole.feed(octets);
    whole.end();
    smtp::test::ServerDriver bytewise(smtp::Server(config, policy), Handshake::AfterInput);
    for (const char& c : octets) bytewise.feed(std::string_view(&c, 1));
    bytewise.end();
    fuzz::require(whole.run() == bytewise.run(), "the split of the input changes nothing");
    check(whole.run());

    // Through the handshake, as far as the input goes.
    smtp::test::ServerDriver within(smtp::Server(config, policy), Handshake::AtOnce);
    for (const char& c : octets) within.feed(std::string_view(&c, 1));
    within.end();
    check(within.run());
    return 0;
}
