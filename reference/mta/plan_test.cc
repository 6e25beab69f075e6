#include "mta/plan.h"

#include <gtest/gtest.h>

namespace mailassay::mta {
namespace {

using std::chrono::minutes;

const base::TimePoint start{std::chrono::hours(1)};

Message message_to(std::initializer_list<smtp::Path> recipients) {
    Message message;
    message.arrival = start;
    for (const smtp::Path& path : recipients) {
        message.envelope.recipients.push_back({.forward_path = path, .parameters = {}});
    }
    return message;
}

QueueSettings settings() {
    return {.directory = "", .retry = minutes(15), .lifetime = minutes(40)};
}

RecipientResult result(Outcome outcome) {
    const int cls = outcome == Outcome::Relayed ? 2 : outcome == Outcome::Deferred ? 4 : 5;
    return {.outcome = outcome,
            .status = {cls, 1, 1},
            .remote_mta = "mx.b.example",
            .reply = std::nullopt,
            .explanation = "It said so."};
}

TEST(Plan, RecipientsOfADomainShareAGroupWhateverTheCase) {
    const Message message =
        message_to({{"a", "One.example"}, {"b", "two.example"}, {"c", "one.EXAMPLE"}});
    EXPECT_EQ(group_by_domain(message, initial_progress(message)),
              (std::vector<Group>{{"one.example", {0, 2}}, {"two.example", {1}}}));
}

TEST(Plan, OnlyPendingRecipientsAreServed) {
    const Message message =
        message_to({{"a", "one.example"}, {"b", "one.example"}, {"c", "two.example"}});
    Progress progress = initial_progress(message);
    progress.fates = {Fate::Relayed, Fate::Pending, Fate::Failed};
    EXPECT_EQ(group_by_domain(message, progress), (std::vector<Group>{{"one.example", {1}}}));
}

TEST(Plan, EachRecipientHasItsOwnFate) {
    const Message message = message_to({{"a", "x"}, {"b", "x"}, {"c", "x"}});
    const auto settlement =
        settle(message, initial_progress(message),
               {result(Outcome::Relayed), result(Outcome::Failed), result(Outcome::Deferred)},
               settings(), start);
    EXPECT_EQ(settlement.progress.fates,
              (std::vector<Fate>{Fate::Relayed, Fate::Failed, Fate::Pending}));
    EXPECT_EQ(settlement.failures, (std::vector<Failure>{{1, result(Outcome::Failed)}}));
    EXPECT_EQ(settlement.progress.attempts, 1U);
    EXPECT_EQ(settlement.progress.next_attempt, start + minutes(15));
    EXPECT_FALSE(settlement.progress.is_finished());
}

TEST(Plan, TheLastAttemptFallsOnTheDeadline) {
    const Message message = message_to({{"a", "x"}});
    const auto settlement = settle(message, initial_progress(message), {result(Outcome::Deferred)},
                                   settings(), start + minutes(30));
    EXPECT_EQ(settlement.progress.next_attempt, start + minutes(40));
    EXPECT_TRUE(settlement.failures.empty());
}

TEST(Plan, DeferredBeyondTheLifetimeFailsAndSaysWhatWasSeenLast) {
    const Message message = message_to({{"a", "x"}});
    const auto settlement = settle(message, initial_progress(message), {result(Outcome::Deferred)},
                                   settings(), start + minutes(40));
    ASSERT_EQ(settlement.failures.size(), 1U);
    const RecipientResult& failed = settlement.failures[0].result;
    EXPECT_EQ(failed.outcome, Outcome::Failed);
    EXPECT_EQ(failed.status, (dsn::EnhancedStatus{4, 4, 7}));
    EXPECT_EQ(failed.explanation, "The message could not be delivered in time. It said so.");
    EXPECT_TRUE(settlement.progress.is_finished());
}

TEST(Plan, ARecipientNotTriedStaysPending) {
    const Message message = message_to({{"a", "x"}, {"b", "y"}});
    const auto settlement = settle(message, initial_progress(message),
                                   {result(Outcome::Relayed), std::nullopt}, settings(), start);
    EXPECT_EQ(settlement.progress.fates, (std::vector<Fate>{Fate::Relayed, Fate::Pending}));
}

TEST(Plan, Notify) {
    const auto wants = [](std::optional<std::string> notify) {
        smtp::Recipient recipient;
        if (notify) recipient.parameters = {{"notify", notify}};
        return wants_failure_report(recipient);
    };
    EXPECT_TRUE(wants(std::nullopt));
    EXPECT_TRUE(wants("FAILURE"));
    EXPECT_TRUE(wants("DELAY,failure"));
    EXPECT_FALSE(wants("NEVER"));
    EXPECT_FALSE(wants("SUCCESS,DELAY"));
    EXPECT_TRUE(wants("nonsense"));
}

}  // namespace
}  // namespace mailassay::mta
