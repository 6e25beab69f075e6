#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "vectors/check.h"
#include "vectors/dca_check.h"
#include "vectors/dca_write.h"
#include "vectors/vector_set.h"
#include "vectors/write.h"

namespace mailassay::vectors {
namespace {

namespace fs = std::filesystem;

const fs::path root = fs::path(MAILASSAY_SOURCE_DIR) / "vectors";

std::string read(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

const Material& material() {
    static const Material made = [] {
        std::map<std::string, std::string> files;
        for (const char* folder : {"secure-headers", "dca"}) {
            for (const auto& entry : fs::directory_iterator(root / folder / "keys")) {
                if (entry.is_regular_file()) files[entry.path().filename()] = read(entry.path());
            }
        }
        return read_material(files).value();
    }();
    return made;
}

const VectorSet& vectors() {
    static const VectorSet made = make_vectors(material());
    return made;
}

const DcaVectorSet& dca_vectors() {
    static const DcaVectorSet made = make_dca_vectors(material());
    return made;
}

TEST(Vectors, TheReferenceComesToWhatTheySay) {
    for (const std::string& line : disagreements(vectors(), material())) ADD_FAILURE() << line;
}

TEST(Vectors, AreMany) {
    EXPECT_GE(vectors().verify.size(), 400U);
    EXPECT_GE(vectors().sign.size(), 50U);
}

TEST(Vectors, AreMadeTheSameAgain) {
    const auto once = to_files(vectors());
    const auto again = to_files(make_vectors(material()));
    ASSERT_EQ(once.size(), again.size());
    for (const auto& [name, octets] : once) EXPECT_EQ(octets, again.at(name)) << name;
}

TEST(Vectors, ADisagreementIsTold) {
    VectorSet wrong = vectors();
    wrong.verify.resize(1);
    wrong.sign.resize(1);
    wrong.verify[0].common.expected.outcomes = {outcome::invalid};
    wrong.sign[0].common.expected.fields->clear();
    EXPECT_EQ(disagreements(wrong, material()).size(), 2U);
    wrong.verify.push_back(wrong.verify[0]);
    EXPECT_EQ(disagreements(wrong, material()).size(), 4U);
}

TEST(Vectors, AKeyThatCannotBeReadIsNamed) {
    const auto read = read_material({{"x.key.pem", "nonsense"}});
    ASSERT_FALSE(read);
    EXPECT_TRUE(read.error().detail.starts_with("x.key.pem"));
    EXPECT_THROW((void)material().signer("nobody"), Misuse);
    EXPECT_THROW((void)material().signer("alice-rsa+rot13"), Misuse);
}

TEST(DcaVectors, TheReferenceComesToWhatTheySay) {
    for (const std::string& line : disagreements(dca_vectors(), material())) ADD_FAILURE() << line;
}

TEST(DcaVectors, AreMany) {
    EXPECT_GE(dca_vectors().encrypt.size(), 120U);
    EXPECT_GE(dca_vectors().decrypt.size(), 120U);
}

TEST(DcaVectors, AreMadeTheSameAgain) {
    const auto once = to_files(dca_vectors());
    const auto again = to_files(make_dca_vectors(material()));
    ASSERT_EQ(once.size(), again.size());
    for (const auto& [name, octets] : once) EXPECT_EQ(octets, again.at(name)) << name;
}

TEST(DcaVectors, ADisagreementIsTold) {
    const auto of_name = [](const auto& vectors, std::string_view name) {
        return *std::ranges::find_if(
            vectors, [&](const auto& vector) { return vector.common.name == name; });
    };
    const EncryptVector encrypting = of_name(dca_vectors().encrypt, "statuses/relaxed-detached");
    const DecryptVector decrypting = of_name(dca_vectors().decrypt, "modified/relaxed-one");
    const auto told = [](DcaVectorSet set) { return disagreements(set, material()).size(); };
    EXPECT_EQ(told({.encrypt = {encrypting}, .decrypt = {decrypting}}), 0U);
    EXPECT_EQ(told({.encrypt = {encrypting, encrypting}}), 1U);

    EncryptVector other = encrypting;
    other.outer.pop_back();
    other.outer.pop_back();
    EXPECT_EQ(told({.encrypt = {other}}), 1U);
    other = encrypting;
    other.hidden.emplace_back("alice@example.org");
    EXPECT_EQ(told({.encrypt = {other}}), 1U);
    other = encrypting;
    other.common.outcomes = {outcome::refused};
    EXPECT_EQ(told({.encrypt = {other}}), 1U);

    DecryptVector changed = decrypting;
    changed.restored->replace(changed.restored->find("Quarterly"), 9, "quarterly");
    EXPECT_EQ(told({.decrypt = {changed}}), 1U);
    changed.is_determined = false;
    EXPECT_EQ(told({.decrypt = {changed}}), 1U);
    changed = decrypting;
    changed.common.verifies = outcome::invalid;
    EXPECT_EQ(told({.decrypt = {changed}}), 1U);
    changed = decrypting;
    changed.common.addresses = {"carol@example.com"};
    EXPECT_EQ(told({.decrypt = {changed}}), 1U);
}

}  // namespace
}  // namespace mailassay::vectors
