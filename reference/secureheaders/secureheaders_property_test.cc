#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "secureheaders/codec.h"
#include "secureheaders/compare.h"

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
        if (edition == Edition::Rfc) RC_ASSERT(decoded->structure == structure);
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

RC_GTEST_PROP(SecureHeadersProperty, AnyChangeOfASecuredFieldIsCaughtAndNamed, ()) {
    const imf::HeaderSection header = a_header();
    const Policy policy = a_policy();
    const StandardRules rules;
    const SecureHeaderFields structure = rules.select(header, policy);
    std::vector<imf::HeaderField> fields = header.fields();
    const auto at = *rc::gen::inRange<std::size_t>(0, fields.size());
    const std::string name = fields[at].name;
    if (*rc::gen::arbitrary<bool>()) {
        fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(at));
    } else {
        fields[at].body += *rc::gen::element<std::string>("x", " x", "\xc3\xa9");
    }
    const Comparison comparison =
        compare(structure, imf::HeaderSection(fields), policy, rules, Edition::Rfc);
    RC_ASSERT(!comparison.valid);
    RC_ASSERT(std::ranges::any_of(comparison.warnings, [&](const WarningReport& warning) {
        return base::equals_ignore_case(warning.name, name);
    }));
}

RC_GTEST_PROP(SecureHeadersProperty, RelaxedSurvivesFoldingAndSimpleDoesNot, ()) {
    const std::string word =
        *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange<char>('a', 'z')));
    const imf::HeaderSection header({*imf::make_field("Subject", word + " " + word)});
    const std::string other_space =
        *rc::gen::element<std::string>("  ", "\t", "\r\n ", "\r\n\t", " \r\n ");
    const std::string body = " " + word + other_space + word;
    RC_PRE(header.fields()[0].body != body);  // make_field() folds long values itself
    const imf::HeaderSection folded({{.name = "SUBJECT", .body = body, .raw = {}}});
    Policy policy = a_policy();
    const StandardRules rules;
    const Comparison comparison =
        compare(rules.select(header, policy), folded, policy, rules, Edition::Rfc);
    RC_ASSERT(comparison.valid == (policy.algorithm == imf::Canonicalization::Relaxed));
}

RC_GTEST_PROP(SecureHeadersProperty, CanonicalizationIsIdempotent, ()) {
    const std::string body = a_body();
    for (const auto algorithm : {imf::Canonicalization::Simple, imf::Canonicalization::Relaxed}) {
        const std::string once = imf::canonical_body(body, algorithm);
        RC_ASSERT(imf::canonical_body(once, algorithm) == once);
    }
}

}  // namespace
}  // namespace mailassay::secureheaders
