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

}  // namespace

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
    if (octets.size() > max_octets) {
        return std::unexpected(
            Error{.id = "cli.input.too-large", .offset = max_octets, .detail = path});
    }
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
