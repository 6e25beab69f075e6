#include "releasing/evidence.h"

#include <algorithm>
#include <string>
#include <utility>

#include "imf/address.h"
#include "release/field.h"

namespace mailassay::releasing {

namespace {

using release::Cover;
using release::Endorsement;
using release::Evidence;
using release::Origin;
using release::Sealing;
using release::Standing;
using Users = std::vector<imf::Mailbox>;

// The addresses of all fields of that name; what can't be read has none.
Users addresses_in(const imf::HeaderSection& header, std::string_view name) {
    Users all;
    for (const imf::HeaderField* field : header.find_all(name)) {
        auto mailboxes = imf::parse_mailbox_list(field->body);
        if (mailboxes) std::ranges::move(*mailboxes, std::back_inserter(all));
    }
    return all;
}

bool are_same(const Users& one, const Users& other) {
    return std::ranges::equal(one, other, release::is_same_user);
}

bool has(const Users& users, const imf::Mailbox& user) {
    return std::ranges::any_of(
        users, [&](const imf::Mailbox& each) { return release::is_same_user(each, user); });
}

Users users_in(const imf::HeaderSection& header, base::Edition edition) {
    const auto fields = header.find_all(release::field_name);
    if (fields.size() != 1) return {};
    const auto field = release::parse_field(fields.front()->body, edition);
    return field ? field->users() : Users{};
}

// Whose a message says it is.
struct Claim {
    Users from;
    Users sender;

    explicit Claim(const imf::HeaderSection& header)
        : from(addresses_in(header, "From")), sender(addresses_in(header, "Sender")) {}

    // RFC 5322 section 3.6.2: Sender, where it stands; nullopt: nobody that can be told.
    [[nodiscard]] std::optional<imf::Mailbox> who() const {
        if (sender.size() == 1) return sender.front();
        if (sender.empty() && from.size() == 1) return from.front();
        return std::nullopt;
    }
    [[nodiscard]] bool is_same_as(const Claim& other) const {
        return are_same(from, other.from) && are_same(sender, other.sender);
    }
};

class Gatherer {
  public:
    Gatherer(const Layers& layers, base::Edition edition)
        : layers_(layers), edition_(edition), claim_(layers.header), who_(claim_.who()) {}

    Evidence gathered() {
        for (const SignatureLayer& layer : layers_.signatures) {
            for (const Signature& each : layer.countersigners) hear_countersigner(each);
            for (const Signature& signer : layer.signers) hear(layer, signer);
        }
        // An envelope of what a signature was found in is no contradiction; damage is.
        if (layers_.fault && !layers_.is_sealed) contradicts_ = true;
        evidence_.origin = contradicts_ ? Origin::Contradicted
                           : proves_    ? Origin::Proven
                                        : Origin::Unproven;
        evidence_.sealing = layers_.is_sealed ? Sealing::Sealed : Sealing::Readable;
        std::ranges::reverse(evidence_.endorsements);
        return std::move(evidence_);
    }

  private:
    void hear(const SignatureLayer& layer, const Signature& signer) {
        const auto& [addresses, standing] = signer;
        const Users users = layer.covered ? users_in(*layer.covered, edition_) : Users{};
        // [rfc7912/3.3/5] [draft-melnikov/3/9]
        const bool is_senders = who_ && has(addresses, *who_);
        if (is_senders) hear_sender(layer, standing);
        const bool is_in_field =
            std::ranges::any_of(addresses, [&](const auto& each) { return has(users, each); });
        if (is_senders && !is_in_field) return;
        evidence_.endorsements.push_back({.signer = addresses,
                                          .standing = standing,
                                          .cover = layer.covered ? Cover::Field : Cover::Message,
                                          .users = users});
    }

    // Nobody countersigns his own signature.
    void hear_countersigner(const Signature& signer) {
        if (who_ && has(signer.addresses, *who_)) return;
        evidence_.endorsements.push_back({.signer = signer.addresses, .standing = signer.standing});
    }

    void hear_sender(const SignatureLayer& layer, Standing standing) {
        if (standing != Standing::Holds) {
            contradicts_ = true;
            return;
        }
        // [rfc7912/3.3/4]
        if (!layer.covered) return;
        if (claim_.is_same_as(Claim(*layer.covered))) {
            proves_ = true;
        } else {
            contradicts_ = true;
        }
    }

    const Layers& layers_;
    base::Edition edition_;
    Claim claim_;
    std::optional<imf::Mailbox> who_;
    bool proves_ = false;
    bool contradicts_ = false;
    Evidence evidence_ = {};
};

}  // namespace

release::Evidence evidence_of(const Layers& layers, base::Edition edition) {
    return Gatherer(layers, edition).gathered();
}

}  // namespace mailassay::releasing
