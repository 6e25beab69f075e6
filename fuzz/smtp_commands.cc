// Command lines: what is read, printed and read again is the same, and what is printed is one line.

#include "dsn/options.h"
#include "dsn/xtext.h"
#include "require.h"
#include "smtp/command.h"

using namespace mailassay;

namespace {

void check_values(const std::vector<smtp::Parameter>& parameters) {
    for (const smtp::Parameter& parameter : parameters) {
        if (!parameter.value) continue;
        fuzz::require(!parameter.value->empty(), "a value is not empty");
        (void)dsn::parse_return(*parameter.value);
        (void)dsn::parse_notify(*parameter.value);
        if (const auto envid = dsn::parse_envelope_id(*parameter.value)) {
            const auto again = dsn::decode_xtext(dsn::encode_xtext(*envid));
            fuzz::require(again == envid, "an envelope identifier is read as written");
        }
        if (const auto orcpt = dsn::parse_original_recipient(*parameter.value)) {
            const auto again = dsn::parse_original_recipient(dsn::to_string(*orcpt));
            // Written anew, an address may be longer than the parameter allows.
            fuzz::require(!again || again == orcpt, "an original recipient is read as written");
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view line = fuzz::octets_of(data, size);
    const auto command = smtp::parse_command(line);
    if (!command) {
        fuzz::require(command.error().offset <= line.size(), "the fault is within the line");
        return 0;
    }
    const std::string printed = smtp::to_string(*command);
    fuzz::require(printed.find_first_of("\r\n") == std::string::npos, "a command is one line");
    if (!std::holds_alternative<smtp::UnknownCommand>(*command)) {
        const auto again = smtp::parse_command(printed);
        fuzz::require(again && *again == *command, "a command is read as written");
    }
    if (const auto* mail = std::get_if<smtp::MailCommand>(&*command)) {
        check_values(mail->parameters);
    }
    if (const auto* rcpt = std::get_if<smtp::RcptCommand>(&*command)) {
        check_values(rcpt->parameters);
    }
    return 0;
}
