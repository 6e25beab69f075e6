#include "simulate/release_seals.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "crypto/hash.h"
#include "imf/header.h"

namespace mailassay::simulate {

namespace {

constexpr std::string_view mark = "sealed ";

struct Seal {
    std::string_view line;  // without its end
    std::string_view signer;
    std::uint64_t time = 0;
    std::string_view message;
};

// sealed SIGNER TIME HASH
std::optional<Seal> seal_above(std::string_view body) {
    if (!body.starts_with(mark)) return std::nullopt;
    const std::size_t end = body.find("\r\n");
    if (end == std::string_view::npos) return std::nullopt;
    Seal seal{.line = body.substr(0, end), .signer = {}, .message = body.substr(end + 2)};
    const std::string_view words = seal.line.substr(mark.size());
    const std::size_t space = words.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    seal.signer = words.substr(0, space);
    std::from_chars(words.data() + space + 1, words.data() + words.size(), seal.time);
    return seal;
}

}  // namespace

std::string SimulatedSeals::line(std::string_view message, std::string_view signer,
                                 std::uint64_t time) const {
    const std::string hash =
        crypto::sha256_hex(fmt::format("{} {} {}\n{}", secret_, signer, time, message));
    return fmt::format("{}{} {} {}", mark, signer, time, hash);
}

std::string SimulatedSeals::sealed(std::string_view message, std::string_view signer,
                                   std::uint64_t time) const {
    const auto header_end = message.find("\r\n\r\n");
    return fmt::format("{}\r\n\r\n{}\r\n{}", message.substr(0, header_end),
                       line(message, signer, time), message);
}

releasing::Layers SimulatedSeals::open(std::string_view message, const crypto::Trust&,
                                       const std::optional<releasing::Opener>&) const {
    releasing::Layers found{.header = {}, .content = std::string(message)};
    auto parsed = imf::view_message(message);
    if (!parsed) {
        found.fault = std::move(parsed.error());
        return found;
    }
    found.header = std::move(parsed->header);
    std::string_view body = parsed->body;
    while (found.signatures.size() < releasing::max_layers) {
        const auto seal = seal_above(body);
        if (!seal) break;
        const bool holds = line(seal->message, seal->signer, seal->time) == seal->line;
        releasing::SignatureLayer& layer = found.signatures.emplace_back();
        if (auto signer = imf::parse_mailbox(seal->signer)) {
            layer.signers.push_back(
                {.addresses = {std::move(*signer)},
                 .standing = holds ? release::Standing::Holds : release::Standing::Broken});
        }
        auto inside = imf::view_message(seal->message);
        if (!inside) {
            found.fault = std::move(inside.error());
            break;
        }
        found.content = seal->message;
        layer.covered = std::move(inside->header);
        body = inside->body;
    }
    return found;
}

}  // namespace mailassay::simulate
