#include "releasing/evidence.h"

#include <algorithm>
#include <string>
#include <utility>

#include "imf/address.h"
#include "release/field.h"

namespace mailassay::releasing {

namespace {

using release::Cover;
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

release::DomainSignature facts_of(const dkim::Report& report, const imf::HeaderSection& header) {
    using release::Covered;
    const bool holds = report.is_good() || report.state == dkim::State::PartOfBody;
    release::DomainSignature facts{.agent = report.signature->agent,
                                   .domain = report.signature->domain,
                                   .standing = holds ? Standing::Holds : Standing::Broken};
    if (report.is_good()) facts.covered.insert(Covered::Body);
    const bool has_sender = header.count("Sender") > 0;
    if (report.covers("From", header) && (!has_sender || report.covers("Sender", header))) {
        facts.covered.insert(Covered::Origin);
    }
    if (report.covers(release::field_name, header)) facts.covered.insert(Covered::Field);
    return facts;
}

class Gatherer {
  public:
    Gatherer(const Layers& layers, base::Edition edition, const release::Rules& rules)
        : layers_(layers),
          edition_(edition),
          rules_(rules),
          claim_(layers.header),
          who_(claim_.who()) {}

    Evidence gathered(const std::vector<dkim::Report>& of_domains) {
        for (const SignatureLayer& layer : layers_.signatures) {
            for (const Signature& each : layer.countersigners) hear_countersigner(each);
            // [rfc7912/3.3.2/4]: of the sender's own side by side, as of different algorithms, one
            // that holds tells as much as all; the others are the agent's to take off.
            const bool holds = std::ranges::any_of(layer.signers, [&](const Signature& each) {
                return each.standing == Standing::Holds && is_senders(each);
            });
            for (const Signature& signer : layer.signers) {
                const bool is_beside = holds && signer.standing != Standing::Holds;
                if (!is_beside || !is_senders(signer)) hear(layer, signer);
            }
        }
        std::ranges::reverse(evidence_.endorsements);
        for (const dkim::Report& each : of_domains) {
            if (each.signature) hear_domain(facts_of(each, layers_.header));
        }
        // An envelope of what a signature was found in is no contradiction; damage is.
        if (layers_.fault && !layers_.is_sealed) contradicts_ = true;
        evidence_.origin = contradicts_ ? Origin::Contradicted
                           : proves_    ? Origin::Proven
                                        : Origin::Unproven;
        evidence_.sealing = layers_.is_sealed ? Sealing::Sealed : Sealing::Readable;
        return std::move(evidence_);
    }

  private:
    // [rfc7912/3.3/5] [draft-melnikov/3/9]
    [[nodiscard]] bool is_senders(const Signature& signer) const {
        return who_ && has(signer.addresses, *who_);
    }

    void hear(const SignatureLayer& layer, const Signature& signer) {
        const auto& [addresses, standing] = signer;
        const Users users = layer.covered ? users_in(*layer.covered, edition_) : Users{};
        const bool is_his = is_senders(signer);
        if (is_his) hear_sender(layer, standing);
        const bool is_in_field =
            std::ranges::any_of(addresses, [&](const auto& each) { return has(users, each); });
        if (is_his && !is_in_field) return;
        evidence_.endorsements.push_back({.signer = addresses,
                                          .standing = standing,
                                          .cover = layer.covered ? Cover::Field : Cover::Message,
                                          .users = users});
    }

    // Nobody countersigns his own signature.
    void hear_countersigner(const Signature& signer) {
        if (is_senders(signer)) return;
        evidence_.endorsements.push_back({.signer = signer.addresses, .standing = signer.standing});
    }

    void hear_domain(const release::DomainSignature& signature) {
        if (who_ && rules_.tells_origin(signature, *who_)) proves_ = true;
        // [rfc7912/3.3.2/3]
        if (!rules_.endorses(signature)) return;
        evidence_.endorsements.push_back({.signer = {signature.agent},
                                          .standing = signature.standing,
                                          .cover = Cover::Field,
                                          .users = users_in(layers_.header, edition_)});
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
    const release::Rules& rules_;
    Claim claim_;
    std::optional<imf::Mailbox> who_;
    bool proves_ = false;
    bool contradicts_ = false;
    Evidence evidence_ = {};
};

}  // namespace

release::Evidence evidence_of(const Layers& layers, const std::vector<dkim::Report>& of_domains,
                              base::Edition edition, const release::Rules& rules) {
    return Gatherer(layers, edition, rules).gathered(of_domains);
}

}  // namespace mailassay::releasing
