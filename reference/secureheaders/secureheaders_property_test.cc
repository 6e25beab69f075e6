#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <chrono>
#include <sstream>
#include <string>
#include <vector>

#include "base/random.h"
#include "crypto/test_certificates.h"
#include "secureheaders/codec.h"
#include "secureheaders/compare.h"
#include "secureheaders/sign.h"
#include "secureheaders/verify.h"

namespace mailassay::secureheaders {
namespace {

std::string a_name() {
    return *rc::gen::element<std::string>("From", "To", "Subject", "X-One", "x-two");
}

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
        const std::string name = a_name();
        const std::string body = a_body();
        header.append({.name = name, .body = body, .raw = name + ":" + body + "\r\n"});
    }
    return header;
}

Policy a_policy() {
    Policy policy{.algorithm = *rc::gen::element(imf::Canonicalization::Simple,
                                                 imf::Canonicalization::Relaxed),
                  .sharing = *rc::gen::element(Sharing::Shared, Sharing::NotShared)};
    for (const char* name : {"From", "To", "Subject", "X-One", "X-Two"}) {
        policy.secured[name] =
            *rc::gen::element(Status::Duplicated, Status::Deleted, Status::Modified);
    }
    return policy;
}

RC_GTEST_PROP(SecureHeadersProperty, WhatIsEncodedIsDecoded, ()) {
    const SecureHeaderFields structure = StandardRules().select(a_header(), a_policy());
    for (const Edition edition : {Edition::Rfc, Edition::Draft}) {
        const auto octets = encode(structure, edition);
        if (!octets) {
            RC_ASSERT(edition == Edition::Draft);  // its string holds no tab
            continue;
        }
        const auto decoded = decode(*octets, edition, Strictness::Strict);
        RC_ASSERT(decoded.has_value());
        RC_ASSERT(encode(decoded->structure, edition).value() == *octets);
        if (edition == Edition::Rfc) {
            RC_ASSERT(decoded->structure == structure);
        } else {  // a SET OF has no order
            RC_ASSERT(decoded->structure.algorithm == structure.algorithm);
            RC_ASSERT(std::ranges::is_permutation(decoded->structure.fields, structure.fields));
        }
    }
}

RC_GTEST_PROP(SecureHeadersProperty, UnchangedIsValid, ()) {
    const imf::HeaderSection header = a_header();
    const Policy policy = a_policy();
    const StandardRules rules;
    const Comparison comparison =
        compare(rules.select(header, policy), header, policy, rules, Edition::Rfc);
    RC_ASSERT(comparison.valid);
    RC_ASSERT(comparison.warnings.empty());
}

// A body with one octet put in, taken out or exchanged; what stands in it stays one field.
std::string with_another_octet(std::string body) {
    const char octet = *rc::gen::element('x', '7', '~', ' ', '\t', '\xc3');
    const auto at = *rc::gen::inRange<std::size_t>(0, body.size() + 1);
    if (at == body.size() || *rc::gen::arbitrary<bool>()) return body.insert(at, 1, octet);
    if (body[at] == '\r' || body[at] == '\n') return body + "x";
    if (*rc::gen::arbitrary<bool>()) return body.erase(at, 1);
    body[at] = octet;
    return body;
}

RC_GTEST_PROP(SecureHeadersProperty, AnyChangeOfASecuredFieldIsCaughtAndNamed, ()) {
    const imf::HeaderSection header = a_header();
    const Policy policy = a_policy();
    const StandardRules rules;
    const SecureHeaderFields structure = rules.select(header, policy);
    std::vector<imf::HeaderField> fields = header.fields();
    const auto at = *rc::gen::inRange<std::size_t>(0, fields.size());
    const std::string name = fields[at].name;
    switch (*rc::gen::inRange(0, 3)) {
        case 0:
            fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(at));
            break;
        case 1:
            fields[at].name = "X-" + name;
            break;
        default:
            fields[at].body = with_another_octet(fields[at].body);
            // White space that relaxed forgives is no change.
            RC_PRE(rules.canonical(fields[at], policy.algorithm) !=
                   rules.canonical(header.fields()[at], policy.algorithm));
    }
    const Comparison comparison =
        compare(structure, imf::HeaderSection(fields), policy, rules, Edition::Rfc);
    RC_ASSERT(!comparison.valid);
    RC_ASSERT(std::ranges::any_of(comparison.warnings, [&](const WarningReport& warning) {
        return rules.invalidates(warning.warning) && base::equals_ignore_case(warning.name, name);
    }));
}

// Section 3.4.2 of RFC 6376 said in another way than the reference does it: what counts are the
// words between spaces, tabs and line ends. The bodies here end no line but where one is folded.
std::vector<std::string> words_of(const std::string& body) {
    std::vector<std::string> words;
    std::istringstream in(body);
    for (std::string word; in >> word;) words.push_back(word);
    return words;
}

RC_GTEST_PROP(SecureHeadersProperty, RelaxedLetsWhiteSpacePassAndSimpleNothing, ()) {
    const std::string signed_body = a_body();
    std::string body = signed_body;
    const int changes = *rc::gen::inRange(0, 4);
    for (int i = 0; i < changes; ++i) {
        const auto at = *rc::gen::inRange<std::size_t>(0, body.size() + 1);
        // Not within a line end, nor between it and the space that folds.
        if (at > 0 && (body[at - 1] == '\r' || body[at - 1] == '\n')) continue;
        body.insert(at,
                    *rc::gen::element<std::string>(" ", "\t", "\r\n ", "\r\n\t", " \r\n ", "x"));
    }
    const imf::HeaderSection header({{.name = "Subject", .body = signed_body, .raw = {}}});
    const imf::HeaderSection found({{.name = "Subject", .body = body, .raw = {}}});
    const Policy policy = a_policy();
    const StandardRules rules;
    const Comparison comparison =
        compare(rules.select(header, policy), found, policy, rules, Edition::Rfc);
    const bool same = policy.algorithm == imf::Canonicalization::Relaxed
                          ? words_of(body) == words_of(signed_body)
                          : body == signed_body;
    RC_ASSERT(comparison.valid == same);
}

RC_GTEST_PROP(SecureHeadersProperty, RelaxedLetsTheCaseOfNamesPass, ()) {
    const std::string body = a_body();
    const imf::HeaderSection header({{.name = "Subject", .body = body, .raw = {}}});
    const std::string name =
        *rc::gen::element<std::string>("SUBJECT", "subject", "sUBJECT", "Subject");
    const imf::HeaderSection found({{.name = name, .body = body, .raw = {}}});
    Policy policy = a_policy();
    policy.algorithm = imf::Canonicalization::Relaxed;
    const StandardRules rules;
    RC_ASSERT(compare(rules.select(header, policy), found, policy, rules, Edition::Rfc).valid);
}

RC_GTEST_PROP(SecureHeadersProperty, CanonicalizationIsIdempotent, ()) {
    const std::string body = a_body();
    for (const auto algorithm : {imf::Canonicalization::Simple, imf::Canonicalization::Relaxed}) {
        const std::string once = imf::canonical_body(body, algorithm);
        RC_ASSERT(imf::canonical_body(once, algorithm) == once);
    }
}

struct People {
    crypto::Identity authority = crypto::make_identity({.common_name = "Test CA"});
    crypto::Identity alice =
        crypto::make_identity({.mail_addresses = {"alice@example.org"}}, &authority);
};

const People& people() {
    static const People made;
    return made;
}

// What is signed and verified: a whole message, with any octets in its body.
struct Exchange {
    std::string message;
    Signing signing;
    Verification verification;
};

Exchange an_exchange(const std::string& octets) {
    Exchange made;
    for (const imf::HeaderField& field : a_header().fields()) made.message += field.raw;
    made.message += "Content-Type: application/octet-stream\r\n\r\n";
    for (const char c : octets) {
        made.message += c == '\r' || c == '\n' ? std::string("\r\n") : std::string(1, c);
    }
    const Policy policy = a_policy();
    made.signing = {.policy = policy,
                    .encapsulation = *rc::gen::element(crypto::Encapsulation::Detached,
                                                       crypto::Encapsulation::Opaque),
                    .signers = {{.key = crypto::PrivateKey(people().alice.key),
                                 .certificate = crypto::Certificate(people().alice.certificate)}}};
    made.verification.policies = {.inner = policy, .outer = policy};
    made.verification.trust = {.anchors = {crypto::Certificate(people().authority.certificate)},
                               .at = std::chrono::system_clock::now()};
    return made;
}

RC_GTEST_PROP(SecureHeadersProperty, AnySignedMessageVerifies, (const std::string& octets)) {
    const Exchange exchange = an_exchange(octets);
    base::SeededRandom random(7508);
    const auto sent = sign_message(exchange.message, exchange.signing, StandardRules(), random);
    RC_ASSERT(sent.has_value());
    const auto result = verify_message(*sent, exchange.verification, StandardRules());
    RC_ASSERT(result.has_value());
    RC_ASSERT(result->outcome() == Outcome::Valid);
    RC_ASSERT(result->layers.front().comparison->warnings.empty());
}

// Of the whole message: a change is of no secured field, or it is caught.
RC_GTEST_PROP(SecureHeadersProperty, AnOctetOfAWholeMessageThatIsChangedIsCaught,
              (const std::string& octets)) {
    const Exchange exchange = an_exchange(octets);
    base::SeededRandom random(7508);
    std::string sent =
        sign_message(exchange.message, exchange.signing, StandardRules(), random).value();
    const auto before = imf::parse_message(sent).value();
    const auto at = *rc::gen::inRange<std::size_t>(0, sent.size());
    sent[at] = static_cast<char>(sent[at] ^ (1 << *rc::gen::inRange(0, 8)));
    const auto result = verify_message(sent, exchange.verification, StandardRules());
    if (!result || result->outcome() != Outcome::Valid) return;
    const auto after = imf::parse_message(sent).value();
    const StandardRules rules;
    const Policy& policy = exchange.signing.policy;
    RC_ASSERT(rules.select(after.header, policy).fields ==
              rules.select(before.header, policy).fields);
}

}  // namespace
}  // namespace mailassay::secureheaders
