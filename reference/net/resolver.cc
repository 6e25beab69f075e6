#include "net/resolver.h"

#include <unbound.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>

#include "base/ascii.h"

namespace mailassay::net {
namespace {

constexpr int class_in = 1;
constexpr int rcode_no_error = 0;
constexpr int rcode_no_name = 3;

std::unexpected<Error> fault(std::string_view id, int problem, const std::string& what) {
    return std::unexpected(Error{id, 0, {}, what + ": " + ub_strerror(problem)});
}

requiretls::DnsSecurity security_of(const ub_result& result) {
    if (result.bogus != 0) return requiretls::DnsSecurity::Bogus;
    return result.secure != 0 ? requiretls::DnsSecurity::Secure : requiretls::DnsSecurity::Insecure;
}

// A dot or a NUL within a label would make another name of it when it is written out.
bool is_of_a_host_name(char c) {
    return base::is_alnum(c) || c == '-' || c == '_';
}

// Empty for what is no host name, as it is where there was no alias.
std::string canonical_name_of(const ub_result& result) {
    if (result.canonname == nullptr) return {};
    const auto plain = [](std::string_view name) {
        return base::to_lower(name.substr(0, name.size() - (name.ends_with('.') ? 1 : 0)));
    };
    std::string name = plain(result.canonname);
    if (name == plain(result.qname)) return {};
    const bool is_host_name =
        std::ranges::all_of(name, [](char c) { return c == '.' || is_of_a_host_name(c); });
    return is_host_name ? name : std::string();
}

Answer answer_of(const ub_result& result, requiretls::BogusAnswers bogus) {
    Answer answer;
    answer.security = security_of(result);
    const bool refused = answer.security == requiretls::DnsSecurity::Bogus &&
                         bogus == requiretls::BogusAnswers::Refuse;
    if (refused) return answer;  // [rfc8689/4.2.1/1]
    answer.canonical_name = canonical_name_of(result);
    if (result.havedata != 0) {
        answer.kind = AnswerKind::Records;
        for (std::size_t i = 0; result.data[i] != nullptr; ++i) {
            answer.rdata.emplace_back(result.data[i], static_cast<std::size_t>(result.len[i]));
        }
    } else if (result.nxdomain != 0 || result.rcode == rcode_no_name) {
        answer.kind = AnswerKind::NoName;
    } else if (result.rcode == rcode_no_error) {
        answer.kind = AnswerKind::NoData;
    }
    return answer;
}

Result<void> set_forwarder(ub_ctx* context, const std::string& forwarder) {
    if (forwarder.empty()) {
        const int problem = ub_ctx_resolvconf(context, nullptr);
        if (problem != 0) return fault("net.resolver.forwarder", problem, "/etc/resolv.conf");
        return {};
    }
    const int problem = ub_ctx_set_fwd(context, forwarder.c_str());
    if (problem != 0) return fault("net.resolver.forwarder", problem, forwarder);
    return {};
}

// Whether some line, comments apart, is a DS or DNSKEY record.
bool holds_a_key(const std::string& file) {
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line.substr(0, line.find(';')));
        for (std::string word; words >> word;) {
            if (base::equals_ignore_case(word, "DS") || base::equals_ignore_case(word, "DNSKEY")) {
                return true;
            }
        }
    }
    return false;
}

Result<void> set_trust_anchor(ub_ctx* context, const std::string& file) {
    if (file.empty()) return {};
    // libunbound would only say "initialization failure".
    if (access(file.c_str(), R_OK) != 0) {
        const std::string why = std::generic_category().message(errno);
        return std::unexpected(Error{"net.resolver.trust-anchor", 0, {}, file + ": " + why});
    }
    if (!holds_a_key(file)) {
        // With such a file nothing would ever validate, without a word.
        return std::unexpected(Error{"net.resolver.trust-anchor", 0, {}, file + ": no key in it"});
    }
    const int problem = ub_ctx_add_ta_file(context, file.c_str());
    if (problem != 0) return fault("net.resolver.trust-anchor", problem, file);
    return {};
}

}  // namespace

Result<Resolver> Resolver::create(const ResolverConfig& config) {
    std::shared_ptr<ub_ctx> context(ub_ctx_create(), [](ub_ctx* c) {
        if (c != nullptr) ub_ctx_delete(c);
    });
    if (!context) return std::unexpected(Error{"net.resolver.library", 0, {}, "out of memory"});
    // Its log would go to standard error, which is the program's; what matters is in the answers.
    ub_ctx_debugout(context.get(), nullptr);
    ub_ctx_set_option(context.get(), "do-not-query-localhost:", "no");
    // A forwarder sees the whole name anyway.
    ub_ctx_set_option(context.get(), "qname-minimisation:", "no");
    if (auto done = set_forwarder(context.get(), config.forwarder); !done) {
        return std::unexpected(done.error());
    }
    if (auto done = set_trust_anchor(context.get(), config.trust_anchor_file); !done) {
        return std::unexpected(done.error());
    }
    // Names below test. and in 127.in-addr.arpa. are as good as any where a forwarder knows them.
    // Last, since this finalizes the context: only now are the files above read, and no setting
    // can be changed behind it.
    for (const char* zone : {"test.", "127.in-addr.arpa."}) {
        if (const int problem = ub_ctx_zone_remove(context.get(), zone); problem != 0) {
            return fault("net.resolver.trust-anchor", problem, config.trust_anchor_file);
        }
    }
    return Resolver(std::move(context), config.bogus_answers);
}

Answer Resolver::look_up(const std::string& name, RecordType type) const {
    ub_result* raw = nullptr;
    const int problem =
        ub_resolve(context_.get(), name.c_str(), static_cast<int>(type), class_in, &raw);
    if (problem == UB_SYNTAX) return {.kind = AnswerKind::NoName};
    if (problem != 0 || raw == nullptr) return {};
    const std::unique_ptr<ub_result, decltype(&ub_resolve_free)> result(raw, ub_resolve_free);
    return answer_of(*result, bogus_);
}

std::string name_from_wire(std::string_view wire) {
    std::string name;
    while (!wire.empty()) {
        const auto length = static_cast<unsigned char>(wire.front());
        wire.remove_prefix(1);
        if (length == 0) return base::to_lower(name);
        // Longer labels do not exist; two set bits would be a compression pointer.
        if (length > 63 || length > wire.size()) return {};
        if (!name.empty()) name += '.';
        const std::string_view label = wire.substr(0, length);
        if (!std::ranges::all_of(label, is_of_a_host_name)) return {};
        name += label;
        wire.remove_prefix(length);
    }
    return {};
}

}  // namespace mailassay::net
