#include "imf/canonicalization.h"

#include "base/ascii.h"
#include "imf/header.h"

namespace mailassay::imf {

std::string canonical_name(std::string_view name, Canonicalization algorithm) {
    // White space before the colon goes in relaxed (section 3.4.2); HeaderField leaves it out.
    return algorithm == Canonicalization::Simple ? std::string(name) : base::to_lower(name);
}

std::string canonical_body(std::string_view body, Canonicalization algorithm) {
    if (algorithm == Canonicalization::Simple) return std::string(body);
    const std::string unfolded = unfold(body);
    std::string canonical;
    canonical.reserve(unfolded.size());
    bool space = false;
    for (const char c : unfolded) {
        if (base::is_wsp(c)) {
            space = true;
            continue;
        }
        if (space && !canonical.empty()) canonical += ' ';
        space = false;
        canonical += c;
    }
    return canonical;
}

}  // namespace mailassay::imf
