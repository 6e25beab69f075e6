#pragma once

#include <cstdint>
#include <exception>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "mta/files.h"

namespace mailassay::simulate {

// The power is gone: the process ends where it stands.
struct PowerCut : std::exception {};

// What a server keeps, and what of it is there after the power was cut (mta::Files).
class SimulatedDisk {
  public:
    explicit SimulatedDisk(base::Random& random) : random_(random) {}

    // After so many more operations; nullopt: never.
    std::optional<std::uint64_t> cut = std::nullopt;

    [[nodiscard]] std::vector<std::string> names() const;

  private:
    friend class SimulatedFiles;
    // Throws PowerCut when it is time; a name that is not synced may be gone by then.
    void work();

    base::Random& random_;
    std::map<std::string, std::string> files_ = {};
    // What was there before the last rename, until that is synced.
    std::optional<std::map<std::string, std::string>> before_ = std::nullopt;
};

class SimulatedFiles final : public mta::Files {
  public:
    // `disk` must outlive it.
    explicit SimulatedFiles(SimulatedDisk& disk) : disk_(disk) {}

    Result<void> write_new(const std::string& path, std::string_view octets) override;
    Result<void> rename(const std::string& from, const std::string& to) override;
    Result<void> remove(const std::string& path) override;
    Result<void> sync_directory(const std::string& path) override;
    Result<void> make_directory(const std::string& path) override;
    Result<std::string> read(const std::string& path) override;
    Result<std::vector<std::string>> list(const std::string& path) override;

  private:
    SimulatedDisk& disk_;
};

}  // namespace mailassay::simulate
