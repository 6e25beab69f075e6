#pragma once

#include <string>

#include "probe/facts.h"
#include "smtp/capabilities.h"
#include "smtp/reply.h"

// Facts that tests start from: a domain with one host that mail with REQUIRETLS gets through to.
namespace mailassay::probe {

[[nodiscard]] inline smtp::Capabilities capabilities(const std::vector<std::string>& keywords) {
    smtp::Reply reply = smtp::make_reply(250, "mx1.to.example");
    reply.lines.insert(reply.lines.end(), keywords.begin(), keywords.end());
    return smtp::Capabilities::from_ehlo(reply);
}

[[nodiscard]] inline SessionFacts good_session() {
    SessionFacts session;
    session.end = requiretls::SessionEnd::None;
    session.address = "192.0.2.1";
    session.greetings.in_plaintext = capabilities({"STARTTLS"});
    session.greetings.in_tls = capabilities({"REQUIRETLS"});
    session.tls.outcome = requiretls::TlsOutcome::Established;
    session.tls.version = requiretls::TlsVersion::Tls13;
    session.tls.authentication = requiretls::Authentication::Pkix;
    session.tls.certificate =
        requiretls::CertificateFacts{.names = {"mx1.to.example"}, .issuer = "CN=an authority"};
    return session;
}

[[nodiscard]] inline HostProbe good_host(const std::string& name = "mx1.to.example") {
    HostProbe host;
    host.facts.domain = "to.example";
    host.facts.host = name;
    host.facts.preference = 10;
    host.facts.mx_security = requiretls::DnsSecurity::Secure;
    host.facts.addresses = {"192.0.2.1"};
    host.session = good_session();
    return host;
}

[[nodiscard]] inline DomainProbe domain_of(std::vector<HostProbe> hosts) {
    DomainProbe domain;
    domain.domain = "to.example";
    domain.hosts = std::move(hosts);
    return domain;
}

[[nodiscard]] inline DomainProbe failed(requiretls::LookupFailure failure) {
    DomainProbe domain;
    domain.domain = "to.example";
    domain.hosts = std::unexpected(failure);
    return domain;
}

}  // namespace mailassay::probe
