#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "release/authorize.h"
#include "release/check.h"
#include "release/testing.h"

namespace mailassay::release {
namespace {

using base::Edition;

// Some of a few users, officers and others, in any order and any number.
std::vector<imf::Mailbox> some_users() {
    const auto names = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 6));
    std::vector<imf::Mailbox> users;
    for (const int each : names)
        users.push_back(
            {.display_name = {}, .local_part = std::to_string(each), .domain = "mil.example"});
    return users;
}

Policy some_policy() {
    Policy policy;
    const int count = *rc::gen::inRange(1, 5);
    for (int i = 0; i < count; ++i) {
        policy.officers.push_back(
            {.display_name = {}, .local_part = std::to_string(i), .domain = "mil.example"});
    }
    policy.needed = static_cast<std::size_t>(*rc::gen::inRange(1, count + 1));
    policy.order = *rc::gen::element(Order::Any, Order::AsListed);
    policy.proof = *rc::gen::element(Proof::None, Proof::OfMessage, Proof::OfField);
    policy.doubt = *rc::gen::element(Doubt::Hold, Doubt::Return, Doubt::Tell);
    policy.forgery = *rc::gen::element(Forgery::Return, Forgery::ToAbuse);
    return policy;
}

Evidence some_evidence() {
    Evidence evidence;
    evidence.origin = *rc::gen::element(Origin::Proven, Origin::Unproven, Origin::Contradicted);
    for (const imf::Mailbox& user : some_users()) {
        evidence.endorsements.push_back(
            {.signer = {user},
             .standing = *rc::gen::element(Standing::Holds, Standing::Broken, Standing::Untrusted),
             .cover = *rc::gen::element(Cover::Message, Cover::Field),
             .users = some_users()});
    }
    return evidence;
}

imf::HeaderSection header_with(const std::vector<imf::Mailbox>& users) {
    Field field;
    for (const imf::Mailbox& user : users) field.addresses.emplace_back(user);
    return with_field(testing::header("X-Last: stays\r\n"), field);
}

Edition some_edition() {
    return *rc::gen::element(Edition::Rfc, Edition::Draft);
}

RC_GTEST_PROP(ReleaseProperty, WhatPassesHasEnoughOfficersEachProven, ()) {
    const Policy policy = some_policy();
    // Often enough as it has to be: the first officers, each with his signature; then disturbed.
    std::vector<imf::Mailbox> users(
        policy.officers.begin(),
        policy.officers.begin() + static_cast<std::ptrdiff_t>(policy.needed));
    Evidence evidence = some_evidence();
    for (std::size_t i = 0; i < users.size(); ++i) {
        evidence.endorsements.push_back(
            {.signer = {users[i]},
             .standing = Standing::Holds,
             .cover = Cover::Field,
             .users = {users.begin(), users.begin() + static_cast<std::ptrdiff_t>(i) + 1}});
    }
    if (*rc::gen::arbitrary<bool>()) users = some_users();
    if (*rc::gen::arbitrary<bool>()) {
        evidence.endorsements.erase(
            evidence.endorsements.begin() +
            *rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(evidence.endorsements)));
    }
    const StandardRules rules;
    const auto recipients = testing::mailboxes({"bob@example.net"});
    const Judgement made = check(header_with(users), recipients, Place::Border, some_edition(),
                                 evidence, policy, rules);
    if (made.recipients.front().fate != Fate::Passes) RC_DISCARD("does not pass");
    std::set<std::string> distinct;
    for (const imf::Mailbox& user : users) {
        distinct.insert(user.address());
        RC_ASSERT(std::ranges::find(policy.officers, user) != policy.officers.end());
        const auto is_his = [&](const Endorsement& each) {
            return each.standing == Standing::Holds && each.signer.front() == user;
        };
        RC_ASSERT(policy.proof == Proof::None ||
                  std::ranges::any_of(evidence.endorsements, is_his));
    }
    RC_ASSERT(distinct.size() == users.size());
    RC_ASSERT(distinct.size() >= policy.needed);
    RC_ASSERT(policy.order == Order::Any ||
              std::ranges::is_sorted(users, {}, &imf::Mailbox::local_part));
}

RC_GTEST_PROP(ReleaseProperty, OnlyAReviewedMessageGoesOnChanged, ()) {
    const imf::HeaderSection before = header_with(some_users());
    const Authorization told{
        .edition = some_edition(),
        .user = {.display_name = {},
                 .local_part = std::to_string(*rc::gen::inRange(0, 6)),
                 .domain = "mil.example"},
        .decision = *rc::gen::element(Decision::Release, Decision::Return, Decision::Discard,
                                      Decision::Forward, Decision::Redraft)};
    const Policy policy = some_policy();
    const Outcome made = authorize(before, some_evidence(), policy, told, StandardRules());
    const bool goes_on = made.end == End::Released || made.end == End::ToNext;
    RC_ASSERT(goes_on == (made.header.has_value() && made.end != End::Redrafted));
    RC_ASSERT(made.next.has_value() == (made.end == End::ToNext));
    // What does not go on has a reason, unless the user has taken it.
    RC_ASSERT(made.reason.has_value() == (!goes_on && made.end != End::Redrafted));
    if (!goes_on) return;
    RC_ASSERT(made.header->count(field_name) <= 1U);
    if (!made.has_entered()) {
        RC_ASSERT(*made.header == before);
        return;
    }
    RC_ASSERT(std::ranges::find(made.steps, Step::Review) != made.steps.end());
    RC_ASSERT(told.decision == Decision::Release || told.decision == Decision::Forward);
    const auto users =
        parse_field(made.header->find_first(field_name)->body, told.edition)->users();
    RC_ASSERT(users.back() == told.user);
    // All other fields have their octets and their order.
    imf::HeaderSection others = *made.header;
    imf::HeaderSection others_before = before;
    others.remove_all(field_name);
    others_before.remove_all(field_name);
    RC_ASSERT(others.to_octets() == others_before.to_octets());
}

RC_GTEST_PROP(ReleaseProperty, AnyFieldIsReadOrRefused, (const std::string& octets)) {
    for (const Edition edition : {Edition::Rfc, Edition::Draft}) {
        const auto field = parse_field(octets, edition);
        if (!field) continue;
        RC_ASSERT(!field->users().empty());
        const imf::HeaderSection written = with_field({}, *field);
        RC_ASSERT(written.count(field_name) == 1U);
        const auto again = parse_field(written.find_first(field_name)->body, edition);
        RC_ASSERT(again.has_value());
        RC_ASSERT(*again == *field);
    }
}

}  // namespace
}  // namespace mailassay::release
