#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "dsn/report.h"
#include "imf/header.h"
#include "opes/rules.h"
#include "opes/system.h"

// What an OPES processor does with one message. No I/O: who owns the connections calls the services
// and says what came of it.
namespace mailassay::opes {

// The way of a message through its services:
//
//     Processing processing(message, system, rules);
//     for each service that is called: hand it processing.message(); processing.returned(...)
//     processing.finished() goes to the next hop
class Processing {
  public:
    // `system` and `rules` must outlive it.
    Processing(imf::Message message, const System& system, const Rules& rules);

    // As the next service is given it.
    [[nodiscard]] const imf::Message& message() const { return message_; }
    // What a service made of it: each trace field that it took is there again, content that is
    // protected by cryptography is as it was, and the service is in the trace.
    void returned(const Service& service, imf::HeaderSection header, std::string body);
    // Gives each address of the mapping its other one in all fields of addresses.
    void readdress(const Readdressing& mapping);
    // Error: opes.trace.missing, when the rules don't let it go.
    [[nodiscard]] Result<std::string> finished() const;

  private:
    imf::Message message_;
    const System& system_;
    const Rules& rules_;
    std::vector<Service> called_;
};

// One recipient of the dialogue, with what stands behind the path.
struct RecipientRequest {
    std::string address;
    std::vector<std::string> parameters = {};
};

// What is asked of the system, by the dialogue and by the message.
struct Requests {
    std::string sender = {};  // bare; empty: the null reverse-path
    std::vector<std::string> sender_parameters = {};
    std::vector<RecipientRequest> recipients = {};
    Requester requester = Requester::Unknown;
    NextHop next_hop = NextHop::DoesNot;
    std::span<const Allowance> allowances = {};  // asked for elsewhere
};

struct RecipientPlan {
    std::string address;
    std::vector<Service> called;               // in the system's order
    std::vector<std::string> parameters = {};  // to the next hop
};

// Which services are called for whom, and how the request goes on.
struct Plan {
    std::vector<RecipientPlan> recipients;
    std::vector<std::string> sender_parameters = {};  // to the next hop
    // To be added to the message, where the next hop knows no parameter.
    std::optional<BypassRequest> field = std::nullopt;
    // Fields that can't be read, which ask nothing.
    std::vector<Error> faults = {};
};

// Errors: those of requested_by(), where the rules refuse the command for it (501).
[[nodiscard]] Result<Plan> plan(const imf::HeaderSection& header, const Requests& requests,
                                const System& system, const Rules& rules);

// Puts what the report owes its reader of the system into it.
void describe(dsn::Report& report, const System& system, const Rules& rules);

// Content that nobody may change on the way without its being seen, or can read.
enum class Protection : std::uint8_t { None, Signed, Encrypted };
[[nodiscard]] Protection protection_of(const imf::HeaderSection& header);
// The parts within a message whose content is of that kind, as octets of its body. Parts within
// those are not looked for, nor what is nested deeper than a reader goes (16 multiparts).
[[nodiscard]] std::vector<std::string_view> protected_parts(const imf::Message& message);

}  // namespace mailassay::opes
