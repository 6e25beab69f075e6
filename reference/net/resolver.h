#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "requiretls/facts.h"
#include "requiretls/rules.h"

struct ub_ctx;

// A validating DNS resolver, on libunbound.
namespace mailassay::net {

struct ResolverConfig {
    std::string forwarder = {};          // "ADDRESS@PORT"; empty: the system's resolvers
    std::string trust_anchor_file = {};  // empty: nothing validates, so no answer is secure
    requiretls::BogusAnswers bogus_answers = requiretls::BogusAnswers::Refuse;
};

enum class AnswerKind : std::uint8_t {
    Records,
    NoData,   // the name exists, the type does not
    NoName,   // NXDOMAIN
    Failure,  // no answer, SERVFAIL, or bogus
};

struct Answer {
    AnswerKind kind = AnswerKind::Failure;
    requiretls::DnsSecurity security = requiretls::DnsSecurity::Insecure;
    std::vector<std::string> rdata = {};  // of each record, wire format, names uncompressed
    // Where aliases led to, lower case, without the last dot; empty: the name is no alias.
    std::string canonical_name = {};
};

enum class RecordType : std::uint16_t {
    A = 1,
    Ns = 2,
    Cname = 5,
    Mx = 15,
    Txt = 16,
    Aaaa = 28,
    Tlsa = 52
};

// Where answers come from; an interface, so that what is made of them can be tested without DNS.
// Implementations are usable from several threads.
class Dns {
  public:
    virtual ~Dns() = default;
    // Blocks until there is an answer. What can be no name in DNS gives NoName.
    [[nodiscard]] virtual Answer look_up(const std::string& name, RecordType type) const = 0;
};

// By libunbound, which validates on its own: nobody else's word for an answer is taken. Where an
// alias leads to the answer, the security is that of the whole chain.
class Resolver final : public Dns {
  public:
    // Everything is read at once, so that a mistake shows here and not at the first message.
    // Errors: net.resolver.forwarder, net.resolver.trust-anchor, net.resolver.library.
    [[nodiscard]] static Result<Resolver> create(const ResolverConfig& config);

    [[nodiscard]] Answer look_up(const std::string& name, RecordType type) const override;

  private:
    Resolver(std::shared_ptr<ub_ctx> context, requiretls::BogusAnswers bogus)
        : context_(std::move(context)), bogus_(bogus) {}

    std::shared_ptr<ub_ctx> context_;
    requiretls::BogusAnswers bogus_;
};

// A host name in wire format without compression, lower case, without the last dot; empty for the
// root, and for what is no host name: labels hold letters, digits, hyphens and underscores.
[[nodiscard]] std::string name_from_wire(std::string_view wire);

}  // namespace mailassay::net
