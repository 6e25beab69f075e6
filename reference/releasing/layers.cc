#include "releasing/layers.h"

#include <utility>

#include "crypto/enveloped_data.h"
#include "imf/mime.h"
#include "imf/transfer_encoding.h"
#include "secureheaders/signed_message.h"

namespace mailassay::releasing {

namespace {

bool is_message(const imf::HeaderSection& header) {
    const auto type = imf::content_type_of(header);
    return type && type->is("message", "rfc822");
}

std::vector<imf::Mailbox> addresses_of(const crypto::SignerReport& signer) {
    std::vector<imf::Mailbox> all;
    if (!signer.certificate) return all;
    for (const std::string& address : signer.certificate->mail_addresses()) {
        if (auto mailbox = imf::parse_mailbox(address)) all.push_back(std::move(*mailbox));
    }
    return all;
}

class Way {
  public:
    Way(const crypto::Trust& trust, const std::optional<Opener>& opener)
        : trust_(trust), opener_(opener) {}

    Layers inside(std::string_view message) {
        found_.content = message;
        auto outer = imf::parse_message(message);
        if (!outer) {
            found_.fault = std::move(outer.error());
            return std::move(found_);
        }
        found_.header = outer->header;
        header_ = std::move(outer->header);
        body_ = std::move(outer->body);
        while (go_in()) {
        }
        return std::move(found_);
    }

  private:
    // Whether there is more inside.
    bool go_in() {
        const auto signature = secureheaders::find_signature(header_, body_);
        if (!signature) return stopped(signature.error());
        if (*signature) return into_signature(**signature);
        return secureheaders::is_envelope(header_) && into_envelope();
    }

    bool into_signature(const secureheaders::SignedParts& parts) {
        if (found_.signatures.size() >= max_layers) {
            return stopped(Error{.id = "releasing.layers.too-many"});
        }
        auto report = crypto::verify(parts.cms.view(), parts.content, trust_);
        if (!report) return stopped(report.error());
        const std::string content(parts.content ? *parts.content : report->content->view());
        SignatureLayer& layer = found_.signatures.emplace_back();
        for (const crypto::SignerReport& each : report->signers) {
            layer.signers.push_back(
                {.addresses = addresses_of(each), .standing = standing_of(each)});
            add_countersigners(layer, each, each.is_good());
        }
        if (!into_entity(content)) return false;
        if (is_covered_) found_.signatures.back().covered = header_;
        return true;
    }

    // Those on a signature, and those on them; one on what does not hold does not hold.
    static void add_countersigners(SignatureLayer& layer, const crypto::SignerReport& on,
                                   bool holds) {
        for (const crypto::SignerReport& each : on.countersignatures) {
            layer.countersigners.push_back(
                {.addresses = addresses_of(each),
                 .standing = holds ? standing_of(each) : release::Standing::Broken});
            add_countersigners(layer, each, holds && each.is_good());
        }
    }

    bool into_envelope() {
        const auto cms = imf::decode_body(header_, body_);
        if (!cms) return stopped(cms.error());
        found_.is_sealed = true;
        if (!opener_) return false;
        const auto opened = crypto::decrypt(cms->view(), opener_->key, opener_->certificate);
        if (!opened) return stopped(opened.error());
        found_.is_sealed = false;
        return into_entity(std::string(opened->content.view()));
    }

    // A MIME entity; of a message/rfc822 the message in it.
    bool into_entity(const std::string& entity) {
        auto parsed = imf::parse_message(entity);
        if (!parsed) return stopped(parsed.error());
        is_covered_ = is_message(parsed->header);
        found_.content = entity;
        if (is_covered_) {
            const auto whole = imf::decode_body(parsed->header, parsed->body);
            if (!whole) return stopped(whole.error());
            found_.content = whole->view();
            parsed = imf::parse_message(found_.content);
            if (!parsed) return stopped(parsed.error());
        }
        header_ = std::move(parsed->header);
        body_ = std::move(parsed->body);
        return true;
    }

    bool stopped(const Error& fault) {
        found_.fault = fault;
        return false;
    }

    const crypto::Trust& trust_;
    const std::optional<Opener>& opener_;
    Layers found_ = {};
    imf::HeaderSection header_ = {};
    std::string body_ = {};
    bool is_covered_ = false;
};

}  // namespace

release::Standing standing_of(const crypto::SignerReport& signer) {
    if (signer.is_good()) return release::Standing::Holds;
    const bool is_broken = signer.signature == crypto::SignatureState::WrongSignature ||
                           signer.signature == crypto::SignatureState::WrongDigest;
    return is_broken ? release::Standing::Broken : release::Standing::Untrusted;
}

Layers open_layers(std::string_view message, const crypto::Trust& trust,
                   const std::optional<Opener>& opener) {
    return Way(trust, opener).inside(message);
}

const Seals& cms_seals() {
    class Cms final : public Seals {
        [[nodiscard]] Layers open(std::string_view message, const crypto::Trust& trust,
                                  const std::optional<Opener>& opener) const override {
            return open_layers(message, trust, opener);
        }
    };
    static const Cms cms;
    return cms;
}

}  // namespace mailassay::releasing
