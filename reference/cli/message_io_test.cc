#include "cli/message_io.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace mailassay::cli {
namespace {

class MessageIo : public testing::Test {
  protected:
    std::string path = testing::TempDir() + "mailassay_message_io_" + std::to_string(::getpid());

    ~MessageIo() override { std::filesystem::remove(path); }
    void write(const std::string& octets) const { std::ofstream(path, std::ios::binary) << octets; }
};

// Below and above the size from which a file is mapped, and with lines across blocks.
const std::string& text(bool large) {
    static const auto make = [](int lines) {
        std::string octets = "Subject: x\n\n";
        for (int i = 0; i < lines; ++i) octets += std::to_string(i) + "\n";
        return octets;
    };
    static const std::string small_text = make(10);
    static const std::string large_text = make(600'000);
    return large ? large_text : small_text;
}

TEST_F(MessageIo, InputIsTheFileOctetByOctet) {
    for (const bool large : {false, true}) {
        write(text(large));
        const auto input = open_input(path);
        ASSERT_TRUE(input.has_value());
        EXPECT_TRUE(input->view() == text(large));
    }
    write("");
    EXPECT_EQ(open_input(path)->view(), "");
    std::filesystem::remove(path);
    EXPECT_EQ(open_input(path).error().id, "cli.input.unreadable");
    EXPECT_EQ(open_input(testing::TempDir()).error().id, "cli.input.unreadable");
}

TEST_F(MessageIo, InputOfAPipeIsWhole) {
    for (const bool large : {false, true}) {
        ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
        const std::jthread writer([&] { write(text(large)); });
        const auto input = open_input(path);
        ASSERT_TRUE(input.has_value());
        EXPECT_TRUE(input->view() == text(large));
        std::filesystem::remove(path);
    }
}

TEST_F(MessageIo, LineEndsOfUnixBecomeThoseOfMail) {
    for (const bool large : {false, true}) {
        write(text(large));
        auto mail = as_mail(*open_input(path));
        ASSERT_TRUE(mail.has_value());
        EXPECT_TRUE(mail->view() == as_mail(text(large)));
        // Once is enough.
        const std::string octets(mail->view());
        const auto again = as_mail(std::move(*mail));
        EXPECT_TRUE(again->view() == octets);
    }
}

TEST_F(MessageIo, OutputGoesBehindALinkAndIntoAPipe) {
    const std::string link = path + ".link";
    write("before");
    std::filesystem::create_symlink(path, link);
    ASSERT_TRUE(write_output(link, "after").has_value());
    EXPECT_TRUE(std::filesystem::is_symlink(link));
    EXPECT_EQ(open_input(path)->view(), "after");
    std::filesystem::remove(link);
    std::filesystem::remove(path);

    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    std::string arrived;
    {
        const std::jthread reader([&] { arrived = open_input(path)->view(); });
        ASSERT_TRUE(write_output(path, "through").has_value());
    }
    EXPECT_EQ(arrived, "through");
    EXPECT_TRUE(std::filesystem::is_fifo(path));
}

TEST_F(MessageIo, AFieldCalledFromBeginsNoMailbox) {
    EXPECT_TRUE(begins_in_mailbox("From alice@example.org Thu Jan  1"));
    EXPECT_TRUE(begins_in_mailbox("From "));
    EXPECT_FALSE(begins_in_mailbox("From: alice@example.org"));
    EXPECT_FALSE(begins_in_mailbox("From \t: alice@example.org"));
    EXPECT_FALSE(begins_in_mailbox(""));
    EXPECT_EQ(split_mailbox("From x\n>From y\n\nFrom z\na").size(), 2U);
    EXPECT_EQ(split_mailbox("From : a\n\nb").size(), 1U);
}

TEST_F(MessageIo, MoreThanTheLimitIsRefusedUnread) {
    write("");
    std::filesystem::resize_file(path, std::uintmax_t{256} * 1024 * 1024 + 1);
    EXPECT_EQ(open_input(path).error().id, "cli.input.too-large");
}

}  // namespace
}  // namespace mailassay::cli
