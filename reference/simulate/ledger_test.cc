#include "simulate/ledger.h"

#include <gtest/gtest.h>

namespace mailassay::simulate {
namespace {

using requiretls::Edition;
using requiretls::Tag;

constexpr HopTruth fit{.encrypted = true,
                       .genuine = true,
                       .authenticated = true,
                       .vouched_for = true,
                       .offers_requiretls = true};

class LedgerTest : public testing::Test {
  protected:
    LedgerTest() {
        ledger_.submitted(7, Tag::Required, true, "a.example", "user@b.example");
        ledger_.spooled(7);
    }
    void report(std::string_view id) { ledger_.reported(7, "copy", 0, id); }
    void expect(Broken broken) {
        ASSERT_TRUE(ledger_.violation().has_value());
        EXPECT_EQ(ledger_.violation()->broken, broken) << describe(ledger_.violation()->broken);
        EXPECT_EQ(ledger_.violation()->message, 7U);
        EXPECT_NE(ledger_.violation()->story.find("a.example"), std::string::npos);
    }
    void expect_nothing() { EXPECT_FALSE(ledger_.violation().has_value()); }

    Ledger ledger_{Edition::Rfc, base::TimePoint{}};
};

TEST_F(LedgerTest, AMessageThatArrivesIsCountedAndForgotten) {
    ledger_.crossed(7, "", fit, true);
    ledger_.delivered(7, "");
    ledger_.finished(7);
    expect_nothing();
    EXPECT_EQ(ledger_.tally(Tag::Required).arrived, 1U);
    EXPECT_EQ(ledger_.tally(Tag::Required).arrived_between_adopters, 1U);
    EXPECT_EQ(ledger_.open_messages(), 0U);
}

TEST_F(LedgerTest, EachPropertyOfAHopIsNeeded) {
    for (bool HopTruth::* property :
         {&HopTruth::encrypted, &HopTruth::genuine, &HopTruth::authenticated,
          &HopTruth::vouched_for, &HopTruth::offers_requiretls}) {
        HopTruth hop = fit;
        hop.*property = false;
        EXPECT_FALSE(hop.is_fit(Edition::Rfc));
        EXPECT_EQ(hop.is_fit(Edition::Draft), property == &HopTruth::vouched_for);
    }
    ledger_.crossed(7, "", HopTruth{}, true);
    expect(Broken::UnfitHop);
}

TEST_F(LedgerTest, OfAFitHopTheParameterIsAskedToo) {
    ledger_.crossed(7, "", fit, false);
    expect(Broken::WithoutParameter);
}

TEST_F(LedgerTest, ATagThatIsForgottenIsSeen) {
    ledger_.tag_after_receipt(7, "", Tag::None, true, false);
    ledger_.tag_after_receipt(7, "", Tag::None, false, true);
    expect_nothing();
    ledger_.tag_after_receipt(7, "", Tag::None, true, true);
    expect(Broken::TagLost);
}

TEST_F(LedgerTest, AnEndWithoutATraceIsAVanishing) {
    ledger_.finished(7);
    expect(Broken::Vanished);
}

TEST_F(LedgerTest, WhatIsStillOpenAtTheEndHasVanished) {
    ledger_.close();
    expect(Broken::Vanished);
}

TEST_F(LedgerTest, AReportThatNeverArrivesHasVanished) {
    report("<1>");
    ledger_.finished(7);
    expect(Broken::Vanished);
}

TEST_F(LedgerTest, AReportOutOfTimeIsCountedApart) {
    report("<1>");
    ledger_.report_expired(7, "<1>");
    ledger_.finished(7);
    expect_nothing();
    EXPECT_EQ(ledger_.tally(Tag::Required).reports_expired, 1U);
    EXPECT_EQ(ledger_.tally(Tag::Required).reports_arrived, 0U);
}

TEST_F(LedgerTest, AReportGivenUpInTimeIsNot) {
    report("<1>");
    ledger_.report_dropped(7);
    expect(Broken::ReportDropped);
}

TEST_F(LedgerTest, ReportingAFailureAgainIsSeen) {
    report("<1>");
    report("<2>");
    expect(Broken::ReportedTwice);
}

TEST_F(LedgerTest, ACrashExcusesOneRepetition) {
    report("<1>");
    ledger_.crashed(7);
    report("<2>");
    expect_nothing();
    report("<3>");
    expect(Broken::ReportedTwice);
}

TEST_F(LedgerTest, AReportThatArrivesTwiceIsSeen) {
    report("<1>");
    ledger_.delivered(7, "<1>");
    expect_nothing();
    ledger_.delivered(7, "<1>");
    expect(Broken::ReportedTwice);
}

TEST_F(LedgerTest, TheFormOfAReportIsJudged) {
    ledger_.report_form(7, true, false);
    expect_nothing();
    ledger_.report_form(7, true, true);
    expect(Broken::BadReport);
}

TEST_F(LedgerTest, AReportMayCrossWhatItsMessageMayNot) {
    report("<1>");
    ledger_.crossed(7, "<1>", HopTruth{}, false);
    ledger_.delivered(7, "<1>");
    ledger_.finished(7);
    expect_nothing();
    EXPECT_EQ(ledger_.tally(Tag::Required).reports_protected, 0U);
}

}  // namespace
}  // namespace mailassay::simulate
