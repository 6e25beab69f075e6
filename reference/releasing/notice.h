#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "imf/address.h"
#include "imf/header.h"

// What a message that does not go on is answered with: one that says why, with the message in it.
namespace mailassay::releasing {

struct Notice {
    imf::Mailbox to;
    std::string message;
};

// What both kinds are made of. `draft` and `user` must outlive it.
struct Refusal {
    std::string_view draft;
    const imf::Mailbox& user;  // who may authorize, and did not
    base::TimePoint at;
};

// Whom a message is from: Sender, else the first of From (RFC 5322 section 3.6.2); nullopt: nobody
// who can be told.
[[nodiscard]] std::optional<imf::Mailbox> drafter_of(const imf::HeaderSection& header);

// To the drafter of what its user has rejected, with an explanation in the user's words, UTF-8
// [rfc7912/3.3/16]. Errors: those of imf::view_message(), releasing.notice.nobody (there is no
// address to send it to), imf.header.value-invalid.
[[nodiscard]] Result<Notice> rejection_of(const Refusal& refusal, std::string_view explanation,
                                          base::Random& random);

// A delivery status notification of failure, to whom the message came from, about what can't be
// reviewed: encrypted to others, or not what it says it is. The message is in it as it came.
// Errors: those of dsn::build_report().
[[nodiscard]] Result<Notice> failure_of(const Refusal& refusal, const imf::Mailbox& to,
                                        const Error& reason, base::Random& random);

}  // namespace mailassay::releasing
