#include <algorithm>
#include <array>
#include <set>
#include <utility>
#include <variant>

#include "imf/address.h"
#include "mixer/mapping.h"

namespace mailassay::mixer {

namespace {

constexpr std::array<std::string_view, 3> role_fields{"From", "Sender", "MMHS-Authorizing-Users"};

// Who stands in the field, by address.
std::vector<std::string> people_in(const imf::HeaderSection& header, std::string_view name) {
    std::vector<std::string> people;
    for (const imf::HeaderField* field : header.find_all(name)) {
        const auto addresses = imf::parse_address_list(field->body);
        if (!addresses) continue;
        for (const imf::Address& each : *addresses) {
            if (const auto* mailbox = std::get_if<imf::Mailbox>(&each)) {
                people.push_back(mailbox->address());
            } else {
                for (const imf::Mailbox& member : std::get<imf::Group>(each).members) {
                    people.push_back(member.address());
                }
            }
        }
    }
    return people;
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
    for (const std::string_view name : role_fields) {
        const auto all = people_in(back->header, name);
        const std::set<std::string> after(all.begin(), all.end());
        for (const std::string& person : people_in(header, name)) {
            if (after.contains(person)) continue;
            losses.push_back({"mixer.loss.role", std::string(name), person});
        }
    }
    return losses;
}

}  // namespace mailassay::mixer
