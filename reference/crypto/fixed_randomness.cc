#include "crypto/fixed_randomness.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <array>
#include <cstddef>
#include <stdexcept>
#include <vector>

#include "base/random.h"

namespace mailassay::crypto {

namespace {

constexpr std::size_t octets_enough = std::size_t{64} * 1024;
constexpr unsigned strength = 256;

void need(bool holds) {
    if (!holds) throw std::runtime_error("OpenSSL does not take a generator of fixed octets");
}

// The generator that OpenSSL has for tests gives its "entropy" back octet by octet.
void start_anew(EVP_RAND_CTX* generator, std::vector<unsigned char>& octets) {
    need(generator != nullptr);
    EVP_RAND_uninstantiate(generator);
    unsigned level = strength;
    const std::array params{OSSL_PARAM_construct_octet_string(OSSL_RAND_PARAM_TEST_ENTROPY,
                                                              octets.data(), octets.size()),
                            OSSL_PARAM_construct_uint(OSSL_RAND_PARAM_STRENGTH, &level),
                            OSSL_PARAM_construct_end()};
    need(EVP_RAND_instantiate(generator, strength, 0, nullptr, 0, params.data()) == 1);
}

}  // namespace

void fix_randomness(std::uint64_t seed) {
    static const bool chosen =
        RAND_set_DRBG_type(nullptr, "TEST-RAND", "provider=default", nullptr, nullptr) == 1;
    need(chosen);
    base::SeededRandom random(seed);
    std::vector<unsigned char> octets(octets_enough);
    for (unsigned char& octet : octets) octet = static_cast<unsigned char>(random.next());
    for (EVP_RAND_CTX* generator :
         {RAND_get0_primary(nullptr), RAND_get0_public(nullptr), RAND_get0_private(nullptr)}) {
        start_anew(generator, octets);
    }
}

}  // namespace mailassay::crypto
