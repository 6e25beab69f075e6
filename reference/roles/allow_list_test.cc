#include "roles/allow_list.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace mailassay::roles {
namespace {

class AllowListFileTest : public testing::Test {
  protected:
    std::filesystem::path folder;
    std::filesystem::path path;

    void SetUp() override {
        std::string made = (std::filesystem::temp_directory_path() / "allowed.XXXXXX").string();
        ASSERT_NE(::mkdtemp(made.data()), nullptr);
        folder = made;
        path = folder / "list";
    }
    void TearDown() override { std::filesystem::remove_all(folder); }
    void append(std::string_view text) { std::ofstream(path, std::ios::app) << text; }
};

TEST_F(AllowListFileTest, IsReadAgainWhenItIsAnother) {
    const AllowListFile file(path.string());
    EXPECT_TRUE(file.now()->allowances.empty());
    append("a@a.example b@b.example\n");
    const auto before = file.now();
    EXPECT_EQ(before->allowances.size(), 1U);
    EXPECT_EQ(file.now(), before) << "the same file is not read again";
    append("c@c.example b@b.example\nhalf@a.example bo");
    EXPECT_EQ(file.now()->allowances.size(), 2U) << "a line without its end is not there yet";
    std::filesystem::rename(path, folder / "gone");
    EXPECT_TRUE(file.now()->allowances.empty());
    EXPECT_EQ(before->allowances.size(), 1U) << "whoever has the old one keeps it";
}

TEST_F(AllowListFileTest, OfWhatIsNoFileAllowsNothing) {
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    EXPECT_TRUE(AllowListFile(path.string()).now()->allowances.empty());
    EXPECT_TRUE(AllowListFile(folder.string()).now()->allowances.empty());
}

}  // namespace
}  // namespace mailassay::roles
