#include "releasing/courier.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "crypto/test_certificates.h"
#include "releasing/review.h"

namespace mailassay::releasing {
namespace {

constexpr std::string_view draft =
    "From: Ann <ann@mil.example>\r\nMessage-ID: <1@mil.example>\r\n\r\nBody\r\n";

TEST(Courier, AFingerprintStaysUnderReviewSignatures) {
    const crypto::Identity one = crypto::make_identity({.mail_addresses = {"one@mil.example"}});
    const crypto::Signer signer{.key = crypto::PrivateKey(one.key),
                                .certificate = crypto::Certificate(one.certificate)};
    base::SeededRandom random(1);
    const std::string once = review(draft, signer, random).value();
    const std::string twice = review(once, signer, random).value();
    EXPECT_EQ(fingerprint_of(draft), fingerprint_of(once));
    EXPECT_EQ(fingerprint_of(draft), fingerprint_of(twice));
    EXPECT_NE(fingerprint_of(draft), fingerprint_of(std::string(draft) + "more\r\n"));
}

TEST(Courier, OfAReferenceThereIsOneOrNone) {
    const auto in = [](std::string_view fields) {
        return reference_in(imf::parse_message(fields).value().header);
    };
    EXPECT_EQ(in("Draft-Reference: abc234\r\n\r\n"), "abc234");
    EXPECT_EQ(in("draft-reference:\r\n abc234 \r\n\r\n"), "abc234");
    EXPECT_EQ(in("Subject: s\r\n\r\n"), std::nullopt);
    EXPECT_EQ(in("Draft-Reference: a\r\nDraft-Reference: a\r\n\r\n"), std::nullopt);
    EXPECT_EQ(in("Draft-Reference: ../a\r\n\r\n"), std::nullopt);
    EXPECT_EQ(in("Draft-Reference:\r\n\r\n"), std::nullopt);
    EXPECT_EQ(in("Draft-Reference: " + std::string(65, 'a') + "\r\n\r\n"), std::nullopt);
}

TEST(Courier, WhatDeliveryWroteIsTakenOff) {
    const std::string came =
        "Return-Path: <ann@mil.example>\r\nDelivered-To: one@mil.example\r\n"
        "Draft-Reference: abc\r\n" +
        std::string(draft);
    const Resumed resumed = resume(came).value();
    EXPECT_EQ(resumed.message, draft);
    EXPECT_EQ(resumed.reference, "abc");
}

}  // namespace
}  // namespace mailassay::releasing
