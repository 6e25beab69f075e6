#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

// The vectors of OPES: what a processor is asked, what must come of it, and what the reference
// answers. All are requests of the shim protocol, so that they need no format of their own.
namespace mailassay::vectors {

struct OpesFiles {
    // Of vectors/opes, by name: trace.json, bypass.json, report.json, statement.json.
    std::map<std::string, std::string> files;
    std::size_t count = 0;  // of vectors
    // What the reference answers otherwise than the vectors say, and names that stand twice.
    std::vector<std::string> disagreements;
};

// The same octets every time.
[[nodiscard]] OpesFiles make_opes_vectors();

}  // namespace mailassay::vectors
