#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

// The vectors of the border to X.400: what a gateway is given, who must stand where in what comes
// of it, and what the reference answers. All are requests of the shim protocol.
namespace mailassay::vectors {

struct MixerFiles {
    // Of vectors/mixer, by name: to-x400.json, from-x400.json.
    std::map<std::string, std::string> files;
    std::size_t count = 0;  // of vectors
    // What the reference answers otherwise than the vectors say, and names that stand twice.
    std::vector<std::string> disagreements;
};

// The same octets every time.
[[nodiscard]] MixerFiles make_mixer_vectors();

}  // namespace mailassay::vectors
