#include "secureheaders/compare.h"

#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/ascii.h"

namespace mailassay::secureheaders {

namespace {

// The message's fields of one name, canonicalized. Each is taken once, either by its value or from
// the top; both in constant time, since a message may have ten thousand of one name.
class Instances {
  public:
    void add(SecuredField field) {
        by_value_[field.value].push_back(fields_.size());
        fields_.push_back({std::move(field), false});
    }

    std::optional<SecuredField> take(const std::string& value) {
        const auto found = by_value_.find(value);
        if (found == by_value_.end() || found->second.empty()) return std::nullopt;
        // Equal values: which of them is taken makes no difference.
        const std::size_t index = found->second.back();
        found->second.pop_back();
        return take_at(index);
    }

    std::optional<SecuredField> take_first() {
        while (next_ < fields_.size() && fields_[next_].second) ++next_;
        if (next_ == fields_.size()) return std::nullopt;
        return take_at(next_);
    }

  private:
    SecuredField take_at(std::size_t index) {
        fields_[index].second = true;
        return fields_[index].first;
    }

    std::vector<std::pair<SecuredField, bool>> fields_;  // and whether it is taken
    std::unordered_map<std::string, std::vector<std::size_t>> by_value_;
    std::size_t next_ = 0;
};

using ByName = std::map<std::string, Instances, base::LessIgnoreCase>;

ByName instances_of(const imf::HeaderSection& header, imf::Canonicalization algorithm,
                    const Rules& rules) {
    ByName by_name;
    for (const imf::HeaderField& field : header.fields()) {
        if (!field.is_opaque()) by_name[field.name].add(rules.canonical(field, algorithm));
    }
    return by_name;
}

// Pairs each signed field with a field of the message (steps 3 and 5).
std::vector<FieldReport> pair_fields(const SecureHeaderFields& structure, ByName& by_name,
                                     const Rules& rules) {
    std::vector<FieldReport> reports;
    reports.reserve(structure.fields.size());
    for (const SecuredField& secured : structure.fields) {
        reports.push_back({.secured = secured});
        const auto of_name = by_name.find(secured.name);
        if (of_name == by_name.end()) continue;
        if (auto found = of_name->second.take(secured.value)) {
            reports.back().found = std::move(found->value);
            reports.back().match = Match::Same;
        }
    }
    for (FieldReport& report : reports) {
        if (report.match == Match::Same) continue;
        const auto of_name = by_name.find(report.secured.name);
        if (of_name == by_name.end()) continue;
        if (auto found = of_name->second.take_first()) {
            const bool same = rules.same_value(report.secured, *found);
            report.match = same ? Match::Same : Match::Different;
            report.found = std::move(found->value);
        }
    }
    return reports;
}

class Comparer {
  public:
    Comparer(const SecureHeaderFields& structure, const Policy& policy, const Rules& rules)
        : policy_(policy), rules_(rules) {
        comparison_.algorithm = structure.algorithm;
        for (const SecuredField& field : structure.fields) signed_names_.insert(field.name);
    }

    Comparison run(const SecureHeaderFields& structure, const imf::HeaderSection& header) {
        ByName by_name = instances_of(header, structure.algorithm, rules_);
        comparison_.fields = pair_fields(structure, by_name, rules_);
        for (const FieldReport& field : comparison_.fields) {
            if (field.match == Match::Missing) warn(Warning::Missing, field.secured.name);
        }
        for (const FieldReport& field : comparison_.fields) {
            if (field.match == Match::Different) warn(Warning::Mismatch, field.secured.name);
        }
        judge_left_over(by_name);
        for (const std::string& name : policy_.mandatory) {
            if (by_name.contains(name) && !signed_names_.contains(name)) {
                warn(Warning::MandatoryUnsigned, name);
            }
        }
        return std::move(comparison_);
    }

  private:
    // Fields of the message that no signed one was paired with.
    void judge_left_over(ByName& by_name) {
        for (auto& [name, instances] : by_name) {
            const bool expected = policy_.is_secured(name) || signed_names_.contains(name);
            while (auto left = instances.take_first()) {
                if (!expected) continue;
                if (rules_.looks_for_extra(policy_)) warn(Warning::Extra, left->name);
                warn(Warning::NotSecured, left->name);
            }
        }
    }

    void warn(Warning warning, const std::string& name) {
        if (rules_.invalidates(warning)) comparison_.valid = false;
        if (rules_.warns(warning)) comparison_.warnings.push_back({warning, name});
    }

    const Policy& policy_;
    const Rules& rules_;
    std::set<std::string, base::LessIgnoreCase> signed_names_;
    Comparison comparison_;
};

}  // namespace

Comparison compare(const SecureHeaderFields& structure, const imf::HeaderSection& header,
                   const Policy& policy, const Rules& rules) {
    return Comparer(structure, policy, rules).run(structure, header);
}

}  // namespace mailassay::secureheaders
