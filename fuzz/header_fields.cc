// Header sections, and what is read from single field bodies. A message keeps its octets, and what
// make_field() makes is one field.

#include "base/ascii.h"
#include "imf/date.h"
#include "imf/header.h"
#include "imf/mime.h"
#include "require.h"

using namespace mailassay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets = fuzz::octets_of(data, size);

    const auto message = imf::parse_message(octets);
    fuzz::require(message.has_value(), "every message of such a size is parsed");
    fuzz::require(message->to_octets() == octets, "a message keeps its octets");
    for (const imf::HeaderField& field : message->header.fields()) {
        fuzz::require(field.is_opaque() || imf::is_field_name(field.name),
                      "a name is a field name");
        (void)field.value();
        (void)imf::parse_date(field.body);
        (void)imf::parse_content_type(field.body);
    }
    for (const Error& defect : message->defects) {
        fuzz::require(defect.offset <= octets.size(), "a defect is within the message");
    }
    (void)imf::parse_message(octets, {.message_octets = 64, .header_octets = 32, .fields = 2});

    if (const auto made = imf::make_field("X-Field", octets)) {
        const auto again = imf::parse_message(made->raw + "\r\n");
        fuzz::require(again && again->header.fields() == std::vector{*made}, "one field is made");
        fuzz::require(made->value() == base::trim(octets), "a field has the value it was given");
    }
    if (const auto date = imf::parse_date(octets)) {
        fuzz::require(imf::parse_date(imf::format_date(*date)) == date,
                      "a date is read as written");
    }
    if (const auto parts = imf::split_multipart(octets, "b")) {
        fuzz::require(!parts->empty(), "a multipart has parts");
    }
    return 0;
}
