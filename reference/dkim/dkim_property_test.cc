#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "crypto/test_certificates.h"
#include "dkim/canonical.h"
#include "dkim/sign.h"
#include "dkim/tags.h"
#include "dkim/verify.h"

namespace mailassay::dkim {
namespace {

const crypto::PrivateKey& key() {
    static const crypto::PrivateKey made(
        std::shared_ptr<EVP_PKEY>(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free));
    return made;
}

std::string some_text() {
    return *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab \t\r\n;=")));
}

RC_GTEST_PROP(DkimProperty, ASignedMessageVerifiesWhateverItsBody, ()) {
    const std::string message = "From: ann@mil.example\r\nX: y\r\n\r\n" + some_text();
    const auto parsed = imf::view_message(message).value();
    const auto algorithms =
        rc::gen::element(imf::Canonicalization::Simple, imf::Canonicalization::Relaxed);
    const auto field = sign(parsed.header, parsed.body,
                            {.key = key(),
                             .domain = "mil.example",
                             .selector = "s",
                             .fields = {"From", "X"},
                             .of_header = *algorithms,
                             .of_body = *algorithms});
    RC_ASSERT(field.has_value());
    const std::string whole = field->raw + message;
    const Keys keys{{"s._domainkey.mil.example", record_of(crypto::PublicKey::of(key()))}};
    const auto again = imf::view_message(whole).value();
    RC_ASSERT(verify(again.header, again.body, keys, {}).at(0).is_good());
}

RC_GTEST_PROP(DkimProperty, CanonicalContentIsCanonical, ()) {
    const std::string body = some_text();
    for (const auto algorithm : {imf::Canonicalization::Simple, imf::Canonicalization::Relaxed}) {
        const std::string once = canonical_content(body, algorithm);
        RC_ASSERT(canonical_content(once, algorithm) == once);
    }
}

RC_GTEST_PROP(DkimProperty, AnyTagsAreReadOrRefused, (const std::string& octets)) {
    (void)parse_key(octets);
    const auto tags = parse_tags(octets);
    if (!tags) return;
    std::string written;
    for (const auto& [name, value] : *tags) written += name + "=" + value + ";";
    RC_ASSERT(parse_tags(written).value() == *tags);
}

}  // namespace
}  // namespace mailassay::dkim
