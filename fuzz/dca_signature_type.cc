// The signed attribute for the type of a signature. The input is its value; what is read of it is
// what stands there, and is read again as it is written.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "dca/signature_type.h"
#include "require.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mailassay;
    using dca::Agent;
    using fuzz::require;
    const auto with = [](std::string_view oid, std::string value) {
        crypto::SignerReport signer;
        signer.attributes = {{.oid = std::string(oid), .values = {std::move(value)}}};
        return signer;
    };
    const std::string value(fuzz::octets_of(data, size));
    const auto read = dca::read_signature_type(with(dca::oid_signature_type, value));
    const auto by_the_other =
        dca::read_signature_type(with(dca::oid_signature_type_registered, value));
    require(read.has_value() == by_the_other.has_value(), "both numbers are read alike");
    if (!read) {
        require(read.error().id.starts_with("dca.signature-type."), "a fault is one of its own");
        return 0;
    }
    require(*read == *by_the_other, "both numbers say the same");
    const bool adds = std::ranges::find(*read, Agent::AdditionalAttributes) != read->end();
    require(!adds || read->size() == 1, "additional attributes stand alone");
    for (const Agent agent : *read) {
        require(agent != Agent::DomainConfidentiality, "that authority does not sign");
        const auto made = dca::signature_type(agent);
        require(dca::read_signature_type(with(made.oid, made.value)) == std::vector{agent},
                "what is written is read");
    }
    return 0;
}
