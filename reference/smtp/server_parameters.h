#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "smtp/server.h"

// What the server itself says about the parameters of MAIL and RCPT.
namespace mailassay::smtp {

// nullopt: no objection. `extensions` are those that the policy adds on this channel; after HELO,
// which offers nothing, give an empty list and Offer::Nothing.
enum class Offer : std::uint8_t { Nothing, Extensions };

[[nodiscard]] std::optional<Reply> judge_mail_parameters(const std::vector<Parameter>& parameters,
                                                         Offer offer,
                                                         const std::vector<Extension>& extensions);

[[nodiscard]] std::optional<Reply> judge_rcpt_parameters(const std::vector<Parameter>& parameters,
                                                         Offer offer,
                                                         const std::vector<Extension>& extensions);

// The server's own EHLO keywords apart from SIZE, which has an argument, and STARTTLS, which is not
// always offered.
[[nodiscard]] const std::vector<std::string>& own_keywords();

}  // namespace mailassay::smtp
