#include "dkim/key.h"

#include <gtest/gtest.h>

#include "crypto/test_certificates.h"

namespace mailassay::dkim {
namespace {

std::string_view fault_of(const std::string& record) {
    const auto read = parse_key(record);
    return read ? "none" : read.error().id;
}

const std::string& good() {
    static const std::string record = record_of(crypto::PublicKey::of(crypto::PrivateKey(
        crypto::make_identity({.mail_addresses = {"a@b.example"}, .rsa_bits = 2048}).key)));
    return record;
}

TEST(DkimKey, IsReadAsItIsWritten) {
    const auto read = parse_key(good());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->key.bits(), 2048);
    EXPECT_FALSE(read->is_for_domain_alone);
    EXPECT_TRUE(parse_key(good() + "; t=y:s; h=sha1:sha256; s=email; n=note")->is_for_domain_alone);
}

TEST(DkimKey, HasToBeFit) {
    EXPECT_EQ(fault_of(good() + "; h=sha1"), "dkim.key.hash");
    EXPECT_EQ(fault_of(good() + "; s=other"), "dkim.key.service");
    EXPECT_EQ(fault_of("v=DKIM2; p="), "dkim.key.version");
    EXPECT_EQ(fault_of("v=DKIM1; p="), "dkim.key.revoked");
    EXPECT_EQ(fault_of("v=DKIM1"), "dkim.key.malformed");
    EXPECT_EQ(fault_of("p=%"), "dkim.key.malformed");
    EXPECT_EQ(fault_of("k=dsa; p=MAA="), "dkim.key.kind");
    EXPECT_EQ(fault_of("k=ed25519; p=MAA="), "dkim.key.malformed");
    EXPECT_EQ(fault_of("p"), "dkim.tags.syntax");
    EXPECT_EQ(fault_of("p=x; p=y"), "dkim.tags.twice");
}

TEST(DkimKey, OfFewBitsIsNone) {
    const crypto::PrivateKey weak(
        crypto::make_identity({.mail_addresses = {"a@b.example"}, .rsa_bits = 512}).key);
    EXPECT_EQ(fault_of(record_of(crypto::PublicKey::of(weak))), "dkim.key.weak");
}

TEST(DkimKeys, StandInAFileLineByLine) {
    const auto keys = parse_keys("# comment\n\ns._domainkey.a.example  v=DKIM1; p=x\r\n");
    ASSERT_TRUE(keys);
    EXPECT_EQ(keys->at("S._domainkey.A.example"), "v=DKIM1; p=x");
    EXPECT_EQ(parse_keys("s._domainkey.a.example\n").error().id, "dkim.keys.syntax");
    EXPECT_EQ(parse_keys("a.example x\n").error().id, "dkim.keys.syntax");
    const auto twice = parse_keys("a._domainkey.b x\nA._domainkey.b y\n");
    EXPECT_EQ(twice.error().id, "dkim.keys.twice");
    EXPECT_EQ(twice.error().offset, 2U);
}

}  // namespace
}  // namespace mailassay::dkim
