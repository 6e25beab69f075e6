// What verification of secured header fields costs beside a bare loop over CMS_verify in the same
// run, and how the cost grows with the number of fields and with the size of the body.

#include <benchmark/benchmark.h>
#include <openssl/cms.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>

#include "base/random.h"
#include "crypto/test_certificates.h"
#include "imf/mime.h"
#include "secureheaders/sign.h"
#include "secureheaders/signed_message.h"
#include "secureheaders/verify.h"
#include "turns.h"

namespace {

using namespace mailassay;

// Four KiB of text, signed by one key under a chain of one authority.
struct Signed {
    explicit Signed(unsigned rsa_bits, std::size_t fields = 3, std::size_t body = 4096) {
        const auto alice = crypto::make_identity(
            {.mail_addresses = {"alice@example.org"}, .rsa_bits = rsa_bits}, &authority);
        secureheaders::Signing signing{
            .policy = {.secured = {{"From", secureheaders::Status::Duplicated},
                                   {"X", secureheaders::Status::Deleted}}},
            .signers = {{.key = crypto::PrivateKey(alice.key),
                         .certificate = crypto::Certificate(alice.certificate)}}};
        std::string message = "From: alice@example.org\r\n";
        for (std::size_t i = 1; i < fields; ++i) message += "X: " + std::to_string(i) + "\r\n";
        message += "\r\n";
        for (std::size_t i = 0; i < body / 64; ++i) message += std::string(62, 'x') + "\r\n";
        base::SeededRandom random(7508);
        octets = secureheaders::sign_message(message, signing, rules, random).value();
        verification.trust = {.anchors = {crypto::Certificate(authority.certificate)},
                              .at = std::chrono::system_clock::now()};
        verification.trust.prepare();
    }

    crypto::Identity authority = crypto::make_identity({.common_name = "TEST CA"});
    secureheaders::StandardRules rules;
    secureheaders::Verification verification;
    std::string octets;
};

void verify_once(const Signed& made) {
    const auto result = secureheaders::verify_message(made.octets, made.verification, made.rules);
    if (!result || result->outcome() != secureheaders::Outcome::Valid) std::abort();
}

// The peer: CMS_verify on the same signature and content, read from octets each time.
class Bare {
  public:
    explicit Bare(const Signed& made)
        : message_(imf::parse_message(made.octets).value()),
          parts_(secureheaders::find_signature(message_.header, message_.body).value().value()) {
        X509_STORE_add_cert(store_.get(), made.authority.certificate.get());
    }

    void verify_once() const {
        BIO* der =
            BIO_new_mem_buf(parts_.cms.view().data(), static_cast<int>(parts_.cms.view().size()));
        BIO* content =
            BIO_new_mem_buf(parts_.content->data(), static_cast<int>(parts_.content->size()));
        CMS_ContentInfo* cms = d2i_CMS_bio(der, nullptr);
        if (CMS_verify(cms, nullptr, store_.get(), content, nullptr, CMS_BINARY) != 1) std::abort();
        CMS_ContentInfo_free(cms);
        BIO_free(content);
        BIO_free(der);
    }

  private:
    imf::Message message_;
    secureheaders::SignedParts parts_;
    std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store_{X509_STORE_new(),
                                                                   &X509_STORE_free};
};

void verify(benchmark::State& state, const Signed& made) {
    for (auto _ : state) verify_once(made);
}

void bare(benchmark::State& state, const Signed& made) {
    const Bare peer(made);
    for (auto _ : state) peer.verify_once();
}

void beside_bare(benchmark::State& state, const Signed& made) {
    const Bare peer(made);
    bench::in_turns(state, [&] { verify_once(made); }, [&] { peer.verify_once(); });
}

void verify_rsa(benchmark::State& state) {
    verify(state, Signed(2048));
}
void bare_rsa(benchmark::State& state) {
    bare(state, Signed(2048));
}
void verify_p256(benchmark::State& state) {
    verify(state, Signed(0));
}
void bare_p256(benchmark::State& state) {
    bare(state, Signed(0));
}
void beside_bare_rsa(benchmark::State& state) {
    beside_bare(state, Signed(2048));
}
void beside_bare_p256(benchmark::State& state) {
    beside_bare(state, Signed(0));
}
// The signer is unknown each time: its chain is built anew, as the peer builds it.
void beside_bare_stranger(benchmark::State& state, unsigned rsa_bits) {
    Signed made(rsa_bits);
    made.verification.trust.judge = nullptr;
    beside_bare(state, made);
}
void beside_bare_stranger_rsa(benchmark::State& state) {
    beside_bare_stranger(state, 2048);
}
void beside_bare_stranger_p256(benchmark::State& state) {
    beside_bare_stranger(state, 0);
}
void verify_fields(benchmark::State& state) {
    verify(state, Signed(0, static_cast<std::size_t>(state.range(0))));
    state.SetComplexityN(state.range(0));
}
void verify_size(benchmark::State& state) {
    verify(state, Signed(0, 3, static_cast<std::size_t>(state.range(0))));
    state.SetComplexityN(state.range(0));
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
void bare_size(benchmark::State& state) {
    bare(state, Signed(0, 3, static_cast<std::size_t>(state.range(0))));
    state.SetComplexityN(state.range(0));
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

BENCHMARK(verify_rsa);
BENCHMARK(bare_rsa);
BENCHMARK(verify_p256);
BENCHMARK(bare_p256);
BENCHMARK(beside_bare_rsa)->MinTime(5);
BENCHMARK(beside_bare_p256)->MinTime(5);
BENCHMARK(beside_bare_stranger_rsa)->MinTime(5);
BENCHMARK(beside_bare_stranger_p256)->MinTime(5);
BENCHMARK(verify_fields)->RangeMultiplier(10)->Range(10, 10'000)->Complexity(benchmark::oN);
BENCHMARK(verify_size)->RangeMultiplier(10)->Range(1'000, 100'000'000)->Complexity(benchmark::oN);
BENCHMARK(bare_size)->RangeMultiplier(10)->Range(1'000, 100'000'000)->Complexity(benchmark::oN);

}  // namespace
