#include "buffer/octets.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

namespace mailassay::buffer {

namespace {

std::unexpected<Error> fault(std::string_view id) {
    return std::unexpected(Error{.id = id, .detail = std::strerror(errno)});
}

// Without a name from the start or from soon after.
Result<Descriptor> open_temporary() {
    const char* folder = std::getenv("TMPDIR");
    std::string path = std::string(folder == nullptr || *folder == '\0' ? "/tmp" : folder);
    Descriptor unnamed(::open(path.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (unnamed.get() >= 0) return unnamed;
    path += "/mailassay.XXXXXX";
    Descriptor named(::mkostemp(path.data(), O_CLOEXEC));
    if (named.get() < 0) return fault("buffer.file");
    ::unlink(path.c_str());
    return named;
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
}

Descriptor::~Descriptor() {
    if (number_ >= 0) ::close(number_);
}

Result<base::Octets> map(const Descriptor& file, std::size_t size) {
    if (size == 0) return base::Octets();
    void* octets = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
    if (octets == MAP_FAILED) return fault("buffer.map");
    std::shared_ptr<const void> owner(
        octets, [size](const void* mapped) { ::munmap(const_cast<void*>(mapped), size); });
    return base::Octets(std::move(owner), {static_cast<const char*>(octets), size});
}

Result<void> Collector::append(std::string_view octets) {
    size_ += octets.size();
    if (held_.size() + octets.size() <= most_held_) {
        held_ += octets;
        return {};
    }
    auto done = write(std::exchange(held_, {}));
    return done ? write(octets) : done;
}

Result<void> Collector::write(std::string_view octets) {
    if (file_.get() < 0) {
        auto opened = open_temporary();
        if (!opened) return std::unexpected(std::move(opened.error()));
        file_ = std::move(*opened);
    }
    while (!octets.empty()) {
        const ssize_t written = ::write(file_.get(), octets.data(), octets.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return fault("buffer.write");
        octets.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<base::Octets> Collector::finish() {
    const std::size_t size = std::exchange(size_, 0);
    if (file_.get() < 0) return base::Octets::owned(std::exchange(held_, {}));
    if (auto done = write(std::exchange(held_, {})); !done) {
        return std::unexpected(std::move(done.error()));
    }
    const Descriptor file = std::move(file_);
    return map(file, size);
}

Result<base::Octets> Scratch::keep(const std::function<Result<void>(base::Sink& sink)>& fill) {
    Collector collector;
    if (auto done = fill(collector); !done) return std::unexpected(std::move(done.error()));
    return collector.finish();
}

}  // namespace mailassay::buffer
