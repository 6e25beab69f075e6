// A message on its way through an authority. Nobody is its recipient, so that none is opened; an
// envelope is told of all the same, and one that can't be encrypted leaves nothing behind.

#include <cstddef>
#include <cstdint>

#include "crypto/enveloped_data.h"
#include "dca/message.h"
#include "require.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mailassay;
    using fuzz::require;
    const std::string_view octets = fuzz::octets_of(data, size);
    // As a ContentInfo.
    if (const auto report = crypto::inspect(octets)) {
        for (const crypto::RecipientReport& recipient : report->recipients) {
            require(recipient.management == crypto::KeyManagement::Other ||
                        recipient.issuer.empty() == recipient.serial.empty(),
                    "a recipient is named by issuer and serial, or by neither");
        }
    }
    // As a message.
    const dca::StandardRules rules;
    const dca::Encryption encryption{.recipients = {}};
    require(!dca::encrypt_message(octets, encryption, rules).has_value(),
            "nothing is encrypted to nobody");
    const dca::Decryption decryption{.key = crypto::PrivateKey(nullptr),
                                     .certificate = crypto::Certificate(nullptr)};
    require(!dca::decrypt_message(octets, decryption, rules).has_value(),
            "nobody opens an envelope");
    return 0;
}
