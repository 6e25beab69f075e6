#include "vectors/dca_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/ascii.h"
#include "base/clock.h"
#include "crypto/fixed_randomness.h"
#include "imf/canonicalization.h"
#include "secureheaders/verify.h"
#include "vectors/dca_author.h"

namespace mailassay::vectors {

namespace {

constexpr std::uint64_t seed = 1;

std::string_view outcome_of(const Error& error) {
    if (error.id == "crypto.decrypt.not-a-recipient") return outcome::not_a_recipient;
    if (error.id == "dca.decrypt.not-enveloped") return outcome::not_encrypted;
    return outcome::unreadable;
}

// The fields that cross the wire, without those that describe the content.
std::vector<std::string> outer_fields(std::string_view message) {
    std::vector<std::string> fields = Carried(message).fields();
    std::erase_if(fields, [](const std::string& field) {
        return base::starts_with_ignore_case(field, "MIME-Version:");
    });
    return fields;
}

// A message but for what no text determines: the order of its fields, and how they are folded.
struct Loosely {
    std::multiset<std::string> fields = {};
    std::string body = {};

    friend bool operator==(const Loosely&, const Loosely&) = default;
};

Loosely loosely(std::string_view octets) {
    const auto message = imf::parse_message(octets);
    Loosely told{.body = message->body};
    for (const imf::HeaderField& field : message->header.fields()) {
        told.fields.insert(base::to_lower(field.name) + ":" +
                           imf::canonical_body(field.body, Canonicalization::Relaxed));
    }
    return told;
}

std::string in_words(const std::vector<dca::Flag>& flags) {
    std::string words;
    for (const dca::Flag& flag : flags) {
        for (const dca::NameFault fault : flag.faults) {
            words += fmt::format("{} {}, ", flag.subject, dca::to_string(fault));
        }
    }
    return words;
}

std::string in_words(std::string_view subject, std::string_view standing,
                     const std::vector<std::string_view>& as,
                     const std::vector<std::string>& faults) {
    return fmt::format("{} {} as [{}] faults [{}]; ", subject, standing, fmt::join(as, ", "),
                       fmt::join(faults, ", "));
}

std::string in_words(const std::vector<dca::OuterSignature>& signatures) {
    std::string words;
    for (const dca::OuterSignature& each : signatures) {
        std::vector<std::string_view> as;
        for (const dca::Agent agent : each.agents) as.push_back(name_of(agent));
        std::vector<std::string> faults;
        if (each.fault) faults.emplace_back(each.fault->id);
        for (const dca::NameFault fault : each.name_faults) faults.emplace_back(to_string(fault));
        words += in_words(each.subject, to_string(each.standing), as, faults);
    }
    return words;
}

std::optional<dca::Agent> agent_of(const OuterWish& wish) {
    if (wish.as == "user") return std::nullopt;
    return wish.as == "review" ? dca::Agent::Review : dca::Agent::DomainSigning;
}

class Judge {
  public:
    explicit Judge(const Material& material) : material_(material) {}

    void encrypt(const EncryptVector& vector) {
        begin("encrypt", vector.common);
        dca::Encryption encryption{.recipients = {},
                                   .addresses = vector.common.addresses,
                                   .replacements = vector.replacements,
                                   .cipher = vector.cipher,
                                   .edition = vector.common.edition};
        for (const std::string& name : vector.recipients) {
            encryption.recipients.push_back(material_.certificates.at(name));
        }
        if (vector.signature) {
            encryption.outer =
                dca::OuterSigning{.signer = material_.signer(vector.signature->signer),
                                  .as = agent_of(*vector.signature),
                                  .encapsulation = vector.signature->form,
                                  .trust = trust()};
        }
        const auto made = dca::encrypt_message(vector.message, encryption, rules_);
        compare("outcome", vector.common.outcomes.front(),
                made ? outcome::encrypted : outcome::refused);
        compare("reason", vector.common.reason, made ? "" : made.error().id);
        if (made) judge_encrypted(vector, *made);
    }

    void decrypt(const DecryptVector& vector) {
        begin("decrypt", vector.common);
        const auto made =
            dca::decrypt_message(vector.message, as(vector.holder, vector.common), rules_);
        compare("outcome", vector.common.outcomes.front(),
                made ? outcome::decrypted : outcome_of(made.error()));
        if (!made) {
            compare("reason", vector.common.reason, made.error().id);
            return;
        }
        compare("reason", vector.common.reason, made->fault ? made->fault->id : "");
        compare("header", vector.common.header,
                made->unchanged ? to_string(*made->unchanged) : header::restored);
        compare("verification", vector.common.verifies, verified(made->message, vector.common));
        std::vector<dca::Flag> wanted;
        if (!vector.name_faults.empty()) {
            wanted.push_back({.subject = material_.certificates.at(vector.holder).subject(),
                              .faults = vector.name_faults});
        }
        compare("flags", in_words(wanted), in_words(made->flags));
        compare("signatures around it", in_words(vector.around), in_words(made->outer));
        const std::string restored = vector.restored.value_or("");
        const bool same = vector.is_determined ? restored == made->message
                                               : loosely(restored) == loosely(made->message);
        if (!same) compare("message", restored, made->message);
    }

    std::vector<std::string> lines;

  private:
    void begin(std::string_view operation, const DcaCommon& common) {
        where_ = fmt::format("dca/{}/{}/{}", operation, secureheaders::to_string(common.edition),
                             common.name);
        if (!names_.insert(where_).second) lines.push_back(where_ + ": stands twice");
        crypto::fix_randomness(seed);
    }

    void compare(std::string_view what, std::string_view wanted, std::string_view came) {
        if (wanted == came) return;
        lines.push_back(
            fmt::format("{}: {} should be '{}', and is '{}'", where_, what, wanted, came));
    }

    [[nodiscard]] dca::Decryption as(const std::string& holder, const DcaCommon& common) const {
        return {.key = material_.keys.at(holder),
                .certificate = material_.certificates.at(holder),
                .addresses = common.addresses,
                .edition = common.edition,
                .trust = trust()};
    }

    [[nodiscard]] crypto::Trust trust() const {
        return {.anchors = {material_.certificates.at("root")},
                .at = *base::from_timestamp(verifying_time)};
    }

    [[nodiscard]] std::string in_words(const std::vector<OuterSeen>& signatures) const {
        std::string words;
        for (const OuterSeen& each : signatures) {
            words += vectors::in_words(material_.certificates.at(each.signer).subject(),
                                       each.standing, each.as, each.faults);
        }
        return words;
    }
    static std::string in_words(const auto& told) { return vectors::in_words(told); }

    [[nodiscard]] std::string_view verified(std::string_view message,
                                            const DcaCommon& common) const {
        const secureheaders::Verification verification{
            .policies = {}, .trust = trust(), .edition = common.edition};
        const auto result =
            secureheaders::verify_message(message, verification, secureheaders::StandardRules());
        return result ? to_string(result->outcome()) : outcome::unreadable;
    }

    void judge_encrypted(const EncryptVector& vector, const dca::Encrypted& made) {
        compare("header", vector.common.header,
                made.unchanged ? to_string(*made.unchanged) : header::hidden);
        std::vector<std::string> wanted = vector.outer;
        std::erase_if(wanted, [](const std::string& field) {
            return base::starts_with_ignore_case(field, "MIME-Version:");
        });
        compare("fields on the wire", fmt::format("{}", fmt::join(wanted, "|")),
                fmt::format("{}", fmt::join(outer_fields(made.message), "|")));
        for (const std::string& word : vector.hidden) {
            if (made.message.contains(word)) compare("what is hidden", word, "to be seen");
        }
        std::vector<dca::Flag> flags;
        for (const auto& [name, faults] : vector.name_faults) {
            flags.push_back(
                {.subject = material_.certificates.at(name).subject(), .faults = faults});
        }
        compare("flags", in_words(flags), in_words(made.flags));
        compare("signature around it", vector.wrapped, made.outer ? to_string(*made.outer) : "");
        compare("verification before", vector.common.verifies,
                verified(vector.message, vector.common));
        for (const std::string& holder : vector.recipients) judge_opened(vector, made, holder);
    }

    void judge_opened(const EncryptVector& vector, const dca::Encrypted& made,
                      const std::string& holder) {
        const auto opened = dca::decrypt_message(made.message, as(holder, vector.common), rules_);
        if (!opened) return compare("opened by " + holder, "", to_string(opened.error()));
        compare("verification by " + holder, vector.common.verifies,
                verified(opened->message, vector.common));
        if (Carried(opened->message).entity() != Carried(vector.message).entity()) {
            compare("entity", "the signed octets", "others");
        }
        if (loosely(opened->message) != loosely(vector.message)) {
            compare("message", vector.message, opened->message);
        }
    }

    const Material& material_;
    const dca::StandardRules rules_;
    std::set<std::string> names_;
    std::string where_;
};

}  // namespace

std::vector<std::string> disagreements(const DcaVectorSet& set, const Material& material) {
    Judge judge(material);
    for (const EncryptVector& vector : set.encrypt) judge.encrypt(vector);
    for (const DecryptVector& vector : set.decrypt) judge.decrypt(vector);
    return std::move(judge.lines);
}

}  // namespace mailassay::vectors
