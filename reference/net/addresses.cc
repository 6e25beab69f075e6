#include "net/addresses.h"

#include <arpa/inet.h>

#include <array>

#include "base/ascii.h"

namespace mailassay::net {
namespace {

using requiretls::DnsSecurity;
using requiretls::LookupFault;

std::optional<std::string> to_text(int family, const void* octets) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (inet_ntop(family, octets, text.data(), text.size()) == nullptr) return std::nullopt;
    return std::string(text.data());
}

std::optional<std::string> address_from(std::string_view rdata) {
    if (rdata.size() == 4) return to_text(AF_INET, rdata.data());
    if (rdata.size() == 16) return to_text(AF_INET6, rdata.data());
    return std::nullopt;
}

}  // namespace

HostAddresses addresses_of(const Dns& dns, const std::string& host) {
    HostAddresses addresses;
    addresses.kind = AnswerKind::NoData;
    addresses.security = DnsSecurity::Secure;
    for (const RecordType type : {RecordType::A, RecordType::Aaaa}) {
        const Answer answer = dns.look_up(host, type);
        if (answer.kind == AnswerKind::NoName || answer.kind == AnswerKind::Failure) {
            addresses.kind = answer.kind;
        }
        if (answer.kind == AnswerKind::Failure) {
            const bool bogus = answer.security == DnsSecurity::Bogus;
            if (bogus || addresses.fault == LookupFault::None) {
                addresses.fault = bogus ? LookupFault::Bogus : LookupFault::Unanswered;
            }
        } else if (answer.security != DnsSecurity::Secure) {
            addresses.security = DnsSecurity::Insecure;
        }
        if (addresses.canonical_name.empty()) addresses.canonical_name = answer.canonical_name;
        for (const std::string& rdata : answer.rdata) {
            if (auto address = address_from(rdata)) addresses.found.push_back(std::move(*address));
        }
    }
    if (!addresses.found.empty()) {
        addresses.kind = AnswerKind::Records;
    } else if (addresses.fault == LookupFault::None) {
        addresses.fault = LookupFault::Missing;
    }
    return addresses;
}

std::optional<std::string> address_in_literal(std::string_view literal) {
    constexpr std::string_view six_tag = "IPv6:";
    if (!literal.starts_with('[') || !literal.ends_with(']')) return std::nullopt;
    std::string_view inner = literal.substr(1, literal.size() - 2);
    const bool six = base::starts_with_ignore_case(inner, six_tag);
    if (six) inner.remove_prefix(six_tag.size());
    std::array<unsigned char, 16> octets{};
    const int family = six ? AF_INET6 : AF_INET;
    if (inet_pton(family, std::string(inner).c_str(), octets.data()) != 1) return std::nullopt;
    return to_text(family, octets.data());
}

}  // namespace mailassay::net
