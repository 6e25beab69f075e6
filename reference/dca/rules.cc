#include "dca/rules.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "dca/signature_type.h"

namespace mailassay::dca {

namespace {

using secureheaders::SecuredField;
using secureheaders::Status;

// Relaxed canonicalization leaves a name in lower case; this is how names are mostly written.
std::string in_capitals(std::string_view name) {
    std::string written(name);
    bool first = true;
    for (char& c : written) {
        if (first && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        first = c == '-';
    }
    return written;
}

// Whether the octets behind a colon are one field's: every line but the first begins with white
// space.
bool is_one_body(std::string_view body) {
    for (std::size_t at = 0; at < body.size(); ++at) {
        if (body[at] == '\0' || body[at] == '\n') return false;
        if (body[at] != '\r') continue;
        if (at + 2 >= body.size() || body[at + 1] != '\n' || !base::is_wsp(body[at + 2])) {
            return false;
        }
        ++at;
    }
    return true;
}

}  // namespace

Treatment StandardRules::treatment(const SecuredField& field,
                                   const Replacements& replacements) const {
    if (describes_content(field.name)) return Treatment::Keep;
    switch (field.status) {
        case Status::Duplicated:
            return Treatment::Keep;  // [rfc7508/4.6.1/6]
        case Status::Deleted:
            if (!is_mandatory(field.name)) return Treatment::Remove;  // [rfc7508/4.6.1/7]
            // Kept; with another value where one is configured. [rfc7508/4.6.1/8]
            return replacements.contains(field.name) ? Treatment::Replace : Treatment::Keep;
        case Status::Modified:
            return Treatment::Replace;  // [rfc7508/4.6.1/9]
    }
    std::unreachable();
}

Result<imf::HeaderField> StandardRules::replacement(const imf::HeaderField& hidden,
                                                    const Replacements& replacements) const {
    const auto value = replacements.find(hidden.name);
    if (value == replacements.end()) {
        // A value of our own might not be of the field's syntax.
        return std::unexpected(Error{.id = "dca.hide.no-replacement",
                                     .requirement = "rfc7508/4.6.1/9",
                                     .detail = hidden.name});
    }
    return imf::make_field(hidden.name, value->second);
}

bool StandardRules::restores(const SecuredField& field) const {
    // [rfc7508/4.6.2/6] [rfc7508/4.6.2/7] [rfc7508/4.6.2/9]
    return field.status != Status::Duplicated && !describes_content(field.name);
}

bool StandardRules::rewrites(const SecuredField& field) const {
    return field.status == Status::Modified || is_mandatory(field.name);
}

bool StandardRules::leaves_what_is_there(const SecuredField&) const {
    return true;
}

Result<imf::HeaderField> StandardRules::restored(const SecuredField& field,
                                                 imf::Canonicalization algorithm,
                                                 const imf::HeaderField* found) const {
    if (!imf::is_field_name(field.name)) {
        return std::unexpected(Error{
            .id = "dca.restore.name", .requirement = "rfc7508/4.6.2/8", .detail = field.name});
    }
    if (!is_one_body(field.value)) {
        return std::unexpected(Error{
            .id = "dca.restore.value", .requirement = "rfc7508/4.6.2/8", .detail = field.name});
    }
    // [rfc7508/4.6.2/8] [rfc7508/4.6.2/10]
    if (algorithm == imf::Canonicalization::Simple) {
        return imf::HeaderField{.name = field.name,
                                .body = field.value,
                                .raw = field.name + ":" + field.value + "\r\n"};
    }
    return imf::make_field(found == nullptr ? in_capitals(field.name) : found->name, field.value);
}

imf::HeaderSection StandardRules::insert(const imf::HeaderSection& header,
                                         std::vector<Insertion> insertions) const {
    const std::vector<imf::HeaderField>& fields = header.fields();
    // What describes the content comes last in most messages.
    const auto content = std::ranges::find_if(
        fields, [](const imf::HeaderField& field) { return describes_content(field.name); });
    const auto last = static_cast<std::size_t>(content - fields.begin());
    // Of each place, the fields that come before the one that stands there.
    std::vector<std::vector<imf::HeaderField>> before(fields.size() + 1);
    for (Insertion& insertion : insertions) {
        const std::size_t at =
            insertion.behind ? *insertion.behind + 1 : insertion.before.value_or(last);
        before.at(at).push_back(std::move(insertion.field));
    }
    imf::HeaderSection made;
    for (std::size_t i = 0; i <= fields.size(); ++i) {
        for (imf::HeaderField& field : before[i]) made.append(std::move(field));
        if (i < fields.size()) made.append(fields[i]);
    }
    return made;
}

// RFC 8551 section 2.7.1: what all of them can, as the first prefers. Where nothing is known of
// one, or they have nothing in common, AES-128 CBC, which is what that section has beside AES-GCM.
crypto::ContentCipher StandardRules::cipher_for(const Capabilities& capabilities) const {
    constexpr auto otherwise = crypto::ContentCipher::Aes128Cbc;
    const auto is_known = [](const auto& each) { return each.has_value(); };
    if (capabilities.empty() || !std::ranges::all_of(capabilities, is_known)) return otherwise;
    for (const crypto::ContentCipher cipher : *capabilities.front()) {
        const auto can = [cipher](const auto& each) {
            return std::ranges::find(*each, cipher) != each->end();
        };
        if (std::ranges::all_of(capabilities, can)) return cipher;
    }
    return otherwise;
}

std::optional<std::string> StandardRules::other_content(std::span<const std::string_view>) const {
    return std::nullopt;
}

std::optional<std::string> StandardRules::other_body(std::string_view) const {
    return std::nullopt;
}

bool StandardRules::passes_on(const Error&) const {
    // A message that would not be hidden is not sent, one that stays closed is not called open.
    return false;
}

std::vector<NameFault> StandardRules::judge_authority(
    const Name& authority, const std::vector<std::string>& addresses) const {
    std::vector<NameFault> faults = judge_name(Agent::DomainConfidentiality, authority);
    // It is of use if it acts for any of the recipients; others may have authorities of their own.
    std::optional<NameFault> nearest;
    for (const std::string& address : addresses) {
        const auto found = judge_domain(authority, Name::of_address(address));
        if (found.empty()) return faults;
        nearest = std::max(nearest.value_or(NameFault::DomainDiffers), found.front());
    }
    if (nearest) faults.push_back(*nearest);  // [rfc3183/4.1/7]
    return faults;
}

bool StandardRules::encrypts_despite(const std::vector<NameFault>& faults) const {
    // Faults of the name are flagged; the wrong domain's key would open the message to it.
    // [rfc3183/4.1/6]
    return std::ranges::none_of(faults,
                                [](NameFault fault) { return fault == NameFault::DomainDiffers; });
}

bool StandardRules::signs_for(secureheaders::Outcome outcome) const {
    return outcome == secureheaders::Outcome::Valid ||
           outcome == secureheaders::Outcome::NoSecureHeaders;
}

std::vector<NameFault> StandardRules::judge_signer(Agent agent, const Name& signer,
                                                   const Name& originator) const {
    std::vector<NameFault> faults = judge_name(agent, signer);
    if (agent == Agent::DomainSigning) {  // of the others no such tie is asked [rfc3183/3.1.1/14]
        std::ranges::copy(judge_domain(signer, originator), std::back_inserter(faults));
    }
    return faults;
}

bool StandardRules::signs_despite(const std::vector<NameFault>& faults) const {
    return faults.empty();
}

std::vector<crypto::Attribute> StandardRules::marks(Agent agent) const {
    return {signature_type(agent)};  // [rfc3183/3.1/6] [rfc3183/3.1.2/2]
}

std::string StandardRules::preamble(const imf::HeaderSection&) const {
    return {};
}

Standing StandardRules::standing(const crypto::SignerReport& signer) const {
    switch (signer.signature) {
        case crypto::SignatureState::NoCertificate:
            return Standing::NoCertificate;
        case crypto::SignatureState::Unsupported:
            return Standing::Unsupported;
        case crypto::SignatureState::WrongSignature:
        case crypto::SignatureState::WrongDigest:
            return Standing::Broken;
        case crypto::SignatureState::Good:
            return signer.is_good() ? Standing::Holds : Standing::NotTrusted;
    }
    std::unreachable();
}

bool StandardRules::opens_within(Standing standing) const {
    // What can't be told is told; what is wrong would be gone once the envelope is open.
    return standing != Standing::Broken;
}

bool is_mandatory(std::string_view name) {
    return base::equals_ignore_case(name, "From") || base::equals_ignore_case(name, "Date");
}

bool describes_content(std::string_view name) {
    return base::starts_with_ignore_case(name, "Content-") ||
           base::equals_ignore_case(name, "MIME-Version");
}

}  // namespace mailassay::dca
