#include "smtp/server_parameters.h"

#include <algorithm>
#include <string_view>

#include "base/ascii.h"
#include "dsn/options.h"

namespace mailassay::smtp {
namespace {

using Value = std::optional<std::string>;

constexpr dsn::EnhancedStatus kInvalidArguments{5, 5, 4};

// A parameter of one of the server's own extensions, and what values it may have.
struct OwnParameter {
    std::string_view keyword;
    bool (*has_valid_value)(const Value&);
};

bool is_size(const Value& value) {
    // Twenty digits (RFC 1870 section 4) may be more than 64 bits hold: that is large, not wrong.
    return value && value->size() <= 20 &&
           std::all_of(value->begin(), value->end(), base::is_digit);
}

bool is_body(const Value& value) {
    return value && (base::equals_ignore_case(*value, "7BIT") ||
                     base::equals_ignore_case(*value, "8BITMIME"));
}

bool is_absent(const Value& value) {
    return !value;
}
bool is_return(const Value& value) {
    return value && dsn::parse_return(*value);
}
bool is_envelope_id(const Value& value) {
    return value && dsn::parse_envelope_id(*value);
}
bool is_notify(const Value& value) {
    return value && dsn::parse_notify(*value);
}
bool is_original_recipient(const Value& value) {
    return value && dsn::parse_original_recipient(*value);
}

const std::vector<OwnParameter> kMailParameters = {{"SIZE", is_size},
                                                   {"BODY", is_body},
                                                   {"RET", is_return},
                                                   {"ENVID", is_envelope_id},
                                                   {"SMTPUTF8", is_absent}};
const std::vector<OwnParameter> kRcptParameters = {{"NOTIFY", is_notify},
                                                   {"ORCPT", is_original_recipient}};

bool is_listed(std::string_view keyword, const std::vector<std::string>& keywords) {
    return std::any_of(keywords.begin(), keywords.end(), [keyword](const std::string& other) {
        return base::equals_ignore_case(other, keyword);
    });
}

bool stands_twice(const Parameter& parameter, const std::vector<Parameter>& parameters) {
    return std::count_if(parameters.begin(), parameters.end(), [&parameter](const Parameter& one) {
               return one.is(parameter.keyword);
           }) > 1;
}

std::optional<Reply> judge(const std::vector<Parameter>& parameters, Offer offer,
                           const std::vector<OwnParameter>& own_parameters,
                           const std::vector<Extension>& extensions,
                           std::vector<std::string> Extension::* extension_parameters) {
    for (const Parameter& parameter : parameters) {
        const auto own = std::find_if(
            own_parameters.begin(), own_parameters.end(),
            [&parameter](const OwnParameter& known) { return parameter.is(known.keyword); });
        if (offer == Offer::Extensions && own != own_parameters.end()) {
            if (!own->has_valid_value(parameter.value)) {
                return make_reply(501, kInvalidArguments,
                                  "Bad value of " + std::string(own->keyword));
            }
            if (stands_twice(parameter, parameters)) {
                return make_reply(501, kInvalidArguments, std::string(own->keyword) + " twice");
            }
            continue;
        }
        // What the policy knows is the policy's to judge: its value, and whether it stands twice.
        const bool from_above =
            std::any_of(extensions.begin(), extensions.end(), [&](const Extension& extension) {
                return is_listed(parameter.keyword, extension.*extension_parameters);
            });
        if (offer == Offer::Nothing || !from_above) {
            // RFC 5321 section 4.1.1.11
            return make_reply(555, kInvalidArguments, "Parameter not recognized");
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<Reply> judge_mail_parameters(const std::vector<Parameter>& parameters, Offer offer,
                                           const std::vector<Extension>& extensions) {
    return judge(parameters, offer, kMailParameters, extensions, &Extension::mail_parameters);
}

std::optional<Reply> judge_rcpt_parameters(const std::vector<Parameter>& parameters, Offer offer,
                                           const std::vector<Extension>& extensions) {
    return judge(parameters, offer, kRcptParameters, extensions, &Extension::rcpt_parameters);
}

const std::vector<std::string>& own_keywords() {
    static const std::vector<std::string> keywords = {"PIPELINING", "8BITMIME", "DSN",
                                                      "ENHANCEDSTATUSCODES", "SMTPUTF8"};
    return keywords;
}

}  // namespace mailassay::smtp
