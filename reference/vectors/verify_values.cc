#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <vector>

#include "vectors/author.h"

// Values of one field, as signed and as received: what each canonicalization lets pass.
namespace mailassay::vectors {

namespace {

enum class Survives : std::uint8_t { Both, RelaxedOnly, Neither };

struct Corner {
    std::string_view name;
    std::string_view sent;      // behind the colon; relaxed gets a space before it
    std::string_view received;  // likewise
    Survives survives;
    std::string_view note;
};

// Nothing here begins with white space: see Author::usual().
constexpr Corner corners[] = {
    {"unchanged", "one two", "one two", Survives::Both, "Nothing was changed."},
    {"unchanged-odd-spacing", "one   two  ", "one   two  ", Survives::Both,
     "The value has odd white space, and was not changed."},
    {"unchanged-folded", "one\r\n two\r\n   three", "one\r\n two\r\n   three", Survives::Both,
     "The value is folded, and was not changed."},
    {"unchanged-single-letter", "x", "x", Survives::Both, "A value of one letter."},
    {"unchanged-punctuation", "a:b;c,d<e>(f)\"g\"\\h@[i]", "a:b;c,d<e>(f)\"g\"\\h@[i]",
     Survives::Both, "Every special character of header fields, a colon among them."},
    {"folded", "one two", "one\r\n two", Survives::RelaxedOnly, "A relay folded the value."},
    {"unfolded", "one\r\n two", "one two", Survives::RelaxedOnly, "A relay unfolded the value."},
    {"folded-elsewhere", "one\r\n two three", "one two\r\n three", Survives::RelaxedOnly,
     "A relay folded the value at another place."},
    {"folded-with-tab", "one two", "one\r\n\ttwo", Survives::RelaxedOnly,
     "A relay folded the value and put a tab for the space."},
    {"folded-twice", "one two", "one\r\n \r\n two", Survives::RelaxedOnly,
     "A fold of white space alone, which RFC 5322 calls obsolete."},
    {"fold-of-many-spaces", "one\r\n          two", "one two", Survives::RelaxedOnly,
     "A fold with ten spaces became one space."},
    {"folded-first", "one", "\r\n one", Survives::RelaxedOnly,
     "The value went to the second line."},
    {"folded-last", "one", "one\r\n ", Survives::RelaxedOnly,
     "A line of white space came behind the value."},
    {"second-space", "one two", "one  two", Survives::RelaxedOnly, "A space was doubled."},
    {"space-to-tab", "one two", "one\ttwo", Survives::RelaxedOnly, "A space became a tab."},
    {"mixed-run", "one two", "one \t two", Survives::RelaxedOnly,
     "A space became a run of spaces and tabs."},
    {"fewer-spaces", "one     two", "one two", Survives::RelaxedOnly, "Five spaces became one."},
    {"trailing-space", "one", "one ", Survives::RelaxedOnly, "A space came behind the value."},
    {"trailing-tab", "one", "one\t", Survives::RelaxedOnly, "A tab came behind the value."},
    {"trailing-space-lost", "one  ", "one", Survives::RelaxedOnly,
     "The spaces behind the value went."},
    {"space-in-quotes", "\"one  two\"", "\"one two\"", Survives::RelaxedOnly,
     "Relaxed reduces white space in a quoted string as everywhere."},
    {"case-of-value", "One", "one", Survives::Neither, "Only names lose their case."},
    {"case-of-domain", "<a@EXAMPLE.org>", "<a@example.org>", Survives::Neither,
     "Domains are the same in any case; values are compared as octets."},
    {"space-added", "onetwo", "one two", Survives::Neither, "A space where none was."},
    {"space-lost", "one two", "onetwo", Survives::Neither, "A space went altogether."},
    {"space-behind-comma", "a@example.org,b@example.org", "a@example.org, b@example.org",
     Survives::Neither, "A relay that writes address lists anew."},
    {"comment-lost", "one (two)", "one", Survives::Neither, "Comments belong to the value."},
    {"comment-added", "one", "one (two)", Survives::Neither, "Comments belong to the value."},
    {"quotes-lost", "\"one\"", "one", Survives::Neither,
     "A quoted string and the word in it mean the same and are not the same."},
    {"encoded-word-decoded", "=?utf-8?q?one?=", "one", Survives::Neither,
     "Encoded words are compared as they stand."},
    {"encoded-word-case", "=?utf-8?q?one?=", "=?UTF-8?Q?one?=", Survives::Neither,
     "Charset and encoding of an encoded word ignore case; its octets do not."},
    {"encoded-word-b-for-q", "=?utf-8?q?one?=", "=?utf-8?b?b25l?=", Survives::Neither,
     "The same word in the other encoding."},
    {"digit", "invoice 100", "invoice 1000", Survives::Neither, "One digit more."},
    {"word-prepended", "one", "[list] one", Survives::Neither, "A list's tag in front."},
    {"word-appended", "one", "one more", Survives::Neither, "A word behind the value."},
    {"emptied", "one", "", Survives::Neither, "The value went, the field stayed."},
    {"letter-look-alike", "paypal", "paypa1", Survives::Neither, "A digit for a letter."},
    {"zone", "Thu, 01 Jan 2026 12:00:00 +0000", "Thu, 01 Jan 2026 13:00:00 +0100",
     Survives::Neither, "The same moment in another zone."},
    {"dots", "a.b", "a,b", Survives::Neither, "A comma for a dot."},
};

// Only where values may hold UTF-8: the draft's are IA5Strings.
constexpr Corner utf8_corners[] = {
    {"utf8-unchanged", "caf\xc3\xa9", "caf\xc3\xa9", Survives::Both, "UTF-8, unchanged."},
    {"utf8-folded", "caf\xc3\xa9 noir", "caf\xc3\xa9\r\n noir", Survives::RelaxedOnly,
     "UTF-8, folded on the way."},
    {"utf8-accent-lost", "caf\xc3\xa9", "cafe", Survives::Neither, "An accent went."},
    {"utf8-decomposed", "caf\xc3\xa9", "cafe\xcc\x81", Survives::Neither,
     "The same letter in another normal form."},
    {"utf8-homograph", "paypal", "p\xd0\xb0ypal", Survives::Neither,
     "A Cyrillic letter that looks like a Latin one."},
    {"utf8-no-break-space", "one two", "one\xc2\xa0two", Survives::Neither,
     "A no-break space is no white space of header fields."},
    {"utf8-encoded-word-for-it", "caf\xc3\xa9", "=?utf-8?q?caf=C3=A9?=", Survives::Neither,
     "A relay that downgrades to encoded words."},
    {"utf8-direction-mark", "one", "one\xe2\x80\x8e", Survives::Neither,
     "An invisible mark was added."},
    {"utf8-not-any-more", "caf\xc3\xa9", "caf\xe9", Survives::Neither,
     "A relay that puts Latin-1 for UTF-8."},
};

bool survives(const Corner& corner, Canonicalization algorithm) {
    return corner.survives == Survives::Both ||
           (corner.survives == Survives::RelaxedOnly && algorithm == Canonicalization::Relaxed);
}

// Which clause lets the change pass, or does not.
std::string clause_of(const Corner& corner, Canonicalization algorithm) {
    const bool relaxed = algorithm == Canonicalization::Relaxed;
    const std::string_view name = corner.name;
    if (corner.survives == Survives::Neither) {
        const bool of_spacing = name.contains("space") || name.contains("case");
        return relaxed && of_spacing ? "rfc7508/4.3/9" : "rfc7508/4.5.2/3";
    }
    if (!relaxed) return "rfc7508/4.3/3";
    if (name == "folded-first") return "rfc7508/4.3/8";
    if (name == "folded-last" || name.contains("trailing")) return "rfc7508/4.3/7";
    return name.contains("fold") ? "rfc7508/4.3/5" : "rfc7508/4.3/6";
}

void add_corner(const Author& author, const Corner& corner, Canonicalization algorithm) {
    // The draft's strings hold no tab, which only simple would put there.
    const bool relaxed = algorithm == Canonicalization::Relaxed;
    const std::string gap = relaxed ? " " : "";
    Draft draft = Author::usual(algorithm);
    draft.header.push_back({"X-Note", gap + std::string(corner.sent)});
    draft.policy.secured["X-Note"] = Status::Duplicated;
    const std::string message =
        replaced(author.sign(draft), fmt::format("X-Note:{}{}\r\n", gap, corner.sent),
                 fmt::format("X-Note:{}{}\r\n", gap, corner.received));
    const bool holds = survives(corner, algorithm);
    // What changed in white space alone is for the canonicalization clauses to judge.
    const bool of_value = corner.survives == Survives::Neither;
    author.add(VerifyVector{
        .common = {.name = fmt::format("{}/{}", word(algorithm), corner.name),
                   .case_slug = of_value  ? "value-changed"
                                : relaxed ? "relaxed-lets-white-space-pass"
                                          : "simple-lets-nothing-pass",
                   .requirement = clause_of(corner, algorithm),
                   .expected = holds ? is_valid() : is_invalid({{Warning::Mismatch, "X-Note"}}),
                   .reason = holds ? "" : "mismatch",
                   .note = std::string(corner.note)},
        .message = message,
        .policies = not_shared(draft.policy)});
}

// Where readers differ: is the space behind the colon a part of a simple value?
void add_space_behind_colon(const Author& author, bool space) {
    Draft draft = Author::usual(Canonicalization::Simple);
    draft.header.push_back({"X-Note", " one"});
    draft.policy.secured["X-Note"] = Status::Duplicated;
    auto structure = secureheaders::StandardRules().select(
        imf::parse_message(draft.octets())->header, draft.policy);
    if (!space) structure.fields.back().value = "one";
    draft.attributes = {{author.attribute(structure)}};
    Expected expected = space ? is_valid() : is_invalid();
    expected.outcomes = {outcome::valid, outcome::invalid};
    if (!space) std::swap(expected.outcomes[0], expected.outcomes[1]);
    expected.readings = {
        {outcome::valid, space ? "all that follows the colon" : "from the first word on"},
        {outcome::invalid, space ? "from the first word on" : "all that follows the colon"}};
    author.add(VerifyVector{
        .common = {.name = space ? "simple/space-behind-colon-signed"
                                 : "simple/space-behind-colon-not-signed",
                   .case_slug = "simple-lets-nothing-pass",
                   .requirement = "rfc7508/4.3/3",
                   .flags = {"reading"},
                   .expected = expected,
                   .reason = space ? "" : "mismatch",
                   .note = space ? "The signer took the space behind the colon into the value."
                                 : "The signer left the space behind the colon out of the value."},
        .message = author.sign(draft),
        .policies = not_shared(draft.policy)});
}

// Relaxed drops the space before the colon (RFC 6376 section 3.4.2). Under simple it is no part of
// the name either, since RFC 5322 section 4.5 lets it stand there; a reader may think otherwise.
void add_space_before_colon(const Author& author, Canonicalization algorithm) {
    const bool relaxed = algorithm == Canonicalization::Relaxed;
    const Draft draft = Author::usual(algorithm);
    for (const auto& [name, written] : {std::pair("space", "Subject :"), {"tab", "Subject\t:"}}) {
        Expected expected = is_valid();
        if (!relaxed) {
            expected.outcomes = {outcome::valid, outcome::invalid, outcome::signature_invalid};
            expected.readings = {{outcome::valid, "name and value alone"},
                                 {outcome::invalid, "the field as it stands"}};
        }
        author.add(VerifyVector{
            .common = {.name = fmt::format("{}/{}-before-colon", word(algorithm), name),
                       .case_slug =
                           relaxed ? "relaxed-lets-white-space-pass" : "simple-lets-nothing-pass",
                       .requirement = relaxed ? "rfc7508/4.3/8" : "rfc7508/4.3/3",
                       .flags = relaxed ? std::vector<std::string>{}
                                        : std::vector<std::string>{"reading"},
                       .expected = expected,
                       .note = "White space came before the colon of Subject."},
            .message = replaced(author.sign(draft), "Subject:", written),
            .policies = not_shared(draft.policy)});
    }
}

// A value is found whatever its length: 998 octets on a line, or folded without end.
void add_long_value(const Author& author, Canonicalization algorithm, std::size_t words,
                    bool refolded) {
    const bool relaxed = algorithm == Canonicalization::Relaxed;
    Draft draft = Author::usual(algorithm);
    const std::string gap = relaxed ? " " : "";
    std::string value = "start";
    std::string elsewhere = "start";
    for (std::size_t i = 0; i < words; ++i) {
        value += i % 10 == 9 ? "\r\n word" : " word";
        elsewhere += i % 10 == 4 ? "\r\n word" : " word";
    }
    draft.header.push_back({"X-Note", gap + value});
    draft.policy.secured["X-Note"] = Status::Duplicated;
    std::string message = author.sign(draft);
    if (refolded) message = replaced(message, value, elsewhere);
    const bool holds = relaxed || !refolded;
    author.add(VerifyVector{
        .common = {.name = fmt::format("{}/long-{}-words{}", word(algorithm), words,
                                       refolded ? "-refolded" : ""),
                   .case_slug = "long-and-folded",
                   .requirement = "rfc7508/4.2/2",
                   .expected = holds ? is_valid() : is_invalid({{Warning::Mismatch, "X-Note"}}),
                   .reason = holds ? "" : "mismatch",
                   .note = fmt::format("A folded value of {} words{}.", words + 1,
                                       refolded ? ", folded at other places on its way" : "")},
        .message = message,
        .policies = not_shared(draft.policy)});
}

// The last word of a long value is compared like the first.
void add_long_tail(const Author& author, Canonicalization algorithm) {
    Draft draft = Author::usual(algorithm);
    std::string value = algorithm == Canonicalization::Relaxed ? " " : "";
    for (int i = 0; i < 60; ++i) value += "word ";
    draft.header.push_back({"X-Note", value + "last"});
    draft.policy.secured["X-Note"] = Status::Duplicated;
    author.add(VerifyVector{.common = {.name = fmt::format("{}/long-end-changed", word(algorithm)),
                                       .case_slug = "long-and-folded",
                                       .requirement = "rfc7508/4.2/1",
                                       .expected = is_invalid({{Warning::Mismatch, "X-Note"}}),
                                       .reason = "mismatch",
                                       .note = "The last word of sixty-one was changed."},
                            .message = replaced(author.sign(draft), "word last", "word first"),
                            .policies = not_shared(draft.policy)});
}

void add_long_line(const Author& author, Canonicalization algorithm) {
    Draft draft = Author::usual(algorithm);
    const std::string gap = algorithm == Canonicalization::Relaxed ? " " : "";
    constexpr std::size_t longest = 998;
    draft.header.push_back({"X-Note", gap + std::string(longest - 7 - gap.size(), 'x')});
    draft.policy.secured["X-Note"] = Status::Duplicated;
    author.add(VerifyVector{.common = {.name = fmt::format("{}/line-of-998", word(algorithm)),
                                       .case_slug = "long-and-folded",
                                       .requirement = "rfc7508/4.2/1",
                                       .expected = is_valid(),
                                       .note = "A line as long as RFC 5322 allows."},
                            .message = author.sign(draft),
                            .policies = not_shared(draft.policy)});
}

}  // namespace

void add_value_vectors(const Author& author) {
    for (const Canonicalization algorithm : algorithms) {
        for (const Corner& corner : corners) {
            add_corner(author, corner, algorithm);
        }
        if (!author.is_draft()) {
            for (const Corner& corner : utf8_corners) add_corner(author, corner, algorithm);
        }
        for (const std::size_t words : {20UZ, 200UZ, 2000UZ}) {
            add_long_value(author, algorithm, words, false);
            add_long_value(author, algorithm, words, true);
        }
        add_long_tail(author, algorithm);
        add_long_line(author, algorithm);
        add_space_before_colon(author, algorithm);
    }
    add_space_behind_colon(author, true);
    add_space_behind_colon(author, false);
}

}  // namespace mailassay::vectors
