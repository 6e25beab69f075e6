#include "net/test_dns_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace mailassay::net {
namespace {

constexpr std::size_t header_octets = 12;

std::string two_octets(std::uint16_t value) {
    return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)};
}

// Asks the server to end; no query has so few octets.
constexpr std::string_view stop = "stop";

sockaddr* generic(sockaddr_in& address) {
    return reinterpret_cast<sockaddr*>(&address);
}

}  // namespace

std::string wire_name(std::string_view name) {
    std::string wire;
    while (!name.empty() && name != ".") {
        const std::size_t dot = std::min(name.find('.'), name.size());
        wire += static_cast<char>(dot);
        wire += name.substr(0, dot);
        name.remove_prefix(std::min(dot + 1, name.size()));
    }
    return wire + '\0';
}

std::string mx_rdata(std::uint16_t preference, std::string_view host) {
    return two_octets(preference) + wire_name(host);
}

std::string txt_rdata(const std::vector<std::string>& strings) {
    std::string rdata;
    for (const std::string& text : strings) rdata += static_cast<char>(text.size()) + text;
    return rdata;
}

std::string a_rdata(std::string_view address) {
    std::string rdata(4, '\0');
    if (inet_pton(AF_INET, std::string(address).c_str(), rdata.data()) != 1) std::abort();
    return rdata;
}

std::string tlsa_rdata(std::uint8_t usage, std::uint8_t selector, std::uint8_t matching_type,
                       std::string_view data) {
    return std::string{static_cast<char>(usage), static_cast<char>(selector),
                       static_cast<char>(matching_type)} +
           std::string(data);
}

TestDnsServer::TestDnsServer(Records records)
    : records_(std::move(records)), socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    if (::bind(socket_.descriptor(), generic(address), length) != 0 ||
        ::getsockname(socket_.descriptor(), generic(address), &length) != 0) {
        std::abort();
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
}

TestDnsServer::~TestDnsServer() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port_);
    ::sendto(socket_.descriptor(), stop.data(), stop.size(), 0, generic(address), sizeof(address));
    thread_.join();
}

std::string TestDnsServer::forwarder() const {
    return fmt::format("127.0.0.1@{}", port_);
}

void TestDnsServer::serve() {
    std::array<char, 4096> buffer{};
    while (true) {
        sockaddr_in peer{};
        socklen_t length = sizeof(peer);
        const ssize_t count = ::recvfrom(socket_.descriptor(), buffer.data(), buffer.size(), 0,
                                         generic(peer), &length);
        if (count < 0) continue;
        const std::string_view query(buffer.data(), static_cast<std::size_t>(count));
        if (query == stop) return;
        if (query.size() <= header_octets) continue;
        const std::string reply = answer(query);
        ::sendto(socket_.descriptor(), reply.data(), reply.size(), 0, generic(peer), length);
    }
}

std::string TestDnsServer::answer(std::string_view query) const {
    const std::string_view question = query.substr(header_octets);
    const std::size_t name_octets = question.find('\0') + 1;
    const std::string name = name_from_wire(question.substr(0, name_octets));
    const auto type =
        static_cast<RecordType>(static_cast<unsigned char>(question[name_octets]) << 8 |
                                static_cast<unsigned char>(question[name_octets + 1]));
    const auto alias = records_.find({name, RecordType::Cname});
    const auto found = alias != records_.end() ? alias : records_.find({name, type});
    const bool known =
        std::ranges::any_of(records_, [&](const auto& each) { return each.first.first == name; });
    const auto records = found == records_.end() ? std::vector<std::string>{} : found->second;
    const char rcode = name.starts_with("fail.") ? 2 : known ? 0 : 3;

    std::string reply(query.substr(0, 2));
    reply += '\x81';  // an answer, recursion desired
    reply += static_cast<char>(0x80 | rcode);
    reply += two_octets(1) + two_octets(static_cast<std::uint16_t>(records.size()));
    reply += two_octets(0) + two_octets(0);
    reply += question.substr(0, name_octets + 4);
    for (const std::string& rdata : records) {
        const auto kind = static_cast<std::uint16_t>(found->first.second);
        reply += two_octets(0xc00c) + two_octets(kind) + two_octets(1);
        reply += two_octets(0) + two_octets(60);  // time to live
        reply += two_octets(static_cast<std::uint16_t>(rdata.size())) + rdata;
    }
    return reply;
}

}  // namespace mailassay::net
