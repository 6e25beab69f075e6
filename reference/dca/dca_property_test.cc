#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/test_certificates.h"
#include "dca/message.h"
#include "imf/canonicalization.h"
#include "secureheaders/compare.h"
#include "secureheaders/sign.h"
#include "secureheaders/verify.h"

namespace mailassay::dca {
namespace {

using namespace std::string_view_literals;
using secureheaders::Status;

const std::vector<std::string> names{"From", "To", "Subject", "X-One", "X-Two"};

// Empty, folded, long, and, where the edition signs them, with other octets than ASCII's.
std::string a_body(secureheaders::Edition edition) {
    const auto word =
        rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange<char>('!', '~')));
    std::string body;
    const int words = *rc::gen::inRange(0, 5);
    for (int i = 0; i < words; ++i) {
        body += *rc::gen::element<std::string>(" ", "  ", "\t", "\r\n ", " \r\n\t ");
        body += *word;
        const int kind = *rc::gen::inRange(0, 12);
        if (kind == 0) body += std::string(900, 'x');
        if (kind == 1 && edition == secureheaders::Edition::Rfc) body += "Gr\xc3\xb6\xc3\x9f\x65";
        if (kind == 2) body += "=?utf-8?q?=C3=B6?=";
    }
    return body;
}

imf::HeaderSection a_header(secureheaders::Edition edition = secureheaders::Edition::Rfc) {
    imf::HeaderSection header;
    const int fields = *rc::gen::inRange(1, 8);
    for (int i = 0; i < fields; ++i) {
        const std::string name = *rc::gen::elementOf(names);
        const std::string body = a_body(edition);
        header.append({.name = name, .body = body, .raw = name + ":" + body + "\r\n"});
    }
    return header;
}

secureheaders::Policy a_policy() {
    secureheaders::Policy policy{.algorithm = *rc::gen::element(imf::Canonicalization::Simple,
                                                                imf::Canonicalization::Relaxed),
                                 .sharing = secureheaders::Sharing::Shared};
    for (const std::string& name : names) {
        if (*rc::gen::inRange(0, 4) == 0) continue;
        policy.secured[name] =
            *rc::gen::element(Status::Duplicated, Status::Deleted, Status::Modified);
    }
    return policy;
}

Replacements all_replaced() {
    Replacements made;
    for (const std::string& name : names) made[name] = "hidden by the authority";
    return made;
}

// The fields of a name with their canonical values, in order.
std::vector<std::string> values_of(const imf::HeaderSection& header, const std::string& name,
                                   imf::Canonicalization algorithm) {
    std::vector<std::string> values;
    for (const imf::HeaderField* field : header.find_all(name)) {
        values.push_back(imf::canonical_body(field->body, algorithm));
    }
    return values;
}

RC_GTEST_PROP(DcaProperty, HiddenThenRestoredIsWhatWasSigned, ()) {
    const imf::HeaderSection header = a_header();
    const secureheaders::Policy policy = a_policy();
    const secureheaders::StandardRules signer;
    const StandardRules rules;
    const auto structure = signer.select(header, policy);
    const auto hidden = hide(header, structure, all_replaced(), rules);
    RC_ASSERT(hidden.has_value());
    for (const auto& [name, status] : policy.secured) {
        const auto left = hidden->header.count(name);
        if (status == Status::Deleted && name != "From") RC_ASSERT(left == 0U);
        if (status != Status::Deleted) RC_ASSERT(left == header.count(name));
        if (status == Status::Duplicated) continue;
        for (const imf::HeaderField* field : hidden->header.find_all(name)) {
            RC_ASSERT(field->value() == "hidden by the authority");
        }
    }
    const auto restored = restore(hidden->header, structure, rules);
    RC_ASSERT(restored.has_value());
    for (const std::string& name : names) {
        RC_ASSERT(values_of(restored->header, name, policy.algorithm) ==
                  values_of(header, name, policy.algorithm));
    }
    RC_ASSERT(secureheaders::compare(structure, restored->header, policy, signer,
                                     secureheaders::Edition::Rfc)
                  .valid);
    // What is restored is not restored again.
    RC_ASSERT(restore(restored->header, structure, rules)->header == restored->header);
}

// Where every field is secured, the text determines the whole header.
RC_GTEST_PROP(DcaProperty, UnderSimpleAWhollySecuredHeaderComesBackOctetByOctet, ()) {
    const imf::HeaderSection header = a_header();
    secureheaders::Policy policy = a_policy();
    policy.algorithm = imf::Canonicalization::Simple;
    for (const std::string& name : names) policy.secured.emplace(name, Status::Duplicated);
    const StandardRules rules;
    const auto structure = secureheaders::StandardRules().select(header, policy);
    const auto hidden = hide(header, structure, all_replaced(), rules);
    RC_ASSERT(hidden.has_value());
    const auto restored = restore(hidden->header, structure, rules);
    RC_ASSERT(restored.has_value());
    RC_ASSERT(restored->header.to_octets() == header.to_octets());
}

// Whatever the statuses of one field's instances are. [rfc7508/4.6.1/5] [rfc7508/4.6.2/5]
RC_GTEST_PROP(DcaProperty, StatusesThatContradictEachOtherComeBack, ()) {
    const imf::HeaderSection header = a_header();
    const secureheaders::Policy policy = a_policy();
    const secureheaders::StandardRules signer;
    const StandardRules rules;
    auto structure = signer.select(header, policy);
    for (auto& field : structure.fields) {
        field.status = *rc::gen::element(Status::Duplicated, Status::Deleted, Status::Modified);
    }
    const auto hidden = hide(header, structure, all_replaced(), rules);
    RC_ASSERT(hidden.has_value());
    for (const auto& field : structure.fields) {
        const auto values = values_of(hidden->header, field.name, policy.algorithm);
        const auto is_shown = [&](const auto& other) {
            return base::equals_ignore_case(other.name, field.name) && other.value == field.value &&
                   (other.status == Status::Duplicated ||
                    (other.status == Status::Deleted && is_mandatory(other.name)));
        };
        if (std::ranges::none_of(structure.fields, is_shown) && !field.value.empty()) {
            RC_ASSERT(std::ranges::find(values, field.value) == values.end());
        }
    }
    const auto restored = restore(hidden->header, structure, rules);
    RC_ASSERT(restored.has_value());
    RC_ASSERT(secureheaders::compare(structure, restored->header, policy, signer,
                                     secureheaders::Edition::Rfc)
                  .valid);
}

struct Keys {
    crypto::Identity authority = crypto::make_identity({.common_name = "Test CA"});
    crypto::Identity alice =
        crypto::make_identity({.mail_addresses = {"alice@example.org"}}, &authority);
    crypto::Identity carol =
        crypto::make_identity({.mail_addresses = {"carol@example.org"}}, &authority);
    crypto::Identity curve = crypto::make_identity(
        {.mail_addresses = {"d@example.net"}, .common_name = "DCA"}, &authority);
    crypto::Identity wide_curve = crypto::make_identity(
        {.mail_addresses = {"w@example.net"}, .common_name = "DCA", .curve = "P-384"}, &authority);
    crypto::Identity rsa = crypto::make_identity(
        {.mail_addresses = {"r@example.net"}, .common_name = "DCA", .rsa_bits = 2048}, &authority);
    crypto::Identity long_rsa = crypto::make_identity(
        {.mail_addresses = {"l@example.net"}, .common_name = "DCA", .rsa_bits = 3072}, &authority);
    crypto::Identity signer =
        crypto::make_identity({.mail_addresses = {"s@example.org"}, .rsa_bits = 2048}, &authority);
};

const Keys& keys() {
    static const Keys made;
    return made;
}

crypto::Signer by(const crypto::Identity& who) {
    return {.key = crypto::PrivateKey(who.key),
            .certificate = crypto::Certificate(who.certificate)};
}

// None around the envelope, or one of a user.
std::optional<OuterSigning> an_outer_signature() {
    if (*rc::gen::inRange(0, 3) != 0) return std::nullopt;
    return OuterSigning{.signer = by(keys().carol),
                        .as = std::nullopt,
                        .encapsulation = *rc::gen::element(crypto::Encapsulation::Detached,
                                                           crypto::Encapsulation::Opaque)};
}

// Some of all kinds, at least one.
std::vector<const crypto::Identity*> some_recipients() {
    std::vector<const crypto::Identity*> chosen;
    for (const crypto::Identity* each :
         {&keys().curve, &keys().wide_curve, &keys().rsa, &keys().long_rsa}) {
        if (*rc::gen::arbitrary<bool>()) chosen.push_back(each);
    }
    if (chosen.empty()) chosen.push_back(&keys().curve);
    return chosen;
}

// Lines in CRLF, of any octets but NUL, CR and LF; perhaps none.
std::string a_text() {
    const auto line = rc::gen::container<std::string>(
        rc::gen::suchThat<char>([](char octet) { return !"\r\n\0"sv.contains(octet); }));
    std::string text;
    const int lines = *rc::gen::inRange(0, 4);
    for (int i = 0; i < lines; ++i) text += *line + "\r\n";
    return text;
}

// What happened to a message between its signature and its encryption.
enum class Change : std::uint8_t {
    None,
    Text,
    FieldAdded,
    FieldGone,
    FieldsTurned,
    NameInCapitals
};

// A message with its policy, signed, and then perhaps changed.
struct Sent {
    std::string octets;
    secureheaders::Policy policy;
    secureheaders::Edition edition;
    Change change;
};

// One of them where the message has it; the names of fields and the text stay.
std::string with_other_text(std::string octets) {
    const std::size_t at = octets.find(*rc::gen::element<std::string>("always", "the text"));
    if (at != std::string::npos) octets[at] = '?';
    return octets;
}

imf::HeaderSection with_other_fields(const imf::HeaderSection& header, Change change,
                                     secureheaders::Edition edition) {
    std::vector<imf::HeaderField> fields = header.fields();
    // Not those that describe the content, of which the README tells.
    const auto any = [&fields] {
        const auto movable = std::ranges::count_if(
            fields, [](const auto& field) { return !describes_content(field.name); });
        return static_cast<std::size_t>(*rc::gen::inRange<std::ptrdiff_t>(0, movable));
    };
    const std::size_t at = any();
    if (change == Change::FieldAdded) {
        imf::HeaderField added = fields[at];
        if (*rc::gen::arbitrary<bool>()) added.body = a_body(edition);
        added.raw = added.name + ":" + added.body + "\r\n";
        fields.insert(fields.begin() + static_cast<std::ptrdiff_t>(any()), std::move(added));
    } else if (change == Change::FieldGone) {
        fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(at));
    } else if (change == Change::FieldsTurned) {
        std::swap(fields[at], fields[any()]);
    } else if (change == Change::NameInCapitals) {
        imf::HeaderField& field = fields[at];
        field.name = base::to_upper(field.name);
        field.raw = field.name + ":" + field.body + "\r\n";
    }
    return imf::HeaderSection(std::move(fields));
}

std::string changed(std::string octets, Change change, secureheaders::Edition edition) {
    if (change == Change::None) return octets;
    if (change == Change::Text) return with_other_text(std::move(octets));
    const auto message = imf::parse_message(octets);
    return with_other_fields(message->header, change, edition).to_octets() + "\r\n" + message->body;
}

Sent a_message() {
    secureheaders::Policy policy = a_policy();
    const auto edition =
        *rc::gen::element(secureheaders::Edition::Rfc, secureheaders::Edition::Draft);
    imf::HeaderSection header = a_header(edition);
    // There must be something to secure, and fields that nothing secures.
    policy.secured.emplace("X-Two", Status::Deleted);
    header.append(*imf::make_field("X-Two", "always"));
    header.append(*imf::make_field("X-Free", "first"));
    header.append(*imf::make_field("X-Free", "second"));
    header.append(*imf::make_field("Content-Type", "text/plain"));
    const std::string body = a_text() + "the text\r\n" + a_text();
    base::SeededRandom random(*rc::gen::arbitrary<std::uint64_t>());
    std::vector<crypto::Signer> signers{
        by(*rc::gen::arbitrary<bool>() ? keys().alice : keys().signer)};
    if (*rc::gen::inRange(0, 3) == 0) signers.push_back(by(keys().carol));
    const secureheaders::Signing signing{
        .policy = policy,
        .edition = edition,
        .encapsulation =
            *rc::gen::element(crypto::Encapsulation::Detached, crypto::Encapsulation::Opaque),
        .signers = std::move(signers)};
    auto made = secureheaders::sign_message(header.to_octets() + "\r\n" + body, signing,
                                            secureheaders::StandardRules(), random);
    // The draft signs no tab.
    RC_PRE(made.has_value());
    const Change change = *rc::gen::weightedElement<Change>({{6, Change::None},
                                                             {2, Change::Text},
                                                             {1, Change::FieldAdded},
                                                             {1, Change::FieldGone},
                                                             {1, Change::FieldsTurned},
                                                             {1, Change::NameInCapitals}});
    return {.octets = changed(std::move(*made), change, edition),
            .policy = policy,
            .edition = edition,
            .change = change};
}

secureheaders::MessageResult verified(const std::string& octets, const Sent& sent) {
    const secureheaders::Verification verification{
        .policies = {.inner = sent.policy, .outer = sent.policy},
        .trust = {.anchors = {crypto::Certificate(keys().authority.certificate)},
                  .at = std::chrono::system_clock::now()},
        .edition = sent.edition};
    auto judged =
        secureheaders::verify_message(octets, verification, secureheaders::StandardRules());
    RC_ASSERT(judged.has_value());
    return std::move(*judged);
}

// All that a verifier tells of the header, in no order.
std::multiset<std::string> told(const secureheaders::MessageResult& result) {
    std::multiset<std::string> lines;
    for (const secureheaders::LayerResult& layer : result.layers) {
        if (!layer.comparison) continue;
        for (const auto& warning : layer.comparison->warnings) {
            lines.insert(std::string(to_string(warning.warning)) + " " + warning.name);
        }
        for (const auto& field : layer.comparison->fields) {
            lines.insert(field.secured.name + ":" + field.secured.value + " " +
                         std::to_string(static_cast<int>(field.match)));
        }
    }
    return lines;
}

// Whether every secured field stood there with its signed value.  A changed one matches nothing in
// the list, so that no text says where a hidden field stands beside it.
bool header_as_signed(const secureheaders::MessageResult& result) {
    return std::ranges::all_of(result.layers, [](const secureheaders::LayerResult& layer) {
        return !layer.comparison ||
               std::ranges::all_of(layer.comparison->fields, [](const auto& field) {
                   return field.match == secureheaders::Match::Same;
               });
    });
}

// The fields that were not hidden, octet for octet and in order.
std::vector<std::string> left_alone(const imf::HeaderSection& header,
                                    const secureheaders::Policy& policy) {
    std::vector<std::string> fields;
    for (const imf::HeaderField& field : header.fields()) {
        const auto status = policy.secured.find(field.name);
        const bool hidden = status != policy.secured.end() && status->second != Status::Duplicated;
        if (!hidden) fields.push_back(field.raw);
    }
    return fields;
}

// In the RFC, with simple canonicalization, the order of all secured fields and their octets.
std::vector<std::string> secured(const imf::HeaderSection& header,
                                 const secureheaders::Policy& policy) {
    std::vector<std::string> fields;
    for (const imf::HeaderField& field : header.fields()) {
        if (policy.secured.contains(field.name)) fields.push_back(field.raw);
    }
    return fields;
}

// From one authority to another, to one of some recipients, of all kinds.
struct Way {
    Encryption encryption;
    Decryption decryption;
};

Way a_way(secureheaders::Edition edition) {
    const auto recipients = some_recipients();
    const crypto::Identity& holder = **rc::gen::elementOf(recipients);
    Way way{.encryption = {.recipients = {},
                           .replacements = all_replaced(),
                           .cipher = *rc::gen::element(
                               crypto::ContentCipher::Aes128Cbc, crypto::ContentCipher::Aes256Cbc,
                               crypto::ContentCipher::Aes128Gcm, crypto::ContentCipher::Aes256Gcm),
                           .edition = edition,
                           .outer = an_outer_signature()},
            .decryption = {.key = crypto::PrivateKey(holder.key),
                           .certificate = crypto::Certificate(holder.certificate),
                           .edition = edition}};
    for (const crypto::Identity* each : recipients) {
        way.encryption.recipients.emplace_back(each->certificate);
    }
    return way;
}

// The point of it all: what is decrypted verifies exactly as what was encrypted, and its header is
// the same wherever the text determines it. What it does not determine is in README.md.
RC_GTEST_PROP(DcaProperty, WhatIsDecryptedIsWhatWasEncrypted, ()) {
    const Sent sent = a_message();
    const Way way = a_way(sent.edition);
    const Encryption& encryption = way.encryption;
    const Decryption& decryption = way.decryption;
    const StandardRules rules;
    const auto carried = encrypt_message(sent.octets, encryption, rules);
    const auto before = imf::parse_message(sent.octets);
    if (!carried) {
        // Not sent half hidden: a hidden field had been changed, or there was another like it.
        RC_ASSERT(sent.change != Change::None);
        RC_ASSERT(
            carried.error().id == "dca.hide.header-differs" ||
            (carried.error().id == "dca.hide.ambiguous" && sent.change == Change::FieldAdded));
        RC_ASSERT(verified(sent.octets, sent).outcome() != secureheaders::Outcome::Valid);
        return;
    }
    const auto back = decrypt_message(carried->message, decryption, rules);
    RC_ASSERT(back.has_value());
    RC_ASSERT(back->outer.size() == (encryption.outer ? 1U : 0U));
    const auto was = verified(sent.octets, sent);
    const auto is = verified(back->message, sent);
    RC_CLASSIFY(was.outcome() == secureheaders::Outcome::Valid, "valid");
    RC_CLASSIFY(encryption.outer.has_value(), "signed around");
    RC_CLASSIFY(sent.edition == secureheaders::Edition::Draft, "draft");
    RC_CLASSIFY(encryption.recipients.size() > 1, "many recipients");
    RC_CLASSIFY(sent.change != Change::None, "changed on the way");
    RC_ASSERT(is.outcome() == was.outcome());
    RC_ASSERT(told(is) == told(was));

    const auto after = imf::parse_message(back->message);
    RC_ASSERT(after->body == before->body);
    RC_ASSERT(left_alone(after->header, sent.policy) == left_alone(before->header, sent.policy));
    for (const std::string& name : names) {
        auto came = values_of(after->header, name, sent.policy.algorithm);
        auto went = values_of(before->header, name, sent.policy.algorithm);
        if (sent.edition == secureheaders::Edition::Draft || sent.change == Change::FieldsTurned ||
            sent.change == Change::FieldAdded) {
            // The draft's list of fields is a SET; hidden fields come back in the order of the
            // list, in any order beside one that is not in it.
            std::ranges::sort(came);
            std::ranges::sort(went);
        }
        RC_ASSERT(came == went);
    }
    const bool was_in_order = sent.change == Change::None || sent.change == Change::Text;
    const bool in_order = was_in_order && header_as_signed(was) &&
                          sent.edition == secureheaders::Edition::Rfc &&
                          sent.policy.algorithm == imf::Canonicalization::Simple;
    if (in_order) {
        RC_ASSERT(secured(after->header, sent.policy) == secured(before->header, sent.policy));
    }
}

// Transport adds on top, fields of any name: a restored message verifies as if they had been added
// to what was encrypted.
RC_GTEST_PROP(DcaProperty, WhatIsAddedOnTheWayChangesNothingElse, ()) {
    const Sent sent = a_message();
    RC_PRE(sent.change == Change::None);
    Way way = a_way(sent.edition);
    way.encryption.outer = std::nullopt;
    const StandardRules rules;
    const auto carried = encrypt_message(sent.octets, way.encryption, rules);
    RC_ASSERT(carried.has_value());
    std::string added;
    const int count = *rc::gen::inRange(1, 4);
    for (int i = 0; i < count; ++i) {
        const std::string name = *rc::gen::element<std::string>("Received", "From", "To", "Subject",
                                                                "X-One", "X-Two", "X-Free");
        added += name + ": added on the way " + std::to_string(i) + "\r\n";
    }
    const auto back = decrypt_message(added + carried->message, way.decryption, rules);
    RC_ASSERT(back.has_value());
    const auto was = verified(added + sent.octets, sent);
    const auto is = verified(back->message, sent);
    RC_ASSERT(is.outcome() == was.outcome());
    RC_ASSERT(told(is) == told(was));
    const auto before = imf::parse_message(added + sent.octets);
    const auto after = imf::parse_message(back->message);
    for (const std::string& name : names) {
        auto came = values_of(after->header, name, sent.policy.algorithm);
        auto went = values_of(before->header, name, sent.policy.algorithm);
        std::ranges::sort(came);
        std::ranges::sort(went);
        RC_ASSERT(came == went);
    }
}

// And what the mechanism is not used for is carried all the same.
RC_GTEST_PROP(DcaProperty, WhatIsNotSignedComesBackAsItWas, ()) {
    imf::HeaderSection header = a_header();
    const bool has_content = *rc::gen::arbitrary<bool>();
    if (has_content) {
        header.append(*imf::make_field("MIME-Version", "1.0"));
        header.append(*imf::make_field("Content-Type", "text/plain"));
        header.append(*imf::make_field("Content-Transfer-Encoding", "8bit"));
    }
    const std::string sent = header.to_octets() + "\r\n" + a_text();
    Way way = a_way(secureheaders::Edition::Rfc);
    way.encryption.outer = std::nullopt;
    const StandardRules rules;
    const auto carried = encrypt_message(sent, way.encryption, rules);
    RC_ASSERT(carried.has_value());
    RC_ASSERT(carried->unchanged == Unchanged::NotSigned);
    auto back = decrypt_message(carried->message, way.decryption, rules);
    RC_ASSERT(back.has_value());
    // Added where it was missing.
    const std::string version = "MIME-Version: 1.0\r\n";
    if (!has_content) back->message.erase(back->message.find(version), version.size());
    RC_ASSERT(back->message == sent);
}

}  // namespace
}  // namespace mailassay::dca
