#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

// Messages, keys and policies from files and back, for the commands that work on messages.
namespace mailassay::cli {

// A file, or standard input for "-". Errors: cli.input.unreadable, cli.input.too-large (256 MiB).
[[nodiscard]] Result<std::string> read_input(const std::string& path);

struct Unmap {
    std::size_t size = 0;
    void operator()(const char* octets) const;
};

// Octets for reading. Up to a MiB they are held in memory; more are mapped from their file, so that
// memory does not grow with a message. What is no file (a pipe) goes by way of a temporary one that
// has no name. Whoever cuts a mapped file short meanwhile ends the program with SIGBUS.
class Input {
  public:
    explicit Input(std::string octets) : held_(std::move(octets)) {}

    // As read_input(), with the same errors.
    [[nodiscard]] static Result<Input> open(const std::string& path);

    // Good while this lives and is not moved.
    [[nodiscard]] std::string_view octets() const {
        return mapped_ ? std::string_view(mapped_.get(), mapped_.get_deleter().size) : held_;
    }

  private:
    friend Result<Input> as_mail(Input input);

    Input() = default;
    static Result<Input> map(int descriptor, std::size_t size, const std::string& path);

    std::string held_;
    std::unique_ptr<const char, Unmap> mapped_;
};

// To a file, by way of a temporary one beside it, so that it is whole or not there; or to standard
// output for "-". Error: cli.output.unwritable.
[[nodiscard]] Result<void> write_output(const std::string& path, std::string_view octets);

// A message as mail has it: where no line ends in CRLF, as in a file on Unix, each LF becomes one.
// A message with any CR in it is left alone.
[[nodiscard]] std::string as_mail(std::string octets);
// The same for any size; what is changed and large stands in a temporary file without a name.
// Error: cli.input.unreadable.
[[nodiscard]] Result<Input> as_mail(Input input);

// The messages of an mbox (RFC 4155: "From " begins each), with ">From " unquoted once; a file that
// does not begin with "From " is one message.
[[nodiscard]] std::vector<std::string> split_mailbox(std::string octets);

}  // namespace mailassay::cli
