#include "crypto/handles.h"

#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace mailassay::crypto {

BioHandle read_from(std::string_view octets) {
    if (octets.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) return nullptr;
    return BioHandle(BIO_new_mem_buf(octets.data() == nullptr ? "" : octets.data(),
                                     static_cast<int>(octets.size())));
}

std::string_view written_to(BIO* memory) {
    char* octets = nullptr;
    const long size = BIO_get_mem_data(memory, &octets);
    return size <= 0 ? std::string_view{} : std::string_view(octets, static_cast<size_t>(size));
}

std::string name_text(const X509_NAME* name) {
    const BioHandle out(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    return std::string(written_to(out.get()));
}

std::string number_text(const ASN1_INTEGER* integer) {
    const std::unique_ptr<BIGNUM, Release<BN_free>> number(ASN1_INTEGER_to_BN(integer, nullptr));
    const std::unique_ptr<char, decltype([](char* text) { OPENSSL_free(text); })> text(
        number ? BN_bn2hex(number.get()) : nullptr);
    return text ? std::string(text.get()) : std::string();
}

namespace {

// Far cheaper than OBJ_obj2txt(), which prints each arc by way of a BIO; nullopt for what only that
// can print: an arc of more than 28 bits, or a cut one.
std::optional<std::string> dotted_small_arcs(std::string_view content) {
    std::string text;
    std::uint32_t arc = 0;
    for (const char c : content) {
        if (arc >> 21U != 0) return std::nullopt;
        arc = (arc << 7U) | (static_cast<unsigned char>(c) & 0x7fU);
        if ((static_cast<unsigned char>(c) & 0x80U) != 0) continue;
        if (text.empty()) {
            const std::uint32_t first = std::min(arc / 40, 2U);
            text = std::to_string(first);
            arc -= first * 40;
        }
        text += '.';
        text += std::to_string(arc);
        arc = 0;
    }
    if (text.empty() || (static_cast<unsigned char>(content.back()) & 0x80U) != 0) return {};
    return text;
}

}  // namespace

std::string dotted(const ASN1_OBJECT* type) {
    const std::string_view content(reinterpret_cast<const char*>(OBJ_get0_data(type)),
                                   OBJ_length(type));
    if (auto text = dotted_small_arcs(content)) return std::move(*text);
    std::array<char, 128> text{};
    const int size = OBJ_obj2txt(text.data(), static_cast<int>(text.size()), type, 1);
    return size > 0 ? std::string(text.data()) : std::string();
}

std::string short_name(const X509_ALGOR* algorithm) {
    const ASN1_OBJECT* type = nullptr;
    X509_ALGOR_get0(&type, nullptr, nullptr, algorithm);
    std::array<char, 80> text{};
    const int nid = OBJ_obj2nid(type);
    if (nid != NID_undef) return OBJ_nid2sn(nid);
    OBJ_obj2txt(text.data(), static_cast<int>(text.size()), type, 1);
    return text.data();
}

std::string der_of(CMS_ContentInfo* cms) {
    unsigned char* octets = nullptr;
    const int size = i2d_CMS_ContentInfo(cms, &octets);
    if (size <= 0) return {};
    std::string der(reinterpret_cast<const char*>(octets), static_cast<std::size_t>(size));
    OPENSSL_free(octets);
    return der;
}

Error openssl_error(std::string_view id) {
    const unsigned long code = ERR_peek_last_error();
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    Error error{.id = id, .detail = reason == nullptr ? "" : reason};
    ERR_clear_error();
    return error;
}

}  // namespace mailassay::crypto
