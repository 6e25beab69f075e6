#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>

#include "vectors/release_agent.h"

// Messages that come to an authorizing user's agent: what protects them, taken off, put on and
// read, and what their senders are told.
namespace mailassay::vectors {

namespace {

const std::string one = "one@mil.example";
const std::string two = "two@mil.example";

// What the draft says nothing about.
constexpr std::array<std::string_view, 5> rfc_groups{
    "stripped/", "several-signatures/", "triple-wrapped/", "sealed-told/", "rejected-told/"};

using Names = std::vector<std::string>;

// Released, with these signers in the layer beneath the user's own.
ReleaseJson released_over(const Names& signers) {
    ReleaseJson made = released({one});
    made.erase("kept");
    made["signers"] = release_list(signers);
    return made;
}

// Released in place: the drafter's signature as it is then.
ReleaseJson released_within(const Names& users, const Names& signers, const Names& countersigners) {
    return end("released", {{"users", release_list(users)},
                            {"reviewed", true},
                            {"signers", release_list(signers)},
                            {"countersigners", release_list(countersigners)}});
}

void add_stripped(const Mail& mail, ReleaseVectors& all) {
    const Group stripped(all, "stripped", {"rfc7912/3.3.2/6"});
    stripped.add("beside-the-drafters",
                 "Beside the drafter's signature stands one of an authority that nobody knows.",
                 mail.with_signer(mail.signed_draft(), "drafter-stranger"),
                 {released_over({"drafter"})});
    ReleaseJson alone = released_over({"drafter"});
    alone["countersigners"] = ReleaseJson::array();
    stripped.add("countersignature", "On the drafter's signature stands such a countersignature.",
                 mail.countersigned(mail.signed_draft(), "officer-one-stranger"), {alone});
    stripped.add("all-of-them", "All that there is, is such a signature, and the user is told.",
                 mail.wrapped(Mail::draft(), "drafter-stranger"), {released_over({})},
                 release_policy(1, {{"doubt", "tell"}}));

    const Group several(all, "several-signatures", {"rfc7912/3.3.2/2", "rfc7912/1/1"});
    const std::string twice = mail.with_signer(mail.signed_draft(), "drafter-other");
    ReleaseJson both = released({one});
    both["signers"] = release_list({"drafter", "drafter-other"});
    several.add("two", "The drafter has signed with two keys.", twice, {both});
    several
        .add("two-countersigned", "The same, and the user puts countersignatures on.", twice,
             {released_within({one}, {"drafter", "drafter-other"}, {"officer-one", "officer-one"})})
        .input["countersign"] = "countersignature";
}

void add_countersigned(const Mail& mail, ReleaseVectors& all) {
    const Group group(all, "countersigned",
                      {"rfc7912/3.3.2/3", "rfc7912/3.3/15", "rfc5652/11.4/1", "rfc5652/11.4/2",
                       "rfc5652/11.4/3", "rfc5652/11.4/4", "rfc5652/11.4/5"});
    group
        .add("first", "The user puts a countersignature on the drafter's.", mail.signed_draft(),
             {released_within({one}, {"drafter"}, {"officer-one"})})
        .input["countersign"] = "countersignature";
    group
        .add("second", "The second user puts one beside that of the first.",
             Mail::field(one) + mail.countersigned(mail.signed_draft(), "officer-one"),
             {released_within({one, two}, {"drafter"}, {"officer-one", "officer-two"})},
             release_policy(2), 2)
        .input["countersign"] = "countersignature";
    group
        .add("further-signer", "The user signs beside the drafter.", mail.signed_draft(),
             {released_within({one}, {"drafter", "officer-one"}, {})})
        .input["countersign"] = "signer-info";
}

void add_encrypted(const Mail& mail, ReleaseVectors& all) {
    const Group wrapped(all, "triple-wrapped", {"rfc7912/3.3.2/7", "rfc7912/3.3.1/2"});
    for (const auto& [name, note, message] :
         std::vector<std::tuple<std::string, std::string, std::string>>{
             {"signed-again", "Signed, encrypted to the user, signed again.",
              mail.triple_wrapped("officer-one")},
             {"encrypted-first", "Encrypted to the user, and signed.",
              mail.sealed("officer-one")}}) {
        wrapped.add(name, note, message, {released({one})}).input["opener"] = "officer-one";
    }
    const Group told(all, "sealed-told", {"rfc7912/3.3.1/3", "rfc7912/3.3.1/4", "rfc7912/3.3.1/5"});
    told.add("drafter", "The drafter has encrypted it to others, and hears of it.", mail.sealed(),
             {end("returned", {{"told", "ann@mil.example"}, {"report", "failed"}})});
    told.add("user-before", "It comes from another user, who has authorized it.",
             mail.authorized_of(mail.sealed(), {{two, "officer-two"}}),
             {end("returned", {{"told", two}, {"report", "failed"}})}, release_policy(2));
    const Group note(all, "rejected-told", {"rfc7912/3.3/16"});
    note.add("drafter", "The user rejects it, and says why.", mail.signed_draft(),
             {end("returned", {{"told", "ann@mil.example"}, {"said", "At dusk, please."}})},
             release_policy(), 1, "return")
        .input["explanation"] = "At dusk, please.";
}

void add_domains(const Mail& mail, ReleaseVectors& all) {
    const auto with_keys = [&](ReleaseVector& vector) {
        vector.input["dkim_keys"] = mail.domain_keys();
        vector.editions = ReleaseEditions::Rfc;
    };
    const auto if_known = [](ReleaseJson known) {
        known["reading"] = "DKIM";
        std::vector<ReleaseJson> made{std::move(known)};
        for (ReleaseJson each : stays()) {
            each["reading"] = "otherwise";
            made.push_back(std::move(each));
        }
        return made;
    };
    const Group origin(all, "origin-dkim", {"rfc7912/3.3/6", "rfc7912/3.3/2"});
    const std::string secretary = replaced_once(Mail::draft(), "From: Ann <ann@mil.example>",
                                                "From: Boss <boss@mil.example>\r\n"
                                                "Sender: Ann <ann@mil.example>");
    const Mail::Domain anns{.agent = "ann@mil.example", .fields = {"From", "Subject"}};
    const std::string signed_by_domain = mail.by_domain(Mail::draft(), anns);
    with_keys(origin.add("from", "The drafter's domain has signed for her.", signed_by_domain,
                         if_known(released({one}))));
    with_keys(origin.add("domain", "It has signed for whoever is in it.",
                         mail.by_domain(Mail::draft(), {.agent = "", .fields = {"From"}}),
                         if_known(released({one}))));
    with_keys(origin.add(
        "sender", "A secretary has sent it, and both fields are covered.",
        mail.by_domain(secretary, {.agent = "ann@mil.example", .fields = {"From", "Sender"}}),
        if_known(released({one}))));
    with_keys(origin.add("sender-not-covered", "The same, and Sender is not covered.",
                         mail.by_domain(secretary, anns), stays()));
    with_keys(origin.add("second-from", "A second From stands above.",
                         "From: Eve <eve@mil.example>\r\n" + signed_by_domain, stays()));
    with_keys(origin.add(
        "another-agent", "The domain has signed for somebody else of it.",
        mail.by_domain(Mail::draft(), {.agent = "eve@mil.example", .fields = {"From"}}), stays()));
    with_keys(origin.add(
        "another-domain", "Another domain has signed.",
        mail.by_domain(Mail::draft(), {.agent = "", .fields = {"From"}, .domain = "evil.example"}),
        stays()));
    with_keys(origin.add(
        "domain-above", "The domain above has signed for her.",
        mail.by_domain(Mail::draft(),
                       {.agent = "ann@mil.example", .fields = {"From"}, .domain = "example"}),
        stays()));
    with_keys(
        origin.add("part-of-the-body", "It has signed the beginning of the text.",
                   mail.by_domain(Mail::draft(),
                                  {.agent = "ann@mil.example", .fields = {"From"}, .length = 5}),
                   stays()));
    with_keys(origin.add("other-body", "The text was changed since.",
                         replaced_once(signed_by_domain, "at dawn", "at dusk"), stays()));
    origin.add("no-key", "Nobody has the domain's key.", signed_by_domain, stays()).editions =
        ReleaseEditions::Rfc;

    const Group own(all, "own-entry-dkim", {"rfc7912/3.3/8", "rfc7912/3.3/9", "rfc7912/3.3.2/3"});
    const std::string entered = Mail::field(one) + Mail::draft();
    const std::vector<ReleaseJson> ended{end("returned"), end("to-abuse"), end("set-aside")};
    // From the user, so that its origin is known as well.
    const std::string users =
        replaced_once(entered, "From: Ann <ann@mil.example>", "From: One <one@mil.example>");
    ReleaseJson loop = untouched("released");
    loop["reading"] = "A DKIM signature over the field is as good as one of S/MIME.";
    std::vector<ReleaseJson> known{loop};
    known.insert(known.end(), ended.begin(), ended.end());
    with_keys(own.add("covered", "The user's domain has signed the field for him: a loop.",
                      mail.by_domain(users, {}), known, release_policy(), 1, "discard"));
    with_keys(own.add("field-not-covered", "It has signed all but the field.",
                      mail.by_domain(users, {.fields = {"From", "Subject"}}), ended));
    const std::string drafters = mail.by_domain(entered, anns);
    with_keys(own.add("another-agent", "It has signed the field for the drafter.",
                      mail.by_domain(entered, {.agent = "ann@mil.example"}), ended));
    with_keys(own.add("another-users", "It has signed the field for another user.",
                      mail.by_domain(drafters, {.agent = two}), ended));
}

}  // namespace

void add_protection_vectors(const Mail& mail, ReleaseVectors& all) {
    add_stripped(mail, all);
    add_countersigned(mail, all);
    add_encrypted(mail, all);
    add_domains(mail, all);
    for (ReleaseVector& each : all) {
        const bool is_new = std::ranges::any_of(
            rfc_groups, [&](std::string_view group) { return each.name.starts_with(group); });
        if (is_new && each.who == "agent") each.editions = ReleaseEditions::Rfc;
    }
}

}  // namespace mailassay::vectors
