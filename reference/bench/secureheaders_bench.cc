// What verification of secured header fields costs beside a bare loop over CMS_verify in the same
// run, and how the cost grows with the number of fields and with the size of the body.

#include <benchmark/benchmark.h>
#include <openssl/cms.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "crypto/test_certificates.h"
#include "imf/mime.h"
#include "secureheaders/sign.h"
#include "secureheaders/signed_message.h"
#include "secureheaders/verify.h"
#include "turns.h"

namespace {

using namespace mailassay;

using Store = std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)>;

// A message with so many secured fields and so much text, signed under a chain of one authority.
std::string signed_text(const crypto::Identity& signer, const secureheaders::Rules& rules,
                        std::size_t fields = 3, std::size_t body = 4096) {
    const secureheaders::Signing signing{
        .policy = {.secured = {{"From", secureheaders::Status::Duplicated},
                               {"X", secureheaders::Status::Deleted}}},
        .signers = {{.key = crypto::PrivateKey(signer.key),
                     .certificate = crypto::Certificate(signer.certificate)}}};
    std::string message = "From: alice@example.org\r\n";
    for (std::size_t i = 1; i < fields; ++i) message += "X: " + std::to_string(i) + "\r\n";
    message += "\r\n";
    for (std::size_t i = 0; i < body / 64; ++i) message += std::string(62, 'x') + "\r\n";
    base::SeededRandom random(7508);
    return secureheaders::sign_message(message, signing, rules, random).value();
}

struct Signed {
    explicit Signed(unsigned rsa_bits, std::size_t fields = 3, std::size_t body = 4096) {
        const auto alice = crypto::make_identity(
            {.mail_addresses = {"alice@example.org"}, .rsa_bits = rsa_bits}, &authority);
        octets = signed_text(alice, rules, fields, body);
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

void bare_verify(std::string_view octets, std::string_view text, X509_STORE* store) {
    BIO* der = BIO_new_mem_buf(octets.data(), static_cast<int>(octets.size()));
    BIO* content = BIO_new_mem_buf(text.data(), static_cast<int>(text.size()));
    CMS_ContentInfo* cms = d2i_CMS_bio(der, nullptr);
    if (CMS_verify(cms, nullptr, store, content, nullptr, CMS_BINARY) != 1) std::abort();
    CMS_ContentInfo_free(cms);
    BIO_free(content);
    BIO_free(der);
}

// The peer: CMS_verify on the same signature and content, read from octets each time.
class Bare {
  public:
    explicit Bare(const Signed& made)
        : message_(imf::parse_message(made.octets).value()),
          parts_(secureheaders::find_signature(message_.header, message_.body).value().value()) {
        X509_STORE_add_cert(store_.get(), made.authority.certificate.get());
    }

    void verify_once() const { bare_verify(parts_.cms.view(), *parts_.content, store_.get()); }

  private:
    imf::Message message_;
    secureheaders::SignedParts parts_;
    Store store_{X509_STORE_new(), &X509_STORE_free};
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
// Messages of more signers than a verifier remembers, each by another certificate: every chain is
// built anew, as the peer builds it. Both sides go through all of them, half of the way apart, so
// that neither finds a message warm that the other has just read.
class Strangers {
  public:
    explicit Strangers(unsigned rsa_bits) {
        const auto key = crypto::make_identity({.rsa_bits = rsa_bits}).key;
        made_.reserve(count);
        for (std::size_t i = 0; i < count; ++i) made_.push_back(make(key));
        X509_STORE_add_cert(store_.get(), authority_.certificate.get());
        verification_.trust = {.anchors = {crypto::Certificate(authority_.certificate)},
                               .at = std::chrono::system_clock::now()};
        verification_.trust.prepare();
    }

    void ours() {
        const auto& each = made_[next_ours_++ % count];
        const auto result = secureheaders::verify_message(each.octets, verification_, rules_);
        if (!result || result->outcome() != secureheaders::Outcome::Valid) std::abort();
    }

    void theirs() {
        const auto& each = made_[next_theirs_++ % count];
        bare_verify(each.cms, each.content, store_.get());
    }

  private:
    // More than crypto::ChainJudge::max_remembered.
    static constexpr std::size_t count = 4200;

    struct Message {
        std::string octets;
        std::string cms;
        std::string content;
    };

    Message make(const std::shared_ptr<EVP_PKEY>& key) {
        const auto signer = crypto::make_identity(
            {.mail_addresses = {"alice@example.org"}, .key = key}, &authority_);
        Message message{.octets = signed_text(signer, rules_), .cms = {}, .content = {}};
        const auto parsed = imf::view_message(message.octets);
        const auto parts = secureheaders::find_signature(parsed->header, parsed->body);
        message.cms = (*parts)->cms.view();
        message.content = *(*parts)->content;
        return message;
    }

    crypto::Identity authority_ = crypto::make_identity({.common_name = "TEST CA"});
    secureheaders::StandardRules rules_;
    secureheaders::Verification verification_;
    std::vector<Message> made_;
    Store store_{X509_STORE_new(), &X509_STORE_free};
    std::size_t next_ours_ = 0;
    std::size_t next_theirs_ = count / 2;
};

void beside_bare_strangers(benchmark::State& state, Strangers& strangers) {
    bench::in_turns(state, [&] { strangers.ours(); }, [&] { strangers.theirs(); });
}
// Made once, however often the benchmark is tried.
void beside_bare_strangers_rsa(benchmark::State& state) {
    static Strangers strangers(2048);
    beside_bare_strangers(state, strangers);
}
void beside_bare_strangers_p256(benchmark::State& state) {
    static Strangers strangers(0);
    beside_bare_strangers(state, strangers);
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
BENCHMARK(beside_bare_strangers_rsa)->MinTime(5);
BENCHMARK(beside_bare_strangers_p256)->MinTime(5);
BENCHMARK(verify_fields)->RangeMultiplier(10)->Range(10, 10'000)->Complexity(benchmark::oN);
BENCHMARK(verify_size)->RangeMultiplier(10)->Range(1'000, 100'000'000)->Complexity(benchmark::oN);
BENCHMARK(bare_size)->RangeMultiplier(10)->Range(1'000, 100'000'000)->Complexity(benchmark::oN);

}  // namespace
