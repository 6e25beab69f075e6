#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "net/resolver.h"
#include "net/socket.h"

// What the tests put in the place of DNS.
namespace mailassay::net {

// RDATA in wire format.
[[nodiscard]] std::string wire_name(std::string_view name);  // "mx.example"; "" or ".": the root
[[nodiscard]] std::string mx_rdata(std::uint16_t preference, std::string_view host);
[[nodiscard]] std::string txt_rdata(const std::vector<std::string>& strings);
[[nodiscard]] std::string a_rdata(std::string_view address);
[[nodiscard]] std::string tlsa_rdata(std::uint8_t usage, std::uint8_t selector,
                                     std::uint8_t matching_type, std::string_view data);

// Answers that a test made up. What it does not know is NoName and secure.
class MadeUpDns final : public Dns {
  public:
    void add(const std::string& name, RecordType type, std::vector<std::string> rdata,
             requiretls::DnsSecurity security = requiretls::DnsSecurity::Secure) {
        answers_[{name, type}] = {AnswerKind::Records, security, std::move(rdata), {}};
    }
    void set(const std::string& name, RecordType type, AnswerKind kind,
             requiretls::DnsSecurity security = requiretls::DnsSecurity::Secure) {
        answers_[{name, type}] = {kind, security, {}, {}};
    }
    // From here on, `alias` answers as `target` does. The alias itself has the security given; what
    // is found through it has the weaker one of both.
    void add_alias(const std::string& alias, const std::string& target,
                   requiretls::DnsSecurity security = requiretls::DnsSecurity::Secure) {
        aliases_[alias] = {target, security};
    }
    [[nodiscard]] Answer look_up(const std::string& name, RecordType type) const override {
        const auto alias = aliases_.find(name);
        if (alias != aliases_.end()) return look_up_alias(alias->second, type);
        const auto found = answers_.find({name, type});
        if (found != answers_.end()) return found->second;
        return {AnswerKind::NoName, requiretls::DnsSecurity::Secure, {}, {}};
    }

  private:
    struct Alias {
        std::string target;
        requiretls::DnsSecurity security = requiretls::DnsSecurity::Secure;
    };
    [[nodiscard]] Answer look_up_alias(const Alias& alias, RecordType type) const {
        if (type == RecordType::Cname) {
            return {AnswerKind::Records, alias.security, {wire_name(alias.target)}, {}};
        }
        Answer answer = look_up(alias.target, type);
        if (answer.security == requiretls::DnsSecurity::Secure) answer.security = alias.security;
        if (answer.canonical_name.empty()) answer.canonical_name = alias.target;
        return answer;
    }

    std::map<std::pair<std::string, RecordType>, Answer> answers_;
    std::map<std::string, Alias> aliases_;
};

// A name server over UDP on a port of the system's choice, which answers with made-up records. What
// it does not know is NXDOMAIN; a name that begins with "fail." is SERVFAIL. A name with a CNAME
// record is answered with that alone, whatever was asked for.
class TestDnsServer {
  public:
    using Records = std::map<std::pair<std::string, RecordType>, std::vector<std::string>>;

    explicit TestDnsServer(Records records);
    ~TestDnsServer();
    TestDnsServer(const TestDnsServer&) = delete;
    TestDnsServer& operator=(const TestDnsServer&) = delete;

    // "127.0.0.1@PORT".
    [[nodiscard]] std::string forwarder() const;

  private:
    void serve();
    [[nodiscard]] std::string answer(std::string_view query) const;

    Records records_;
    Socket socket_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

}  // namespace mailassay::net
