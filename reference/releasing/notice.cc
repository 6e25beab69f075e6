#include "releasing/notice.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/ascii.h"
#include "dsn/report.h"
#include "imf/date.h"

namespace mailassay::releasing {

namespace {

std::string message_id(const Refusal& refusal, base::Random& random) {
    return fmt::format("<{}@{}>", base::random_token(random), refusal.user.domain);
}

constexpr std::string_view sealed_text =
    "Your message is encrypted, and the user above can't decrypt it. Whoever may\n"
    "authorize a message has to be able to read it: encrypt it to them as well.\n";

std::string text_on(const Error& reason) {
    if (reason.id == "release.message.sealed") return std::string(sealed_text);
    return fmt::format("Your message was not released ({}).\n", reason.id);
}

// RFC 3463 sections 3.8: a key is missing; or delivery is not authorized.
dsn::EnhancedStatus status_of(const Error& reason) {
    const bool is_sealed = reason.id == "release.message.sealed";
    return {.cls = 5, .subject = 7, .detail = is_sealed ? 5 : 1};
}

}  // namespace

std::optional<imf::Mailbox> drafter_of(const imf::HeaderSection& header) {
    for (const std::string_view name : {"Sender", "From"}) {
        const imf::HeaderField* field = header.find_first(name);
        if (field == nullptr) continue;
        auto mailboxes = imf::parse_mailbox_list(field->body);
        if (mailboxes) return std::move(mailboxes->front());
    }
    return std::nullopt;
}

Result<Notice> rejection_of(const Refusal& refusal, std::string_view explanation,
                            base::Random& random) {
    const auto parsed = imf::view_message(refusal.draft);
    if (!parsed) return std::unexpected(parsed.error());
    auto drafter = drafter_of(parsed->header);
    if (!drafter) return std::unexpected(Error{.id = "releasing.notice.nobody"});
    std::string header;
    for (const auto& [name, value] : std::array<std::pair<std::string_view, std::string>, 5>{
             {{"From", refusal.user.address()},
              {"To", drafter->address()},
              {"Subject", "Not released"},
              {"Date", imf::format_date(refusal.at)},
              {"Message-ID", message_id(refusal, random)}}}) {
        const auto field = imf::make_field(name, value);
        if (!field) return std::unexpected(field.error());
        header += field->raw;
    }
    if (const imf::HeaderField* id = parsed->header.find_first("Message-ID")) {
        if (const auto field = imf::make_field("In-Reply-To", base::trim(imf::unfold(id->body)))) {
            header += field->raw;
        }
    }
    const std::string boundary = "=_" + base::random_token(random);
    return Notice{.to = std::move(*drafter),
                  .message = fmt::format("{}MIME-Version: 1.0\r\n"
                                         "Content-Type: multipart/mixed; boundary=\"{}\"\r\n"
                                         "\r\n"
                                         "--{}\r\n"
                                         "Content-Type: text/plain; charset=utf-8\r\n"
                                         "Content-Transfer-Encoding: 8bit\r\n"
                                         "\r\n"
                                         "Your message was not released.\r\n\r\n{}\r\n"
                                         "--{}\r\n"
                                         "Content-Type: message/rfc822\r\n"
                                         "\r\n{}\r\n--{}--\r\n",
                                         header, boundary, boundary, explanation, boundary,
                                         refusal.draft, boundary)};
}

Result<Notice> failure_of(const Refusal& refusal, const imf::Mailbox& to, const Error& reason,
                          base::Random& random) {
    const dsn::TypedValue user{.type = "rfc822", .value = refusal.user.address()};
    dsn::Report report;
    report.from = refusal.user.address();
    report.to = to.address();
    report.subject = "Not released";
    report.message_id = message_id(refusal, random);
    report.date = refusal.at;
    report.explanation = fmt::format("To: {}\n\n{}", user.value, text_on(reason));
    report.reporting_mta = {.type = "dns", .value = refusal.user.domain};
    // [rfc7912/3.3.1/3]
    dsn::RecipientReport about;
    about.final_recipient = user;
    about.action = dsn::Action::Failed;
    about.status = status_of(reason);
    report.recipients.push_back(std::move(about));
    // [rfc7912/3.3.1/5]
    report.returned = {.what = dsn::Return::Full, .octets = std::string(refusal.draft)};
    auto made = dsn::build_report(report, random);
    if (!made) return std::unexpected(std::move(made.error()));
    return Notice{.to = to, .message = std::move(*made)};
}

}  // namespace mailassay::releasing
