#include "deviant.h"

// Wrong about the certificate of a next hop.
namespace mailassay::deviants {
namespace {

using namespace requiretls;

// Judges a session for a tagged message by other TlsFacts than the true ones.
class MisreadsTls : public StandardRules {
  public:
    using StandardRules::StandardRules;
    HostVerdict judge_session(const Sending& sending, const HostFacts& host, const TlsFacts& tls,
                              const Greetings& greetings) const final {
        return StandardRules::judge_session(sending, host, misread_if_tagged(sending, host, tls),
                                            greetings);
    }
    bool sends_parameter(const Sending& sending, const HostFacts& host, const TlsFacts& tls,
                         const Greetings& greetings) const final {
        return StandardRules::sends_parameter(sending, host, misread_if_tagged(sending, host, tls),
                                              greetings);
    }

  private:
    [[nodiscard]] virtual TlsFacts misread(const HostFacts& host, TlsFacts tls) const = 0;
    [[nodiscard]] TlsFacts misread_if_tagged(const Sending& sending, const HostFacts& host,
                                             const TlsFacts& tls) const {
        return sending.tag == Tag::Required ? misread(host, tls) : tls;
    }
};

TlsFacts as_if_authenticated(const HostFacts& host, TlsFacts tls) {
    if (tls.outcome != TlsOutcome::Established) return tls;
    const bool dane = host.tlsa == TlsaState::Usable;
    tls.authentication = dane ? Authentication::Dane : Authentication::Pkix;
    tls.fault = CertificateFault::None;
    return tls;
}

class TakesAnyCertificate final : public MisreadsTls {
  public:
    using MisreadsTls::MisreadsTls;

  private:
    TlsFacts misread(const HostFacts& host, TlsFacts tls) const override {
        return as_if_authenticated(host, std::move(tls));
    }
};

template <CertificateFault overlooked>
class Overlooks final : public MisreadsTls {
  public:
    using MisreadsTls::MisreadsTls;

  private:
    TlsFacts misread(const HostFacts& host, TlsFacts tls) const override {
        return tls.fault == overlooked ? as_if_authenticated(host, std::move(tls)) : tls;
    }
};

template <Authentication distrusted>
class Distrusts final : public MisreadsTls {
  public:
    using MisreadsTls::MisreadsTls;

  private:
    TlsFacts misread(const HostFacts&, TlsFacts tls) const override {
        if (tls.authentication == distrusted) tls.authentication = Authentication::None;
        return tls;
    }
};

}  // namespace

std::vector<Deviant> certificate_deviants() {
    return {
        deviant<TakesAnyCertificate>("takes-any-certificate",
                                     "Encrypts, but asks nothing of the certificate.",
                                     "rfc8689/2/10"),
        deviant<Overlooks<CertificateFault::Expired>>(
            "takes-expired-certificate", "Takes a certificate past its time.", "rfc8689/4.2.1/4"),
        deviant<Overlooks<CertificateFault::WrongName>>(
            "takes-misnamed-certificate", "Takes a trusted certificate that names another host.",
            "rfc8689/4.2.1/5"),
        deviant<Overlooks<CertificateFault::SelfSigned>>(
            "takes-self-signed-certificate", "Takes a self-signed certificate.", "rfc8689/4.2.1/4"),
        deviant<Overlooks<CertificateFault::UnknownAuthority>>(
            "takes-unknown-authority", "Takes a certificate of an authority that it does not know.",
            "rfc8689/4.2.1/4"),
        deviant<Overlooks<CertificateFault::NoTlsaMatch>>(
            "takes-tlsa-mismatch", "Takes a certificate that matches no TLSA record of its host.",
            "rfc8689/2/10"),
        deviant<Distrusts<Authentication::Dane>>(
            "distrusts-dane", "Refuses a certificate that only DANE vouches for.", "rfc8689/2/10"),
        deviant<Distrusts<Authentication::Pkix>>(
            "distrusts-trust-chains", "Refuses a certificate that only a trust chain vouches for.",
            "rfc8689/2/10"),
    };
}

}  // namespace mailassay::deviants
