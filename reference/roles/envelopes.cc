#include "roles/envelopes.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace mailassay::roles {

namespace {

using Json = nlohmann::ordered_json;
using Seconds = std::chrono::sys_seconds;

constexpr std::string_view unfinished = ".new";

Json to_json(const milter::Path& path) {
    return {{"address", path.address}, {"parameters", path.parameters}};
}

milter::Path path_in(const Json& told) {
    return {.address = told.at("address").get<std::string>(),
            .parameters = told.at("parameters").get<std::vector<std::string>>()};
}

std::string to_text(const KeptEnvelope& kept, base::TimePoint when) {
    Json recipients = Json::array();
    for (const milter::Path& each : kept.envelope.recipients) recipients.push_back(to_json(each));
    const Json told = {{"kept", base::to_timestamp(std::chrono::floor<std::chrono::seconds>(when))},
                       {"fingerprint", kept.fingerprint},
                       {"octets", kept.octets},
                       {"release", kept.release},
                       {"reverse_path", to_json(kept.envelope.reverse_path)},
                       {"recipients", std::move(recipients)}};
    // Addresses are whatever octets a client sent.
    return told.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::optional<EnvelopeFolder::Read> EnvelopeFolder::from_text(const std::string& text) {
    try {
        const Json told = Json::parse(text);
        const auto when = base::from_timestamp(told.at("kept").get<std::string>());
        if (!when) return std::nullopt;
        Read read{.kept = {.envelope = {.reverse_path = path_in(told.at("reverse_path")),
                                        .recipients = {}},
                           .fingerprint = told.at("fingerprint").get<std::string>(),
                           .octets = told.at("octets").get<std::string>(),
                           .release = told.at("release").get<std::string>()},
                  .when = *when};
        for (const Json& each : told.at("recipients")) {
            read.kept.envelope.recipients.push_back(path_in(each));
        }
        return read;
    } catch (const Json::exception&) {
        return std::nullopt;
    }
}

Result<std::unique_ptr<EnvelopeFolder>> EnvelopeFolder::open(std::unique_ptr<mta::Files> files,
                                                             const base::Clock& clock,
                                                             base::Random& random,
                                                             const Limits& limits) {
    std::unique_ptr<EnvelopeFolder> folder(
        new EnvelopeFolder(std::move(files), clock, random, limits));
    if (auto done = folder->remove_old(); !done) return std::unexpected(std::move(done.error()));
    return folder;
}

Result<void> EnvelopeFolder::remove_old() {
    const auto names = files_->list(".");
    if (!names) return std::unexpected(names.error());
    for (const std::string& name : *names) {
        const auto text = files_->read(name);
        if (!text) return std::unexpected(text.error());
        const auto read = from_text(*text);
        // What is damaged stays, for a person to look at; what was not finished was never promised.
        const bool is_old = read && read->when + limits_.keep < clock_.now();
        if (!is_old && !name.ends_with(unfinished)) {
            names_.insert(name);
            if (read) by_octets_.emplace(read->kept.octets, name);
            continue;
        }
        if (auto removed = files_->remove(name); !removed) return removed;
    }
    return {};
}

Result<std::string> EnvelopeFolder::keep(const KeptEnvelope& kept) {
    const std::scoped_lock lock(mutex_);
    const auto before = by_octets_.find(kept.octets);
    if (before != by_octets_.end()) {
        const auto read = read_file(before->second);
        if (!read) return std::unexpected(read.error());
        if (read->kept.envelope == kept.envelope) return before->second;
    }
    if (names_.size() >= limits_.envelopes) {
        return std::unexpected(Error{.id = "roles.envelopes.full"});
    }
    std::string reference = base::random_token(random_);
    if (auto done = write(reference, to_text(kept, clock_.now())); !done) {
        return std::unexpected(std::move(done.error()));
    }
    names_.insert(reference);
    by_octets_.insert_or_assign(kept.octets, reference);
    return reference;
}

Result<void> EnvelopeFolder::write(const std::string& reference, const std::string& text) {
    const std::string before = reference + std::string(unfinished);
    if (auto removed = files_->remove(before); !removed) return removed;
    if (auto written = files_->write_new(before, text); !written) return written;
    if (auto renamed = files_->rename(before, reference); !renamed) return renamed;
    return files_->sync_directory(".");
}

Result<std::optional<KeptEnvelope>> EnvelopeFolder::find(std::string_view reference) {
    const std::scoped_lock lock(mutex_);
    if (!names_.contains(reference)) return std::nullopt;
    auto read = read_file(reference);
    if (!read) return std::unexpected(std::move(read.error()));
    return std::move(read->kept);
}

Result<Claim> EnvelopeFolder::claim(std::string_view reference, std::string_view release) {
    const std::scoped_lock lock(mutex_);
    if (!names_.contains(reference)) {
        return std::unexpected(Error{.id = "roles.envelopes.unknown"});
    }
    auto read = read_file(reference);
    if (!read) return std::unexpected(std::move(read.error()));
    KeptEnvelope& kept = read->kept;
    if (kept.release == release) return Claim::Granted;
    if (!kept.release.empty()) return Claim::TakenBefore;
    kept.release = release;
    if (auto done = write(std::string(reference), to_text(kept, read->when)); !done) {
        return std::unexpected(std::move(done.error()));
    }
    return Claim::Granted;
}

Result<EnvelopeFolder::Read> EnvelopeFolder::read_file(std::string_view reference) {
    const auto text = files_->read(std::string(reference));
    if (!text) return std::unexpected(text.error());
    auto read = from_text(*text);
    if (!read) return std::unexpected(Error{.id = "roles.envelopes.damaged"});
    return std::move(*read);
}

}  // namespace mailassay::roles
