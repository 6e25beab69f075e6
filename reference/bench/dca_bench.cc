// What an authority costs in both directions beside OpenSSL's own calls in the same run: the same
// content, recipient and cipher, from octets to octets.

#include <benchmark/benchmark.h>
#include <openssl/cms.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "base/random.h"
#include "crypto/test_certificates.h"
#include "dca/message.h"
#include "imf/mime.h"
#include "imf/transfer_encoding.h"
#include "secureheaders/sign.h"
#include "turns.h"

namespace {

using namespace mailassay;
using crypto::ContentCipher;

// A signed message, what hides its Subject, and what restores it.
struct Confidential {
    explicit Confidential(unsigned rsa_bits, ContentCipher cipher = ContentCipher::Aes256Cbc,
                          std::size_t body = 4096) {
        const auto alice =
            crypto::make_identity({.mail_addresses = {"alice@example.org"}}, &authority);
        const secureheaders::Signing signing{
            .policy = {.secured = {{"From", secureheaders::Status::Duplicated},
                                   {"Subject", secureheaders::Status::Deleted}}},
            .signers = {{.key = crypto::PrivateKey(alice.key),
                         .certificate = crypto::Certificate(alice.certificate)}}};
        std::string text = "From: alice@example.org\r\nSubject: figures\r\n\r\n";
        for (std::size_t i = 0; i < body / 64; ++i) text += std::string(62, 'x') + "\r\n";
        base::SeededRandom random(7508);
        plain = secureheaders::sign_message(text, signing, secureheaders::StandardRules(), random)
                    .value();
        holder = crypto::make_identity({.mail_addresses = {"d@example.net"}, .rsa_bits = rsa_bits},
                                       &authority);
        encryption.recipients = {crypto::Certificate(holder.certificate)};
        encryption.cipher = cipher;
        encrypted = dca::encrypt_message(plain, encryption, rules).value().message;
    }

    void encrypt() const {
        const auto made = dca::encrypt_message(plain, encryption, rules);
        if (!made || made->changes.size() != 1) std::abort();
        benchmark::DoNotOptimize(made->message.data());
    }
    void decrypt() const {
        const dca::Decryption decryption{.key = crypto::PrivateKey(holder.key),
                                         .certificate = crypto::Certificate(holder.certificate)};
        const auto made = dca::decrypt_message(encrypted, decryption, rules);
        if (!made || made->changes.size() != 1) std::abort();
        benchmark::DoNotOptimize(made->message.data());
    }

    crypto::Identity authority = crypto::make_identity({.common_name = "TEST CA"});
    crypto::Identity holder;
    dca::StandardRules rules;
    dca::Encryption encryption{.recipients = {}};
    std::string plain;
    std::string encrypted;
};

struct Free {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(CMS_ContentInfo* cms) const { CMS_ContentInfo_free(cms); }
    void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
template <class Object>
using Owned = std::unique_ptr<Object, Free>;

Owned<BIO> reading(const std::string& octets) {
    return Owned<BIO>(BIO_new_mem_buf(octets.data(), static_cast<int>(octets.size())));
}

const EVP_CIPHER* evp(ContentCipher cipher) {
    return cipher == ContentCipher::Aes256Cbc ? EVP_aes_256_cbc() : EVP_aes_256_gcm();
}

// The peer: CMS_encrypt and CMS_decrypt on the entity and its ContentInfo.
class Bare {
  public:
    explicit Bare(const Confidential& made) : made_(made) {
        const auto message = imf::parse_message(made.plain).value();
        for (const auto& field : message.header.fields()) {
            if (field.name.starts_with("Content-")) entity_ += field.raw;
        }
        entity_ += "\r\n" + message.body;
        const auto outer = imf::parse_message(made.encrypted).value();
        cms_ = std::string(imf::decode_body(outer.header, outer.body).value().view());
        recipients_.reset(sk_X509_new_null());
        sk_X509_push(recipients_.get(), made.holder.certificate.get());
    }

    void encrypt() const {
        const auto in = reading(entity_);
        const Owned<BIO> out(BIO_new(BIO_s_mem()));
        const Owned<CMS_ContentInfo> cms(
            CMS_encrypt(recipients_.get(), in.get(), evp(*made_.encryption.cipher), CMS_BINARY));
        if (!cms || i2d_CMS_bio(out.get(), cms.get()) != 1) std::abort();
    }
    void decrypt() const {
        const auto in = reading(cms_);
        const Owned<BIO> out(BIO_new(BIO_s_mem()));
        const Owned<CMS_ContentInfo> cms(d2i_CMS_bio(in.get(), nullptr));
        if (CMS_decrypt(cms.get(), made_.holder.key.get(), made_.holder.certificate.get(), nullptr,
                        out.get(), CMS_BINARY) != 1) {
            std::abort();
        }
    }

  private:
    const Confidential& made_;
    std::string entity_;
    std::string cms_;
    Owned<STACK_OF(X509)> recipients_;
};

enum class Direction : std::uint8_t { Encrypt, Decrypt };

void run(const auto& side, Direction direction) {
    direction == Direction::Encrypt ? side.encrypt() : side.decrypt();
}

void ours(benchmark::State& state, Direction direction, unsigned rsa_bits, ContentCipher cipher) {
    const Confidential made(rsa_bits, cipher, static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) run(made, direction);
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

void openssl(benchmark::State& state, Direction direction, unsigned rsa_bits,
             ContentCipher cipher) {
    const Confidential made(rsa_bits, cipher, static_cast<std::size_t>(state.range(0)));
    const Bare bare(made);
    for (auto _ : state) run(bare, direction);
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

// Both in turn: `ratio` is what ours costs beside OpenSSL's.
void beside(benchmark::State& state, Direction direction, unsigned rsa_bits, ContentCipher cipher) {
    const Confidential made(rsa_bits, cipher, static_cast<std::size_t>(state.range(0)));
    const Bare bare(made);
    const int a_round = state.range(0) > 1'000'000 ? 1 : 20;
    bench::in_turns(state, [&] { run(made, direction); }, [&] { run(bare, direction); }, a_round);
}

constexpr std::int64_t small = 4096;
constexpr std::int64_t large = 100'000'000;

#define DIRECTIONS(function, name, rsa_bits, cipher)                                  \
    BENCHMARK_CAPTURE(function, encrypt_##name, Direction::Encrypt, rsa_bits, cipher) \
        ->Arg(small)                                                                  \
        ->Arg(large);                                                                 \
    BENCHMARK_CAPTURE(function, decrypt_##name, Direction::Decrypt, rsa_bits, cipher) \
        ->Arg(small)                                                                  \
        ->Arg(large)

DIRECTIONS(ours, rsa_cbc, 2048, ContentCipher::Aes256Cbc);
DIRECTIONS(openssl, rsa_cbc, 2048, ContentCipher::Aes256Cbc);
DIRECTIONS(beside, rsa_cbc, 2048, ContentCipher::Aes256Cbc);
DIRECTIONS(ours, p256_gcm, 0, ContentCipher::Aes256Gcm);
DIRECTIONS(openssl, p256_gcm, 0, ContentCipher::Aes256Gcm);
DIRECTIONS(beside, p256_gcm, 0, ContentCipher::Aes256Gcm);

}  // namespace
