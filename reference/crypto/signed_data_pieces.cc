#include "crypto/signed_data_pieces.h"

#include <openssl/x509.h>

#include <algorithm>
#include <utility>

#include "crypto/ber_piece.h"

namespace mailassay::crypto {

namespace {

std::optional<std::string> whole_as(std::string_view& octets, char identifier) {
    const auto piece = take_as(octets, identifier);
    return piece ? std::optional<std::string>(piece->whole) : std::nullopt;
}

bool starts_with(std::string_view octets, char identifier) {
    return !octets.empty() && octets.front() == identifier;
}

// The elements of an optional member; false: it stands there and is none.
bool take_elements(std::string_view& octets, char identifier, std::optional<Elements>& elements) {
    if (!starts_with(octets, identifier)) return true;
    const auto piece = take(octets);
    if (!piece) return false;
    elements = Elements::in(piece->contents);
    return elements.has_value();
}

// The octets of a certificate.
std::string der_of(const Certificate& certificate) {
    unsigned char* octets = nullptr;
    const int size = i2d_X509(certificate.get(), &octets);
    if (size <= 0) return {};
    std::string made(reinterpret_cast<const char*>(octets), static_cast<std::size_t>(size));
    OPENSSL_free(octets);
    return made;
}

}  // namespace

std::optional<Elements> Elements::in(std::string_view contents) {
    Elements made;
    while (!contents.empty()) {
        const auto element = take(contents);
        if (!element) return std::nullopt;
        made.all_.emplace_back(element->whole);
    }
    made.is_ordered_ = std::ranges::is_sorted(made.all_);
    return made;
}

bool Elements::has(std::string_view element) const {
    return std::ranges::find(all_, element) != all_.end();
}

void Elements::add(std::string element) {
    all_.push_back(std::move(element));
    put_in_order();
}

void Elements::replace(std::size_t index, std::string element) {
    all_.at(index) = std::move(element);
    put_in_order();
}

void Elements::remove(std::size_t index) {
    all_.erase(all_.begin() + static_cast<std::ptrdiff_t>(index));
}

void Elements::put_in_order() {
    // char_traits compares octets as unsigned, which is the order of X.690 section 11.6: no value
    // is the start of another.
    if (is_ordered_) std::ranges::stable_sort(all_);
}

std::string Elements::under(char identifier) const {
    std::string contents;
    for (const std::string& element : all_) contents += element;
    return value_of(identifier, contents);
}

std::string SignedDataPieces::whole() const {
    std::string members = version + digests.under(set) + content;
    if (certificates) members += certificates->under(explicit_0);
    members += revocations + signers.under(set);
    return value_of(sequence, type + value_of(explicit_0, value_of(sequence, members)));
}

std::optional<SignedDataPieces> take_apart(std::string_view content_info) {
    constexpr char integer = 0x02;
    const auto holder = holder_of(content_info);
    if (!holder) return std::nullopt;
    SignedDataPieces pieces;
    pieces.type = holder->type;
    std::string_view left = holder->members;
    auto version = whole_as(left, integer);
    const auto digests = version ? take_as(left, set) : std::nullopt;
    auto digest_elements = digests ? Elements::in(digests->contents) : std::nullopt;
    auto content = digest_elements ? whole_as(left, sequence) : std::nullopt;
    if (!content || !take_elements(left, explicit_0, pieces.certificates)) return std::nullopt;
    if (starts_with(left, constructed_1)) {
        auto revocations = whole_as(left, constructed_1);
        if (!revocations) return std::nullopt;
        pieces.revocations = std::move(*revocations);
    }
    const auto signers = take_as(left, set);
    auto signer_elements = signers ? Elements::in(signers->contents) : std::nullopt;
    if (!signer_elements || !left.empty()) return std::nullopt;
    pieces.version = std::move(*version);
    pieces.digests = std::move(*digest_elements);
    pieces.content = std::move(*content);
    pieces.signers = std::move(*signer_elements);
    return pieces;
}

void add_certificate(SignedDataPieces& pieces, const Certificate& certificate) {
    std::string octets = der_of(certificate);
    if (!pieces.certificates) pieces.certificates.emplace();
    if (!pieces.certificates->has(octets)) pieces.certificates->add(std::move(octets));
}

std::string SignerInfoPieces::whole() const {
    std::string members = identity + signed_attributes + algorithm + signature;
    if (unsigned_attributes) members += unsigned_attributes->under(constructed_1);
    return value_of(sequence, members);
}

std::optional<SignerInfoPieces> take_apart_signer(std::string_view signer_info) {
    const auto info = take_as(signer_info, sequence);
    if (!info || !signer_info.empty()) return std::nullopt;
    SignerInfoPieces pieces;
    std::string_view left = info->contents;
    for (int i = 0; i < 3; ++i) {
        const auto member = take(left);
        if (!member) return std::nullopt;
        pieces.identity += member->whole;
    }
    if (starts_with(left, explicit_0)) {
        auto attributes = whole_as(left, explicit_0);
        if (!attributes) return std::nullopt;
        pieces.signed_attributes = std::move(*attributes);
    }
    const auto algorithm = take(left);
    const auto signature = algorithm ? take(left) : std::nullopt;
    if (!signature || !take_elements(left, constructed_1, pieces.unsigned_attributes) ||
        !left.empty()) {
        return std::nullopt;
    }
    pieces.algorithm = algorithm->whole;
    pieces.signature = signature->whole;
    return pieces;
}

}  // namespace mailassay::crypto
