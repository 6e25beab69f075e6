#include "releasing/show.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "imf/encoded_word.h"
#include "imf/mime.h"
#include "imf/transfer_encoding.h"
#include "releasing/evidence.h"

namespace mailassay::releasing {

namespace {

constexpr std::size_t longest_line = 2'000;
constexpr std::size_t most_text = std::size_t{256} * 1024;
constexpr std::size_t deepest_part = 8;
constexpr std::array<std::string_view, 7> shown_fields{"From", "Sender",  "To",  "Cc",
                                                       "Bcc",  "Subject", "Date"};
// What these say is told otherwise, or servers have written it.
constexpr std::array<std::string_view, 4> left_out{release::field_name, "DKIM-Signature",
                                                   "Message-ID", "Received"};

std::string line(std::string_view label, std::string_view text) {
    return fmt::format("{:<14}{}\n", label, base::printable(text, longest_line));
}

std::string listed(const std::vector<imf::Mailbox>& users) {
    std::string text;
    for (const imf::Mailbox& each : users) text += (text.empty() ? "" : ", ") + each.address();
    return text.empty() ? "nobody who can be told" : text;
}

std::string_view words_for(release::Origin origin) {
    switch (origin) {
        case release::Origin::Proven:
            return "proven by a signature of the sender's";
        case release::Origin::Unproven:
            return "NOT PROVEN: no signature says whose it is";
        case release::Origin::Contradicted:
            return "CONTRADICTED: a signature does not hold, or is over another sender";
    }
    std::unreachable();
}

std::string_view words_for(release::Standing standing) {
    switch (standing) {
        case release::Standing::Holds:
            return "holds";
        case release::Standing::Broken:
            return "IS BROKEN";
        case release::Standing::Untrusted:
            return "IS NOT TRUSTED";
    }
    std::unreachable();
}

bool is_among(std::span<const std::string_view> names, const imf::HeaderField& field) {
    return std::ranges::any_of(
        names, [&](auto each) { return base::equals_ignore_case(each, field.name); });
}

// A field under a label, and that it was cut where it was.
std::string field_line(std::string_view label, const std::string& name, const std::string& text) {
    std::string made = line(label, text);
    if (text.size() > longest_line) made += line("Not shown", "the rest of the field " + name);
    // Beside it: what is decoded may look like an address, and is none.
    const std::string read = imf::decode_words(text.substr(0, longest_line));
    if (read != text.substr(0, longest_line)) made += line("  read as", read);
    return made;
}

// What a person reads in a header, and fields of which he would otherwise not know: whoever gets
// the message may read them.
std::string fields_of(const imf::HeaderSection& header) {
    std::string text;
    for (const std::string_view name : shown_fields) {
        for (const imf::HeaderField* each : header.find_all(name)) {
            if (text.size() >= most_text) return text + line("Not shown", "more fields");
            text += field_line(name, each->name, each->value());
        }
    }
    for (const imf::HeaderField& each : header.fields()) {
        if (is_among(shown_fields, each) || is_among(left_out, each) || imf::is_mime_field(each)) {
            continue;
        }
        if (text.size() >= most_text) return text + line("Not shown", "more fields");
        text += field_line("Field", each.name, each.name + ": " + each.value());
    }
    return text;
}

// Fields of a header within, where they are not as `outer` has them: some programs show the one and
// some the other.
std::string fields_within(const imf::HeaderSection& inner, const imf::HeaderSection& outer) {
    std::set<std::pair<std::string, std::string>> known;
    for (const imf::HeaderField& each : outer.fields()) {
        known.emplace(base::to_lower(each.name), each.value());
    }
    std::string text;
    for (const imf::HeaderField& each : inner.fields()) {
        if (known.contains({base::to_lower(each.name), each.value()})) continue;
        if (is_among(left_out, each) || imf::is_mime_field(each)) continue;
        if (text.size() >= most_text) return text + line("Not shown", "more fields");
        text += field_line("Within", each.name, each.name + ": " + each.value());
    }
    return text;
}

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// What stands before and behind the parts of a multipart, which few programs show.
std::string around_parts(std::string_view body, const std::string& boundary) {
    const std::string delimiter = "--" + boundary;
    const std::size_t first = body.find(delimiter);
    if (first == std::string_view::npos) return "";
    std::string text;
    if (!is_blank(body.substr(0, first))) {
        text += line("Not shown", fmt::format("{} octets before the first part", first));
    }
    const std::size_t last = body.rfind(delimiter + "--");
    if (last == std::string_view::npos) return text;
    const std::string_view behind = body.substr(last + delimiter.size() + 2);
    if (!is_blank(behind)) {
        text += line("Not shown", fmt::format("{} octets behind the last part", behind.size()));
    }
    return text;
}

// The text of a message or an entity, and what else is in it.
class Content {
  public:
    void read(std::string_view entity, std::size_t depth = 0) {
        const auto parsed = imf::view_message(entity);
        if (!parsed || depth == deepest_part) return add("Not shown", "what can't be read");
        const auto type = imf::content_type_of(parsed->header);
        const std::string name = type ? type->type + "/" + type->subtype : "unknown";
        if (type && type->type == "multipart") {
            const std::string boundary = type->parameter("boundary").value_or("");
            const auto parts = imf::split_multipart(parsed->body, boundary);
            if (!parts) return add("Not shown", "a multipart that can't be read");
            if (head_.size() < most_text) head_ += around_parts(parsed->body, boundary);
            for (const std::string_view part : *parts) read(part, depth + 1);
            return;
        }
        if (name == "message/rfc822") {
            const auto within = imf::view_message(parsed->body);
            if (within && head_.size() < most_text) {
                head_ += fields_within(within->header, parsed->header);
            }
            return read(parsed->body, depth + 1);
        }
        const auto octets = imf::decode_body(parsed->header, parsed->body);
        if (name == "text/plain" && octets) return add_text(octets->view());
        const std::string file = type ? type->parameter("name").value_or("") : "";
        add("Not shown", fmt::format("{} {} ({} octets)", name, file, parsed->body.size()));
    }

    [[nodiscard]] std::string all() const { return head_ + "\n" + text_; }

  private:
    void add(std::string_view label, const std::string& text) {
        if (head_.size() < most_text) head_ += line(label, text);
    }
    void add_text(std::string_view text) {
        std::string_view some = text.substr(0, most_text);
        if (some.ends_with('\n')) some.remove_suffix(1);
        for (std::string_view each : base::split(some, '\n')) {
            if (each.ends_with('\r')) each.remove_suffix(1);
            // Whole, in several lines where it is long: what was cut nobody would have read.
            do {
                text_ += base::printable(each.substr(0, longest_line), longest_line) + "\n";
                each.remove_prefix(std::min(each.size(), longest_line));
            } while (!each.empty());
        }
        if (text.size() > most_text) add("Not shown", "the rest of a text, which is too long");
    }

    std::string head_;
    std::string text_;
};

std::string signatures_of(const Layers& layers) {
    std::string text;
    for (const SignatureLayer& layer : layers.signatures) {
        const std::string_view over = layer.covered ? "header and text" : "the text alone";
        for (const Signature& each : layer.signers) {
            text += line("Signed by", fmt::format("{}, over {}: {}", listed(each.addresses), over,
                                                  words_for(each.standing)));
        }
        for (const Signature& each : layer.countersigners) {
            text += line("Countersigned",
                         fmt::format("{}, over a signature: {}", listed(each.addresses),
                                     words_for(each.standing)));
        }
    }
    return text;
}

std::string domains_of(const std::vector<dkim::Report>& reports) {
    std::string text;
    for (const dkim::Report& each : reports) {
        if (!each.signature) continue;
        text += line("DKIM", fmt::format("{}@{}: {}", each.signature->agent.local_part,
                                         each.signature->agent.domain,
                                         each.is_good() ? "holds" : "DOES NOT HOLD"));
    }
    return text;
}

std::string progress_of(const imf::HeaderSection& header, const release::Evidence& evidence,
                        const Verification& verification, const imf::Mailbox& user,
                        base::Edition edition, const release::Rules& rules) {
    const release::Policy& policy = verification.policy;
    const auto field = rules.read(release::field_bodies(header), edition);
    if (!field) return line("Authorized", "THE FIELD CAN'T BE READ: " + to_string(field.error()));
    const release::Field there = field->value_or(release::Field{});
    const std::vector<imf::Mailbox> users = there.users();
    std::string text;
    for (std::size_t i = 0; i < users.size(); ++i) {
        const bool is_proven = rules.is_proven(users, i, evidence, policy);
        text += line("Authorized", fmt::format("{}: {}", users[i].address(),
                                               is_proven ? "proven" : "NOT PROVEN"));
    }
    const release::Officers authorized = rules.authorized(there, evidence, policy);
    const auto own = rules.officer(user, policy);
    const bool may = own && rules.may_enter(*own, authorized, policy);
    text += line("Needed", fmt::format("{} of {}, and {} have", policy.needed,
                                       policy.officers.size(), authorized.size()));
    text += line("You", may ? user.address() + ": may authorize it"
                            : user.address() + ": MAY NOT AUTHORIZE IT, or not yet");
    return text;
}

// What the layers have that their outside does not show.
std::string within(const Layers& layers, const imf::MessageView& outside) {
    std::string text;
    const auto type = imf::content_type_of(outside.header);
    if (type && type->type == "multipart" && !layers.signatures.empty()) {
        text += around_parts(outside.body, type->parameter("boundary").value_or(""));
    }
    for (const SignatureLayer& layer : layers.signatures) {
        if (layer.covered) text += fields_within(*layer.covered, outside.header);
    }
    return text;
}

}  // namespace

std::string shown(std::string_view message, const Verification& verification,
                  const imf::Mailbox& user, base::Edition edition, const release::Rules& rules) {
    const auto parsed = imf::view_message(message);
    if (!parsed) return line("Unreadable", to_string(parsed.error()));
    const Layers layers =
        verification.seals->open(message, verification.trust, verification.opener);
    const std::vector<dkim::Report> of_domains =
        dkim::verify(parsed->header, parsed->body, verification.keys, verification.trust.at);
    const release::Evidence evidence = evidence_of(layers, of_domains, edition, rules);
    std::string text = fields_of(parsed->header);
    text += within(layers, *parsed);
    text += line("Origin", words_for(evidence.origin));
    text += signatures_of(layers) + domains_of(of_domains);
    text += progress_of(parsed->header, evidence, verification, user, edition, rules);
    if (layers.is_sealed) return text + line("Encrypted", "and not to you: it can't be shown");
    Content content;
    content.read(layers.content);
    return text + content.all();
}

}  // namespace mailassay::releasing
