#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

// What the fuzz targets share.
namespace mailassay::fuzz {

// A property that must hold for every input. Ends the process, which the fuzzer takes for a
// finding, and says which property it was.
inline void require(bool holds, const char* property) {
    if (holds) return;
    std::fprintf(stderr, "property violated: %s\n", property);
    std::abort();
}

// The fuzzer's input as the parsers take it.
inline std::string_view octets_of(const std::uint8_t* data, std::size_t size) {
    // An empty view instead of a null pointer.
    return size == 0 ? std::string_view("")
                     : std::string_view(reinterpret_cast<const char*>(data), size);
}

}  // namespace mailassay::fuzz
