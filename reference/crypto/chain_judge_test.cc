#include "crypto/chain_judge.h"

#include <gtest/gtest.h>

#include <chrono>
#include <initializer_list>

#include "crypto/test_certificates.h"

namespace mailassay::crypto {
namespace {

class Chains : public testing::Test {
  protected:
    Identity authority = make_identity({.common_name = "Test CA"});
    Identity between = make_identity({.common_name = "Test CA 2"}, &authority);
    Identity alice = make_identity({.mail_addresses = {"alice@example.org"}}, &between);
    Identity stranger = make_identity({.mail_addresses = {"alice@example.org"}});
    Trust trust{.anchors = {Certificate(authority.certificate)},
                .at = std::chrono::system_clock::now()};
    ChainJudge chains{trust};

    ChainState judge(const Identity& leaf, std::initializer_list<const Identity*> others) {
        const BorrowedStack stack(sk_X509_new_null());
        for (const Identity* other : others) sk_X509_push(stack.get(), other->certificate.get());
        return chains.judge(leaf.certificate.get(), stack.get()).state;
    }
};

TEST_F(Chains, WhatHeldHoldsAgain) {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(judge(alice, {&between}), ChainState::Trusted);
}

TEST_F(Chains, NoVerdictDependsOnWhatWasJudgedBefore) {
    EXPECT_EQ(judge(alice, {}), ChainState::NotTrusted) << "the certificate between is missing";
    EXPECT_EQ(judge(alice, {&between}), ChainState::Trusted);
    EXPECT_EQ(judge(alice, {}), ChainState::NotTrusted);
    EXPECT_EQ(judge(stranger, {&between}), ChainState::NotTrusted);
    EXPECT_EQ(judge(stranger, {&alice, &between}), ChainState::NotTrusted);
    EXPECT_EQ(judge(alice, {&stranger}), ChainState::NotTrusted);
}

TEST_F(Chains, EachTrustHasItsOwnVerdicts) {
    trust.prepare();
    const Trust copy = trust;
    EXPECT_EQ(copy.judge, trust.judge);
    EXPECT_EQ(judge(alice, {&between}), ChainState::Trusted);
    Trust later{.anchors = trust.anchors, .at = trust.at + std::chrono::days(30)};
    const BorrowedStack stack(sk_X509_new_null());
    sk_X509_push(stack.get(), between.certificate.get());
    EXPECT_EQ(ChainJudge(later).judge(alice.certificate.get(), stack.get()).state,
              ChainState::Expired);
}

TEST_F(Chains, AsManyAsOneLikes) {
    // More other certificates than a remembered set has.
    const BorrowedStack stack(sk_X509_new_null());
    for (int i = 0; i < 100; ++i) sk_X509_push(stack.get(), stranger.certificate.get());
    sk_X509_push(stack.get(), between.certificate.get());
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(chains.judge(alice.certificate.get(), stack.get()).state, ChainState::Trusted);
    }
}

}  // namespace
}  // namespace mailassay::crypto
