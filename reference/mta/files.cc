#include "mta/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

namespace mailassay::mta {

namespace {

std::unexpected<Error> failure(std::string_view id, const std::string& path, int code) {
    return std::unexpected(Error{
        .id = id, .detail = fmt::format("{}: {}", path, std::generic_category().message(code))});
}

// An owned descriptor for the length of one operation.
class Descriptor {
  public:
    explicit Descriptor(int value) : value_(value) {}
    ~Descriptor() {
        if (value_ >= 0) ::close(value_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int get() const { return value_; }
    [[nodiscard]] bool is_open() const { return value_ >= 0; }

  private:
    int value_;
};

bool write_all(int file, std::string_view octets) {
    while (!octets.empty()) {
        const ssize_t written = ::write(file, octets.data(), octets.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        octets.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

Result<std::string> read_all(const Descriptor& file, const std::string& path, std::size_t limit) {
    std::string octets;
    std::array<char, 65536> block{};
    while (true) {
        const ssize_t count = ::read(file.get(), block.data(), block.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failure("mta.files.read", path, errno);
        if (count == 0) return octets;
        octets.append(block.data(), static_cast<std::size_t>(count));
        if (octets.size() > limit) return failure("mta.files.read", path, EFBIG);
    }
}

}  // namespace

Result<std::string> read_whole_file(const std::string& path, std::size_t limit) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) return failure("mta.files.read", path, errno);
    return read_all(file, path, limit);
}

Result<DiskFiles> DiskFiles::open(const std::string& root) {
    std::error_code code;
    std::filesystem::create_directories(root, code);
    if (code) return failure("mta.files.open", root, code.value());
    const int directory = ::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) return failure("mta.files.open", root, errno);
    DiskFiles files(directory);
    if (::flock(directory, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return failure("mta.files.open", root, errno);
        return std::unexpected(
            Error{.id = "mta.files.locked", .detail = root + ": in use by another process"});
    }
    return files;
}

DiskFiles::~DiskFiles() {
    if (root_ >= 0) ::close(root_);
}

DiskFiles::DiskFiles(DiskFiles&& other) noexcept : root_(std::exchange(other.root_, -1)) {}

Result<void> DiskFiles::write_new(const std::string& path, std::string_view octets) {
    const Descriptor file(
        ::openat(root_, path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file.is_open()) return failure("mta.files.write", path, errno);
    if (!write_all(file.get(), octets) || ::fsync(file.get()) != 0) {
        const int code = errno;
        ::unlinkat(root_, path.c_str(), 0);
        return failure("mta.files.write", path, code);
    }
    return {};
}

Result<void> DiskFiles::rename(const std::string& from, const std::string& to) {
    if (::renameat(root_, from.c_str(), root_, to.c_str()) != 0) {
        return failure("mta.files.rename", from, errno);
    }
    return {};
}

Result<void> DiskFiles::remove(const std::string& path) {
    if (::unlinkat(root_, path.c_str(), 0) != 0 && errno != ENOENT) {
        return failure("mta.files.remove", path, errno);
    }
    return {};
}

Result<void> DiskFiles::sync_directory(const std::string& path) {
    const Descriptor directory(::openat(root_, path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.is_open() || ::fsync(directory.get()) != 0) {
        return failure("mta.files.sync", path, errno);
    }
    return {};
}

Result<void> DiskFiles::make_directory(const std::string& path) {
    if (::mkdirat(root_, path.c_str(), 0700) != 0 && errno != EEXIST) {
        return failure("mta.files.make-directory", path, errno);
    }
    return {};
}

Result<std::string> DiskFiles::read(const std::string& path) {
    const Descriptor file(::openat(root_, path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file.is_open()) return failure("mta.files.read", path, errno);
    return read_all(file, path, std::string::npos);
}

Result<std::vector<std::string>> DiskFiles::list(const std::string& path) {
    const int descriptor = ::openat(root_, path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return failure("mta.files.list", path, errno);
    DIR* directory = ::fdopendir(descriptor);  // takes the descriptor over
    if (directory == nullptr) {
        ::close(descriptor);
        return failure("mta.files.list", path, errno);
    }
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(directory)) {
        const std::string name = entry->d_name;
        struct stat status{};
        if (::fstatat(descriptor, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(status.st_mode)) {
            names.push_back(name);
        }
    }
    ::closedir(directory);
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace mailassay::mta
