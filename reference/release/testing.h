#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "imf/address.h"
#include "imf/header.h"
#include "release/evidence.h"
#include "release/policy.h"

// What the tests of this module share.
namespace mailassay::release::testing {

inline imf::Mailbox mailbox(std::string_view text) {
    return imf::parse_mailbox(text).value();
}

inline std::vector<imf::Mailbox> mailboxes(const std::vector<std::string>& texts) {
    std::vector<imf::Mailbox> all;
    for (const std::string& text : texts) all.push_back(mailbox(text));
    return all;
}

// A header with these fields beneath the usual ones.
inline imf::HeaderSection header(const std::string& more = "") {
    return imf::parse_message("From: Ann <ann@mil.example>\r\nTo: bob@example.net\r\n" + more +
                              "\r\nBody\r\n")
        ->header;
}

inline std::string users_of(const imf::HeaderSection& header) {
    const imf::HeaderField* field = header.find_first("MMHS-Authorizing-Users");
    return field == nullptr ? "" : field->value();
}

// Three officers, of whom two are needed, in order.
inline Policy policy() {
    Policy made;
    made.officers = mailboxes({"one@mil.example", "two@mil.example", "three@mil.example"});
    made.needed = 2;
    made.order = Order::AsListed;
    return made;
}

// Of a message from its sender, with a signature on it by each of these.
inline Evidence signed_by(const std::vector<std::string>& officers) {
    Evidence evidence{.origin = Origin::Proven};
    for (const std::string& each : officers)
        evidence.endorsements.push_back({.signer = {mailbox(each)}});
    return evidence;
}

}  // namespace mailassay::release::testing
