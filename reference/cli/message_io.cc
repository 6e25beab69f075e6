#include "cli/message_io.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "buffer/octets.h"

namespace mailassay::cli {

namespace {

constexpr std::size_t max_octets = std::size_t{256} * 1024 * 1024;

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

// What can't be mapped, to its end.
Result<base::Octets> collect(const buffer::Descriptor& file, const std::string& path) {
    buffer::Collector collector;
    std::array<char, 65536> block{};
    while (true) {
        const ssize_t count = ::read(file.get(), block.data(), block.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fault("cli.input.unreadable", path, errno);
        if (count == 0) return collector.finish();
        const std::string_view octets(block.data(), static_cast<std::size_t>(count));
        if (collector.size() + octets.size() > max_octets) return too_large(path);
        if (auto done = collector.append(octets); !done) return std::unexpected(done.error());
    }
}

// Whether something stands there that is written as it is: a device, a pipe.
bool is_special(const std::string& path) {
    struct stat about{};
    return ::stat(path.c_str(), &about) == 0 && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode);
}

Result<void> write_special(const std::string& path, std::string_view octets) {
    const buffer::Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
    if (file.get() < 0) return fault("cli.output.unwritable", path, errno);
    return write_all(file.get(), octets, path);
}

// What a name leads to where it is a symbolic link; else the name.
std::string behind_links(const std::string& path) {
    std::error_code fault;
    const auto target = std::filesystem::canonical(path, fault);
    return fault ? path : target.string();
}

}  // namespace

Result<base::Octets> open_input(const std::string& path) {
    const buffer::Descriptor file(path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                              : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat about{};
    if (file.get() < 0 || ::fstat(file.get(), &about) != 0) {
        return fault("cli.input.unreadable", path, errno);
    }
    const auto size = static_cast<std::size_t>(about.st_size);
    const bool whole = S_ISREG(about.st_mode) && ::lseek(file.get(), 0, SEEK_CUR) == 0;
    if (whole && size > max_octets) return too_large(path);
    if (whole && size > buffer::most_held) return buffer::map(file, size);
    return collect(file, path);
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

Result<void> write_output(const std::string& name, std::string_view octets) {
    if (name == "-") return write_all(STDOUT_FILENO, octets, "standard output");
    if (is_special(name)) return write_special(name, octets);
    const std::string path = behind_links(name);
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

Result<base::Octets> as_mail(base::Octets octets) {
    if (octets.view().contains('\r')) return octets;
    buffer::Collector collector;
    for (std::string_view rest = octets.view(); !rest.empty();) {
        const std::string_view block = rest.substr(0, buffer::most_held);
        rest.remove_prefix(block.size());
        auto done = collector.append(as_mail(std::string(block)));
        if (!done) return std::unexpected(std::move(done.error()));
    }
    return collector.finish();
}

bool begins_in_mailbox(std::string_view line) {
    if (!line.starts_with("From ")) return false;
    const std::size_t next = line.find_first_not_of(" \t", 5);
    return next == std::string_view::npos || line[next] != ':';
}

std::vector<std::string> split_mailbox(std::string octets) {
    if (!begins_in_mailbox(octets)) return {std::move(octets)};
    std::vector<std::string> messages;
    for (std::size_t at = 0; at < octets.size();) {
        const std::size_t end = std::min(octets.find('\n', at), octets.size() - 1) + 1;
        std::string_view line(octets.data() + at, end - at);
        at = end;
        if (begins_in_mailbox(line)) {
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
