#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

// Certificates made while a test runs. Failures end the test program: they are never the fault of
// what is tested.
namespace mailassay::crypto {

struct Identity {
    std::shared_ptr<EVP_PKEY> key;
    std::shared_ptr<X509> certificate;
};

// What a certificate says; the defaults are a good one.
struct Wish {
    // subjectAltName: hosts and mailboxes; neither: an authority.
    std::vector<std::string> names = {};
    std::vector<std::string> mail_addresses = {};
    std::string common_name = "test";
    int valid_from_days = -1;
    int valid_to_days = 1;
    const char* curve = "P-256";
    unsigned rsa_bits = 0;                    // 0: ECDSA on that curve
    std::shared_ptr<EVP_PKEY> key = nullptr;  // instead of a new one
};

// Signed by `issuer`, or by itself without one.
[[nodiscard]] Identity make_identity(const Wish& wish, const Identity* issuer = nullptr);

// SHA-256 over the DER SubjectPublicKeyInfo, as TLSA 3 1 1 has it, and over the whole certificate.
[[nodiscard]] std::string key_digest(const Identity& identity);
[[nodiscard]] std::string certificate_digest(const Identity& identity);

// A folder of its own below the test's temporary folder, removed at the end.
class TestFolder {
  public:
    TestFolder();
    ~TestFolder();
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;

    // Writes a file of that name and gives its path.
    std::string write(const std::string& name, const std::string& octets) const;
    std::string write_certificates(const std::string& name,
                                   const std::vector<Identity>& chain) const;
    std::string write_key(const std::string& name, const Identity& identity) const;
    [[nodiscard]] std::string path(const std::string& name) const;

  private:
    std::filesystem::path path_;
};

}  // namespace mailassay::crypto
