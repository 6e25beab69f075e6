#include "crypto/chain_judge.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <array>
#include <chrono>
#include <utility>

namespace mailassay::crypto {

namespace {

// Fetched once: X509_digest() would look for it each time.
const EVP_MD* sha256() {
    static const std::unique_ptr<EVP_MD, Release<EVP_MD_free>> digest(
        EVP_MD_fetch(nullptr, "SHA256", nullptr));
    return digest.get();
}

// The SHA-256 of each certificate, the leaf's first; empty when one can't be digested.
std::string digests_of(const X509* leaf, const STACK_OF(X509) * others) {
    std::string digests;
    const auto add = [&digests](const X509* certificate) {
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
        unsigned size = 0;
        if (X509_digest(certificate, sha256(), digest.data(), &size) != 1) return false;
        digests.append(reinterpret_cast<const char*>(digest.data()), size);
        return true;
    };
    if (!add(leaf)) return {};
    for (int i = 0; i < sk_X509_num(others); ++i) {
        // The leaf is one of those that came.
        if (sk_X509_value(others, i) != leaf && !add(sk_X509_value(others, i))) return {};
    }
    return digests;
}

ChainVerdict verdict_on(int error) {
    switch (error) {
        case X509_V_OK:
            return {.state = ChainState::Trusted};
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return {.state = ChainState::Expired, .reason = X509_verify_cert_error_string(error)};
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return {.state = ChainState::NotYetValid,
                    .reason = X509_verify_cert_error_string(error)};
        default:
            return {.state = ChainState::NotTrusted,
                    .reason = X509_verify_cert_error_string(error)};
    }
}

}  // namespace

ChainJudge::ChainJudge(const Trust& trust) : store_(X509_STORE_new()) {
    for (const Certificate& anchor : trust.anchors) X509_STORE_add_cert(store_.get(), anchor.get());
    X509_VERIFY_PARAM* parameters = X509_STORE_get0_param(store_.get());
    X509_VERIFY_PARAM_set_time(parameters, std::chrono::system_clock::to_time_t(trust.at));
    X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SMIME_SIGN);
}

ChainVerdict ChainJudge::judge(X509* leaf, STACK_OF(X509) * others) {
    std::string set = digests_of(leaf, others);
    if (remembers(set)) return {.state = ChainState::Trusted};
    const StoreContextHandle context(X509_STORE_CTX_new());
    X509_STORE_CTX_init(context.get(), store_.get(), leaf, others);
    if (X509_verify_cert(context.get()) == 1) {
        remember(std::move(set));
        return {.state = ChainState::Trusted};
    }
    const int error = X509_STORE_CTX_get_error(context.get());
    ERR_clear_error();
    // It did not hold, whatever the code says.
    return verdict_on(error == X509_V_OK ? X509_V_ERR_UNSPECIFIED : error);
}

bool ChainJudge::remembers(const std::string& set) {
    const std::scoped_lock lock(mutex_);
    return held_.contains(set);
}

void ChainJudge::remember(std::string set) {
    // 64 certificates: a longer set is rather judged again than kept.
    constexpr std::size_t max_set = std::size_t{64} * 32;
    if (set.empty() || set.size() > max_set) return;
    const std::scoped_lock lock(mutex_);
    if (held_.size() == max_remembered) held_.clear();
    held_.insert(std::move(set));
}

void Trust::prepare() {
    judge = std::make_shared<ChainJudge>(*this);
}

}  // namespace mailassay::crypto
