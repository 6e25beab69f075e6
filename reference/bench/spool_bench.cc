// A message into the spool and out of it, against a plain file written and synced.

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "mta/spool.h"
#include "mta/test_directory.h"

namespace mailassay::mta {
namespace {

Message letter(std::size_t octets) {
    Message message;
    message.envelope.reverse_path = {"a", "a.example"};
    message.envelope.recipients = {{{"b", "b.example"}, {}}};
    message.data = std::string(octets, 'x');
    return message;
}

void spool_message(benchmark::State& state) {
    const TestDirectory directory;
    auto files = DiskFiles::open(directory.path()).value();
    base::SystemRandom random;
    Recovered recovered;
    const auto spool = Spool::open(files, random, recovered).value();
    Message message = letter(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        message.id = spool->new_id();
        if (!spool->add(message)) state.SkipWithError("add");
        state.PauseTiming();
        std::filesystem::remove(directory.path() + "/messages/" + message.id);
        state.ResumeTiming();
    }
}
BENCHMARK(spool_message)->Arg(2'000)->Arg(100'000)->Arg(5'000'000);

// The peer: the least that can be durable at all.
void write_and_sync(benchmark::State& state) {
    const TestDirectory directory;
    const std::string octets(static_cast<std::size_t>(state.range(0)), 'x');
    const std::string path = directory.path() + "/file";
    for (auto _ : state) {
        const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        const bool written =
            ::write(file, octets.data(), octets.size()) == static_cast<ssize_t>(octets.size());
        if (!written || ::fsync(file) != 0) state.SkipWithError("write");
        ::close(file);
        state.PauseTiming();
        ::unlink(path.c_str());
        state.ResumeTiming();
    }
}
BENCHMARK(write_and_sync)->Arg(2'000)->Arg(100'000)->Arg(5'000'000);

}  // namespace
}  // namespace mailassay::mta
