#include "dca/signature_type.h"

#include <gtest/gtest.h>

#include "der/value.h"

namespace mailassay::dca {
namespace {

using Agents = std::vector<Agent>;

std::string types(const std::vector<std::string_view>& dotted) {
    std::vector<der::Value> members;
    for (const std::string_view each : dotted) members.push_back(der::make_oid(each).value());
    return der::write(der::make_sequence(std::move(members)));
}

crypto::SignerReport with(std::vector<crypto::FoundAttribute> attributes) {
    crypto::SignerReport signer;
    signer.attributes = std::move(attributes);
    return signer;
}

crypto::SignerReport with_types(const std::vector<std::string_view>& dotted,
                                std::string_view oid = oid_signature_type) {
    return with({{.oid = std::string(oid), .values = {types(dotted)}}});
}

std::string_view fault_of(const crypto::SignerReport& signer) {
    const auto read = read_signature_type(signer);
    return read ? "" : read.error().id;
}

constexpr std::string_view of_domain = "1.2.840.113549.1.9.16.9.2";
constexpr std::string_view of_attributes = "1.2.840.113549.1.9.16.9.3";
constexpr std::string_view of_review = "1.2.840.113549.1.9.16.9.4";

TEST(SignatureType, IsReadAsItIsWritten) {
    for (const Agent agent : {Agent::DomainSigning, Agent::Review, Agent::AdditionalAttributes}) {
        const auto made = signature_type(agent);
        EXPECT_EQ(made.oid, "1.2.840.113549.1.9.16.9");
        EXPECT_EQ(read_signature_type(with({{.oid = made.oid, .values = {made.value}}})),
                  Agents{agent});
    }
}

TEST(SignatureType, IsReadByBothNumbers) {
    EXPECT_EQ(read_signature_type(with_types({of_domain}, "1.2.840.113549.1.9.16.2.28")),
              Agents{Agent::DomainSigning});
}

TEST(SignatureType, OfAnOriginatorIsNoAgents) {
    EXPECT_EQ(read_signature_type(with({})), Agents{});
    EXPECT_EQ(read_signature_type(with_types({oid_originator_signature})), Agents{});
}

TEST(SignatureType, MayBeSeveralButAdditionalAttributesStandAlone) {
    EXPECT_EQ(read_signature_type(with_types({of_domain, of_review})),
              (Agents{Agent::DomainSigning, Agent::Review}));
    EXPECT_EQ(fault_of(with_types({of_attributes, of_review})), "dca.signature-type.not-alone");
    EXPECT_EQ(fault_of(with_types({oid_originator_signature, of_attributes})),
              "dca.signature-type.not-alone");
}

TEST(SignatureType, StandsOnceWithOneValue) {
    const crypto::FoundAttribute one{.oid = std::string(oid_signature_type),
                                     .values = {types({of_domain})}};
    crypto::FoundAttribute two = one;
    two.values.push_back(two.values.front());
    crypto::FoundAttribute registered = one;
    registered.oid = oid_signature_type_registered;
    EXPECT_EQ(fault_of(with({one, one})), "dca.signature-type.repeated");
    EXPECT_EQ(fault_of(with({one, registered})), "dca.signature-type.repeated");
    EXPECT_EQ(fault_of(with({two})), "dca.signature-type.repeated");
}

TEST(SignatureType, ThatIsNoneIsTold) {
    const auto fault_of_value = [](std::string value) {
        return fault_of(
            with({{.oid = std::string(oid_signature_type), .values = {std::move(value)}}}));
    };
    EXPECT_EQ(fault_of_value(""), "dca.signature-type.malformed");
    EXPECT_EQ(fault_of_value(std::string("\x05\x00", 2)), "dca.signature-type.malformed");
    EXPECT_EQ(fault_of_value(der::write(der::make_sequence({}))), "dca.signature-type.malformed");
    EXPECT_EQ(fault_of_value(der::write(der::make_sequence({der::make_null()}))),
              "dca.signature-type.malformed");
    EXPECT_EQ(fault_of(with_types({"1.2.3"})), "dca.signature-type.unknown");
}

}  // namespace
}  // namespace mailassay::dca
