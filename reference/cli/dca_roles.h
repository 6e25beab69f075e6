#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "cli/program.h"
#include "crypto/enveloped_data.h"
#include "milter/role.h"

// The roles dca-out and dca-in of `mailassay milter`, made by their configuration.
namespace mailassay::cli {

// `config` is a TOML file; its words stand in `mailassay milter --help`.
// Errors: cli.config.syntax, cli.config.unknown-key, cli.config.wrong-type, cli.config.missing, and
// those of the files that it names.
[[nodiscard]] Result<std::unique_ptr<milter::Role>> make_dca_out(
    const std::string& config, const Implementation& implementation);
[[nodiscard]] Result<std::unique_ptr<milter::Role>> make_dca_in(
    const std::string& config, const Implementation& implementation);

// What messages are encrypted with; nullopt: what all recipients say that they can.
using CipherChoice = std::optional<crypto::ContentCipher>;

// "aes-256-cbc" and so on, and "as-they-can". Error: cli.cipher.unknown.
[[nodiscard]] Result<CipherChoice> cipher_named(std::string_view name);

}  // namespace mailassay::cli
