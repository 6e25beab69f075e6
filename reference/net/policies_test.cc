#include "net/policies.h"

#include <gtest/gtest.h>

#include "net/test_dns_server.h"

namespace mailassay::net {
namespace {

using requiretls::StsMode;

constexpr std::string_view enforce =
    "version: STSv1\nmode: enforce\nmx: mx1.to.example\nmax_age: 3600\n";

// A domain whose announcement and policy server a test sets up.
class PolicyOfADomain : public testing::Test {
  protected:
    PolicyOfADomain() {
        announce({txt_rdata({"v=STSv1; id=1;"})});
        dns_->add("mta-sts.to.example", RecordType::A, {a_rdata("192.0.2.80")});
    }
    void announce(std::vector<std::string> records) {
        dns_->add("_mta-sts.to.example", RecordType::Txt, std::move(records));
    }
    [[nodiscard]] std::string fault() const {
        const auto found = policies_.of("to.example").fault;
        return found ? std::string(found->id) : std::string();
    }
    [[nodiscard]] PolicyState state() const { return policies_.of("to.example").state; }

    std::shared_ptr<MadeUpDns> dns_ = std::make_shared<MadeUpDns>();
    base::ManualClock clock_{base::TimePoint(std::chrono::hours(1))};
    Result<std::string> served_ = std::string(enforce);
    std::vector<HttpsRequest> requests_;
    Policies policies_{dns_,
                       [this](const HttpsRequest& request) {
                           requests_.push_back(request);
                           return served_;
                       },
                       {.ca_file = "ca.pem", .max_cached = 2},
                       clock_};
};

TEST_F(PolicyOfADomain, IsFetchedFromItsPolicyHost) {
    const DomainPolicy found = policies_.of("to.example");
    EXPECT_EQ(found.state, PolicyState::Known);
    EXPECT_EQ(found.policy.mode, StsMode::Enforce);
    EXPECT_EQ(found.policy.mx, std::vector<std::string>{"mx1.to.example"});
    ASSERT_EQ(requests_.size(), 1U);
    EXPECT_EQ(requests_[0].host, "mta-sts.to.example");
    EXPECT_EQ(requests_[0].path, "/.well-known/mta-sts.txt");
    EXPECT_EQ(requests_[0].port, 443);
    EXPECT_EQ(requests_[0].addresses, std::vector<std::string>{"192.0.2.80"});
    EXPECT_EQ(requests_[0].ca_file, "ca.pem");
    EXPECT_EQ(requests_[0].trust, requiretls::PolicyServerTrust::Verify);
    EXPECT_EQ(requests_[0].media_type, "text/plain");
}

TEST_F(PolicyOfADomain, NeedsExactlyOneGoodRecord) {
    const std::string good = txt_rdata({"v=STSv1;", " id=1"});
    const std::string other = txt_rdata({"v=spf1 -all"});
    announce({other, good});
    EXPECT_EQ(state(), PolicyState::Known);
}

TEST_F(PolicyOfADomain, IsNoneWithoutOneGoodRecord) {
    const std::string good = txt_rdata({"v=STSv1; id=1"});
    for (const std::vector<std::string>& records : {std::vector<std::string>{},
                                                    {txt_rdata({"v=STSv1;"})},
                                                    {good, good},
                                                    {good, txt_rdata({"v=STSv1; id="})},
                                                    {txt_rdata({"v=STSv2; id=1"})},
                                                    {""}}) {
        announce(records);
        EXPECT_EQ(state(), PolicyState::None);
    }
    EXPECT_TRUE(requests_.empty());
}

TEST_F(PolicyOfADomain, IsUnavailableWhenItCanNotBeFetchedOrRead) {
    served_ = std::unexpected(Error{"net.https.transport"});
    EXPECT_EQ(state(), PolicyState::Unavailable);
}

TEST_F(PolicyOfADomain, IsUnavailableWhenItIsNonsense) {
    served_ = "<html>";
    EXPECT_EQ(state(), PolicyState::Unavailable);
}

TEST_F(PolicyOfADomain, IsUnavailableWhenDnsFails) {
    dns_->set("_mta-sts.to.example", RecordType::Txt, AnswerKind::Failure);
    EXPECT_EQ(state(), PolicyState::Unavailable);
}

TEST_F(PolicyOfADomain, SaysWhyItIsNotToBeHad) {
    EXPECT_EQ(fault(), "");
    announce({txt_rdata({"v=STSv1; id=2"})});
    served_ = "<html>";
    EXPECT_EQ(fault(), "");  // the old one holds
    clock_.advance(std::chrono::hours(2));
    EXPECT_EQ(fault(), "requiretls.sts.line");
    EXPECT_EQ(fault(), "requiretls.sts.line");  // from the cache
    announce({txt_rdata({"v=STSv1; id=3"})});
    served_ = std::unexpected(Error{"net.https.status"});
    EXPECT_EQ(fault(), "net.https.status");
    announce({txt_rdata({"v=STSv1; id=3"}), txt_rdata({"v=STSv1; id=4"})});
    EXPECT_EQ(fault(), "net.policy.several-records");
    announce({txt_rdata({"v=STSv1;"})});
    EXPECT_EQ(fault(), "requiretls.sts.record-syntax");
    dns_->set("_mta-sts.to.example", RecordType::Txt, AnswerKind::Failure);
    EXPECT_EQ(fault(), "net.policy.record-unanswered");
    dns_->set("_mta-sts.to.example", RecordType::Txt, AnswerKind::Failure,
              requiretls::DnsSecurity::Bogus);
    EXPECT_EQ(fault(), "net.policy.record-bogus");
}

TEST_F(PolicyOfADomain, IsKeptWhileItLastsAndItsIdStays) {
    EXPECT_EQ(state(), PolicyState::Known);
    clock_.advance(std::chrono::seconds(3599));
    EXPECT_EQ(state(), PolicyState::Known);
    EXPECT_EQ(requests_.size(), 1U);
    clock_.advance(std::chrono::seconds(1));
    EXPECT_EQ(state(), PolicyState::Known);
    EXPECT_EQ(requests_.size(), 2U);
}

TEST_F(PolicyOfADomain, IsFetchedAgainWhenItsIdChanges) {
    EXPECT_EQ(policies_.of("to.example").policy.mode, StsMode::Enforce);
    announce({txt_rdata({"v=STSv1; id=2"})});
    served_ = "version: STSv1\nmode: none\nmax_age: 60\n";
    EXPECT_EQ(policies_.of("to.example").policy.mode, StsMode::None);
}

TEST_F(PolicyOfADomain, StaysInForceWhenItsRecordOrItsServerVanishes) {
    EXPECT_EQ(state(), PolicyState::Known);
    announce({});
    EXPECT_EQ(state(), PolicyState::Known);
    dns_->set("_mta-sts.to.example", RecordType::Txt, AnswerKind::Failure);
    EXPECT_EQ(state(), PolicyState::Known);
    announce({txt_rdata({"v=STSv1; id=2"})});
    served_ = std::unexpected(Error{"net.https.status"});
    EXPECT_EQ(policies_.of("to.example").policy.mode, StsMode::Enforce);
}

TEST_F(PolicyOfADomain, IsNotAskedForAllTheTimeWhenItFails) {
    served_ = std::unexpected(Error{"net.https.transport"});
    EXPECT_EQ(state(), PolicyState::Unavailable);
    EXPECT_EQ(state(), PolicyState::Unavailable);
    EXPECT_EQ(requests_.size(), 1U);
    clock_.advance(std::chrono::minutes(5));
    served_ = std::string(enforce);
    EXPECT_EQ(state(), PolicyState::Known);
    EXPECT_EQ(requests_.size(), 2U);
}

TEST_F(PolicyOfADomain, AFailureIsForgottenWithItsRecord) {
    served_ = std::unexpected(Error{"net.https.transport"});
    EXPECT_EQ(state(), PolicyState::Unavailable);
    announce({});
    EXPECT_EQ(state(), PolicyState::None);
}

TEST_F(PolicyOfADomain, TheCacheIsBounded) {
    for (const char* domain : {"a.example", "b.example", "c.example"}) {
        dns_->add(std::string("_mta-sts.") + domain, RecordType::Txt,
                  {txt_rdata({"v=STSv1; id=1"})});
        EXPECT_EQ(policies_.of(domain).state, PolicyState::Known);
    }
    // Without room the third is fetched each time; once the others ran out it has a place.
    EXPECT_EQ(policies_.of("c.example").state, PolicyState::Known);
    EXPECT_EQ(requests_.size(), 4U);
    clock_.advance(std::chrono::hours(1));
    EXPECT_EQ(policies_.of("c.example").state, PolicyState::Known);
    EXPECT_EQ(policies_.of("c.example").state, PolicyState::Known);
    EXPECT_EQ(requests_.size(), 5U);
}

}  // namespace
}  // namespace mailassay::net
