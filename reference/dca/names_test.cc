#include "dca/names.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace mailassay::dca {
namespace {

using Faults = std::vector<NameFault>;

constexpr const char* cn = "2.5.4.3";
constexpr const char* c = "2.5.4.6";
constexpr const char* o = "2.5.4.10";
constexpr const char* ou = "2.5.4.11";
constexpr const char* dc = "0.9.2342.19200300.100.1.25";
constexpr const char* own = "domain-confidentiality-authority";

Name named(std::vector<crypto::NameAttribute> subject, std::vector<std::string> addresses = {}) {
    return {.subject = std::move(subject), .mail_addresses = std::move(addresses)};
}

TEST(AgentName, IsTheCommonNameAndTheLocalPart) {
    EXPECT_EQ(judge_name(Agent::DomainConfidentiality,
                         named({{c, "us"}, {cn, own}}, {std::string(own) + "@acme.example"})),
              Faults{});
    EXPECT_EQ(judge_name(Agent::DomainConfidentiality, named({{cn, own}})), Faults{});
    EXPECT_EQ(judge_name(Agent::DomainConfidentiality, named({{cn,
                                                               "Domain-Confidentiality-"
                                                               "AUTHORITY "}})),
              Faults{});
    EXPECT_EQ(judge_name(Agent::DomainConfidentiality, named({{cn, own}}, {"dca@acme.example"})),
              Faults{NameFault::MailNameDiffers});
    EXPECT_EQ(judge_name(Agent::DomainConfidentiality, named({{o, "acme"}})),
              Faults{NameFault::CommonNameMissing});
    EXPECT_EQ(judge_name(Agent::DomainConfidentiality, named({{cn, own}, {cn, own}})),
              Faults{NameFault::CommonNameRepeated});
    EXPECT_EQ(judge_name(Agent::DomainConfidentiality, named({{cn, own}, {cn, "x"}})),
              (Faults{NameFault::CommonNameRepeated, NameFault::CommonNameDiffers}));
}

TEST(AgentName, EachAgentHasItsOwn) {
    constexpr std::array agents{Agent::DomainSigning, Agent::Review, Agent::AdditionalAttributes,
                                Agent::DomainConfidentiality};
    for (const Agent agent : agents) {
        for (const Agent other : agents) {
            const auto faults = judge_name(agent, named({{cn, std::string(name_of(other))}}));
            EXPECT_EQ(faults.empty(), agent == other) << name_of(agent) << name_of(other);
        }
    }
    EXPECT_EQ(signature_type_of(Agent::DomainSigning), "1.2.840.113549.1.9.16.9.2");
    EXPECT_EQ(signature_type_of(Agent::AdditionalAttributes), "1.2.840.113549.1.9.16.9.3");
    EXPECT_EQ(signature_type_of(Agent::Review), "1.2.840.113549.1.9.16.9.4");
    EXPECT_EQ(signature_type_of(Agent::DomainConfidentiality), "");
}

TEST(DomainMapping, AnX500NameStandsAboveByItsPrefix) {
    const Name john =
        named({{c, "us"}, {o, "acme"}, {ou, "defence"}, {ou, "marketing"}, {cn, "J"}});
    EXPECT_EQ(judge_domain(named({{c, "US"}, {o, "Acme"}, {cn, own}}), john), Faults{});
    EXPECT_EQ(judge_domain(named({{c, "us"}, {o, "acme"}, {ou, "defence"}, {cn, own}}), john),
              Faults{});
    EXPECT_EQ(judge_domain(named({{c, "us"}, {o, "acme"}, {ou, "marketing"}, {cn, own}}), john),
              Faults{NameFault::DomainDiffers});
    EXPECT_EQ(judge_domain(john, named({{c, "us"}, {o, "acme"}})),
              Faults{NameFault::DomainDiffers});
    EXPECT_EQ(judge_domain(named({{cn, own}}), john), Faults{NameFault::DomainUnknown});
}

TEST(DomainMapping, SoDoesANameOfDomainComponents) {
    const Name john = named({{dc, "us"}, {dc, "acme"}, {dc, "marketing"}, {cn, "John"}});
    EXPECT_EQ(judge_domain(named({{dc, "us"}, {dc, "acme"}, {cn, own}}), john), Faults{});
    EXPECT_EQ(judge_domain(named({{dc, "us"}, {dc, "other"}, {cn, own}}), john),
              Faults{NameFault::DomainDiffers});
}

TEST(DomainMapping, AMailDomainStandsAboveByItsLabels) {
    const auto between = [](const char* agent, const char* represented) {
        return judge_domain(Name::of_address(std::string("x@") + agent),
                            Name::of_address(std::string("j@") + represented));
    };
    EXPECT_EQ(between("acme.example", "marketing.ACME.example"), Faults{});
    EXPECT_EQ(between("acme.example.", "acme.example"), Faults{});
    EXPECT_EQ(between("acme.example", "notacme.example"), Faults{NameFault::DomainDiffers});
    EXPECT_EQ(between("marketing.acme.example", "acme.example"), Faults{NameFault::DomainDiffers});
    EXPECT_EQ(judge_domain(Name::of_address("no address"), Name::of_address("j@a.example")),
              Faults{NameFault::DomainUnknown});
}

TEST(DomainMapping, EachFormThatBothHaveMustAgree) {
    const Name john = named({{o, "acme"}, {cn, "J"}}, {"j@acme.example"});
    EXPECT_EQ(judge_domain(named({{o, "acme"}}, {"d@acme.example"}), john), Faults{});
    EXPECT_EQ(judge_domain(named({{o, "acme"}}, {"d@other.example"}), john),
              Faults{NameFault::DomainDiffers});
    EXPECT_EQ(judge_domain(named({{o, "other"}}, {"d@acme.example"}), john),
              Faults{NameFault::DomainDiffers});
}

}  // namespace
}  // namespace mailassay::dca
