#include <algorithm>
#include <memory>

#include "base/ascii.h"
#include "deviant.h"
#include "opes/processing.h"
#include "opes/rules.h"

// OPES processors that are wrong in the trace they leave, or in whom they call.
namespace mailassay::deviants {
namespace {

using imf::HeaderField;
using imf::HeaderSection;
using opes::Service;
using opes::StandardRules;
using opes::System;

HeaderSection without(const HeaderSection& header, std::string_view name) {
    HeaderSection kept = header;
    kept.remove_all(name);
    return kept;
}

// Lets everything go, so that the fault is seen where it is made.
class LetsGo : public StandardRules {
  public:
    bool is_traced(const HeaderSection&, const System&) const override { return true; }
};

class AddsNoTrace : public LetsGo {
  public:
    HeaderSection begun(const HeaderSection& header, const System&) const override {
        return header;
    }
};

class TracesBehindTheServices : public StandardRules {
  public:
    HeaderSection begun(const HeaderSection& header, const System& system) const override {
        return system.services.empty() ? StandardRules::begun(header, system) : header;
    }
    HeaderSection augmented(const HeaderSection& header, const System& system,
                            std::span<const Service> called) const override {
        if (called.size() != system.services.size()) return header;
        HeaderSection traced = StandardRules::begun(header, system);
        for (std::size_t i = 0; i < called.size(); ++i) {
            traced = StandardRules::augmented(traced, system, called.first(i + 1));
        }
        return traced;
    }
};

class RemovesTheTraceOfOthers : public StandardRules {
  public:
    HeaderSection begun(const HeaderSection& header, const System& system) const override {
        return StandardRules::begun(without(header, opes::system_field), system);
    }
};

class WritesAtTheEnd : public StandardRules {
  public:
    HeaderSection begun(const HeaderSection& header, const System& system) const override {
        HeaderSection made = header;
        const HeaderSection own = StandardRules::begun({}, system);
        for (const HeaderField& field : own.fields()) made.append(field);
        return made;
    }
};

class LeavesViaAlone : public StandardRules {
  public:
    HeaderSection begun(const HeaderSection& header, const System& system) const override {
        HeaderSection made = header;
        made.prepend(StandardRules::begun({}, system).fields().front());
        return made;
    }
    HeaderSection augmented(const HeaderSection& header, const System& system,
                            std::span<const Service> called) const override {
        HeaderSection own;
        own.append(StandardRules::begun({}, system).fields().front());
        for (std::size_t i = 0; i < called.size(); ++i) {
            own = StandardRules::augmented(own, system, called.first(i + 1));
        }
        // The fields of before, without those that were made for the services so far.
        std::vector<HeaderField> fields = own.fields();
        const std::size_t skipped = called.size() > 1 ? 2 : 1;
        fields.insert(fields.end(),
                      header.fields().begin() +
                          static_cast<std::ptrdiff_t>(std::min(skipped, header.fields().size())),
                      header.fields().end());
        return HeaderSection(std::move(fields));
    }
};

class NamesNoServices : public StandardRules {
  public:
    HeaderSection augmented(const HeaderSection& header, const System&,
                            std::span<const Service>) const override {
        return header;
    }
};

class NamesTheLastServiceOnly : public StandardRules {
  public:
    HeaderSection augmented(const HeaderSection& header, const System& system,
                            std::span<const Service> called) const override {
        const HeaderSection before = without(header, opes::via_field);
        return StandardRules::augmented(before, system, called.last(1));
    }
};

class RestoresNothing : public LetsGo {
  public:
    HeaderSection restored(const HeaderSection&, const HeaderSection& came) const override {
        return came;
    }
};

class BelievesServices : public StandardRules {
  public:
    HeaderSection restored(const HeaderSection& given, const HeaderSection& came) const override {
        HeaderSection made = StandardRules::restored(given, came);
        for (const HeaderField* field : came.find_all(opes::system_field)) {
            const auto known = given.find_all(opes::system_field);
            const bool is_new = std::ranges::none_of(
                known, [&](const HeaderField* each) { return each->raw == field->raw; });
            if (is_new) made.prepend(*field);
        }
        return made;
    }
};

class ChangesWhatIsProtected : public StandardRules {
  public:
    bool keeps_content(const imf::Message&, const imf::Message&) const override { return false; }
};

class LooksAtTheOutsideOnly : public StandardRules {
  public:
    bool keeps_content(const imf::Message& given, const imf::Message&) const override {
        return opes::protection_of(given.header) != opes::Protection::None;
    }
};

class RenamesWhatIsProtected : public StandardRules {
  public:
    HeaderSection described(const HeaderSection&, const HeaderSection& came) const override {
        return came;
    }
};

class ChangesNothing : public StandardRules {
  public:
    bool keeps_content(const imf::Message&, const imf::Message&) const override { return true; }
};

class RewritesTheAuthorOnly : public StandardRules {
  public:
    HeaderSection readdressed(const HeaderSection& header,
                              const opes::Readdressing& mapping) const override {
        std::vector<HeaderField> fields = header.fields();
        for (HeaderField& field : fields) {
            if (!base::equals_ignore_case(field.name, "From")) continue;
            field = StandardRules::readdressed(HeaderSection({field}), mapping).fields().front();
        }
        return HeaderSection(std::move(fields));
    }
};

class RewritesTexts : public StandardRules {
  public:
    HeaderSection readdressed(const HeaderSection& header,
                              const opes::Readdressing& mapping) const override {
        std::string octets = header.to_octets();
        for (const auto& [from, to] : mapping) {
            for (std::size_t at = 0; (at = octets.find(from, at)) != std::string::npos;
                 at += to.size()) {
                octets.replace(at, from.size(), to);
            }
        }
        return imf::parse_message(octets + "\r\n")->header;
    }
};

class RefusesWithoutTrace : public StandardRules {
  public:
    smtp::Reply explained(const smtp::Reply& refusal, const System&) const override {
        return refusal;
    }
};

class RefusesWithoutReason : public StandardRules {
  public:
    smtp::Reply explained(const smtp::Reply& refusal, const System& system) const override {
        smtp::Reply reply = StandardRules::explained(refusal, system);
        reply.lines.erase(reply.lines.begin(), reply.lines.end() - 1);
        return reply;
    }
};

class ReportsWithoutTrace : public StandardRules {
  public:
    std::optional<std::string> told_in_report(const System&) const override { return std::nullopt; }
};

class HeedsNobody : public StandardRules {
  public:
    bool heeds(opes::Requester) const override { return false; }
};

class HeedsEverybody : public StandardRules {
  public:
    bool heeds(opes::Requester) const override { return true; }
};

class IgnoresTheUnknown : public StandardRules {
  public:
    bool names(const opes::BypassRequest& request, const Service& service,
               const System& system) const override {
        if (request.all) return true;
        return std::ranges::any_of(request.agents, [&](const std::string& agent) {
            return opes::same_agent(agent, service.uri) || opes::same_agent(agent, system.uri);
        });
    }
};

class ComparesAsText : public StandardRules {
  public:
    bool names(const opes::BypassRequest& request, const Service& service,
               const System& system) const override {
        if (request.all) return true;
        return std::ranges::any_of(request.agents, [&](const std::string& agent) {
            return agent == service.uri || agent == system.uri ||
                   std::ranges::none_of(system.services,
                                        [&](const Service& other) { return agent == other.uri; });
        });
    }
};

class BypassesAll : public StandardRules {
  public:
    bool may_be_bypassed(const Service&) const override { return true; }
};

class ReadsFieldsAhead : public StandardRules {
  public:
    bool field_comes_in_time(opes::Stage) const override { return true; }
};

class ReadsNoFields : public StandardRules {
  public:
    bool field_comes_in_time(opes::Stage) const override { return false; }
};

class MergesRecipients : public StandardRules {
  public:
    bool keeps_recipients_apart() const override { return false; }
};

class PassesNothingOn : public StandardRules {
  public:
    opes::Passing passing(opes::NextHop) const override { return opes::Passing::Nowhere; }
};

class PassesToEveryone : public StandardRules {
  public:
    opes::Passing passing(opes::NextHop) const override { return opes::Passing::Parameter; }
};

class GuessesAService : public StandardRules {
  public:
    Result<std::optional<opes::BypassRequest>> unreadable(const Error&,
                                                          const System& system) const override {
        if (system.services.empty()) return std::optional<opes::BypassRequest>();
        return opes::BypassRequest{.agents = {system.services.front().uri}};
    }
};

}  // namespace

std::vector<Deviant> adaptation_deviants() {
    return {
        adaptation_deviant<AddsNoTrace>("adds-no-opes-trace", "Leaves no trace of itself.",
                                        "rfc4902/4/1"),
        adaptation_deviant<TracesBehindTheServices>(
            "traces-behind-the-services", "Writes its entry when all services were called.",
            "rfc4902/3.1/6"),
        adaptation_deviant<RemovesTheTraceOfOthers>("removes-the-trace-of-others",
                                                    "Takes the entries of systems before it out.",
                                                    "rfc4236/4/3"),
        adaptation_deviant<WritesAtTheEnd>("writes-its-trace-at-the-end",
                                           "Writes its entry below all other fields.",
                                           "rfc4902/3.1/9"),
        adaptation_deviant<LeavesViaAlone>(
            "leaves-via-alone", "Has no entry in an OPES-Via that others use.", "rfc4236/4/4"),
        adaptation_deviant<NamesNoServices>("names-no-services", "Leaves no trace of its services.",
                                            "rfc4902/3.1/7"),
        adaptation_deviant<NamesTheLastServiceOnly>(
            "names-the-last-service-only", "Writes each service in place of the one before it.",
            "rfc4902/3.1/7"),
        adaptation_deviant<RestoresNothing>("restores-no-trace",
                                            "Passes on what services have left of the trace.",
                                            "rfc4902/3.1/8"),
        adaptation_deviant<BelievesServices>(
            "believes-services", "Passes on what services write into OPES-System.", "rfc4236/4/2"),
        adaptation_deviant<ChangesWhatIsProtected>(
            "changes-what-is-protected", "Passes on a changed body that was signed or encrypted.",
            "rfc4902/3.3/1"),
        adaptation_deviant<LooksAtTheOutsideOnly>(
            "looks-at-the-outside-only",
            "Passes on a changed part that was signed, where the message as a whole is not.",
            "rfc4902/3.3/1"),
        adaptation_deviant<RenamesWhatIsProtected>(
            "renames-what-is-protected",
            "Passes on another content type of a body that was signed or encrypted.",
            "rfc4902/3.3/1"),
        adaptation_deviant<ChangesNothing>(
            "changes-nothing", "Passes on the body that it got, whatever services made of it.",
            "rfc4902/3.3/1"),
        adaptation_deviant<RewritesTheAuthorOnly>(
            "rewrites-the-author-only", "Rewrites addresses in From alone.", "rfc4902/5.6/1"),
        adaptation_deviant<RewritesTexts>(
            "rewrites-texts", "Rewrites an address wherever its letters stand.", "rfc4902/5.6/1"),
        adaptation_deviant<RefusesWithoutTrace>(
            "refuses-without-trace", "Refuses for a service without a word of the system.",
            "rfc4902/3.1/5"),
        adaptation_deviant<RefusesWithoutReason>(
            "refuses-without-reason", "Refuses with nothing but its trace.", "rfc4902/3.1/5"),
        adaptation_deviant<ReportsWithoutTrace>(
            "reports-without-trace", "Tells nothing of the system in its reports.", "rfc4902/4/2"),
        adaptation_deviant<HeedsNobody>("heeds-nobody", "Calls all services, whoever asks.",
                                        "rfc3897/4.2/1"),
        adaptation_deviant<HeedsEverybody>("heeds-everybody",
                                           "Leaves services out for people that it does not know.",
                                           "rfc3835/3.2/1"),
        adaptation_deviant<IgnoresTheUnknown>("ignores-unknown-agents",
                                              "Takes a URI of nobody that it knows for none.",
                                              "rfc3897/4.3/4"),
        adaptation_deviant<ComparesAsText>("compares-agents-as-text",
                                           "Tells capitals of a host apart.", "rfc3897/4.3/1"),
        adaptation_deviant<BypassesAll>("bypasses-the-indispensable",
                                        "Leaves a scan for malware out on request.",
                                        "rfc3897/4.2/2"),
        adaptation_deviant<ReadsFieldsAhead>("reads-fields-ahead",
                                             "Holds RCPT back until it has seen the message.",
                                             "rfc4902/3.2/4"),
        adaptation_deviant<ReadsNoFields>("reads-no-bypass-field", "Knows no request in a message.",
                                          "rfc4902/4/3"),
        adaptation_deviant<MergesRecipients>(
            "merges-recipients", "Takes what one recipient asks for all of them.", "rfc4902/3.2/3"),
        adaptation_deviant<PassesNothingOn>("passes-no-request-on",
                                            "Lets requests end with itself.", "rfc3897/4.3/2"),
        adaptation_deviant<PassesToEveryone>(
            "passes-requests-to-everyone",
            "Gives the parameter to a next hop that does not offer it.", "rfc4902/3.2/5"),
        adaptation_deviant<GuessesAService>("guesses-a-service",
                                            "Takes what it can't read for the name of a service.",
                                            "rfc4236/5/1"),
    };
}

}  // namespace mailassay::deviants
