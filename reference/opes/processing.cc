#include "opes/processing.h"

#include <algorithm>
#include <utility>

#include "imf/mime.h"

namespace mailassay::opes {

namespace {

// What a recipient asks, or the sender for all of them.
struct Asked {
    std::optional<BypassRequest> by_dialogue;
    std::optional<BypassRequest> by_field;
};

bool is_called(const Service& service, const Asked& asked, const Parties& parties,
               std::span<const Allowance> allowances, const System& system, const Rules& rules) {
    if (!rules.is_consented(service, system, parties)) return false;
    // [rfc3897/4.2/2]
    if (!rules.may_be_bypassed(service)) return true;
    if (rules.is_allowed(service, system, parties, allowances)) return false;
    const auto& by_field =
        rules.field_comes_in_time(service.stage) ? asked.by_field : std::optional<BypassRequest>();
    const auto request = both(asked.by_dialogue, by_field);
    if (!request || !rules.heeds(parties.requester)) return true;
    return !rules.names(*request, service, system);
}

Result<std::optional<BypassRequest>> read(const std::vector<std::string>& parameters,
                                          const System& system, const Rules& rules) {
    auto request = requested_by(parameters);
    return request ? request : rules.unreadable(request.error(), system);
}

// What the fields ask, those that can't be read included; they end nothing.
std::optional<BypassRequest> read(const HeaderRequest& fields, const System& system,
                                  const Rules& rules) {
    auto asked = fields.request;
    for (const Error& fault : fields.faults) {
        const auto doubtful = rules.unreadable(fault, system);
        if (doubtful) asked = both(asked, *doubtful);
    }
    return asked;
}

// A field speaks for all recipients, so that it can say only what all of them ask.
std::optional<BypassRequest> common(const std::vector<std::optional<BypassRequest>>& requests) {
    if (requests.empty()) return std::nullopt;
    const bool alike = std::ranges::all_of(
        requests, [&](const auto& request) { return request == requests.front(); });
    return alike ? requests.front() : std::nullopt;
}

}  // namespace

Processing::Processing(imf::Message message, const System& system, const Rules& rules)
    : message_(std::move(message)), system_(system), rules_(rules) {
    // Before the first service is called. [rfc4902/4/1]
    message_.header = rules_.begun(message_.header, system_);
}

void Processing::returned(const Service& service, imf::HeaderSection header, std::string body) {
    imf::Message came{.header = std::move(header),
                      .separator = message_.separator,
                      .body = std::move(body),
                      .defects = {}};
    if (rules_.keeps_content(message_, came)) {
        came.header = rules_.described(message_.header, came.header);
    } else {
        message_.body = std::move(came.body);
    }
    called_.push_back(service);
    // [rfc4902/3.1/7] [rfc4902/3.1/8]
    message_.header =
        rules_.augmented(rules_.restored(message_.header, came.header), system_, called_);
}

void Processing::readdress(const Readdressing& mapping) {
    // [rfc4902/5.6/1]
    message_.header = rules_.readdressed(message_.header, mapping);
}

Result<std::string> Processing::finished() const {
    if (!rules_.is_traced(message_.header, system_)) {
        return std::unexpected(
            Error{.id = "opes.trace.missing", .requirement = "rfc4902/3.1", .detail = {}});
    }
    return message_.to_octets();
}

// The same for the same rules and the same mail. [rfc3835/2.1.1/1]
Result<Plan> plan(const imf::HeaderSection& header, const Requests& requests, const System& system,
                  const Rules& rules) {
    auto of_sender = read(requests.sender_parameters, system, rules);
    if (!of_sender) return std::unexpected(std::move(of_sender.error()));
    HeaderRequest fields = requested_by(header);
    const auto by_field = read(fields, system, rules);
    std::vector<std::optional<BypassRequest>> of_recipients;
    for (const RecipientRequest& recipient : requests.recipients) {
        auto own = read(recipient.parameters, system, rules);
        if (!own) return std::unexpected(std::move(own.error()));
        of_recipients.push_back(std::move(*own));
    }
    if (!rules.keeps_recipients_apart()) {
        for (const auto& request : of_recipients) of_sender = both(*of_sender, request);
    }

    const Passing passing = rules.passing(requests.next_hop);
    std::vector<RecipientPlan> recipients;
    for (std::size_t i = 0; i < requests.recipients.size(); ++i) {
        const Asked asked{.by_dialogue = both(*of_sender, of_recipients[i]), .by_field = by_field};
        RecipientPlan each{.address = requests.recipients[i].address, .called = {}};
        const Parties parties{
            .sender = requests.sender, .recipient = each.address, .requester = requests.requester};
        std::ranges::copy_if(
            system.services, std::back_inserter(each.called), [&](const Service& service) {
                return is_called(service, asked, parties, requests.allowances, system, rules);
            });
        // [rfc3897/4.3/2]
        if (passing == Passing::Parameter && of_recipients[i]) {
            each.parameters.push_back(to_parameter(*of_recipients[i]));
        }
        recipients.push_back(std::move(each));
    }
    std::vector<std::string> of_sender_on;
    if (passing == Passing::Parameter && *of_sender) of_sender_on = {to_parameter(**of_sender)};
    return Plan{.recipients = std::move(recipients),
                .sender_parameters = std::move(of_sender_on),
                .field = passing == Passing::Field ? both(*of_sender, common(of_recipients))
                                                   : std::optional<BypassRequest>(),
                .faults = std::move(fields.faults)};
}

void describe(dsn::Report& report, const System& system, const Rules& rules) {
    // [rfc4902/4/2] [rfc4902/3.1/3] [rfc4902/3.1/4]
    const auto told = rules.told_in_report(system);
    if (!told) return;
    report.other_fields.emplace_back("X-OPES-System", *told);
    report.explanation += "\nThe message was handled by the OPES system\n  " + *told + "\n";
}

Protection protection_of(const imf::HeaderSection& header) {
    const auto type = imf::content_type_of(header);
    if (!type) return Protection::None;
    if (type->is("multipart", "encrypted")) return Protection::Encrypted;
    if (type->is("multipart", "signed")) return Protection::Signed;
    if (type->is("application", "pkcs7-mime") || type->is("application", "x-pkcs7-mime")) {
        const std::string kind = base::to_lower(type->parameter("smime-type").value_or(""));
        const bool is_signed = kind == "signed-data" || kind == "certs-only";
        return is_signed ? Protection::Signed : Protection::Encrypted;
    }
    return Protection::None;
}

namespace {

constexpr int most_depth = 16;

void collect_protected(const imf::ContentType& type, std::string_view body, int depth,
                       std::vector<std::string_view>& found) {
    const auto boundary = type.parameter("boundary");
    if (type.type != "multipart" || !boundary || depth == most_depth) return;
    const auto parts = imf::split_multipart(body, *boundary);
    if (!parts) return;
    for (const std::string_view part : *parts) {
        const auto entity = imf::view_message(part);
        if (!entity) continue;
        const auto inner = imf::content_type_of(entity->header);
        if (protection_of(entity->header) != Protection::None) {
            found.push_back(part);
        } else if (inner) {
            collect_protected(*inner, entity->body, depth + 1, found);
        }
    }
}

}  // namespace

std::vector<std::string_view> protected_parts(const imf::Message& message) {
    std::vector<std::string_view> found;
    const auto type = imf::content_type_of(message.header);
    if (type) collect_protected(*type, message.body, 0, found);
    return found;
}

}  // namespace mailassay::opes
