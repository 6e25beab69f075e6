#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/octets.h"

// Messages, keys and policies from files and back, for the commands that work on messages.
namespace mailassay::cli {

// A file, or standard input for "-". Errors: cli.input.unreadable, cli.input.too-large (256 MiB).
[[nodiscard]] Result<std::string> read_input(const std::string& path);

// The same for any size, held or mapped as a buffer::Collector does. What is no file (a pipe) goes
// by way of a temporary one. The same errors.
[[nodiscard]] Result<base::Octets> open_input(const std::string& path);

// To a file, by way of a temporary one beside it, so that it is whole or not there; or to standard
// output for "-". A symbolic link stays and what it leads to is written; so do a device and a pipe,
// which are written as they are. Error: cli.output.unwritable.
[[nodiscard]] Result<void> write_output(const std::string& path, std::string_view octets);

// A message as mail has it: where no line ends in CRLF, as in a file on Unix, each LF becomes one.
// A message with any CR in it is left alone.
[[nodiscard]] std::string as_mail(std::string octets);
// The same for any size. Errors: those of buffer::Collector.
[[nodiscard]] Result<base::Octets> as_mail(base::Octets octets);

// Whether the line is one that begins a message of an mbox: "From ", and no field of that name with
// a space before its colon.
[[nodiscard]] bool begins_in_mailbox(std::string_view line);

// The messages of an mbox (RFC 4155: "From " begins each), with ">From " unquoted once; a file that
// does not begin so is one message.
[[nodiscard]] std::vector<std::string> split_mailbox(std::string octets);

}  // namespace mailassay::cli
