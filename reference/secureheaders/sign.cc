#include "secureheaders/sign.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/ascii.h"
#include "imf/header.h"
#include "secureheaders/signature_around.h"

namespace mailassay::secureheaders {

namespace {

bool describes_content(const imf::HeaderField& field) {
    return base::starts_with_ignore_case(field.name, "Content-");
}

// Where a CR or an LF stands without the other; npos: nowhere.
std::size_t find_bare_line_end(std::string_view octets) {
    for (std::size_t at = octets.find_first_of("\r\n"); at != std::string_view::npos;
         at = octets.find_first_of("\r\n", at + 2)) {
        if (octets.substr(at, 2) != "\r\n") return at;
    }
    return std::string_view::npos;
}

// What is signed: the message's MIME entity, as pieces of the message.
std::vector<std::string_view> entity_of(const imf::MessageView& message) {
    std::vector<std::string_view> entity;
    for (const imf::HeaderField& field : message.header.fields()) {
        if (describes_content(field)) entity.emplace_back(field.raw);
    }
    entity.emplace_back("\r\n");
    entity.push_back(message.body);
    return entity;
}

// The fields of the message that are not about its content.
std::string outer_header_of(const imf::MessageView& message) {
    std::string outer;
    for (const imf::HeaderField& field : message.header.fields()) {
        if (!describes_content(field)) outer += field.raw;
    }
    if (message.header.count("MIME-Version") == 0) outer += "MIME-Version: 1.0\r\n";
    return outer;
}

}  // namespace

Result<SecureHeaderFields> structure_for(const imf::HeaderSection& header, const Policy& policy,
                                         const Rules& rules) {
    for (const auto& [name, status] : policy.secured) {
        if (base::starts_with_ignore_case(name, "Content-") ||
            base::equals_ignore_case(name, "MIME-Version")) {
            return std::unexpected(Error{.id = "secureheaders.sign.mime-field",
                                         .requirement = "rfc7508/4.5.1",
                                         .detail = name});
        }
    }
    SecureHeaderFields structure = rules.select(header, policy);
    if (structure.fields.empty()) {
        return std::unexpected(
            Error{.id = "secureheaders.sign.nothing-to-secure", .requirement = "rfc7508/4.1"});
    }
    return structure;
}

// The six steps. [rfc7508/4.5.1/8]
Result<void> sign_message(std::string_view octets, const Signing& signing, const Rules& rules,
                          base::Random& random, base::Sink& out) {
    if (const std::size_t at = find_bare_line_end(octets); at != std::string_view::npos) {
        return std::unexpected(Error{
            .id = "secureheaders.sign.line-ends", .offset = at, .requirement = "rfc8551/3.1.1"});
    }
    const auto message = imf::view_message(octets);
    if (!message) return std::unexpected(message.error());
    const auto structure = structure_for(message->header, signing.policy, rules);
    if (!structure) return std::unexpected(structure.error());
    // The same structure in each signerInfo. [rfc7508/4.5.1/1] [rfc7508/4.5.1/6]
    std::vector<crypto::Signer> signers = signing.signers;
    for (std::size_t i = 0; i < signers.size(); ++i) {
        auto attributes = rules.attributes(*structure, signing.edition, i);
        if (!attributes) return std::unexpected(attributes.error());
        std::ranges::move(*attributes, std::back_inserter(signers[i].attributes));
    }
    const std::vector<std::string_view> entity = entity_of(*message);
    const auto made =
        SignatureAround::make(entity, signers, signing.chain, signing.encapsulation, random);
    if (!made) return std::unexpected(made.error());
    std::string header = outer_header_of(*message);
    for (const imf::HeaderField& field : made->content_fields()) header += field.raw;
    if (auto done = out.append(header + "\r\n"); !done) return done;
    return made->write_body(out);
}

Result<std::string> sign_message(std::string_view octets, const Signing& signing,
                                 const Rules& rules, base::Random& random) {
    base::StringSink out;
    if (auto done = sign_message(octets, signing, rules, random, out); !done) {
        return std::unexpected(done.error());
    }
    return std::move(out.text);
}

}  // namespace mailassay::secureheaders
