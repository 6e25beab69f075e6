#include <algorithm>

#include "requiretls/header_field.h"
#include "requiretls/rules.h"

// What StandardRules decides on receipt, and about bounces.
namespace mailassay::requiretls {
namespace {

constexpr std::string_view keyword = "REQUIRETLS";  // [rfc8689/2/1]

auto is_requiretls = [](const smtp::Parameter& parameter) { return parameter.is(keyword); };

}  // namespace

std::optional<smtp::Extension> StandardRules::extension(smtp::Channel channel) const {
    // In plaintext there is nothing that the parameter could promise. [rfc8689/2/12]
    if (channel == smtp::Channel::Plaintext) return std::nullopt;
    smtp::Extension extension;
    extension.keyword = keyword;
    extension.mail_parameters = {std::string(keyword)};
    return extension;
}

std::optional<smtp::Extension> StandardRules::extension_of(Service, smtp::Channel channel,
                                                           smtp::Login) const {
    return extension(channel);  // [rfc8689/2/4]
}

std::optional<smtp::Reply> StandardRules::judge_parameters(
    const std::vector<smtp::Parameter>& parameters, smtp::Channel) const {
    if (std::ranges::any_of(parameters, [](const smtp::Parameter& p) {
            return is_requiretls(p) && p.value.has_value();
        })) {
        return smtp::make_reply(501, {5, 5, 4}, "REQUIRETLS takes no value");  // [rfc8689/2/2]
    }
    if (std::ranges::count_if(parameters, is_requiretls) > 1) {
        return smtp::make_reply(501, {5, 5, 4}, "REQUIRETLS given twice");
    }
    return std::nullopt;
}

Tag StandardRules::tag(const std::vector<smtp::Parameter>& mail_parameters,
                       const imf::HeaderSection& header) const {
    if (std::ranges::any_of(mail_parameters, is_requiretls)) {
        return Tag::Required;  // [rfc8689/4.1/1] [rfc8689/4.1/3]
    }
    return read_field(header, edition_) == FieldVerdict::NotRequired
               ? Tag::Optional  // [rfc8689/4.1/2]
               : Tag::None;
}

Tag StandardRules::tag_of(Service, const std::vector<smtp::Parameter>& mail_parameters,
                          const imf::HeaderSection& header) const {
    return tag(mail_parameters, header);  // [rfc8689/2/4] [rfc8689/4.3/3]
}

Tag StandardRules::tag_of_instance(Tag tag, std::size_t) const {
    return tag;  // [rfc8689/4.1/5]
}

Tag StandardRules::tag_of_reoriginated(Mediator mediator, Tag incoming) const {
    const bool asks_by_itself = mediator == Mediator::UserForward && edition_ == Edition::Rfc;
    if (asks_by_itself && incoming == Tag::None) return Tag::Required;  // [rfc8689/6/2]
    // [rfc8689/6/1] [draft-require-tls-03/6/1] [draft-require-tls-03/6/3]
    // [draft-require-tls-03/6/4]
    return incoming;
}

imf::HeaderSection StandardRules::onward(imf::HeaderSection header, Tag) const {
    return header;  // [rfc8689/4.1/4] [rfc8689/3/4] [rfc8689/4.2.2/4]
}

BouncePlan StandardRules::plan_bounce(Tag tag, std::optional<dsn::Return> requested) const {
    if (tag == Tag::Required) {
        // Redacted whatever was asked for, and tagged all the same, so that it goes out with the
        // parameter wherever that is possible.
        // [rfc8689/5/1] [rfc8689/5/2] [rfc8689/5/3] [rfc8689/5/4] [rfc8689/5/5]
        return {dsn::Return::HeadersOnly, {}, Tag::Required};
    }
    return {requested.value_or(dsn::Return::Full), {}, tag};
}

}  // namespace mailassay::requiretls
