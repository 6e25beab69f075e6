#pragma once

#include <gtest/gtest.h>

#include <string>

#include "base/random.h"
#include "crypto/test_certificates.h"
#include "releasing/agent.h"
#include "releasing/review.h"

// What the tests of this module share.
namespace mailassay::releasing::testing {

// An organization with two users who may authorize, and an authority that it trusts.
class Office : public ::testing::Test {
  protected:
    static imf::Mailbox mailbox(const std::string& text) {
        return imf::parse_mailbox(text).value();
    }

    // Of an address, by this authority or, nullptr, by itself.
    static crypto::Signer signer(const std::string& address, const crypto::Identity* by) {
        const auto made = crypto::make_identity({.mail_addresses = {address}}, by);
        return {.key = crypto::PrivateKey(made.key),
                .certificate = crypto::Certificate(made.certificate)};
    }
    crypto::Signer signer(const std::string& address) const { return signer(address, &root_); }
    std::string signed_by(const std::string& address, const std::string& message) {
        return review(message, signer(address), random_).value();
    }

    release::StandardRules rules_;
    base::SeededRandom random_{1};
    crypto::Identity root_ = crypto::make_identity({.common_name = "Test CA"});
    Verification verification_{
        .policy = {.officers = {mailbox("one@mil.example"), mailbox("two@mil.example")}},
        .trust = {.anchors = {crypto::Certificate(root_.certificate)},
                  .at = std::chrono::system_clock::now()}};
};

}  // namespace mailassay::releasing::testing
