#include "mta/trace.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "imf/date.h"

namespace mailassay::mta {

namespace {

bool looks_like_a_name(std::string_view helo) {
    return !helo.empty() && helo.size() <= 255 && std::all_of(helo.begin(), helo.end(), [](char c) {
        return base::is_alnum(c) || std::string_view(".-_:[]").find(c) != std::string::npos;
    });
}

// RFC 3848 and RFC 6531 section 4.3: what the message came by.
std::string_view protocol_keyword(const Message& message, smtp::Protocol protocol) {
    const bool lmtp = protocol == smtp::Protocol::Lmtp;
    const bool tls = message.envelope.channel == smtp::Channel::Tls;
    const bool utf8 = smtp::find_parameter(message.envelope.mail_parameters, "SMTPUTF8") != nullptr;
    if (utf8 && lmtp) return tls ? "UTF8LMTPS" : "UTF8LMTP";
    if (utf8) return tls ? "UTF8SMTPS" : "UTF8SMTP";
    if (lmtp) return tls ? "LMTPS" : "LMTP";
    if (message.envelope.login == smtp::Login::Done) return tls ? "ESMTPSA" : "ESMTPA";
    return tls ? "ESMTPS" : "ESMTP";
}

std::string address_literal(std::string_view address) {
    const bool v6 = address.find(':') != std::string_view::npos;
    return fmt::format("[{}{}]", v6 ? "IPv6:" : "", address);
}

}  // namespace

std::string received_field(const Message& message, std::string_view hostname,
                           smtp::Protocol protocol) {
    const smtp::Envelope& envelope = message.envelope;
    const std::string_view helo =
        looks_like_a_name(envelope.helo) ? std::string_view(envelope.helo) : "unknown";
    std::string field = fmt::format("Received: from {} ({})\r\n by {} with {} id {}", helo,
                                    address_literal(message.peer_address), hostname,
                                    protocol_keyword(message, protocol), message.id);
    // With several recipients the clause would tell each of them about the others.
    if (envelope.recipients.size() == 1) {
        const std::string path = smtp::to_string(envelope.recipients.front().forward_path);
        if (base::is_ascii(path)) field += fmt::format("\r\n for {}", path);
    }
    return field + fmt::format(";\r\n {}\r\n", imf::format_date(message.arrival));
}

std::size_t count_received_fields(std::string_view data) {
    constexpr std::string_view name = "received:";
    std::size_t count = 0;
    std::size_t line = 0;
    while (line < data.size() && data.substr(line, 2) != "\r\n") {
        if (base::starts_with_ignore_case(data.substr(line), name)) ++count;
        const std::size_t end = data.find("\r\n", line);
        if (end == std::string_view::npos) break;
        line = end + 2;
    }
    return count;
}

}  // namespace mailassay::mta
