// The content of a SignedData or of an envelope, taken out of it and put in beside OpenSSL: OpenSSL
// sees the same.

#include "crypto/encapsulation.h"

#include <openssl/err.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "crypto/handles.h"
#include "require.h"

namespace {

using namespace mailassay::crypto;
using mailassay::fuzz::require;

bool has_form(const CMS_ContentInfo* cms, ContentForm form) {
    const int type = OBJ_obj2nid(CMS_get0_type(cms));
    if (form == ContentForm::Encapsulated) return type == NID_pkcs7_signed;
    return type == NID_pkcs7_enveloped || type == NID_id_smime_ct_authEnvelopedData;
}

// nullptr: OpenSSL does not read it as SignedData, or as an envelope.
CmsHandle read(std::string_view octets, ContentForm form) {
    const auto* at = reinterpret_cast<const unsigned char*>(octets.data());
    CmsHandle cms(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(octets.size())));
    ERR_clear_error();
    return cms && has_form(cms.get(), form) ? std::move(cms) : nullptr;
}

const ASN1_OCTET_STRING* content_of(CMS_ContentInfo* cms) {
    ASN1_OCTET_STRING** content = CMS_get0_content(cms);
    return content == nullptr ? nullptr : *content;
}

void check_taken_out(const Encapsulated& apart, std::string_view whole, ContentForm form) {
    const CmsHandle cms = read(whole, form);
    if (!cms) return;
    std::string content;
    for (const std::string_view segment : apart.segments) content += segment;
    const ASN1_OCTET_STRING* seen = content_of(cms.get());
    require(seen != nullptr, "OpenSSL sees content too");
    const std::string_view theirs(reinterpret_cast<const char*>(ASN1_STRING_get0_data(seen)),
                                  static_cast<std::size_t>(ASN1_STRING_length(seen)));
    require(content == theirs, "OpenSSL sees the same content");
    const CmsHandle rest = read(apart.rest, form);
    require(rest != nullptr, "OpenSSL reads the rest");
    require(content_of(rest.get()) == nullptr, "no content is left");
}

void check_put_in(std::string_view rest, ContentForm form) {
    constexpr std::string_view content = "content";
    const auto around = around_content(rest, content.size(), form);
    if (!around) return;
    const std::string whole = around->before + std::string(content) + around->behind;
    const auto apart = take_out(whole, form);
    require(apart.has_value(), "what is put in is taken out");
    require(apart->segments.size() == 1 && apart->segments.front() == content, "the same content");
    require(!read(rest, form) || read(whole, form), "OpenSSL reads what is put together");
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets = mailassay::fuzz::octets_of(data, size);
    for (const ContentForm form : {ContentForm::Encapsulated, ContentForm::Encrypted}) {
        const auto apart = take_out(octets, form);
        if (apart) check_taken_out(*apart, octets, form);
        check_put_in(apart ? std::string_view(apart->rest) : octets, form);
    }
    return 0;
}
