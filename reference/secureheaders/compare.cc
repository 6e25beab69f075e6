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

// The fields of one name, under their key.
struct OfName {
    std::string name;  // as the first of them has it
    Instances instances;
};

using ByKey = std::map<std::string, OfName>;

ByKey instances_of(const imf::HeaderSection& header, imf::Canonicalization algorithm,
                   const Rules& rules) {
    ByKey by_key;
    for (const imf::HeaderField& field : header.fields()) {
        if (field.is_opaque()) continue;
        OfName& of_name = by_key[rules.name_key(field.name)];
        if (of_name.name.empty()) of_name.name = field.name;
        of_name.instances.add(rules.canonical(field, algorithm));
    }
    return by_key;
}

// Pairs each signed field with a field of the message (steps 3 and 5).
std::vector<FieldReport> pair_fields(const SecureHeaderFields& structure, ByKey& by_key,
                                     const Rules& rules) {
    std::vector<FieldReport> reports;
    reports.reserve(structure.fields.size());
    for (const SecuredField& secured : structure.fields) {
        reports.push_back({.secured = secured});
        const auto of_name = by_key.find(rules.name_key(secured.name));
        if (of_name == by_key.end()) continue;
        if (auto found = of_name->second.instances.take(secured.value)) {
            reports.back().found = std::move(found->value);
            reports.back().match = Match::Same;
        }
    }
    for (FieldReport& report : reports) {
        if (report.match == Match::Same) continue;
        const auto of_name = by_key.find(rules.name_key(report.secured.name));
        if (of_name == by_key.end()) continue;
        if (auto found = of_name->second.instances.take_first()) {
            const bool same = rules.same_value(report.secured, *found);
            report.match = same ? Match::Same : Match::Different;
            report.found = std::move(found->value);
        }
    }
    return reports;
}

class Comparer {
  public:
    Comparer(const SecureHeaderFields& structure, const Policy& policy, const Rules& rules,
             Edition edition)
        : policy_(policy), rules_(rules), edition_(edition) {
        for (const SecuredField& field : structure.fields) signed_names_.insert(field.name);
    }

    Comparison run(const SecureHeaderFields& structure, const imf::HeaderSection& header) {
        ByKey by_key = instances_of(header, structure.algorithm, rules_);
        comparison_.fields = pair_fields(structure, by_key, rules_);
        for (const FieldReport& field : comparison_.fields) {
            if (field.match == Match::Missing) warn(Warning::Missing, field.secured.name);
        }
        for (const FieldReport& field : comparison_.fields) {
            // [rfc7508/4.5.2/20]
            if (field.match == Match::Different) warn(Warning::Mismatch, field.secured.name);
        }
        judge_left_over(by_key);
        // [rfc7508/4.5.2/6] [rfc7508/4.5.2/29]
        for (const std::string& name : policy_.mandatory) {
            if (by_key.contains(rules_.name_key(name)) && !signed_names_.contains(name)) {
                warn(Warning::MandatoryUnsigned, name);
            }
        }
        for (FieldReport& field : comparison_.fields) field = rules_.shown(std::move(field));
        comparison_.algorithm = rules_.shown(structure.algorithm);
        return std::move(comparison_);
    }

  private:
    // Fields of the message that no signed one was paired with.
    void judge_left_over(ByKey& by_key) {
        for (auto& [key, of_name] : by_key) {
            const bool expected =
                policy_.is_secured(of_name.name) || signed_names_.contains(of_name.name);
            while (auto left = of_name.instances.take_first()) {
                if (!expected) continue;
                // [rfc7508/4.5.2/26]
                if (rules_.looks_for_extra(policy_, edition_)) warn(Warning::Extra, left->name);
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
    Edition edition_;
    std::set<std::string, base::LessIgnoreCase> signed_names_;
    Comparison comparison_;
};

}  // namespace

Comparison compare(const SecureHeaderFields& structure, const imf::HeaderSection& header,
                   const Policy& policy, const Rules& rules, Edition edition) {
    return Comparer(structure, policy, rules, edition).run(structure, header);
}

}  // namespace mailassay::secureheaders
