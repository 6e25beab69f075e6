#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smtp/reply.h"
#include "smtp/types.h"

namespace mailassay::smtp {

// What a server says it can do: the lines of its EHLO reply after the first (RFC 5321
// section 4.1.1.1). Keywords ignore case. The words are the server's own and may be hostile.
class Capabilities {
  public:
    struct Entry {
        std::string keyword;  // as written
        std::vector<std::string> parameters;
        friend bool operator==(const Entry&, const Entry&) = default;
    };

    Capabilities() = default;
    // Lines that are no ehlo-line are left out. The old `AUTH=...` form is not read.
    [[nodiscard]] static Capabilities from_ehlo(const Reply& reply);

    [[nodiscard]] bool has(std::string_view keyword) const;
    // The parameters of that keyword's first line; empty when there is none.
    [[nodiscard]] std::vector<std::string> parameters(std::string_view keyword) const;
    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

    // The fixed maximum of SIZE (RFC 1870): nullopt when not declared, absent or 0.
    [[nodiscard]] std::optional<std::uint64_t> size_limit() const;

    friend bool operator==(const Capabilities&, const Capabilities&) = default;

  private:
    std::vector<Entry> entries_;
};

// The EHLO keyword of the extension that defines this MAIL or RCPT parameter: SIZE for SIZE,
// 8BITMIME for BODY, DSN for RET, ENVID, NOTIFY and ORCPT; a parameter not known here is taken to
// be named like its extension, as REQUIRETLS and SMTPUTF8 are.
[[nodiscard]] std::string extension_of(std::string_view parameter_keyword);

// Those of the parameters whose extension the server offers, in order.
[[nodiscard]] std::vector<Parameter> offered_parameters(const std::vector<Parameter>& parameters,
                                                        const Capabilities& capabilities);

}  // namespace mailassay::smtp
