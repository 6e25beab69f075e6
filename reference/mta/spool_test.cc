#include "mta/spool.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "mta/test_directory.h"

namespace mailassay::mta {
namespace {

namespace fs = std::filesystem;

class SpoolTest : public testing::Test {
  protected:
    // Everything that a process holds; destroyed and made anew it is a restart.
    struct Process {
        DiskFiles files;
        base::SystemRandom random;
        Recovered recovered;
        std::unique_ptr<Spool> spool;
        explicit Process(const std::string& root) : files(DiskFiles::open(root).value()) {
            spool = Spool::open(files, random, recovered).value();
        }
    };

    std::unique_ptr<Process> start() { return std::make_unique<Process>(directory_.path()); }

    static Message message(const std::string& id) {
        Message message;
        message.id = id;
        message.tag = requiretls::Tag::Required;
        message.envelope.reverse_path = {"a", "a.example"};
        message.envelope.mail_parameters = {{"REQUIRETLS", std::nullopt}, {"ENVID", "x+2By"}};
        message.envelope.recipients = {{{"b", "b.example"}, {{"NOTIFY", "NEVER"}}},
                                       {{"c d", "[192.0.2.1]"}, {}}};
        message.envelope.channel = smtp::Channel::Tls;
        message.envelope.helo = "client.example";
        message.peer_address = "192.0.2.9";
        message.arrival = base::TimePoint(std::chrono::milliseconds(1'700'000'000'123));
        message.data = std::string("Subject: \xff\0,:\r\n\r\nbody", 21);
        return message;
    }

    TestDirectory directory_;
};

TEST_F(SpoolTest, AMessageSurvivesARestartUnchanged) {
    auto process = start();
    const Message stored = message(process->spool->new_id());
    ASSERT_TRUE(process->spool->add(stored).has_value());
    process.reset();
    process = start();
    EXPECT_EQ(process->recovered.ids, (std::vector<std::string>{stored.id}));
    EXPECT_EQ(process->spool->load(stored.id).value(), stored);
    EXPECT_EQ(process->spool->load_progress(stored).value(), initial_progress(stored));
}

TEST_F(SpoolTest, ProgressSurvivesARestart) {
    auto process = start();
    const Message stored = message(process->spool->new_id());
    ASSERT_TRUE(process->spool->add(stored).has_value());
    Progress progress = initial_progress(stored);
    progress.attempts = 3;
    progress.fates = {Fate::Relayed, Fate::Pending};
    ASSERT_TRUE(process->spool->update(stored.id, progress).has_value());
    process.reset();
    process = start();
    EXPECT_EQ(process->spool->load_progress(stored).value(), progress);
}

TEST_F(SpoolTest, ARemovedMessageIsGoneWithItsProgress) {
    auto process = start();
    const Message stored = message(process->spool->new_id());
    ASSERT_TRUE(process->spool->add(stored).has_value());
    ASSERT_TRUE(process->spool->update(stored.id, initial_progress(stored)).has_value());
    ASSERT_TRUE(process->spool->remove(stored.id).has_value());
    process.reset();
    EXPECT_TRUE(start()->recovered.ids.empty());
    EXPECT_TRUE(fs::is_empty(fs::path(directory_.path()) / "progress"));
}

TEST_F(SpoolTest, AFinishedMessageIsNotServedAgain) {
    auto process = start();
    const Message stored = message(process->spool->new_id());
    ASSERT_TRUE(process->spool->add(stored).has_value());
    Progress progress = initial_progress(stored);
    progress.fates = {Fate::Relayed, Fate::Failed};
    ASSERT_TRUE(process->spool->update(stored.id, progress).has_value());
    process.reset();
    EXPECT_TRUE(start()->recovered.ids.empty());
    EXPECT_TRUE(fs::is_empty(fs::path(directory_.path()) / "messages"));
}

TEST_F(SpoolTest, ADamagedFileIsKeptAside) {
    auto process = start();
    const Message stored = message(process->spool->new_id());
    ASSERT_TRUE(process->spool->add(stored).has_value());
    process.reset();
    const fs::path file = fs::path(directory_.path()) / "messages" / stored.id;
    fs::resize_file(file, fs::file_size(file) - 1);
    process = start();
    EXPECT_TRUE(process->recovered.ids.empty());
    EXPECT_EQ(process->recovered.damaged, (std::vector<std::string>{stored.id}));
    EXPECT_TRUE(fs::exists(fs::path(directory_.path()) / "damaged" / stored.id));
}

TEST_F(SpoolTest, DamagedProgressDoesNotLoseTheMessage) {
    auto process = start();
    const Message stored = message(process->spool->new_id());
    ASSERT_TRUE(process->spool->add(stored).has_value());
    std::ofstream(fs::path(directory_.path()) / "progress" / stored.id) << "nonsense";
    process.reset();
    process = start();
    EXPECT_EQ(process->recovered.ids, (std::vector<std::string>{stored.id}));
    EXPECT_FALSE(process->spool->load_progress(stored).has_value());
}

TEST_F(SpoolTest, LeftoversOfAnInterruptedWriteAreCleared) {
    start().reset();
    std::ofstream(fs::path(directory_.path()) / "incoming" / "half") << "half";
    std::ofstream(fs::path(directory_.path()) / "progress" / "orphan") << "x";
    start().reset();
    EXPECT_TRUE(fs::is_empty(fs::path(directory_.path()) / "incoming"));
    EXPECT_TRUE(fs::is_empty(fs::path(directory_.path()) / "progress"));
}

TEST_F(SpoolTest, TwoProcessesCannotShareADirectory) {
    const auto process = start();
    const auto second = DiskFiles::open(directory_.path());
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().id, "mta.files.locked");
    EXPECT_EQ(second.error().detail, directory_.path() + ": in use by another process");
}

TEST_F(SpoolTest, FilesAreTheOwnersAlone) {
    const auto process = start();
    const Message stored = message(process->spool->new_id());
    ASSERT_TRUE(process->spool->add(stored).has_value());
    const auto permissions =
        fs::status(fs::path(directory_.path()) / "messages" / stored.id).permissions();
    EXPECT_EQ(permissions & (fs::perms::group_all | fs::perms::others_all), fs::perms::none);
}

}  // namespace
}  // namespace mailassay::mta
