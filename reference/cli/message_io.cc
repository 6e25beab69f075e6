#include "cli/message_io.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace mailassay::cli {

namespace {

constexpr std::size_t max_octets = std::size_t{256} * 1024 * 1024;
constexpr std::size_t max_held = std::size_t{1024} * 1024;

std::unexpected<Error> fault(std::string_view id, const std::string& path, int number) {
    return std::unexpected(
        Error{.id = id, .detail = fmt::format("{}: {}", path, std::strerror(number))});
}

Result<void> write_all(int descriptor, std::string_view octets, const std::string& path) {
    while (!octets.empty()) {
        const ssize_t written = ::write(descriptor, octets.data(), octets.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return fault("cli.output.unwritable", path, errno);
        octets.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

std::unexpected<Error> too_large(const std::string& path) {
    return std::unexpected(
        Error{.id = "cli.input.too-large", .offset = max_octets, .detail = path});
}

class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&&) = delete;
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    [[nodiscard]] int get() const { return number_; }

  private:
    int number_;
};

// Without a name from the start or from soon after, so that it is gone with the program.
Result<Descriptor> open_temporary() {
    const char* folder = std::getenv("TMPDIR");
    std::string path = std::string(folder == nullptr || *folder == '\0' ? "/tmp" : folder);
    Descriptor unnamed(::open(path.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (unnamed.get() >= 0) return unnamed;
    path += "/mailassay.XXXXXX";
    Descriptor named(::mkostemp(path.data(), O_CLOEXEC));
    if (named.get() < 0) return fault("cli.input.unreadable", path, errno);
    ::unlink(path.c_str());
    return named;
}

// Appends what the descriptor has, until its end or `enough` octets.
Result<void> read_some(int descriptor, std::string& octets, std::size_t enough,
                       const std::string& path) {
    std::array<char, 65536> block{};
    while (octets.size() < enough) {
        const ssize_t count = ::read(descriptor, block.data(), block.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fault("cli.input.unreadable", path, errno);
        if (count == 0) break;
        octets.append(block.data(), static_cast<std::size_t>(count));
    }
    return {};
}

// Copies what the descriptor still has behind the octets; the size of both.
Result<std::size_t> spool(std::string octets, int from, int to, const std::string& path) {
    std::size_t size = 0;
    while (!octets.empty()) {
        if (auto done = write_all(to, octets, "a temporary file"); !done) {
            return std::unexpected(done.error());
        }
        size += octets.size();
        if (size > max_octets) return too_large(path);
        octets.clear();
        if (auto done = read_some(from, octets, 1, path); !done) {
            return std::unexpected(done.error());
        }
    }
    return size;
}

}  // namespace

void Unmap::operator()(const char* octets) const {
    ::munmap(const_cast<char*>(octets), size);
}

Result<Input> Input::map(int descriptor, std::size_t size, const std::string& path) {
    void* octets = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (octets == MAP_FAILED) return fault("cli.input.unreadable", path, errno);
    Input input;
    input.mapped_ = std::unique_ptr<const char, Unmap>(static_cast<const char*>(octets), {size});
    return input;
}

Result<Input> Input::open(const std::string& path) {
    const Descriptor file(path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                      : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat about{};
    if (file.get() < 0 || ::fstat(file.get(), &about) != 0) {
        return fault("cli.input.unreadable", path, errno);
    }
    const auto size = static_cast<std::size_t>(about.st_size);
    const bool whole = S_ISREG(about.st_mode) && ::lseek(file.get(), 0, SEEK_CUR) == 0;
    if (whole && size > max_octets) return too_large(path);
    if (whole && size > max_held) return map(file.get(), size, path);
    std::string octets;
    if (auto done = read_some(file.get(), octets, max_held + 1, path); !done) {
        return std::unexpected(done.error());
    }
    if (octets.size() <= max_held) return Input(std::move(octets));
    const auto temporary = open_temporary();
    if (!temporary) return std::unexpected(temporary.error());
    const auto spooled = spool(std::move(octets), file.get(), temporary->get(), path);
    if (!spooled) return std::unexpected(spooled.error());
    return map(temporary->get(), *spooled, path);
}

Result<std::string> read_input(const std::string& path) {
    std::FILE* file = path == "-" ? stdin : std::fopen(path.c_str(), "rb");
    if (file == nullptr) return fault("cli.input.unreadable", path, errno);
    std::string octets;
    std::array<char, 65536> block{};
    while (const std::size_t count = std::fread(block.data(), 1, block.size(), file)) {
        octets.append(block.data(), count);
        if (octets.size() > max_octets) break;
    }
    const bool failed = std::ferror(file) != 0;
    const int number = errno;
    if (file != stdin) std::fclose(file);
    if (failed) return fault("cli.input.unreadable", path, number);
    if (octets.size() > max_octets) return too_large(path);
    return octets;
}

Result<void> write_output(const std::string& path, std::string_view octets) {
    if (path == "-") return write_all(STDOUT_FILENO, octets, "standard output");
    std::string temporary = path + ".XXXXXX";
    const int descriptor = ::mkostemp(temporary.data(), O_CLOEXEC);
    if (descriptor < 0) return fault("cli.output.unwritable", path, errno);
    Result<void> done = write_all(descriptor, octets, path);
    const mode_t mask = ::umask(0);
    ::umask(mask);
    if (done && ::fchmod(descriptor, 0666 & ~mask) != 0) {
        done = fault("cli.output.unwritable", path, errno);
    }
    if (::close(descriptor) != 0 && done) done = fault("cli.output.unwritable", path, errno);
    if (done && ::rename(temporary.c_str(), path.c_str()) != 0) {
        done = fault("cli.output.unwritable", path, errno);
    }
    if (!done) ::unlink(temporary.c_str());
    return done;
}

std::string as_mail(std::string octets) {
    if (octets.contains('\r')) return octets;
    std::string lines;
    lines.reserve(octets.size() + octets.size() / 32);
    for (const char c : octets) {
        if (c == '\n') lines += '\r';
        lines += c;
    }
    return lines;
}

Result<Input> as_mail(Input input) {
    if (!input.mapped_) return Input(as_mail(std::move(input.held_)));
    std::string_view rest = input.octets();
    if (rest.contains('\r')) return input;
    const auto temporary = open_temporary();
    if (!temporary) return std::unexpected(temporary.error());
    std::size_t size = 0;
    while (!rest.empty()) {
        const std::string lines = as_mail(std::string(rest.substr(0, max_held)));
        rest.remove_prefix(std::min(rest.size(), max_held));
        size += lines.size();
        if (auto done = write_all(temporary->get(), lines, "a temporary file"); !done) {
            return std::unexpected(done.error());
        }
    }
    return Input::map(temporary->get(), size, "a temporary file");
}

std::vector<std::string> split_mailbox(std::string octets) {
    if (!octets.starts_with("From ")) return {std::move(octets)};
    std::vector<std::string> messages;
    for (std::size_t at = 0; at < octets.size();) {
        const std::size_t end = std::min(octets.find('\n', at), octets.size() - 1) + 1;
        std::string_view line(octets.data() + at, end - at);
        at = end;
        if (line.starts_with("From ")) {
            messages.emplace_back();
            continue;
        }
        const std::size_t quotes = line.find_first_not_of('>');
        const bool quoted = quotes != std::string_view::npos && quotes > 0 &&
                            line.substr(quotes).starts_with("From ");
        if (quoted) line.remove_prefix(1);
        messages.back() += line;
    }
    // The empty line before the next "From " is the mailbox's, not the message's.
    for (std::string& message : messages) {
        for (const std::string_view empty : {"\r\n\r\n", "\n\n"}) {
            if (!message.ends_with(empty)) continue;
            message.resize(message.size() - empty.size() / 2);
            break;
        }
    }
    return messages;
}

}  // namespace mailassay::cli
