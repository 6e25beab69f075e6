#pragma once

// Exit codes of the native commands. Those of the harness's commands are its own.
namespace mailassay::cli {

inline constexpr int exit_ok = 0;
inline constexpr int exit_refused = 1;    // sendmail: the message was refused for good; mixer
inline constexpr int exit_broken = 1;     // simulate: a promise was broken
inline constexpr int exit_usage = 2;      // bad arguments or configuration
inline constexpr int exit_try_later = 3;  // sendmail: not now; the same call may go through later
inline constexpr int exit_cannot_start = 4;     // a port or directory in use, no harness, no Python
inline constexpr int exit_does_not = 1;         // probe: mail with REQUIRETLS does not get through
inline constexpr int exit_invalid = 1;          // verify: the signature or a secured field
inline constexpr int exit_nothing_secured = 3;  // verify: no signature, or no field in it
inline constexpr int exit_not_restored = 3;     // decrypt: decrypted, but the header as it came
inline constexpr int exit_unreadable = 4;       // verify: no message or signature that can be read
inline constexpr int exit_undetermined = 4;     // probe: whether it does could not be found out

}  // namespace mailassay::cli
