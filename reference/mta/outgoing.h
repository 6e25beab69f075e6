#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "mta/message.h"
#include "mta/plan.h"
#include "requiretls/rules.h"
#include "smtp/capabilities.h"
#include "smtp/client.h"

// What goes to a next hop, and what its answers mean for each recipient. Functions of values.
namespace mailassay::mta {

// Whether REQUIRETLS goes on MAIL; the rules decide it.
enum class RequireTlsParameter : std::uint8_t { Absent, Present };

// The transaction for these recipients (indexes into the envelope) on a server with these
// capabilities. The parameters of the sender go on where the server knows their extension; SIZE and
// BODY say what is true of the data. An error is the fate of all these recipients: data with octets
// above 127 for a server without 8BITMIME (RFC 6152 section 3: 5.6.3), or addresses that need
// SMTPUTF8 where that is not offered (RFC 6531 section 3.5: 5.6.7).
[[nodiscard]] std::expected<smtp::Transaction, RecipientResult> prepare_transaction(
    const Message& message, std::span<const std::size_t> recipients, std::string data,
    RequireTlsParameter requiretls, const smtp::Capabilities& capabilities);

// The message's data as it goes on: what the rules leave of its header section.
[[nodiscard]] std::string onward_data(const Message& message, const requiretls::Rules& rules);

// The fate of one recipient from the reply that decided about it.
[[nodiscard]] RecipientResult result_of(const smtp::RecipientOutcome& outcome,
                                        const std::string& host);

// A result that rests on a reply to no recipient in particular (a greeting, a refusal of MAIL).
[[nodiscard]] RecipientResult result_of(const smtp::Reply& reply, const std::string& host);

// The same with the outcome that the rules want, and a status whose class fits it.
[[nodiscard]] RecipientResult with_fate(RecipientResult result, requiretls::Fate fate);

// Why a host was not fit, as the end of a sentence about it.
[[nodiscard]] std::string_view describe(requiretls::Reason reason);

// A result without a reply.
[[nodiscard]] RecipientResult make_result(Outcome outcome, dsn::EnhancedStatus status,
                                          std::string explanation, std::string host = {});

}  // namespace mailassay::mta
