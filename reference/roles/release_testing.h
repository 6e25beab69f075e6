#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "crypto/test_certificates.h"
#include "milter/conversation.h"
#include "releasing/courier.h"
#include "releasing/review.h"
#include "roles/release.h"

// For the tests of the role `release`: an organization, its drafts, and its officers' agents.
namespace mailassay::roles {

using release::Place;

// Files in memory, which outlive who uses them.
struct Disk {
    std::map<std::string, std::string> files;
    bool is_full = false;
};

class MemoryFiles final : public mta::Files {
  public:
    explicit MemoryFiles(Disk& disk) : disk_(disk) {}

    Result<void> write_new(const std::string& path, std::string_view octets) override {
        if (disk_.is_full) return std::unexpected(Error{.id = "mta.files.write"});
        disk_.files[path] = octets;
        return {};
    }
    Result<void> rename(const std::string& from, const std::string& to) override {
        disk_.files[to] = disk_.files.at(from);
        disk_.files.erase(from);
        return {};
    }
    Result<void> remove(const std::string& path) override {
        disk_.files.erase(path);
        return {};
    }
    Result<void> sync_directory(const std::string&) override { return {}; }
    Result<void> make_directory(const std::string&) override { return {}; }
    Result<std::string> read(const std::string& path) override { return disk_.files.at(path); }
    Result<std::vector<std::string>> list(const std::string&) override {
        std::vector<std::string> names;
        for (const auto& [name, _] : disk_.files) names.push_back(name);
        return names;
    }

  private:
    Disk& disk_;
};

inline imf::Mailbox user(const std::string& text) {
    return imf::parse_mailbox(text).value();
}

class ReleaseRole : public testing::Test {
  protected:
    [[nodiscard]] crypto::Signer signer(const std::string& address) const {
        const auto made = crypto::make_identity({.mail_addresses = {address}}, &root_);
        return {.key = crypto::PrivateKey(made.key),
                .certificate = crypto::Certificate(made.certificate)};
    }
    std::string signed_by(const std::string& address, const std::string& message) {
        return releasing::review(message, signer(address), random_).value();
    }
    // Where the envelopes are.
    virtual std::unique_ptr<mta::Files> files() { return std::make_unique<MemoryFiles>(disk_); }
    std::unique_ptr<EnvelopeFolder> folder(EnvelopeFolder::Limits limits = {}) {
        return EnvelopeFolder::open(files(), clock_, random_, limits).value();
    }
    Release role(Place place) {
        ReleaseSettings settings{.place = place,
                                 .verification = verification_,
                                 .mailbox = mailbox_,
                                 .handed_in_by = handed_in_by_};
        return Release(settings, rules_, clock_, place == Place::Submission ? folder() : nullptr);
    }
    // What the role answers to a whole message in an envelope.
    milter::Answer judged(const Release& role, const std::string& octets,
                          const std::vector<std::string>& recipients = {"<bob@example.net>"},
                          const std::string& reverse_path = "<ann@mil.example>") {
        session_ = {};
        session_.envelope.reverse_path.address = reverse_path;
        for (const auto& each : recipients) session_.envelope.recipients.push_back({each, {}});
        const auto parsed = imf::view_message(octets).value();
        return role.judge(
            {.session = session_, .octets = octets, .header = parsed.header, .body = parsed.body});
    }
    static milter::Changes changes(const milter::Answer& answer) {
        return std::get<milter::Deliver>(answer.verdict).changes;
    }
    static milter::Reply reply(const milter::Answer& answer) {
        return std::get<milter::Refuse>(answer.verdict).reply;
    }
    static std::string whole(const milter::Answer& answer, const std::string& came) {
        const auto parsed = imf::parse_message(came).value();
        return changes(answer).header.value().to_octets() + parsed.separator + parsed.body;
    }
    // The officer's agent: off with the reference, on with field and signature, and back.
    std::string authorized(const std::string& draft, const std::string& officer) {
        const auto resumed = releasing::resume(draft).value();
        const auto made =
            releasing::authorize(resumed.message, verification_now(),
                                 {.user = user(officer), .decision = release::Decision::Release},
                                 signer(officer), rules_, random_)
                .value();
        const auto parsed = imf::parse_message(made.message.value()).value();
        return releasing::with_reference(parsed.header, resumed.reference.value()).to_octets() +
               parsed.separator + parsed.body;
    }
    releasing::Verification verification_now() {
        auto made = verification_;
        made.trust.at = clock_.now();
        return made;
    }

    using Addresses = std::vector<std::string>;

    release::StandardRules rules_;
    base::ManualClock clock_{std::chrono::system_clock::now()};
    base::SeededRandom random_{1};
    crypto::Identity root_ = crypto::make_identity({.common_name = "Test CA"});
    releasing::Verification verification_{
        .policy = {.officers = {user("one@mil.example"), user("two@mil.example")}},
        .trust = {.anchors = {crypto::Certificate(root_.certificate)}, .at = {}}};
    std::string mailbox_;
    HandedInBy handed_in_by_ = HandedInBy::ItsUsers;
    Disk disk_;
    milter::Session session_;
    std::string draft_ = signed_by(
        "ann@mil.example",
        "From: Ann <ann@mil.example>\r\nTo: bob@example.net\r\nSubject: s\r\n\r\nBody\r\n");
};

}  // namespace mailassay::roles
