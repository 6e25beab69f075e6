#include <string>
#include <utility>

#include "base/base64.h"
#include "der/read.h"
#include "mixer/heading.h"
#include "vectors/ber_forms.h"
#include "vectors/mixer_author.h"

// Octets on their way from X.400: all forms of BER, and what is none or holds no heading.
namespace mailassay::vectors {

namespace {

using der::context;
using der::make_constructed;
using der::Value;

const der::Tag tag_this_ipm{der::Class::Application, 11};

mixer::OrDescriptor user(const std::string& name) {
    const std::string text = "/RFC-822=" + name + "(a)example.mil/PRMD=P/ADMD= /C=XX/";
    return {.address = mixer::parse_text(text).value()};
}

// A military message of user("a"), authorized by two others, of whom one has a name.
std::string good() {
    mixer::Heading made{.this_ipm = {.local = "1(a)example.mil"}};
    made.originator = user("a");
    made.authorizing_users = {user("r"), user("q")};
    made.authorizing_users->front().free_form = "Duty Officer";
    made.primary = std::vector<mixer::Recipient>{{.descriptor = user("to")}};
    made.extensions = {{.oid = "1.3.26.0.4406.0.2.0", .value = der::make_integer(3)}};
    return encode_ipm(made).value();
}

MixerJson mapped(const std::string& reading = {}) {
    MixerJson outcome = header_json({{"To", {"to@example.mil"}},
                                     {"MMHS-Authorizing-Users", {"r@example.mil", "q@example.mil"}},
                                     {"names", {"Duty Officer", ""}}});
    if (!reading.empty()) outcome["reading"] = reading;
    return outcome;
}

void add(MixerVectors& all, std::string name, std::string note, const std::string& octets,
         std::vector<MixerJson> outcomes) {
    all.push_back({.operation = "from-x400",
                   .name = std::move(name),
                   .requirement = "5.2/4",
                   .note = std::move(note),
                   .input = {{"ipm", base::encode_base64(octets)}, {"military", "by-extension"}},
                   .outcomes = outcomes_of(std::move(outcomes))});
}

void add_refused(MixerVectors& all, const std::string& name, std::string note,
                 const std::string& octets) {
    add(all, "malformed/" + name, std::move(note), octets, {refused_json()});
}

// X.400 sends BER, and no form of it says anything else than another.
void add_forms(MixerVectors& all) {
    const Value value = der::read_der(good()).value();
    const auto form = [&](const std::string& name, std::string note, const std::string& octets) {
        add(all, "encoding/" + name, std::move(note), octets, {mapped()});
        all.back().also = {"rfc7912/5.2/5"};
    };
    form("der", "In DER.", good());
    form("indefinite", "With indefinite lengths.", write_indefinite(value));
    form("long-lengths", "With each length in four octets.", write_long_lengths(value));
    form("segments", "With each string in two segments.", der::write(in_segments(value)));
    form("set-order", "With the elements of each set from the last on.",
         der::write(in_reverse(value, {der::tag_set, tag_this_ipm})));
}

// Elements of a heading that nobody writes.
std::string with_elements(std::vector<Value> elements) {
    return der::write(make_constructed(
        context(0), {make_constructed(der::tag_set, std::move(elements)), der::make_sequence({})}));
}

Value users(const std::string& name) {
    return make_constructed(context(1), mixer::encode_people({user(name)}).members);
}

Value originator(const std::string& name) {
    return make_constructed(context(0), mixer::encode_people({user(name)}).members.at(0).members);
}

void add_headings(MixerVectors& all) {
    const Value identifier =
        make_constructed(tag_this_ipm, {der::make_primitive(der::tag_printable_string, "1")});
    add_refused(all, "no-originator", "Nobody wrote it.", with_elements({identifier}));
    add_refused(all, "notification", "A notification has no heading.",
                der::write(make_constructed(context(1), {})));
    Value deep = der::make_null();
    for (int i = 0; i < 500; ++i) deep = der::make_sequence({std::move(deep)});
    add_refused(
        all, "deep", "Nested five hundred deep.",
        with_elements({identifier, originator("a"), make_constructed(context(20), {deep})}));
    add_refused(all, "originator-twice", "Two originators, and no telling which.",
                with_elements({identifier, originator("a"), originator("q")}));
    add_refused(all, "users-twice", "Two lists of authorizing users, and no telling which.",
                with_elements({identifier, originator("a"), users("r"), users("q")}));
    add_refused(all, "user-no-set", "Something else among the authorizing users.",
                with_elements({identifier, originator("a"),
                               make_constructed(context(1), {der::make_null()})}));
}

void add_octets(MixerVectors& all) {
    add_refused(all, "empty", "Nothing.", "");
    add_refused(all, "cut", "Half of a message.", good().substr(0, good().size() / 2));
    const Value value = der::read_der(good()).value();
    const std::string open = write_indefinite(value);
    add_refused(all, "no-end", "An indefinite length without its end.",
                open.substr(0, open.size() - 2));
    std::string longest = write_long_lengths(value);
    longest.replace(2, 4, 4, '\xff');
    add_refused(all, "length-beyond", "A length of four gigabytes.", longest);
    longest.replace(1, 1, "\xff");
    add_refused(all, "length-reserved", "A length that X.690 reserves.", longest);
    add(all, "malformed/octets-behind", "Further octets behind the message.",
        good() + good().substr(0, 9), {refused_json("refused"), mapped("passed over")});
}

}  // namespace

void add_from_x400_encoding_vectors(MixerVectors& all) {
    add_forms(all);
    add_headings(all);
    add_octets(all);
}

}  // namespace mailassay::vectors
