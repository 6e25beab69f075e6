#include "cli/release_role.h"

#include <array>
#include <utility>

#include "base/clock.h"
#include "base/random.h"
#include "cli/release_config.h"
#include "mta/files.h"
#include "roles/release.h"

namespace mailassay::cli {

namespace {

constexpr std::array<std::pair<std::string_view, release::Place>, 3> place_words{
    {{"submission", release::Place::Submission},
     {"border", release::Place::Border},
     {"delivery", release::Place::Delivery}}};

constexpr std::array<std::pair<std::string_view, roles::HandedInBy>, 2> handed_in_words{
    {{"its-users", roles::HandedInBy::ItsUsers}, {"anybody", roles::HandedInBy::Anybody}}};

const base::SystemClock& system_clock() {
    static const base::SystemClock clock;
    return clock;
}

base::SystemRandom& system_random() {
    static base::SystemRandom random;
    return random;
}

Result<std::unique_ptr<roles::EnvelopeStore>> open_store(const std::string& folder) {
    auto files = mta::DiskFiles::open(folder);
    if (!files) return std::unexpected(std::move(files.error()));
    return roles::EnvelopeFolder::open(std::make_unique<mta::DiskFiles>(std::move(*files)),
                                       system_clock(), system_random(), {});
}

}  // namespace

Result<std::unique_ptr<milter::Role>> make_release(const std::string& path,
                                                   const Implementation& implementation) {
    auto config = open_release_config(path);
    if (!config) return std::unexpected(std::move(config.error()));
    auto read = read_release_config(*config);
    if (!read) return std::unexpected(std::move(read.error()));
    roles::ReleaseSettings settings{
        .place = config->choice("place", place_words),
        .edition = read->edition,
        .verification = std::move(read->verification),
        .mailbox = std::move(read->mailbox),
        .handed_in_by = config->choice("handed_in_by", handed_in_words)};
    const std::string folder = config->path("envelopes");
    const bool is_submission = settings.place == release::Place::Submission;
    if (is_submission && folder.empty()) config->complain("cli.config.missing", "envelopes");
    if (config->fault()) return std::unexpected(*config->fault());
    std::unique_ptr<roles::EnvelopeStore> store;
    if (is_submission) {
        auto opened = open_store(folder);
        if (!opened) return std::unexpected(std::move(opened.error()));
        store = std::move(*opened);
    }
    return std::make_unique<roles::Release>(std::move(settings), *implementation.release,
                                            system_clock(), std::move(store));
}

}  // namespace mailassay::cli
