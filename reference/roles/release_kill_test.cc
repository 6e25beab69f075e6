#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mta/test_directory.h"
#include "roles/release_testing.h"

// The process that holds the envelopes is ended as by kill -9, before each of its operations on the
// disk in turn and in the middle of what it writes. Between two of them it changes nothing that
// outlives it, so that these are all moments that can be told apart.
namespace mailassay::roles {
namespace {

struct Kill {
    int before;  // which operation, from 0 on
    bool is_within_writing = false;
};

// Files on the disk, until the process ends.
class KillingFiles final : public mta::Files {
  public:
    KillingFiles(const std::string& root, Kill kill)
        : root_(root), files_(mta::DiskFiles::open(root).value()), kill_(kill) {}

    Result<void> write_new(const std::string& path, std::string_view octets) override {
        if (kill_.is_within_writing && kill_.before == 0) {
            std::ofstream(root_ + "/" + path) << octets.substr(0, octets.size() / 2);
        }
        work();
        return files_.write_new(path, octets);
    }
    Result<void> rename(const std::string& from, const std::string& to) override {
        work();
        return files_.rename(from, to);
    }
    Result<void> remove(const std::string& path) override {
        work();
        return files_.remove(path);
    }
    Result<void> sync_directory(const std::string& path) override {
        work();
        return files_.sync_directory(path);
    }
    Result<void> make_directory(const std::string& path) override {
        work();
        return files_.make_directory(path);
    }
    Result<std::string> read(const std::string& path) override {
        work();
        return files_.read(path);
    }
    Result<std::vector<std::string>> list(const std::string& path) override {
        work();
        return files_.list(path);
    }

  private:
    void work() {
        if (kill_.before-- == 0) (void)std::raise(SIGKILL);
    }

    std::string root_;
    mta::DiskFiles files_;
    Kill kill_;
};

enum class Ended { Killed, ByItself };

class KilledRole : public ReleaseRole {
  protected:
    std::unique_ptr<mta::Files> files() override {
        if (kill_) return std::make_unique<KillingFiles>(directory_->path(), *kill_);
        return std::make_unique<mta::DiskFiles>(mta::DiskFiles::open(directory_->path()).value());
    }
    void begin_anew() { directory_ = std::make_unique<mta::TestDirectory>(); }
    milter::Answer hand_in(const std::string& message) {
        return judged(role(Place::Submission), message, to_, from_);
    }
    // A server of its own takes the message, and is killed at that; its client hears nothing.
    Ended hand_in_and_kill(const std::string& message, Kill kill) {
        const pid_t child = ::fork();
        if (child == 0) {
            kill_ = kill;
            (void)hand_in(message);
            std::_Exit(0);
        }
        int status = -1;
        EXPECT_EQ(::waitpid(child, &status, 0), child);
        const bool is_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
        EXPECT_TRUE(is_killed || (WIFEXITED(status) && WEXITSTATUS(status) == 0)) << status;
        return is_killed ? Ended::Killed : Ended::ByItself;
    }
    // Where it goes; empty: it is refused, since another release went out.
    Addresses goes_to(const std::string& message) {
        const auto answer = hand_in(message);
        if (std::holds_alternative<milter::Deliver>(answer.verdict)) {
            return changes(answer).added_recipients;
        }
        EXPECT_EQ(reply(answer).text, "Not released: roles.release.went-out");
        return {};
    }
    [[nodiscard]] std::size_t envelopes() const {
        return mta::DiskFiles::open(directory_->path()).value().list(".").value().size();
    }
    // Operations of handing in that message, each of which is the last once; `then` looks at what
    // is left.
    int killed_at_each(const std::function<std::string()>& prepared,
                       const std::function<void()>& then) {
        int operations = 0;
        for (const bool is_within_writing : {false, true}) {
            Ended ended = Ended::Killed;
            for (int at = 0; ended == Ended::Killed; ++at) {
                SCOPED_TRACE(at);
                begin_anew();
                ended = hand_in_and_kill(prepared(), {at, is_within_writing});
                then();
                operations = at;
            }
        }
        return operations;
    }

    const Addresses recipients_{"<bob@example.net>", "<blind@example.net>"};
    std::unique_ptr<mta::TestDirectory> directory_;
    std::optional<Kill> kill_;
    Addresses to_ = recipients_;
    std::string from_ = "<ann@mil.example>";
};

TEST_F(KilledRole, LosesNoEnvelope) {
    const int operations = killed_at_each(
        [&] { return draft_; },
        [&] {
            const std::string at_officers = whole(hand_in(draft_), draft_);
            EXPECT_EQ(envelopes(), 1U);
            EXPECT_EQ(
                changes(judged(role(Place::Submission), authorized(at_officers, "one@mil.example"),
                               {"<whoever@mil.example>"}, "<one@mil.example>"))
                    .added_recipients,
                recipients_);
        });
    // list, and remove, write, rename and sync
    EXPECT_EQ(operations, 5);
}

class KilledAtARelease : public KilledRole {
  protected:
    std::string two_releases() {
        to_ = recipients_;
        const std::string at_officers = whole(hand_in(draft_), draft_);
        first_ = authorized(at_officers, "one@mil.example");
        second_ = authorized(at_officers, "two@mil.example");
        to_ = {"<whoever@mil.example>"};
        from_ = "<one@mil.example>";
        return first_;
    }

    std::string first_;
    std::string second_;
};

TEST_F(KilledAtARelease, LetsTheSameOutWhenItComesAgain) {
    const int operations = killed_at_each([&] { return two_releases(); },
                                          [&] {
                                              EXPECT_EQ(goes_to(first_), recipients_);
                                              EXPECT_EQ(goes_to(second_), Addresses{});
                                              EXPECT_EQ(envelopes(), 1U);
                                          });
    // list and read, read twice, and remove, write, rename and sync
    EXPECT_EQ(operations, 8);
}

TEST_F(KilledAtARelease, LetsOneOutWhicheverComesNext) {
    int of_the_second = 0;
    const int operations =
        killed_at_each([&] { return two_releases(); },
                       [&] {
                           const Addresses second = goes_to(second_);
                           EXPECT_EQ(goes_to(first_), second.empty() ? recipients_ : Addresses{});
                           of_the_second += second == recipients_ ? 1 : 0;
                       });
    EXPECT_GT(of_the_second, 0);
    EXPECT_LT(of_the_second, 2 * operations);
}

}  // namespace
}  // namespace mailassay::roles
