#include "simulate/wire.h"

#include <utility>

#include "mta/intake.h"

namespace mailassay::simulate {

using requiretls::Authentication;
using requiretls::HostFacts;
using requiretls::TlsFacts;
using requiretls::TlsOutcome;
using requiretls::TlsVersion;

namespace {

// A host that does not know the extension, as far as the extension goes.
class UnawarePolicy final : public smtp::ServerPolicy {
  public:
    std::vector<smtp::Extension> extensions(smtp::Channel) const override { return {}; }
    std::optional<smtp::Reply> on_mail(const smtp::Path&, const std::vector<smtp::Parameter>&,
                                       smtp::Channel) override {
        return std::nullopt;
    }
    std::optional<smtp::Reply> on_rcpt(const smtp::Recipient&, const smtp::Envelope&) override {
        return std::nullopt;
    }
};

// One word for another of the same length, so that the reply stays well-formed.
void hide_starttls(std::string& octets) {
    constexpr std::string_view word = "STARTTLS";
    const std::size_t at = octets.find(word);
    if (at != std::string::npos) octets.replace(at, word.size(), "XHIDDENX");
}

}  // namespace

class Wire::Link final : public mta::ClientLink {
  public:
    // `host` is null for the attacker's own.
    Link(Wire& wire, const Host* host, std::size_t index, Mischief mischief)
        : wire_(wire), host_(host), index_(index), mischief_(mischief) {
        policy_ = make_policy();
        smtp::ServerConfig config;
        config.hostname = host == nullptr ? std::string(attackers_host) : host->name;
        if (host == nullptr || host->offers_starttls) {
            config.starttls = smtp::StartTlsOffer::Offered;
        }
        server_.emplace(config, *policy_);
        run();
    }

    Result<std::string> read() override { return std::exchange(output_, {}); }

    Result<void> write(std::string_view octets) override {
        if (is_broken_) return std::unexpected(Error{.id = "mta.link.broken", .detail = "reset"});
        if (octets == "STARTTLS\r\n" && mischief_ == Mischief::RefuseStartTls) {
            output_ = "454 4.7.0 TLS not available\r\n";
            return {};
        }
        if (mischief_ == Mischief::TemporaryAtMail && octets.starts_with("MAIL")) {
            return busy(octets);
        }
        server_->receive(octets);
        run();
        if (mischief_ == Mischief::StripStartTls) hide_starttls(output_);
        return {};
    }

    TlsFacts secure(const HostFacts& facts) override {
        TlsFacts tls;
        tls.outcome = TlsOutcome::HandshakeFailed;
        if (mischief_ == Mischief::FailHandshake) return tls;
        tls.outcome = TlsOutcome::Established;
        tls.version = host_ == nullptr ? TlsVersion::Tls13 : host_->version;
        const bool trusted = mischief_ != Mischief::MiddleMan &&
                             (host_ == nullptr || host_->certificate == Certificate::Trusted);
        if (facts.tlsa == requiretls::TlsaState::Usable) {
            // A host with TLSA records has them match its key, whoever signed the certificate.
            const bool matches = host_ != nullptr && mischief_ != Mischief::MiddleMan;
            tls.authentication = matches ? Authentication::Dane : Authentication::None;
        } else {
            tls.authentication = trusted ? Authentication::Pkix : Authentication::None;
        }
        if (tls.authentication == Authentication::None) {
            tls.fault = requiretls::CertificateFault::UnknownAuthority;
        }
        server_->tls_established();
        note_truth(facts, tls);
        return tls;
    }

  private:
    [[nodiscard]] bool is_attackers() const {
        return host_ == nullptr || mischief_ == Mischief::MiddleMan;
    }
    std::unique_ptr<smtp::ServerPolicy> make_policy() const {
        if (host_ != nullptr && !host_->speaks_requiretls) return std::make_unique<UnawarePolicy>();
        const std::size_t domain = host_ == nullptr ? 0 : host_->domain;
        return std::make_unique<mta::RelayPolicy>(wire_.network_.domains()[domain].config,
                                                  wire_.rules_, "192.0.2.1");
    }
    void note_truth(const HostFacts& facts, const TlsFacts& tls) {
        using requiretls::StsMatch;
        using requiretls::StsMode;
        truth_.encrypted = tls.version == TlsVersion::Tls12 || tls.version == TlsVersion::Tls13;
        truth_.genuine = mischief_ != Mischief::MiddleMan;
        truth_.authenticated = tls.authentication != Authentication::None;
        truth_.vouched_for =
            facts.mx_security == requiretls::DnsSecurity::Secure ||
            (facts.sts.match == StsMatch::Listed && facts.sts.mode == StsMode::Enforce);
        truth_.offers_requiretls = host_ == nullptr || host_->speaks_requiretls;
    }
    // Refuses MAIL; what was pipelined behind it is out of sequence.
    Result<void> busy(std::string_view octets) {
        for (std::size_t at = 0; (at = octets.find("\r\n", at)) != std::string_view::npos;
             at += 2) {
            output_ += output_.empty() ? "451 4.3.0 try again later\r\n" : "503 5.5.1 no MAIL\r\n";
        }
        mischief_ = Mischief::None;
        return {};
    }
    void run() {
        while (true) {
            smtp::ServerEvent event = server_->next_event();
            output_ += server_->take_output();
            auto* received = std::get_if<smtp::MessageReceived>(&event);
            if (received == nullptr) return;
            const auto reply = answer(std::move(*received));
            if (!reply) {
                is_broken_ = true;
                output_.clear();
                return;
            }
            server_->message_answered(*reply);
        }
    }
    std::optional<smtp::Reply> answer(smtp::MessageReceived received) {
        HopTruth truth = truth_;
        if (received.envelope.channel == smtp::Channel::Plaintext) truth.encrypted = false;
        return wire_.take_({.host = index_,
                            .by_attacker = is_attackers(),
                            .refuses = mischief_ == Mischief::TemporaryAtData,
                            .received = std::move(received),
                            .hop = truth});
    }

    Wire& wire_;
    const Host* host_;
    std::size_t index_;
    Mischief mischief_;
    std::unique_ptr<smtp::ServerPolicy> policy_;
    std::optional<smtp::Server> server_;
    HopTruth truth_;
    std::string output_;
    bool is_broken_ = false;
};

Mischief Wire::draw_mischief() {
    double drawn = percent(random_);
    const auto happens = [&drawn](double share) {
        drawn -= share;
        return drawn < 0;
    };
    if (happens(assumptions_.attacks)) {
        constexpr Mischief attacks[] = {Mischief::StripStartTls, Mischief::RefuseStartTls,
                                        Mischief::MiddleMan};
        return attacks[below(random_, 3)];
    }
    if (happens(assumptions_.failed_handshakes)) return Mischief::FailHandshake;
    if (happens(assumptions_.temporary_failures)) {
        return below(random_, 2) == 0 ? Mischief::TemporaryAtMail : Mischief::TemporaryAtData;
    }
    return Mischief::None;
}

Result<std::unique_ptr<mta::ClientLink>> Wire::connect(const std::string& address, std::uint16_t) {
    ++connections_;
    if (address == attackers_host) {
        return std::make_unique<Link>(*this, nullptr, 0, Mischief::None);
    }
    const std::size_t index = network_.host_of(address);
    const bool refused = percent(random_) < assumptions_.refused_connections;
    if (refused || index == network_.hosts().size() || !is_up_(index)) {
        return std::unexpected(Error{.id = "mta.link.connect", .detail = "connection refused"});
    }
    return std::make_unique<Link>(*this, &network_.hosts()[index], index, draw_mischief());
}

}  // namespace mailassay::simulate
