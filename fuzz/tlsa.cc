// The RDATA of TLSA records from a hostile zone: a run of records, each behind an octet with its
// length.

#include "requiretls/tlsa.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace {

using namespace mailassay;

void expect(bool holds) {
    if (!holds) std::abort();
}

void check_record(const requiretls::TlsaRecord& record, std::string_view rdata) {
    expect(record.data == rdata.substr(3));
    if (!requiretls::is_usable(record)) return;
    // Nothing may reach OpenSSL that it would refuse, or that SMTP may not use.
    expect(record.usage == 2 || record.usage == 3);
    expect(record.selector <= 1 && record.matching_type <= 2 && !record.data.empty());
    expect(record.matching_type != 1 || record.data.size() == 32);
    expect(record.matching_type != 2 || record.data.size() == 64);
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    std::vector<requiretls::TlsaRecord> records;
    while (!rest.empty()) {
        const auto length = static_cast<std::uint8_t>(rest.front());
        const std::string_view rdata = rest.substr(1, length);
        rest.remove_prefix(1 + rdata.size());
        const auto record = requiretls::parse_tlsa(rdata);
        if (record) {
            check_record(*record, rdata);
            records.push_back(*record);
        } else {
            expect(record.error().offset <= rdata.size());
        }
    }
    const auto usable = requiretls::usable(records);
    expect(usable.size() <= records.size());
    for (const auto& record : usable) expect(requiretls::is_usable(record));
    return 0;
}
