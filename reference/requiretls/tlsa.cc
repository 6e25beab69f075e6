#include "requiretls/tlsa.h"

#include <algorithm>
#include <iterator>

namespace mailassay::requiretls {
namespace {

constexpr std::uint8_t dane_ta = 2;
constexpr std::uint8_t dane_ee = 3;

bool has_length_of_its_digest(const TlsaRecord& record) {
    switch (record.matching_type) {
        case 0:
            return !record.data.empty();
        case 1:
            return record.data.size() == 32;
        case 2:
            return record.data.size() == 64;
        default:
            return false;
    }
}

}  // namespace

Result<TlsaRecord> parse_tlsa(std::string_view rdata) {
    if (rdata.size() < 4) {
        return std::unexpected(Error{"requiretls.tlsa.too-short", rdata.size(), "rfc6698/2.1", {}});
    }
    return TlsaRecord{static_cast<std::uint8_t>(rdata[0]), static_cast<std::uint8_t>(rdata[1]),
                      static_cast<std::uint8_t>(rdata[2]), std::string(rdata.substr(3))};
}

bool is_usable(const TlsaRecord& record) {
    return (record.usage == dane_ta || record.usage == dane_ee) && record.selector <= 1 &&
           has_length_of_its_digest(record);
}

std::vector<TlsaRecord> usable(std::span<const TlsaRecord> records) {
    std::vector<TlsaRecord> found;
    std::ranges::copy_if(records, std::back_inserter(found), is_usable);
    return found;
}

}  // namespace mailassay::requiretls
