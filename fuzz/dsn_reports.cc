// Delivery status notifications: what is read can be built, and what is built is read as the same.

#include "dsn/report.h"
#include "require.h"

using namespace mailassay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto report = dsn::parse_report(fuzz::octets_of(data, size));
    if (!report) return 0;
    fuzz::require(!report->recipients.empty(), "a report has recipients");

    base::SeededRandom random(1);
    const auto built = dsn::build_report(*report, random);
    if (!built) return 0;  // a field that a report may have and ours may not
    const auto again = dsn::parse_report(*built);
    fuzz::require(again.has_value(), "what is built is a report");
    fuzz::require(again->recipients.size() == report->recipients.size(), "no recipient is lost");
    if (report->returned && report->returned->what == dsn::Return::Full) {
        fuzz::require(again->returned == report->returned, "the content is returned as it was");
    }
    return 0;
}
