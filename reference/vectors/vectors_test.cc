#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "vectors/check.h"
#include "vectors/vector_set.h"
#include "vectors/write.h"

namespace mailassay::vectors {
namespace {

namespace fs = std::filesystem;

const fs::path folder = fs::path(MAILASSAY_SOURCE_DIR) / "vectors" / "secure-headers";

std::string read(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

const Material& material() {
    static const Material made = [] {
        std::map<std::string, std::string> files;
        for (const auto& entry : fs::directory_iterator(folder / "keys")) {
            files[entry.path().filename()] = read(entry.path());
        }
        return read_material(files).value();
    }();
    return made;
}

const VectorSet& vectors() {
    static const VectorSet made = make_vectors(material());
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

}  // namespace
}  // namespace mailassay::vectors
