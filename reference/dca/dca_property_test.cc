#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "crypto/test_certificates.h"
#include "dca/message.h"
#include "imf/canonicalization.h"
#include "secureheaders/compare.h"
#include "secureheaders/sign.h"
#include "secureheaders/verify.h"

namespace mailassay::dca {
namespace {

using secureheaders::Status;

const std::vector<std::string> names{"From", "To", "Subject", "X-One", "X-Two"};

std::string a_body() {
    const auto word =
        rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange<char>('!', '~')));
    std::string body;
    const int words = *rc::gen::inRange(0, 5);
    for (int i = 0; i < words; ++i) {
        body += *rc::gen::element<std::string>(" ", "  ", "\t", "\r\n ", " \r\n\t ");
        body += *word;
    }
    return body;
}

imf::HeaderSection a_header() {
    imf::HeaderSection header;
    const int fields = *rc::gen::inRange(1, 8);
    for (int i = 0; i < fields; ++i) {
        const std::string name = *rc::gen::elementOf(names);
        const std::string body = a_body();
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

struct Keys {
    crypto::Identity authority = crypto::make_identity({.common_name = "Test CA"});
    crypto::Identity alice =
        crypto::make_identity({.mail_addresses = {"alice@example.org"}}, &authority);
    crypto::Identity dca = crypto::make_identity(
        {.mail_addresses = {"d@example.net"}, .common_name = "DCA"}, &authority);
};

const Keys& keys() {
    static const Keys made;
    return made;
}

RC_GTEST_PROP(DcaProperty, WhatIsDecryptedVerifiesAsWhatWasEncrypted, ()) {
    secureheaders::Policy policy = a_policy();
    imf::HeaderSection header = a_header();
    // There must be something to secure.
    policy.secured.emplace("X-Two", Status::Deleted);
    header.append(*imf::make_field("X-Two", "always"));
    const std::string body =
        *rc::gen::container<std::string>(rc::gen::inRange<char>(' ', '~')) + "\r\n";
    base::SeededRandom random(*rc::gen::arbitrary<std::uint64_t>());
    const secureheaders::Signing signing{
        .policy = policy,
        .encapsulation =
            *rc::gen::element(crypto::Encapsulation::Detached, crypto::Encapsulation::Opaque),
        .signers = {{.key = crypto::PrivateKey(keys().alice.key),
                     .certificate = crypto::Certificate(keys().alice.certificate)}}};
    const auto message = secureheaders::sign_message(header.to_octets() + "\r\n" + body, signing,
                                                     secureheaders::StandardRules(), random);
    RC_ASSERT(message.has_value());

    const Encryption encryption{.recipients = {crypto::Certificate(keys().dca.certificate)},
                                .replacements = all_replaced(),
                                .cipher = *rc::gen::element(crypto::ContentCipher::Aes128Cbc,
                                                            crypto::ContentCipher::Aes256Gcm)};
    const Decryption decryption{.key = crypto::PrivateKey(keys().dca.key),
                                .certificate = crypto::Certificate(keys().dca.certificate)};
    const StandardRules rules;
    const auto carried = encrypt_message(*message, encryption, rules);
    RC_ASSERT(carried.has_value());
    const auto back = decrypt_message(carried->message, decryption, rules);
    RC_ASSERT(back.has_value());

    const secureheaders::Verification verification{
        .policies = {.inner = policy, .outer = policy},
        .trust = {.anchors = {crypto::Certificate(keys().authority.certificate)},
                  .at = std::chrono::system_clock::now()}};
    const auto judged =
        secureheaders::verify_message(back->message, verification, secureheaders::StandardRules());
    RC_ASSERT(judged.has_value());
    RC_ASSERT(judged->outcome() == secureheaders::Outcome::Valid);
    // The signed entity is the same to the octet.
    RC_ASSERT(imf::parse_message(back->message)->body == imf::parse_message(*message)->body);
}

}  // namespace
}  // namespace mailassay::dca
