#include "crypto/handles.h"

#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace mailassay::crypto {

namespace {

// What a BIO of ours has beside it.
struct SinkState {
    base::Sink& sink;
    std::optional<Error>& fault;
};

int write_to_sink(BIO* bio, const char* octets, int size) {
    const auto* state = static_cast<SinkState*>(BIO_get_data(bio));
    if (size <= 0) return 0;
    auto done = state->sink.append({octets, static_cast<std::size_t>(size)});
    if (done) return size;
    state->fault = std::move(done.error());
    return -1;
}

long control_sink(BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

int free_sink(BIO* bio) {
    delete static_cast<SinkState*>(BIO_get_data(bio));  // NOLINT(cppcoreguidelines-owning-memory)
    return 1;
}

BIO_METHOD* make_sink_method() {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "sink");
    const bool made = method != nullptr && BIO_meth_set_write(method, write_to_sink) == 1 &&
                      BIO_meth_set_ctrl(method, control_sink) == 1 &&
                      BIO_meth_set_destroy(method, free_sink) == 1;
    return made ? method : nullptr;
}

}  // namespace

BioHandle write_into(base::Sink& sink, std::optional<Error>& fault) {
    // Kept to the end of the process, as a BIO may be.
    static const std::unique_ptr<BIO_METHOD, Release<BIO_meth_free>> method(make_sink_method());
    BioHandle bio(method ? BIO_new(method.get()) : nullptr);
    if (!bio) return nullptr;
    auto state = std::make_unique<SinkState>(SinkState{.sink = sink, .fault = fault});
    BIO_set_data(bio.get(), state.release());
    BIO_set_init(bio.get(), 1);
    return bio;
}

BioHandle read_from(std::string_view octets) {
    if (octets.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) return nullptr;
    return BioHandle(BIO_new_mem_buf(octets.data() == nullptr ? "" : octets.data(),
                                     static_cast<int>(octets.size())));
}

BioHandle digests_of(CMS_ContentInfo* cms) {
    BioHandle nowhere(BIO_new(BIO_s_null()));
    BioHandle digests(CMS_dataInit(cms, nowhere.get()));
    // It ends the chain of digests now, which owns it.
    if (digests) static_cast<void>(nowhere.release());
    return digests;
}

bool write_to(BIO* out, std::span<const std::string_view> pieces) {
    constexpr std::size_t at_once = std::size_t{1024} * 1024;
    for (std::string_view piece : pieces) {
        while (!piece.empty()) {
            const std::string_view taken = piece.substr(0, at_once);
            if (BIO_write(out, taken.data(), static_cast<int>(taken.size())) !=
                static_cast<int>(taken.size())) {
                return false;
            }
            piece.remove_prefix(taken.size());
        }
    }
    return true;
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

std::string_view view_of(const ASN1_STRING* string) {
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
            static_cast<std::size_t>(ASN1_STRING_length(string))};
}

bool is_for_cms(const EVP_PKEY* key) {
    const int kind = EVP_PKEY_get_base_id(key);
    return kind == EVP_PKEY_RSA || kind == EVP_PKEY_RSA_PSS || kind == EVP_PKEY_EC;
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
