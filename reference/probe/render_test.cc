#include "probe/render.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "probe/test_facts.h"

// The program's output as a whole is tested in harness/tests/inside/test_probe.py, against the
// schema.
namespace mailassay::probe {
namespace {

const requiretls::StandardRules rules(requiretls::Edition::Rfc);

std::string text_of(const DomainProbe& domain) {
    return to_text(domain, assess(rules, domain));
}
nlohmann::json json_of(const DomainProbe& domain) {
    return nlohmann::json::parse(to_json(domain, assess(rules, domain), requiretls::Edition::Rfc));
}

HostProbe without_extension(const std::string& name) {
    HostProbe host = good_host(name);
    host.session->greetings.in_tls = capabilities({"SIZE"});
    return host;
}

TEST(Text, OfADomainThatMailGetsThroughTo) {
    EXPECT_EQ(text_of(domain_of({good_host()})),
              "to.example\n"
              "  MX record: signed with DNSSEC\n"
              "  MTA-STS: none\n"
              "\n"
              "  pref  host            address    name    TLSA  TLS      certificate  REQUIRETLS  "
              "mail gets through\n"
              "  10    mx1.to.example  192.0.2.1  DNSSEC  none  TLS 1.3  trusted      offered     "
              "yes\n"
              "\n"
              "Mail with REQUIRETLS gets through to to.example, by mx1.to.example.\n");
}

TEST(Text, NamesTheNearestHostWhenThereAreSeveral) {
    HostProbe plain = good_host("mx2.to.example");
    plain.session->greetings.in_tls.reset();
    plain.session->tls = {.outcome = requiretls::TlsOutcome::NotOffered};
    const std::string text = text_of(domain_of({plain, without_extension("mx1.to.example")}));
    EXPECT_TRUE(
        text.ends_with("Mail with REQUIRETLS does not get through to to.example. One host "
                       "is enough; the nearest to it is mx1.to.example.\n"))
        << text;
    EXPECT_NE(text.find("mx2.to.example: STARTTLS is not offered\n  to fix: "), std::string::npos);
}

TEST(Text, OfADomainWithoutHosts) {
    const std::string text = text_of(failed(requiretls::LookupFailure::NullMx));
    EXPECT_TRUE(text.starts_with("to.example: to.example has a null MX record"));
    EXPECT_NE(text.find("does not get through"), std::string::npos);
    DomainProbe late;
    late.domain = "to.example";
    EXPECT_NE(text_of(late).find("could not be determined"), std::string::npos);
}

TEST(Text, TellsOfThePolicy) {
    DomainProbe domain = domain_of({good_host()});
    domain.policy.policy =
        requiretls::StsPolicy{.mode = requiretls::StsMode::Enforce, .mx = {"a", "b"}};
    EXPECT_NE(text_of(domain).find("MTA-STS: mode enforce, 2 mx patterns\n"), std::string::npos);
    domain.policy = {.policy = {}, .fault = Error{"net.https.status", 0, {}, "404"}};
    EXPECT_NE(text_of(domain).find("MTA-STS: unusable: net.https.status"), std::string::npos);
}

TEST(JsonOutput, HasTheOutcomeAndTheFix) {
    const auto good = json_of(domain_of({good_host()}));
    EXPECT_EQ(good.at("outcome"), "gets-through");
    EXPECT_EQ(good.at("through"), "mx1.to.example");
    EXPECT_TRUE(good.at("nearest").is_null());
    EXPECT_TRUE(good.at("hosts").at(0).at("fix").is_null());
    const auto bad = json_of(domain_of({without_extension("mx1.to.example")}));
    EXPECT_EQ(bad.at("outcome"), "does-not");
    EXPECT_EQ(bad.at("nearest"), "mx1.to.example");
    EXPECT_EQ(bad.at("hosts").at(0).at("finding"), "requiretls-not-offered");
    EXPECT_NE(bad.at("hosts").at(0).at("fix").get<std::string>().find("requiretls_enable"),
              std::string::npos);
}

TEST(JsonOutput, IsBounded) {
    HostProbe host = good_host();
    host.facts.tlsa = requiretls::TlsaState::Usable;
    host.facts.tlsa_records.assign(1000, {3, 0, 0, std::string(10'000, 'x')});
    host.session->tls.detail = std::string(100'000, '\x01');
    DomainProbe domain = domain_of({host});
    domain.policy.policy =
        requiretls::StsPolicy{.mode = requiretls::StsMode::Enforce,
                              .mx = std::vector<std::string>(1000, std::string(1000, 'a'))};
    const auto json = json_of(domain);
    EXPECT_EQ(json.at("hosts").at(0).at("tlsa_records").size(), 20U);
    EXPECT_EQ(json.at("mta_sts").at("mx").size(), 20U);
    EXPECT_LT(json.dump().size(), 50'000U);
}

}  // namespace
}  // namespace mailassay::probe
