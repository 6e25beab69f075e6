// The client's state machine, fed whole and octet by octet. The first octet of the input chooses
// the configuration.

#include <algorithm>

#include "require.h"
#include "smtp/test_support.h"

using namespace mailassay;

namespace {

smtp::ClientConfig config_of(std::uint8_t choice) {
    smtp::ClientConfig config;
    config.helo = "client.example";
    config.protocol = (choice & 1U) != 0 ? smtp::Protocol::Lmtp : smtp::Protocol::Smtp;
    config.pipelining =
        (choice & 2U) != 0 ? smtp::Pipelining::Never : smtp::Pipelining::WhenOffered;
    config.reply_limits = {.line_octets = 64, .lines = 8};
    return config;
}

smtp::Transaction transaction() {
    smtp::Transaction one;
    one.reverse_path = {"a", "b.example"};
    one.mail_parameters = {{"REQUIRETLS", std::nullopt}};
    one.recipients = {{{"c", "d.example"}, {}}, {{"e", "d.example"}, {}}};
    one.data = ".\r\nmessage\n.\r\n";
    return one;
}

void check(const smtp::test::ClientRun& run, std::string_view input) {
    for (const smtp::ClientEvent& event : run.events) {
        const auto* done = std::get_if<smtp::TransactionDone>(&event);
        if (done == nullptr) continue;
        const auto& recipients = done->outcome.recipients;
        fuzz::require(recipients.size() == 2, "every recipient has an outcome");
        const bool accepted = std::any_of(recipients.begin(), recipients.end(),
                                          [](const auto& one) { return one.accepted(); });
        fuzz::require(!accepted || run.output.find("message") != std::string::npos,
                      "no message is accepted that was not sent");
    }
    fuzz::require(run.output.find("message") == std::string::npos ||
                      input.find("354") != std::string_view::npos,
                  "no message is sent that was not asked for");
    fuzz::require(run.output.find("message .\r\n") == run.output.find("message"),
                  "the message is not changed or smuggles nothing");
}

smtp::test::ClientDriver driver_of(const smtp::ClientConfig& config, smtp::test::Tls tls) {
    return {smtp::Client(config), tls, {transaction(), transaction()}};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const smtp::ClientConfig config = config_of(data[0]);
    const std::string_view octets = fuzz::octets_of(data + 1, size - 1);

    using smtp::test::Tls;
    auto whole = driver_of(config, Tls::NotWanted);
    whole.feed(octets);
    whole.end();
    auto bytewise = driver_of(config, Tls::NotWanted);
    for (const char& c : octets) bytewise.feed(std::string_view(&c, 1));
    bytewise.end();
    fuzz::require(whole.over() && bytewise.over(), "a session ends with its input");
    fuzz::require(whole.run() == bytewise.run(), "the split of the input changes nothing");
    check(whole.run(), octets);

    auto within = driver_of(config, Tls::Wanted);
    for (const char& c : octets) within.feed(std::string_view(&c, 1));
    within.end();
    fuzz::require(within.over(), "a session with TLS ends with its input");
    check(within.run(), octets);
    return 0;
}
