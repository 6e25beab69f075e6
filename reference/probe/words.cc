#include "probe/words.h"

namespace mailassay::probe {

namespace rules = requiretls;

std::string_view word_for(rules::DnsSecurity security) {
    switch (security) {
        case rules::DnsSecurity::Secure:
            return "secure";
        case rules::DnsSecurity::Insecure:
            return "insecure";
        case rules::DnsSecurity::Bogus:
            return "bogus";
    }
    return "";
}

std::string_view word_for(rules::StsMatch match) {
    switch (match) {
        case rules::StsMatch::NoPolicy:
            return "no-policy";
        case rules::StsMatch::Unavailable:
            return "unavailable";
        case rules::StsMatch::Listed:
            return "listed";
        case rules::StsMatch::NotListed:
            return "not-listed";
    }
    return "";
}

std::string_view word_for(rules::StsMode mode) {
    switch (mode) {
        case rules::StsMode::None:
            return "none";
        case rules::StsMode::Testing:
            return "testing";
        case rules::StsMode::Enforce:
            return "enforce";
    }
    return "";
}

std::string_view word_for(rules::TlsaState state) {
    switch (state) {
        case rules::TlsaState::None:
            return "none";
        case rules::TlsaState::Unusable:
            return "unusable";
        case rules::TlsaState::Usable:
            return "usable";
        case rules::TlsaState::LookupFailed:
            return "lookup-failed";
    }
    return "";
}

std::string_view word_for(rules::SessionEnd end) {
    switch (end) {
        case rules::SessionEnd::None:
            return "none";
        case rules::SessionEnd::NoConnection:
            return "no-connection";
        case rules::SessionEnd::Refused:
            return "refused";
        case rules::SessionEnd::Silent:
            return "silent";
        case rules::SessionEnd::Broken:
            return "broken";
    }
    return "";
}

std::string_view word_for(rules::TlsOutcome outcome) {
    switch (outcome) {
        case rules::TlsOutcome::NotTried:
            return "not-tried";
        case rules::TlsOutcome::NotOffered:
            return "not-offered";
        case rules::TlsOutcome::Refused:
            return "refused";
        case rules::TlsOutcome::HandshakeFailed:
            return "handshake-failed";
        case rules::TlsOutcome::Established:
            return "established";
    }
    return "";
}

std::string_view word_for(rules::TlsVersion version) {
    switch (version) {
        case rules::TlsVersion::None:
            return "none";
        case rules::TlsVersion::Tls10:
            return "TLS 1.0";
        case rules::TlsVersion::Tls11:
            return "TLS 1.1";
        case rules::TlsVersion::Tls12:
            return "TLS 1.2";
        case rules::TlsVersion::Tls13:
            return "TLS 1.3";
    }
    return "";
}

std::string_view word_for(rules::Authentication authentication) {
    switch (authentication) {
        case rules::Authentication::None:
            return "none";
        case rules::Authentication::Pkix:
            return "pkix";
        case rules::Authentication::Dane:
            return "dane";
    }
    return "";
}

std::string_view word_for(rules::CertificateFault fault) {
    switch (fault) {
        case rules::CertificateFault::None:
            return "none";
        case rules::CertificateFault::UnknownAuthority:
            return "unknown-authority";
        case rules::CertificateFault::SelfSigned:
            return "self-signed";
        case rules::CertificateFault::Expired:
            return "expired";
        case rules::CertificateFault::NotYetValid:
            return "not-yet-valid";
        case rules::CertificateFault::WrongName:
            return "wrong-name";
        case rules::CertificateFault::NoTlsaMatch:
            return "no-tlsa-match";
        case rules::CertificateFault::Other:
            return "other";
    }
    return "";
}

std::string_view word_for(rules::Edition edition) {
    switch (edition) {
        case rules::Edition::Draft:
            return "draft";
        case rules::Edition::Rfc:
            return "rfc";
    }
    return "";
}

}  // namespace mailassay::probe
