#include "requiretls/header_field.h"

#include "base/ascii.h"

namespace mailassay::requiretls {

std::string_view field_name(Edition edition) {
    return edition == Edition::Rfc ? "TLS-Required" : "RequireTLS";
}

bool says_no(std::string_view body) {
    const std::string unfolded = imf::unfold(body);
    std::string_view value = unfolded;
    while (!value.empty() && base::is_wsp(value.front())) value.remove_prefix(1);
    while (!value.empty() && base::is_wsp(value.back())) value.remove_suffix(1);
    return base::to_lower(value) == "no";  // [rfc8689/3/5]
}

FieldVerdict read_field(const imf::HeaderSection& header, Edition edition) {
    const auto fields = header.find_all(field_name(edition));
    if (fields.empty()) return FieldVerdict::Absent;
    for (const imf::HeaderField* field : fields) {
        if (!says_no(field->body)) return FieldVerdict::Malformed;  // [rfc8689/3/1]
    }
    return FieldVerdict::NotRequired;
}

}  // namespace mailassay::requiretls
