#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "vectors/material.h"

// The vectors of Draft and Release: what an authorizing user's agent and those on the way are
// asked, and what may come of it. All are requests of the shim protocol about messages that are
// signed with test keys.
namespace mailassay::vectors {

struct ReleaseFiles {
    // Of vectors/release, by name: authorize.json, check.json and messages/*.eml.
    std::map<std::string, std::string> files;
    std::size_t count = 0;  // of vectors
    // What the reference answers otherwise than the vectors say, and names that stand twice.
    std::vector<std::string> disagreements;
};

// The same octets every time for the same material.
[[nodiscard]] ReleaseFiles make_release_vectors(const Material& material);

}  // namespace mailassay::vectors
