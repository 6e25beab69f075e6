#include "vectors/release_agent.h"

// Messages that come to an authorizing user's agent: origin, own entry, review, entry.
namespace mailassay::vectors {

namespace {

const std::string one = "one@mil.example";
const std::string two = "two@mil.example";
const std::string three = "three@mil.example";

}  // namespace

void add_origin_vectors(const Mail& mail, ReleaseVectors& all) {
    const Group group(all, "origin", {"rfc7912/3.3/2", "rfc7912/3.3/3", "rfc7912/3.3/5"});
    group.add("signed", "The drafter has signed the whole message.", mail.signed_draft(),
              {released({one})});
    group.add("sender", "A secretary has sent it for the author, and has signed it.",
              mail.wrapped(replaced_once(Mail::draft(), "From: Ann <ann@mil.example>",
                                         "From: Boss <boss@mil.example>\r\n"
                                         "Sender: Ann <ann@mil.example>"),
                           "drafter"),
              {released({one})});
    group.add("not-signed", "Nobody has signed it, and the policy holds such mail.", Mail::draft(),
              stays());
    group.add("not-signed-returned", "The policy sends back what nobody has signed.", Mail::draft(),
              stays("returned", "set-aside"), release_policy(1, {{"doubt", "return"}}));
    group
        .add("not-signed-told", "The policy leaves it to the user, who is the first to sign.",
             Mail::draft(), {released({one})}, release_policy(1, {{"doubt", "tell"}}))
        .clauses.emplace_back("rfc7912/3.3.2/1");
    group.add("another-signer", "Somebody else of the organization has signed it.",
              mail.wrapped(Mail::draft(), "eve"), stays());
    group.add("changed-body", "The text was changed after the drafter had signed it.",
              replaced_once(mail.signed_draft(), "at dawn", "at dusk"), stays());
    group.add("another-author", "Another author stands outside of what the sender signed.",
              replaced_once(mail.signed_draft(), "From: Ann <ann@mil.example>",
                            "From: Eve <eve@mil.example>\r\nSender: Ann <ann@mil.example>"),
              stays());
    const Group cover(all, "origin-cover", {"rfc7912/3.3/4"});
    cover
        .add("body-alone",
             "The drafter's signature covers the body alone, so anybody can be author.",
             mail.body_signed(Mail::draft(), "drafter"), stays())
        .editions = ReleaseEditions::Rfc;
}

void add_own_entry_vectors(const Mail& mail, ReleaseVectors& all) {
    const Group valid(all, "own-entry-valid",
                      {"rfc7912/3.3/8", "rfc7912/3.3/9", "rfc7912/3.3/10", "rfc7912/3.3/25"});
    valid.add("released", "The user has released it before: a loop.", mail.authorized_by({1}),
              {untouched("released")}, release_policy(), 1, "discard");
    valid.add("next", "The same, and another user is still to be asked.", mail.authorized_by({1}),
              {untouched("to-next", {{"next", two}})}, release_policy(2, {{"order", "as-listed"}}),
              1, "return");
    valid.add("first-of-two", "Another user has authorized it since.", mail.authorized_by({1, 2}),
              {untouched("released")}, release_policy(2), 1, "discard");
    valid.add("field-covered", "The policy asks for signatures over the field.",
              mail.authorized_by({1, 2}), {untouched("released")},
              release_policy(2, {{"proof", "of-field"}}), 2, "discard");

    const Group spelled(all, "own-entry-spelling", {"rfc7912/3.3/12", "rfc7912/4/4"});
    for (const auto& [name, spelling] : std::vector<std::pair<std::string, std::string>>{
             {"display-name", "\"The First\" <one@mil.example>"},
             {"domain-case", "one@MIL.Example"},
             {"comment", "(by order) one (x) @ (y) mil.example (z)"},
             {"quoted", "\"one\"@mil.example"},
             {"folded", "One\r\n\t<one@mil.example>"},
             {"other-name", "two <one@mil.example>"}}) {
        spelled.add(name, "The user's own entry, spelled in another way.",
                    mail.authorized({{spelling, "officer-one"}}), {untouched("released")},
                    release_policy(), 1, "discard");
    }
    const Group alike(all, "own-entry-alike", {"rfc7912/3.3/12", "rfc7912/3.3/7"});
    for (const auto& [name, other] : std::vector<std::pair<std::string, std::string>>{
             {"as-display-name", "\"one@mil.example\" <two@mil.example>"},
             {"as-comment", "(one@mil.example) two@mil.example"},
             {"longer-domain", "one@mil.example.net"},
             {"shorter-domain", "one@example"},
             {"with-detail", "one+x@mil.example"},
             {"quoted-whole", "\"one@mil.example\"@mil.example"}}) {
        alike.add(name, "An entry that looks like the user's, above a signature of his.",
                  mail.authorized({{other, "officer-one"}}),
                  {end("released", {{"reviewed", true}}), end("to-next", {{"reviewed", true}}),
                   end("set-aside"), end("returned")});
    }

    const std::string forged = Mail::field(one) + mail.signed_draft();
    const std::vector<std::pair<std::string, std::string>> forgeries = {
        {"nobody-signed", forged},
        {"another-signed", mail.wrapped(forged, "officer-two")},
        {"stranger-signed", mail.wrapped(forged, "officer-one-stranger")},
        {"expired", mail.wrapped(forged, "officer-one-expired")},
        {"look-alike-signed", mail.wrapped(forged, "look-alike")},
        {"among-others",
         Mail::field(two + ", " + one) + mail.authorized_by({2}).substr(Mail::field(two).size())}};
    const Group rfc(all, "own-entry-forged",
                    {"rfc7912/3.3/11", "rfc7912/3.3/8", "rfc7912/3.3/9", "rfc7912/7.1/1"});
    for (const auto& [name, message] : forgeries) {
        rfc.add(name, "The user's own address stands there, and nothing proves it.", message,
                {end("returned"), end("to-abuse")})
            .editions = ReleaseEditions::Rfc;
    }
    rfc.add("to-abuse", "The same, where a mailbox is set up for abuse.", forged, {end("to-abuse")},
            release_policy(1, {{"forgery", "to-abuse"}}))
        .editions = ReleaseEditions::Rfc;
    const Group draft(all, "own-entry-stripped", {"draft-melnikov/3/12", "rfc7912/3.3/8"});
    for (const auto& [name, message] : forgeries) {
        draft
            .add(name, "The field is taken off, and the user reviews what is left.", message,
                 {released({one})})
            .editions = ReleaseEditions::Draft;
    }
    const Group replayed(all, "own-entry-replayed", {"rfc7912/7.1/2", "rfc7912/3.3/3"});
    replayed.add("other-body", "A release of another text, with this one put in its place.",
                 replaced_once(mail.authorized_by({1}), "at dawn", "at dusk"),
                 {end("set-aside"), end("returned"), end("to-abuse")});
    const Group drafter(all, "own-entry-of-drafter", {"rfc7912/7.1/1", "rfc7912/3.3/8"});
    ReleaseVector& own = drafter.add(
        "signed-as-drafter",
        "A user has signed mail of his own, and somebody has put him into the field.",
        Mail::field("ann@mil.example") + mail.signed_draft(), {end("returned"), end("to-abuse")},
        {{"officers", release_list({"ann@mil.example"})}, {"needed", 1}});
    own.input["user"] = "ann@mil.example";
    own.input["signer"] = "drafter";
    own.editions = ReleaseEditions::Rfc;
}

void add_review_vectors(const Mail& mail, ReleaseVectors& all) {
    const Group rejected(all, "rejected", {"rfc7912/3.3/18", "rfc7912/3.3/16", "rfc7912/3.1/1"});
    rejected.add("returned", "The user rejects it.", mail.signed_draft(), {end("returned")},
                 release_policy(), 1, "return");
    rejected
        .add("discarded", "The user throws it away.", mail.signed_draft(), {end("discarded")},
             release_policy(), 1, "discard")
        .clauses.emplace_back("rfc7912/3.3/17");
    rejected.add("by-the-second", "The second of two users rejects it.", mail.authorized_by({1}),
                 {end("returned")}, release_policy(2), 2, "return");
    rejected.add("after-enough", "It has enough users, and one more rejects it.",
                 mail.authorized_by({1}), {end("returned")}, release_policy(), 2, "return");

    const Group redrafted(all, "redrafted",
                          {"rfc7912/3.3/20", "rfc7912/3.3/21", "rfc7912/3.3/22", "rfc7912/3.3/28"});
    const auto anew = [](const char* signer) {
        return end("redrafted", {{"users", ReleaseJson::array()},
                                 {"signer", signer},
                                 {"signers", ReleaseJson::array()}});
    };
    redrafted.add("second-user", "The second user becomes the drafter.", mail.authorized_by({1}),
                  {anew("officer-two")}, release_policy(2), 2, "redraft");
    redrafted.add("without-field", "The first user becomes the drafter.", mail.signed_draft(),
                  {anew("officer-one")}, release_policy(), 1, "redraft");
    for (ReleaseVector& each : all) {
        if (each.who == "agent" && each.name.starts_with("redrafted/")) {
            each.editions = ReleaseEditions::Rfc;
        }
    }

    const Group forwarded(all, "forwarded", {"rfc7912/3.3/19"});
    ReleaseVector& asked = forwarded.add(
        "another-user", "The user has another one asked besides.", mail.signed_draft(),
        {to_next(3, {one}), end("to-next", {{"next", three}})}, release_policy(), 1, "forward");
    asked.input["forward_to"] = three;
    asked.editions = ReleaseEditions::Rfc;
    ReleaseVector& outside =
        forwarded.add("outside", "The other one may not authorize anything.", mail.signed_draft(),
                      stays(), release_policy(), 1, "forward");
    outside.input["forward_to"] = "bob@example.net";
    outside.editions = ReleaseEditions::Rfc;

    const Group stranger(all, "not-a-user", {"rfc7912/3.1/1"});
    ReleaseVector& eve =
        stranger.add("stranger", "Who releases it may not.", mail.signed_draft(), stays());
    eve.input["user"] = "eve@mil.example";
    eve.input["signer"] = "eve";
    const Group sealed(all, "sealed", {"rfc7912/3.3.1/2", "rfc7912/3.3.1/3", "rfc7912/3.1/1"});
    sealed.add("for-others", "It is encrypted to others, and the user can't read it.",
               mail.sealed(), stays("returned", "set-aside"));
    sealed.add("not-signed", "The same, and nobody knows whose it is: one of many, perhaps.",
               mail.sealed("bob-rsa", ""), stays());
    sealed.add("kept", "The policy has such mail kept.", mail.sealed(), stays(),
               release_policy(1, {{"unreadable", "hold"}}));
}

void add_entry_vectors(const Mail& mail, ReleaseVectors& all) {
    const Group first(all, "entry-first",
                      {"rfc7912/3.3/23", "rfc7912/4/7", "rfc7912/3.3/13", "rfc7912/1/1",
                       "rfc7912/1/2", "rfc7912/3.3/15"});
    first.add("plain", "The first user releases it.", mail.signed_draft(), {released({one})});
    first.add("third-user", "Any of three may be the first.", mail.signed_draft(),
              {released({three})}, release_policy(), 3);
    const Group appended(all, "entry-appended",
                         {"rfc7912/3.3/24", "rfc7912/3.3/1", "rfc7912/3.3/7", "rfc7912/4/1",
                          "rfc7912/1/1", "rfc7912/1/2"});
    appended.add("second", "The second user releases it.", mail.authorized_by({1}),
                 {released({one, two})}, release_policy(2), 2);
    appended.add("third", "The third user releases it.", mail.authorized_by({1, 2}),
                 {released({one, two, three})}, release_policy(3), 3);
    appended.add("not-sorted", "Those before stay in their order.", mail.authorized_by({3, 1}),
                 {released({three, one, two})}, release_policy(3), 2);
    appended.add("named", "One before has a display name.",
                 mail.authorized({{"\"Officer, First\" <one@mil.example>", "officer-one"}}),
                 {released({one, two})}, release_policy(2), 2);
    appended.add(
        "other-case-of-name", "The field's name is written in another case.",
        replaced_once(mail.authorized_by({1}), "MMHS-Authorizing-Users", "mmhs-AUTHORIZING-users"),
        {released({one, two})}, release_policy(2), 2);
    const Group shared(
        all, "shared-mailbox",
        {"rfc7912/3.1/4", "rfc7912/4/8", "rfc7912/7/1", "rfc7912/7/2", "rfc7912/4/9"});
    ReleaseVector& together =
        shared.add("released", "A mailbox that a group shares is one user.", mail.signed_draft(),
                   {released({"officers@mil.example"})},
                   {{"officers", release_list({"officers@mil.example"})}, {"needed", 1}});
    together.input["user"] = "officers@mil.example";
    together.input["signer"] = "officers";
    together.editions = ReleaseEditions::Rfc;
}

void add_onward_vectors(const Mail& mail, ReleaseVectors& all) {
    const ReleaseJson listed{{"order", "as-listed"}};
    const Group group(all, "onward", {"rfc7912/3.3/26", "rfc7912/3.3/27", "rfc7912/3.1/3"});
    group.add("enough", "One is needed, and one has released it.", mail.signed_draft(),
              {released({one})});
    group.add("one-of-two", "Two are needed, in any order.", mail.signed_draft(),
              {to_next(2, {one}), to_next(3, {one})}, release_policy(2));
    group.add("listed", "Three are needed, in order: the second is next.", mail.signed_draft(),
              {to_next(2, {one})}, release_policy(3, listed));
    group.add("listed-last", "The third in order completes it.", mail.authorized_by({1, 2}),
              {released({one, two, three})}, release_policy(3, listed), 3);
    group.add("listed-skips", "Two of three, in order: the second begins, the third is left.",
              mail.signed_draft(), {to_next(3, {two})}, release_policy(2, listed), 2);
    const std::vector<ReleaseJson> not_his_turn = {end("set-aside"), end("returned"),
                                                   end("to-next", {{"next", one}})};
    group.add("out-of-turn", "Three are needed, in order, and the second is asked first.",
              mail.signed_draft(), not_his_turn, release_policy(3, listed), 2);
    group.add("too-late", "Two are needed, in order, and the first is asked behind the second.",
              mail.authorized_by({2}),
              {end("set-aside"), end("returned"), untouched("to-next", {{"next", three}})},
              release_policy(2, listed), 1);
    const Group others(all, "onward-not-proven", {"rfc7912/7.1/1", "rfc7912/3.1/3"});
    others.add("forged-first", "Two are needed, and somebody has written the first into the field.",
               Mail::field(one) + mail.signed_draft(),
               {end("to-next"), end("returned"), end("set-aside"), end("to-abuse")},
               release_policy(2), 2);
}

void add_malformed_vectors(const Mail& mail, ReleaseVectors& all) {
    const std::vector<ReleaseJson> stopped = stays("returned", "set-aside");
    const auto with = [&](const std::string& fields) { return fields + mail.signed_draft(); };
    const Group repeated(all, "repeated", {"rfc7912/4/1", "rfc7912/4/2", "rfc7912/4/3"});
    const auto mended = [](const std::vector<std::string>& users) {
        ReleaseJson made = end("released", {{"users", release_list(users)}, {"reviewed", true}});
        made["reading"] = "It is mended, so that one field is left.";
        return made;
    };
    std::vector<ReleaseJson> sent_back = stopped;
    sent_back.front()["reading"] = "It is sent back, where that can be done.";
    std::vector<ReleaseJson> either = sent_back;
    either.insert(either.end(),
                  {mended({two, one}), mended({three, one}), mended({two, three, one})});
    repeated.add("two-fields", "The field stands twice.",
                 with(Mail::field(two) + Mail::field(three)), either);
    repeated.add("other-case", "It stands twice, its name in another case.",
                 with(Mail::field(two) + "mmhs-authorizing-users: three@mil.example\r\n"), either);
    repeated
        .add("own-twice", "Both name the user.", with(Mail::field(one) + Mail::field(one)),
             {end("returned"), end("set-aside"), end("to-abuse")})
        .editions = ReleaseEditions::Rfc;

    const Group group(all, "malformed", {"rfc7912/7.2/1", "rfc7912/4/4", "rfc7912/4/6"});
    std::string many = "two@mil.example";
    for (int i = 0; i < 10'000; ++i) many += ",\r\n a@b";
    for (const auto& [name, body] : std::vector<std::pair<std::string, std::string>>{
             {"empty", ""},
             {"blank", " \r\n\t"},
             {"comment-alone", "(two@mil.example)"},
             {"no-domain", "two"},
             {"no-local-part", "@mil.example"},
             {"name-alone", "\"two@mil.example\""},
             {"comment-open", "two@mil.example (and"},
             {"comment-deep", std::string(2000, '(') + std::string(2000, ')') + " two@mil.example"},
             {"quote-open", "\"two <two@mil.example>"},
             {"angle-open", "Two <two@mil.example"},
             {"nul", std::string("two@mil.example\0, three@mil.example", 35)},
             {"ten-thousand-and-one", many}}) {
        group
            .add(name, "The field can't be read.", with("MMHS-Authorizing-Users: " + body + "\r\n"),
                 stopped)
            .clauses = {"rfc7912/7.2/1", "rfc7912/4/4", "rfc7912/4/6", "rfc7912/4/5"};
    }
    const Group groups(all, "groups", {"rfc7912/4/5", "draft-melnikov/4/4", "rfc7912/4/4"});
    const std::string officers = "Officers: two@mil.example, three@mil.example;";
    groups
        .add("not-in-a-mailbox-list", "A mailbox-list has no groups.", with(Mail::field(officers)),
             stopped)
        .editions = ReleaseEditions::Rfc;
    groups
        .add("in-an-address-list", "Of a group its members are users.", with(Mail::field(officers)),
             {released({two, three, one})})
        .editions = ReleaseEditions::Draft;
    groups.add("of-nobody", "A group without members names nobody.",
               with(Mail::field("Officers:;")), stopped);
}

}  // namespace mailassay::vectors
