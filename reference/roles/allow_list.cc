#include "roles/allow_list.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace mailassay::roles {

namespace {

constexpr std::size_t most_octets = std::size_t{64} << 20;

// As much of it as is read; a line that is cut off at the end allows nothing by itself.
std::string read_all(int file) {
    std::string text;
    std::array<char, 65'536> piece;
    while (text.size() < most_octets) {
        const auto came = ::read(file, piece.data(), piece.size());
        if (came < 0 && errno == EINTR) continue;
        if (came <= 0) break;
        text.append(piece.data(), static_cast<std::size_t>(came));
    }
    // Whoever appends may be at it.
    text.resize(text.rfind('\n') + 1);
    return text;
}

}  // namespace

std::shared_ptr<const opes::AllowList> AllowListFile::now() const {
    const std::lock_guard held(mutex_);
    // Never waits: a pipe in its place has nothing to read.
    const int file = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat is{};
    Mark mark;
    if (file >= 0 && ::fstat(file, &is) == 0 && S_ISREG(is.st_mode)) {
        mark = {
            .device = is.st_dev, .inode = is.st_ino, .octets = is.st_size, .changed = is.st_mtim};
    }
    if (mark != mark_) {
        const bool is_file = mark != Mark{};
        list_ = std::make_shared<const opes::AllowList>(
            opes::parse_allow_list(is_file ? read_all(file) : std::string()));
        mark_ = mark;
    }
    if (file >= 0) ::close(file);
    return list_;
}

}  // namespace mailassay::roles
