#include "vectors/originator.h"

#include <algorithm>
#include <utility>

#include "base/random.h"
#include "crypto/fixed_randomness.h"
#include "secureheaders/codec.h"
#include "secureheaders/sign.h"

namespace mailassay::vectors {

namespace {

constexpr std::uint64_t seed = 7508;

// Signs with attributes that are given instead of made.
class GivenAttributes : public secureheaders::StandardRules {
  public:
    explicit GivenAttributes(const Draft& draft) : draft_(draft) {}

    Result<std::vector<crypto::Attribute>> attributes(
        const secureheaders::SecureHeaderFields& structure, Edition edition,
        std::size_t signer) const override {
        if (!draft_.attributes) return StandardRules::attributes(structure, edition, signer);
        return draft_.attributes->at(signer);
    }

  private:
    const Draft& draft_;
};

}  // namespace

std::string& Draft::field(std::string_view name) {
    const auto found = std::ranges::find(header, name, &Line::name);
    if (found == header.end()) throw Misuse("the draft has no field " + std::string(name));
    return found->body;
}

std::string Draft::octets() const {
    std::string text;
    for (const Line& line : header) text += line.name + ":" + line.body + "\r\n";
    return text + "\r\n" + body;
}

Draft Originator::usual(Canonicalization algorithm) {
    const std::string gap = algorithm == Canonicalization::Relaxed ? " " : "";
    return {.header = {{"From", gap + "Alice <alice@example.org>"},
                       {"To", gap + "bob@example.net"},
                       {"Subject", gap + "Quarterly figures"},
                       {"Date", gap + "Thu, 01 Jan 2026 12:00:00 +0000"},
                       {"Message-ID", gap + "<1@example.org>"},
                       {"MIME-Version", gap + "1.0"},
                       {"Content-Type", gap + "text/plain; charset=utf-8"}},
            .policy = {.secured = {{"From", Status::Duplicated},
                                   {"To", Status::Duplicated},
                                   {"Subject", Status::Deleted},
                                   {"Date", Status::Duplicated}},
                       .algorithm = algorithm}};
}

std::string Originator::sign(const Draft& draft) const {
    crypto::fix_randomness(seed);
    base::SeededRandom random(seed);
    secureheaders::Signing signing{.policy = draft.policy,
                                   .edition = edition_,
                                   .encapsulation = draft.form,
                                   .signers = {},
                                   .chain = {}};
    for (const std::string& words : draft.signers) {
        signing.signers.push_back(material_.signer(words));
    }
    for (const std::string& name : draft.chain) {
        signing.chain.push_back(material_.certificates.at(name));
    }
    auto made =
        secureheaders::sign_message(draft.octets(), signing, GivenAttributes(draft), random);
    if (!made) throw Misuse("the reference does not sign this: " + to_string(made.error()));
    return std::move(*made);
}

crypto::Attribute Originator::attribute(const secureheaders::SecureHeaderFields& fields) const {
    auto value = secureheaders::encode(fields, edition_);
    if (!value) throw Misuse("no attribute of this: " + to_string(value.error()));
    return raw_attribute(std::move(*value));
}

crypto::Attribute Originator::raw_attribute(std::string value) const {
    return {.oid = std::string(secureheaders::attribute_oid(edition_)), .value = std::move(value)};
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    if (at == std::string::npos) throw Misuse("there is no " + std::string(from));
    return text.replace(at, from.size(), to);
}

std::string with_field(const std::string& message, std::string_view field) {
    return replaced(message, "\r\n\r\n", "\r\n" + std::string(field) + "\r\n\r\n");
}

std::string without_field(const std::string& message, std::string_view name) {
    const std::string start = std::string(name) + ":";
    std::size_t at = message.starts_with(start) ? 0 : message.find("\r\n" + start);
    if (at == std::string::npos) throw Misuse("there is no field " + std::string(name));
    if (at != 0) at += 2;
    std::size_t end = message.find("\r\n", at) + 2;
    while (message[end] == ' ' || message[end] == '\t') end = message.find("\r\n", end) + 2;
    return message.substr(0, at) + message.substr(end);
}

std::string_view word(Canonicalization algorithm) {
    return algorithm == Canonicalization::Simple ? "simple" : "relaxed";
}

}  // namespace mailassay::vectors
