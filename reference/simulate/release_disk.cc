#include "simulate/release_disk.h"

namespace mailassay::simulate {

std::vector<std::string> SimulatedDisk::names() const {
    std::vector<std::string> all;
    for (const auto& [name, _] : files_) all.push_back(name);
    return all;
}

void SimulatedDisk::work() {
    if (!cut || (*cut)-- > 0) return;
    if (before_ && random_.next() % 2 == 0) files_ = std::move(*before_);
    before_.reset();
    throw PowerCut();
}

Result<void> SimulatedFiles::write_new(const std::string& path, std::string_view octets) {
    disk_.work();
    disk_.files_[path] = octets;
    return {};
}

Result<void> SimulatedFiles::rename(const std::string& from, const std::string& to) {
    disk_.work();
    disk_.before_ = disk_.files_;
    disk_.files_[to] = disk_.files_.at(from);
    disk_.files_.erase(from);
    return {};
}

Result<void> SimulatedFiles::remove(const std::string& path) {
    disk_.work();
    disk_.files_.erase(path);
    return {};
}

Result<void> SimulatedFiles::sync_directory(const std::string&) {
    disk_.work();
    disk_.before_.reset();
    return {};
}

Result<void> SimulatedFiles::make_directory(const std::string&) {
    return {};
}

Result<std::string> SimulatedFiles::read(const std::string& path) {
    const auto found = disk_.files_.find(path);
    if (found == disk_.files_.end()) return std::unexpected(Error{.id = "mta.files.read"});
    return found->second;
}

Result<std::vector<std::string>> SimulatedFiles::list(const std::string&) {
    return disk_.names();
}

}  // namespace mailassay::simulate
