#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <utility>
#include <variant>

#include "base/ascii.h"
#include "imf/address.h"
#include "mixer/comments.h"
#include "mixer/mapping.h"
#include "mixer/mmhs.h"

namespace mailassay::mixer {

namespace {

constexpr std::array<std::string_view, 3> role_fields{"From", "Sender", "MMHS-Authorizing-Users"};
constexpr std::array<std::string_view, 8> address_fields{
    "From", "Sender",   "MMHS-Authorizing-Users", "To", "Cc",
    "Bcc",  "Reply-To", exempted_address_field};

// All fields of one name by what they say, whatever their spelling.
struct Meaning {
    std::vector<imf::Address> addresses = {};
    std::vector<Extension> extensions = {};
    // Comments on addresses, or the text of what is neither.
    std::vector<std::string> texts = {};

    friend bool operator==(const Meaning&, const Meaning&) = default;
};

std::string words_of(std::string_view text) {
    std::string words;
    for (const std::string_view word : base::split(text, ' ')) {
        const std::string_view bare = base::trim(word);
        if (!bare.empty()) words.append(words.empty() ? "" : " ").append(bare);
    }
    return words;
}

void add_meaning(Meaning& to, const imf::HeaderField& field) {
    const bool of_addresses = std::ranges::any_of(address_fields, [&](std::string_view name) {
        return base::equals_ignore_case(name, field.name);
    });
    if (of_addresses) {
        if (auto addresses = imf::parse_address_list(field.body)) {
            std::ranges::move(*addresses, std::back_inserter(to.addresses));
            std::ranges::move(comments_in(field.body), std::back_inserter(to.texts));
            return;
        }
    } else if (auto extension = to_extension(field)) {
        mixer::add(to.extensions, std::move(*extension));
        return;
    }
    to.texts.push_back(words_of(field.value()));
}

Meaning meaning_of(const imf::HeaderSection& header, std::string_view name) {
    Meaning meaning;
    for (const imf::HeaderField* field : header.find_all(name)) add_meaning(meaning, *field);
    return meaning;
}

// Who stands in the field, by address.
std::vector<std::string> people_in(const imf::HeaderSection& header, std::string_view name) {
    std::vector<std::string> people;
    for (const imf::Address& each : meaning_of(header, name).addresses) {
        if (const auto* mailbox = std::get_if<imf::Mailbox>(&each)) {
            people.push_back(mailbox->address());
            continue;
        }
        for (const imf::Mailbox& member : std::get<imf::Group>(each).members) {
            people.push_back(member.address());
        }
    }
    return people;
}

// Whoever does not come back into the field, as often as he stood there.
void add_roles(std::vector<Loss>& losses, const imf::HeaderSection& before,
               const imf::HeaderSection& after) {
    for (const std::string_view name : role_fields) {
        const auto all = people_in(after, name);
        std::multiset<std::string> back(all.begin(), all.end());
        for (std::string& person : people_in(before, name)) {
            if (const auto found = back.find(person); found != back.end()) {
                back.erase(found);
            } else {
                losses.push_back({"mixer.loss.role", std::string(name), std::move(person)});
            }
        }
    }
}

// Fields of which nothing has been told so far.
void add_changes(std::vector<Loss>& losses, const imf::HeaderSection& before,
                 const imf::HeaderSection& after) {
    std::set<std::string, base::LessIgnoreCase> told;
    for (const Loss& loss : losses) told.insert(loss.where);
    for (const imf::HeaderField& field : before.fields()) {
        if (!told.insert(field.name).second) continue;
        if (meaning_of(before, field.name) == meaning_of(after, field.name)) continue;
        const imf::HeaderField* now = after.find_first(field.name);
        losses.push_back(
            {"mixer.loss.changed", field.name, now == nullptr ? "left out" : now->value()});
    }
    for (const imf::HeaderField& field : after.fields()) {
        if (before.count(field.name) > 0 || !told.insert(field.name).second) continue;
        losses.push_back({"mixer.loss.added", field.name, field.value()});
    }
}

}  // namespace

Result<std::vector<Loss>> round_trip_losses(const imf::HeaderSection& header,
                                            const Mapping& mapping, const Rules& rules) {
    auto there = to_x400(header, mapping, rules);
    if (!there) return std::unexpected(std::move(there.error()));
    auto back = from_x400(there->heading, mapping, rules);
    if (!back) return std::unexpected(std::move(back.error()));
    std::vector<Loss> losses = std::move(there->losses);
    std::ranges::move(back->losses, std::back_inserter(losses));
    add_roles(losses, header, back->header);
    add_changes(losses, header, back->header);
    return losses;
}

}  // namespace mailassay::mixer
