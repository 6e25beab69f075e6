#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "base/error.h"
#include "crypto/public_key.h"

// Keys of DKIM as the TXT records that hold them (RFC 6376 section 3.6.1).
namespace mailassay::dkim {

// Texts of records, by name: "s._domainkey.example.org".
using Keys = std::map<std::string, std::string, base::LessIgnoreCase>;

struct KeyRecord {
    crypto::PublicKey key;
    bool is_for_domain_alone = false;  // t=s: i= may not be beneath d=
};

// Errors: those of parse_tags(), dkim.key.version, dkim.key.revoked, dkim.key.kind, dkim.key.hash,
// dkim.key.service (it is not for mail), dkim.key.weak (RSA of less than 1024 bits; RFC 8301
// section 3.2), dkim.key.malformed.
[[nodiscard]] Result<KeyRecord> parse_key(std::string_view record);

// A name (SELECTOR._domainkey.DOMAIN) and the text of its record on each line; what begins with #
// is a comment. Errors: dkim.keys.syntax, dkim.keys.twice (a name); the offset is the line's
// number, from 1 on.
[[nodiscard]] Result<Keys> parse_keys(std::string_view text);

// The text of a record with that key.
[[nodiscard]] std::string record_of(const crypto::PublicKey& key);

}  // namespace mailassay::dkim
