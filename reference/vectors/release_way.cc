#include "vectors/release_author.h"

// Messages that come to a submission server, the border, delivery within the domain, or a
// recipient.
namespace mailassay::vectors {

namespace {

const std::string one = "one@mil.example";
const std::string two = "two@mil.example";

ReleaseJson fate(const char* word, const char* reading = nullptr) {
    ReleaseJson made{{"outcome", "judged"}, {"fates", release_list({word})}};
    if (reading != nullptr) made["reading"] = reading;
    return made;
}

// A place on the way, and what the text has it do.
struct Place {
    const char* name;
    std::vector<std::string> present;  // that the field is there
    std::vector<std::string> valid;    // that what stands behind it holds
    bool is_submission = false;
};

const std::vector<Place> places = {
    {"submission", {"rfc7912/3.2/2", "rfc7912/3.2/1"}, {"rfc7912/3.2/6", "rfc7912/3.2/7"}, true},
    {"border",
     {"rfc7912/3.4.2/1", "rfc7912/3.4.2/2", "rfc7912/3.4.2/4"},
     {"rfc7912/3.4.2/3", "rfc7912/3.4.2/4"}},
    {"delivery",
     {"rfc7912/3.4.1/1", "rfc7912/3.4.1/2", "rfc7912/3.4.1/4"},
     {"rfc7912/3.4.1/3", "rfc7912/3.4.1/4"}},
};

class Way {
  public:
    Way(const Mail& mail, ReleaseVectors& all, const Place& place)
        : mail_(mail), all_(all), place_(place) {}

    void add_all() const {
        add_authorized();
        add_drafts();
        add_forgeries();
        add_spellings();
        add_policies();
        add_countersigned();
        add_domains();
        add_malformed();
    }

  private:
    ReleaseVector& add(const std::string& name, std::vector<std::string> clauses, std::string note,
                       std::string message, std::vector<ReleaseJson> outcomes,
                       ReleaseJson policy = release_policy()) const {
        clauses.emplace_back("rfc7912/3.1/1");
        all_.push_back({.operation = "check-release",
                        .who = place_.name,
                        .name = name,
                        .clauses = std::move(clauses),
                        .note = std::move(note),
                        .message = std::move(message),
                        .input = {{"policy", std::move(policy)},
                                  {"place", place_.name},
                                  {"recipients", release_list({"bob@example.net"})}},
                        .outcomes = std::move(outcomes)});
        return all_.back();
    }

    // What the text leaves open where a message does not pass.
    [[nodiscard]] std::vector<ReleaseJson> stopped() const {
        return {fate("refused"), fate("to-officers")};
    }
    [[nodiscard]] std::vector<ReleaseJson> taken_for_draft_or_refused() const {
        if (!place_.is_submission) return stopped();
        return {fate("to-officers"), fate("refused")};
    }
    // What the text leaves open where a target may know the one form of signature, or not.
    [[nodiscard]] static std::vector<ReleaseJson> passes_if(const char* known, const char* other) {
        return {fate("passes", known), fate("refused", other), fate("to-officers", other)};
    }
    [[nodiscard]] std::vector<ReleaseJson> taken_for_draft() const {
        if (!place_.is_submission) return stopped();
        return {fate("to-officers")};
    }

    void add_authorized() const {
        std::vector<std::string> clauses = place_.valid;
        clauses.insert(clauses.end(), place_.present.begin(), place_.present.end());
        clauses.insert(clauses.end(), {"rfc7912/3.3.2/4", "rfc7912/3.3.2/5", "rfc7912/3.3.2/3"});
        add("authorized/one", clauses, "One is needed, and one has released it.",
            mail_.authorized_by({1}), {fate("passes")});
        add("authorized/two", clauses, "Two are needed, and two have released it.",
            mail_.authorized_by({1, 2}), {fate("passes")}, release_policy(2));
        add("authorized/more", clauses, "One is needed, and three have released it.",
            mail_.authorized_by({1, 2, 3}), {fate("passes")});
        add("authorized/field-covered", clauses, "Each signature covers the field as it was then.",
            mail_.authorized_by({1, 2}), {fate("passes")},
            release_policy(2, {{"proof", "of-field"}}));
        add("authorized/encrypted", clauses, "What they have released nobody on the way can read.",
            mail_.authorized_of(mail_.sealed(), {{one, "officer-one"}}), {fate("passes")});
        if (place_.name != std::string_view("delivery")) {
            all_.back().clauses.emplace_back("rfc7912/3.3.2/8");
        }
        add("authorized/triple-wrapped", clauses,
            "Signed, encrypted to the user, signed again: the outermost layer is what counts.",
            mail_.authorized_of(mail_.triple_wrapped("officer-one"), {{one, "officer-one"}}),
            {fate("passes")});
        if (place_.name != std::string_view("delivery")) {
            all_.back().clauses.emplace_back("rfc7912/3.3.2/8");
        }
        add("authorized/trusted-way", place_.present, "The policy asks for no signatures.",
            Mail::field(one) + Mail::draft(), {fate("passes")},
            release_policy(1, {{"proof", "none"}}));
    }

    void add_drafts() const {
        add("draft/signed", place_.present, "A draft that its drafter has signed.",
            mail_.signed_draft(), taken_for_draft());
        add("draft/not-signed", place_.present, "A draft that nobody has signed.", Mail::draft(),
            taken_for_draft());
        add("draft/officers-own", place_.present, "A draft of somebody who may authorize.",
            mail_.wrapped(Mail::draft(), "officer-one"), taken_for_draft());
        add("draft/hidden-in-folding", place_.present,
            "What looks like the field is the second line of another.",
            "X-Note: see\r\n MMHS-Authorizing-Users: one@mil.example\r\n" + mail_.signed_draft(),
            taken_for_draft());
        for (const auto& [name, line_end] : {std::pair{"line-feed", "\n"}, {"return", "\r"}}) {
            add(std::string("draft/hidden-behind-") + name, place_.present,
                "What looks like the field stands behind half a line end, within another.",
                std::string("X-Note: see") + line_end + Mail::field(one) + mail_.signed_draft(),
                taken_for_draft_or_refused());
        }
        add("too-few/one-of-two", {"rfc7912/3.1/3"}, "Two are needed, and one has released it.",
            mail_.authorized_by({1}),
            {fate(place_.is_submission ? "to-officers" : "refused"),
             fate(place_.is_submission ? "refused" : "to-officers")},
            release_policy(2));
        add("too-few/one-twice", {"rfc7912/3.1/3"},
            "Two are needed, and one has released it twice.",
            mail_.authorized({{one, "officer-one"}, {one, "officer-one"}}), stopped(),
            release_policy(2));
    }

    void add_forgeries() const {
        std::vector<std::string> clauses = place_.valid;
        clauses.insert(clauses.end(), {"rfc7912/7.1/1", "rfc7912/3.3.2/4"});
        const std::string forged = Mail::field(one) + mail_.signed_draft();
        for (const auto& [name, message] : std::vector<std::pair<std::string, std::string>>{
                 {"nobody-signed", forged},
                 {"not-even-drafter", Mail::field(one) + Mail::draft()},
                 {"another-signed", mail_.wrapped(forged, "officer-two")},
                 {"stranger-signed", mail_.wrapped(forged, "officer-one-stranger")},
                 {"expired", mail_.wrapped(forged, "officer-one-expired")},
                 {"look-alike-signed", mail_.wrapped(forged, "look-alike")}}) {
            add("forged/" + name, clauses, "The field names one who has not signed.", message,
                stopped());
        }
        std::string grown = mail_.authorized_by({1});
        grown.insert(grown.find("\r\n"), ", " + two);
        add("forged/one-more", clauses, "One has released it, and another was written behind him.",
            grown, stopped(), release_policy(2));
        std::string replayed = mail_.authorized_by({1});
        replayed.replace(replayed.find("at dawn"), 7, "at dusk");
        add("replayed/other-body", {"rfc7912/7.1/2", place_.valid.front()},
            "A release of another text, with this one put in its place.", replayed, stopped());
        std::string other_author = mail_.authorized_by({1});
        other_author.replace(other_author.find("From: Ann"), 9,
                             "Sender: ann@mil.example\r\nFrom: Eve");
        add("replayed/other-author", {"rfc7912/7.1/2", "rfc7912/3.3.2/4"},
            "A release of a message by another author.", other_author, stopped());
        add("officers/stranger", {"rfc7912/3.2/5"}, "Who released it may not.",
            mail_.authorized({{"eve@mil.example", "eve"}}), stopped());
        add("officers/one-and-stranger", {"rfc7912/3.2/5"},
            "One has released it, and somebody who may not has too.",
            mail_.authorized({{one, "officer-one"}, {"eve@mil.example", "eve"}}), stopped());
        add("officers/drafter", {"rfc7912/3.2/5"}, "The drafter has released it by himself.",
            mail_.authorized({{"ann@mil.example", "drafter"}}), stopped());
    }

    void add_spellings() const {
        const std::vector<std::string> clauses = {"rfc7912/3.3/12", "rfc7912/4/4"};
        for (const auto& [name, spelling] : std::vector<std::pair<std::string, std::string>>{
                 {"display-name", "\"Officer, First\" <one@mil.example>"},
                 {"domain-case", "one@MIL.Example"},
                 {"comment", "(by order) one (x) @ (y) mil.example (z)"},
                 {"quoted", "\"one\"@mil.example"},
                 {"folded", "One\r\n\t<one@mil.example>"},
                 {"field-in-a-comment",
                  "one@mil.example (see\r\n MMHS-Authorizing-Users: eve@mil.example)"}}) {
            add("spelling/" + name, clauses, "The user's address, spelled in another way.",
                mail_.authorized({{spelling, "officer-one"}}), {fate("passes")});
        }
        for (const auto& [name, other] : std::vector<std::pair<std::string, std::string>>{
                 {"display-name", "\"one@mil.example\" <eve@mil.example>"},
                 {"comment", "(one@mil.example) eve@mil.example"},
                 {"longer-domain", "one@mil.example.net"},
                 {"quoted-whole", "\"one@mil.example\"@mil.example"},
                 {"other-alphabet",
                  "\xd0\xbe"
                  "ne@mil.example"},
                 {"unseen-character", "one\xe2\x80\x8b@mil.example"}}) {
            add("alike/" + name, {"rfc7912/3.3/12", "rfc7912/3.2/5"},
                "An address that looks like a user's, above a signature of his.",
                mail_.authorized({{other, "officer-one"}}), stopped());
        }
        add("spelling/local-part-case", clauses, "The local part is written in another case.",
            mail_.authorized({{"ONE@mil.example", "officer-one"}}),
            {fate("refused", "Case counts in the local part, not in the domain."),
             fate("to-officers", "Case counts in the local part, not in the domain."),
             fate("passes", "Case counts nowhere, as in most mail systems.")});
    }

    void add_policies() const {
        const ReleaseJson listed{{"order", "as-listed"}};
        add("order/kept", {"rfc7912/3.1/3"}, "Two are needed, in order.",
            mail_.authorized_by({1, 2}), {fate("passes")}, release_policy(2, listed));
        add("order/free", {"rfc7912/3.1/3"}, "Two are needed, in any order.",
            mail_.authorized_by({2, 1}), {fate("passes")}, release_policy(2));
        add("order/broken", {"rfc7912/3.1/3"}, "Two are needed, in order, and came the other way.",
            mail_.authorized_by({2, 1}), stopped(), release_policy(2, listed));
    }

    // Countersignatures of CMS, and further signers: they cover no field.
    void add_countersigned() const {
        const std::vector<std::string> clauses = {"rfc7912/3.3.2/3", "rfc7912/7.1/2",
                                                  "rfc5652/11.4/1",  "rfc5652/11.4/4",
                                                  "rfc5652/11.4/5",  "rfc5652/11.4/6"};
        const auto known = passes_if("A countersignature of CMS is a review signature.",
                                     "Only a layer around the message is one.");
        const std::string by_one = mail_.countersigned(mail_.signed_draft(), "officer-one");
        const std::string by_two = mail_.countersigned(mail_.signed_draft(), "officer-two");
        const std::string by_both = mail_.countersigned(by_one, "officer-two");
        add("countersigned/one", clauses, "The drafter's signature has the user's on it.",
            Mail::field(one) + by_one, known);
        add("countersigned/two", clauses, "It has those of two users, side by side.",
            Mail::field(one + ", " + two) + by_both, known, release_policy(2));
        std::vector<std::string> nested = clauses;
        nested.emplace_back("rfc5652/11.4/7");
        add("countersigned/on-a-countersignature", nested,
            "The second user's stands on that of the first.",
            Mail::field(one + ", " + two) + mail_.countersigned_again(by_one, "officer-two"), known,
            release_policy(2));
        add("countersigned/on-another-by-a-stranger", nested,
            "The same, and the one on it is by an authority that nobody knows.",
            Mail::field(one + ", " + two) +
                mail_.countersigned_again(by_two, "officer-one-stranger"),
            stopped(), release_policy(2));
        add("countersigned/one-of-two", clauses, "Two are in the field, and it has that of one.",
            Mail::field(one + ", " + two) + by_one, stopped(), release_policy(2));
        add("countersigned/field-wanted", clauses, "The policy asks for signatures over the field.",
            Mail::field(one) + by_one, stopped(), release_policy(1, {{"proof", "of-field"}}));
        add("countersigned/stranger", clauses, "It is by an authority that nobody knows.",
            Mail::field(one) + mail_.countersigned(mail_.signed_draft(), "officer-one-stranger"),
            stopped());
        add("countersigned/moved", clauses,
            "The countersignature is one of another message by the same drafter.",
            Mail::field(one) + Mail::with_countersignatures_of(by_one, mail_.another()), stopped());
        add("countersigned/other-body", clauses, "The text was changed since.",
            replaced_once(Mail::field(one) + by_one, "at dawn", "at dusk"), stopped());
        add("countersigned/further-signer", clauses, "The user has signed beside the drafter.",
            Mail::field(one) + mail_.with_signer(mail_.signed_draft(), "officer-one"),
            passes_if("A further signerInfo is a review signature.",
                      "Only a layer around the message is one."));
    }

    // Signatures of DKIM in place of those of S/MIME.
    void add_domains() const {
        const std::vector<std::string> clauses = {"rfc7912/3.3.2/3", "rfc7912/7.1/1",
                                                  "rfc7912/7.1/2"};
        const auto with = [&](const std::string& name, const char* note, const std::string& message,
                              std::vector<ReleaseJson> outcomes) {
            ReleaseVector& made = add("dkim/" + name, clauses, note, message, std::move(outcomes));
            made.input["dkim_keys"] = mail_.domain_keys();
            made.editions = ReleaseEditions::Rfc;
        };
        const std::string draft = Mail::field(one) + Mail::draft();
        const std::string good = mail_.by_domain(draft, {});
        with("one", "The user's domain has signed the field for him.", good,
             passes_if("A DKIM signature over the field is as good as one of S/MIME.",
                       "Signatures of S/MIME alone count."));
        with("another-agent", "It has signed for somebody else.",
             mail_.by_domain(draft, {.agent = "two@mil.example"}), stopped());
        with("nobodys", "It has signed for nobody in particular.",
             mail_.by_domain(draft, {.agent = "@mil.example"}), stopped());
        with("domain-above", "The domain above has signed for him.",
             mail_.by_domain(draft, {.domain = "example"}), stopped());
        with("field-not-covered", "It has signed all but the field.",
             mail_.by_domain(draft, {.fields = {"From", "Subject"}}), stopped());
        with("part-of-the-body", "It has signed the beginning of the text.",
             mail_.by_domain(draft, {.length = 5}), stopped());
        with("other-body", "The text was changed since.", replaced_once(good, "at dawn", "at dusk"),
             stopped());
        with("one-more", "Another user was written behind him since.",
             replaced_once(good, "Users: " + one, "Users: " + one + ", " + two), stopped());
        with("out-of-time", "The signature has expired.",
             mail_.by_domain(draft, {.made = base::from_timestamp("2025-12-30T12:00:00Z"),
                                     .until = base::from_timestamp("2025-12-31T12:00:00Z")}),
             stopped());
        add("dkim/no-key", clauses, "Nobody has the domain's key.",
            mail_.by_domain(draft, {.fields = {"From", "MMHS-Authorizing-Users", "To"}}), stopped())
            .editions = ReleaseEditions::Rfc;
    }

    void add_malformed() const {
        std::vector<std::string> clauses = {"rfc7912/7.2/1", "rfc7912/4/4", "rfc7912/4/6"};
        if (place_.is_submission) clauses.emplace_back("rfc7912/3.2/4");
        const std::string authorized = mail_.authorized_by({1}).substr(Mail::field(one).size());
        std::string many = one;
        for (int i = 0; i < 10'000; ++i) many += ",\r\n a@b";
        for (const auto& [name, body] : std::vector<std::pair<std::string, std::string>>{
                 {"empty", ""},
                 {"no-domain", "one"},
                 {"name-alone", "\"one@mil.example\""},
                 {"comment-alone", "(one@mil.example)"},
                 {"comment-deep", std::string(2000, '(') + std::string(2000, ')') + " " + one},
                 {"ten-thousand-and-one", many}}) {
            add("malformed/" + name, clauses, "The field can't be read.",
                "MMHS-Authorizing-Users: " + body + "\r\n" + authorized, stopped());
        }
        add("malformed/group", {"rfc7912/4/5"}, "A mailbox-list has no groups.",
            Mail::field("Officers: one@mil.example;") + authorized, stopped())
            .editions = ReleaseEditions::Rfc;
        add("malformed/group-in-the-draft", {"draft-melnikov/4/4"},
            "Of a group its members are users.",
            mail_.authorized({{"Officers: one@mil.example;", "officer-one"}}), {fate("passes")})
            .editions = ReleaseEditions::Draft;
        const std::vector<std::string> twice = {"rfc7912/4/1", "rfc7912/4/2"};
        std::vector<ReleaseJson> outcomes = {
            fate("refused", "It is sent back, where that can be done."), fate("to-officers")};
        add("repeated/below", twice, "A second field stands at the end of the header.",
            Mail::field(one) + Mail::field("eve@mil.example") + authorized, outcomes);
        add("repeated/space-before-colon", twice, "A second one has a space before its colon.",
            Mail::field(one) + "MMHS-Authorizing-Users : eve@mil.example\r\n" + authorized,
            outcomes);
    }

    const Mail& mail_;
    ReleaseVectors& all_;
    const Place& place_;
};

// Mail straight to those who may authorize.
void add_exempt(const Mail& mail, ReleaseVectors& all) {
    const auto add = [&](const char* name, const std::vector<std::string>& recipients,
                         const std::vector<std::string>& fates, const char* note) {
        all.push_back({.operation = "check-release",
                       .who = "delivery",
                       .name = std::string("exempt/") + name,
                       .clauses = {"rfc7912/3.4.1/5", "rfc7912/3.1/1"},
                       .note = note,
                       .message = mail.signed_draft(),
                       .input = {{"policy", release_policy()},
                                 {"place", "delivery"},
                                 {"recipients", release_list(recipients)}},
                       .outcomes = {{{"outcome", "judged"}, {"fates", release_list(fates)}}},
                       .editions = ReleaseEditions::Rfc});
    };
    add("officer", {one}, {"passes"}, "A draft comes to one who may authorize it.");
    add("officers", {two, "One <one@mil.example>"}, {"passes", "passes"},
        "It comes to two of them.");
    add("officer-and-another", {one, "carol@mil.example"}, {"passes", "refused"},
        "It comes to one of them and to somebody else.");
    all.back().outcomes.push_back(
        {{"outcome", "judged"}, {"fates", release_list({"passes", "to-officers"})}});
}

}  // namespace

void add_check_vectors(const Mail& mail, ReleaseVectors& all) {
    for (const Place& place : places) Way(mail, all, place).add_all();
    add_exempt(mail, all);
}

void add_recipient_vectors(const Mail& mail, ReleaseVectors& all) {
    const auto add = [&](const std::string& name, const char* note, std::string message,
                         const std::vector<std::string>& users, bool is_valid) {
        all.push_back(
            {.operation = "check-release",
             .who = "recipient",
             .name = name,
             .clauses = {"rfc7912/3.3.2/4", "rfc7912/3.3.2/5", "rfc7912/7.1/1", "rfc7912/7.1/2",
                         "rfc7912/1/2", "rfc7912/3.3.2/3"},
             .note = note,
             .message = std::move(message),
             .input = {{"policy", {{"officers", ReleaseJson::array()}}}, {"place", "recipient"}},
             .outcomes = {{{"outcome", is_valid ? "authorized" : "not-authorized"},
                           {"proven", release_list(users)}}}});
    };
    add("chain/one", "One has released it.", mail.authorized_by({1}), {one}, true);
    add("chain/two", "Two have released it.", mail.authorized_by({1, 2}), {one, two}, true);
    add("chain/shared-mailbox", "A mailbox that a group shares has.",
        mail.authorized({{"officers@mil.example", "officers"}}), {"officers@mil.example"}, true);
    all.back().clauses.emplace_back("rfc7912/4/8");
    add("chain/spelled", "The address is spelled in another way.",
        mail.authorized({{"\"one\" <one@MIL.example>", "officer-one"}}), {"one@MIL.example"}, true);
    all.back().clauses.emplace_back("rfc7912/3.3/12");
    const std::string forged = Mail::field(one) + mail.signed_draft();
    add("broken/nobody-signed", "Nobody of those in the field has signed.", forged, {}, false);
    add("broken/another-signed", "Another one has.", mail.wrapped(forged, "officer-two"), {},
        false);
    add("broken/stranger-signed", "One of a strange authority has.",
        mail.wrapped(forged, "officer-one-stranger"), {}, false);
    add("broken/expired", "One whose certificate has expired has.",
        mail.wrapped(forged, "officer-one-expired"), {}, false);
    std::string grown = mail.authorized_by({1});
    grown.insert(grown.find("\r\n"), ", " + two);
    add("broken/one-more", "One of two has.", grown, {one}, false);
    std::string changed = mail.authorized_by({1});
    changed.replace(changed.find("at dawn"), 7, "at dusk");
    add("broken/other-body", "The text was changed since.", changed, {}, false);
    add("broken/without-field", "A signed message without the field.", mail.signed_draft(), {},
        false);
    add("broken/repeated", "The field stands twice.", Mail::field(two) + mail.authorized_by({1}),
        {}, false);
    all.back().clauses.emplace_back("rfc7912/4/2");
    add("broken/empty", "The field names nobody.",
        "MMHS-Authorizing-Users:\r\n" + mail.authorized_by({1}).substr(Mail::field(one).size()), {},
        false);
    all.back().clauses.emplace_back("rfc7912/4/6");
    add("broken/name-alone", "The address stands in a display name alone.",
        mail.authorized({{"\"one@mil.example\" <eve@mil.example>", "officer-one"}}), {}, false);
    all.back().clauses.emplace_back("rfc7912/3.3/12");
    const auto add_form = [&](const std::string& name, const char* note, std::string message,
                              bool is_valid) {
        add(name, note, std::move(message),
            is_valid ? std::vector{one} : std::vector<std::string>{}, is_valid);
        if (!is_valid) return;
        all.back().outcomes.front()["reading"] = "This form is a review signature too.";
        all.back().outcomes.push_back({{"outcome", "not-authorized"},
                                       {"proven", ReleaseJson::array()},
                                       {"reading", "Only a layer around the message is one."}});
    };
    const std::string by_one = mail.countersigned(mail.signed_draft(), "officer-one");
    add_form("countersigned/one", "The drafter's signature has the user's on it.",
             Mail::field(one) + by_one, true);
    add_form("countersigned/moved", "The countersignature is one of another message.",
             Mail::field(one) + Mail::with_countersignatures_of(by_one, mail.another()), false);
    add_form("countersigned/stranger", "It is by an authority that nobody knows.",
             Mail::field(one) + mail.countersigned(mail.signed_draft(), "officer-one-stranger"),
             false);
    const std::string draft = Mail::field(one) + Mail::draft();
    const auto add_domain = [&](const std::string& name, const char* note, std::string message,
                                bool is_valid) {
        add_form("dkim/" + name, note, std::move(message), is_valid);
        all.back().input["dkim_keys"] = mail.domain_keys();
        all.back().editions = ReleaseEditions::Rfc;
    };
    add_domain("one", "The user's domain has signed the field for him.", mail.by_domain(draft, {}),
               true);
    add_domain("field-not-covered", "It has signed all but the field.",
               mail.by_domain(draft, {.fields = {"From", "Subject"}}), false);
    add_domain("another-agent", "It has signed for somebody else.",
               mail.by_domain(draft, {.agent = "two@mil.example"}), false);
    add_domain("other-body", "The text was changed since.",
               replaced_once(mail.by_domain(draft, {}), "at dawn", "at dusk"), false);
}

}  // namespace mailassay::vectors
