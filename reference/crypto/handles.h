#pragma once

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/stack.h>
#include <openssl/x509.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/octets.h"

// OpenSSL's objects, owned. Only for the .cc files of this module.
namespace mailassay::crypto {

template <auto release>
struct Release {
    template <class Object>
    void operator()(Object* object) const {
        release(object);
    }
};

using BioHandle = std::unique_ptr<BIO, Release<BIO_free_all>>;
using CmsHandle = std::unique_ptr<CMS_ContentInfo, Release<CMS_ContentInfo_free>>;
using ObjectHandle = std::unique_ptr<ASN1_OBJECT, Release<ASN1_OBJECT_free>>;
using TimeHandle = std::unique_ptr<ASN1_TIME, Release<ASN1_TIME_free>>;
using StoreContextHandle = std::unique_ptr<X509_STORE_CTX, Release<X509_STORE_CTX_free>>;

// Frees the stack, not what is in it.
struct FreeStack {
    void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
using BorrowedStack = std::unique_ptr<STACK_OF(X509), FreeStack>;

// A BIO that reads the octets, which must outlive it; nullptr for more than 2 GiB.
[[nodiscard]] BioHandle read_from(std::string_view octets);
// Takes the content of a SignedData through the digests of its signers, to nowhere; nullptr for
// one that OpenSSL does not know.
[[nodiscard]] BioHandle digests_of(CMS_ContentInfo* cms);
// Writes all of them, one after the other.
[[nodiscard]] bool write_to(BIO* out, std::span<const std::string_view> pieces);
// A BIO that writes into a sink, which must outlive it. `fault` gets the sink's error.
[[nodiscard]] BioHandle write_into(base::Sink& sink, std::optional<Error>& fault);
[[nodiscard]] std::string_view view_of(const ASN1_STRING* string);
// What was written into a memory BIO.
[[nodiscard]] std::string_view written_to(BIO* memory);

// A name by RFC 4514, as UTF-8; a number in hexadecimal; an object identifier in dots; the short
// name that OpenSSL has for an algorithm, or its object identifier.
[[nodiscard]] std::string name_text(const X509_NAME* name);
[[nodiscard]] std::string number_text(const ASN1_INTEGER* number);
[[nodiscard]] std::string dotted(const ASN1_OBJECT* type);
[[nodiscard]] std::string short_name(const X509_ALGOR* algorithm);

// Whether the key is of a kind that OpenSSL makes and verifies signatures of CMS with: RSA and
// elliptic curves. Ed25519, which digests by itself, is none in 3.0.
[[nodiscard]] bool is_for_cms(const EVP_PKEY* key);

// The ContentInfo in DER; empty on failure.
[[nodiscard]] std::string der_of(CMS_ContentInfo* cms);

// An Error with the last reason on OpenSSL's queue, which is emptied.
[[nodiscard]] Error openssl_error(std::string_view id);

}  // namespace mailassay::crypto
