// A message on its way through an authority: as one that nobody may open, as an envelope that an
// authority opens, and there and back.

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "base/ascii.h"
#include "crypto/enveloped_data.h"
#include "dca/message.h"
#include "dca_key.h"
#include "imf/canonicalization.h"
#include "require.h"

namespace {

using namespace mailassay;
using fuzz::require;

struct Authority {
    crypto::Certificate certificate =
        crypto::Certificate::all_from_pem(fuzz::dca_certificate).value().front();
    crypto::PrivateKey key = crypto::PrivateKey::from_pem(fuzz::dca_key).value();
};

const Authority& authority() {
    static const Authority made;
    return made;
}

const dca::StandardRules rules;

void check_content_info(std::string_view octets) {
    const auto report = crypto::inspect(octets);
    if (!report) return;
    for (const crypto::RecipientReport& recipient : report->recipients) {
        require(recipient.management == crypto::KeyManagement::Other ||
                    recipient.issuer.empty() == recipient.serial.empty(),
                "a recipient is named by issuer and serial, or by neither");
    }
}

void check_nobody(std::string_view octets) {
    const dca::Encryption encryption{.recipients = {}};
    require(!dca::encrypt_message(octets, encryption, rules).has_value(),
            "nothing is encrypted to nobody");
    const dca::Decryption decryption{.key = crypto::PrivateKey(nullptr),
                                     .certificate = crypto::Certificate(nullptr)};
    require(!dca::decrypt_message(octets, decryption, rules).has_value(),
            "nobody opens an envelope");
}

dca::Decryption decrypting() {
    return {.key = authority().key, .certificate = authority().certificate};
}

void check_opened(std::string_view octets) {
    const auto opened = dca::decrypt_message(octets, decrypting(), rules);
    if (!opened) return;
    require(opened->unchanged.has_value() || !opened->fault.has_value(),
            "what is restored has no fault");
    require(!opened->unchanged || opened->changes.empty(), "a header left alone has no changes");
}

// By name in lower case; in the order of the message.
std::map<std::string, std::multiset<std::string>> values_of(const imf::HeaderSection& header) {
    std::map<std::string, std::multiset<std::string>> values;
    for (const imf::HeaderField& field : header.fields()) {
        if (base::equals_ignore_case(field.name, "MIME-Version")) continue;  // added where missing
        values[base::to_lower(field.name)].insert(
            imf::canonical_body(field.body, imf::Canonicalization::Relaxed));
    }
    return values;
}

void check_there_and_back(std::string_view octets) {
    dca::Encryption encryption{.recipients = {authority().certificate}};
    for (const char* name : {"From", "To", "Subject", "Date", "Comments", "Keywords"}) {
        encryption.replacements[name] = "withheld";
    }
    const auto sent = dca::encrypt_message(octets, encryption, rules);
    if (!sent) return;
    const auto back = dca::decrypt_message(sent->message, decrypting(), rules);
    require(back.has_value(), "what is encrypted is decrypted");
    require(sent->unchanged == back->unchanged, "both find the same structure");
    const auto before = imf::view_message(octets);
    const auto after = imf::view_message(back->message);
    require(after->body == before->body, "the body is the same to the octet");
    require(values_of(after->header) == values_of(before->header), "the header comes back");
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets = fuzz::octets_of(data, size);
    check_content_info(octets);
    check_nobody(octets);
    check_opened(octets);
    check_there_and_back(octets);
    return 0;
}
