#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/octets.h"
#include "imf/header.h"

// Content-Transfer-Encoding (RFC 2045 section 6).
namespace mailassay::imf {

// Base64 in lines of 76 characters, each with CRLF (section 6.8).
[[nodiscard]] std::string encode_base64_lines(std::string_view octets);

// The same for octets that come piece by piece. `out` must outlive it.
class Base64LineWriter final : public base::Sink {
  public:
    explicit Base64LineWriter(base::Sink& out) : out_(&out) {}

    // Errors: those of `out`.
    [[nodiscard]] Result<void> append(std::string_view octets) override;
    // The last line; nothing may follow.
    [[nodiscard]] Result<void> finish();

  private:
    base::Sink* out_;
    std::string held_;  // less than a line of octets
};

// The octets of a body part. 7bit, 8bit, binary and no field at all: as they are, in `body`, which
// must outlive them. In base64 all characters outside of the alphabet are passed over, as section
// 6.8 asks, and the octets are kept in `scratch`; so are those of quoted-printable
// (quoted_printable.h).
// Errors: imf.transfer-encoding.unknown, imf.transfer-encoding.base64 (not whole octets, or
// something behind the padding), and those of `scratch`.
[[nodiscard]] Result<base::Octets> decode_body(const HeaderSection& header, std::string_view body,
                                               base::Scratch& scratch = base::memory());

}  // namespace mailassay::imf
