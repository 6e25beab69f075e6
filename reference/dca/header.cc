#include "dca/header.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/ascii.h"
#include "imf/canonicalization.h"

namespace mailassay::dca {

namespace {

using secureheaders::SecuredField;
using secureheaders::SecureHeaderFields;

// The fields of a header by name and canonical value. Each is taken once; all in a time that grows
// with their number alone, since a structure may name a field a thousand times.
class Instances {
  public:
    Instances(const imf::HeaderSection& header, imf::Canonicalization algorithm)
        : taken_(header.fields().size(), false) {
        for (std::size_t i = 0; i < header.fields().size(); ++i) {
            const imf::HeaderField& field = header.fields()[i];
            if (field.is_opaque()) continue;
            values_.push_back(imf::canonical_body(field.body, algorithm));
            OfName& of_name = by_name_[field.name];
            of_name.all.push_back(i);
            of_name.by_value[values_.back()].push_back(i);
            value_of_[i] = values_.size() - 1;
        }
    }

    // The first that is left with this name and value.
    std::optional<std::size_t> take(const std::string& name, const std::string& value) {
        const auto of_name = by_name_.find(name);
        if (of_name == by_name_.end()) return std::nullopt;
        const auto of_value = of_name->second.by_value.find(value);
        if (of_value == of_name->second.by_value.end() || of_value->second.empty()) {
            return std::nullopt;
        }
        const std::size_t index = of_value->second.front();
        of_value->second.pop_front();
        taken_[index] = true;
        return index;
    }

    // Those of the name that are left, in order.
    [[nodiscard]] std::vector<std::size_t> left(const std::string& name) const {
        std::vector<std::size_t> found;
        const auto of_name = by_name_.find(name);
        if (of_name == by_name_.end()) return found;
        std::ranges::copy_if(of_name->second.all, std::back_inserter(found),
                             [this](std::size_t index) { return !taken_[index]; });
        return found;
    }

    [[nodiscard]] const std::string& value(std::size_t index) const {
        return values_[value_of_.at(index)];
    }

  private:
    struct OfName {
        std::vector<std::size_t> all;
        std::unordered_map<std::string, std::deque<std::size_t>> by_value;
    };
    std::vector<bool> taken_;
    std::vector<std::string> values_;
    std::unordered_map<std::size_t, std::size_t> value_of_;
    std::map<std::string, OfName, base::LessIgnoreCase> by_name_;
};

Error about(std::string_view id, const std::string& name) {
    return {.id = id, .requirement = "rfc7508/4.6.1/5", .detail = name};
}

// What is hidden of the fields of one name.
struct Hidden {
    bool replaced = false;
    std::set<std::string> removed_values = {};
};
using HiddenByName = std::map<std::string, Hidden, base::LessIgnoreCase>;

// Whether a field that is not signed could be taken for a hidden one by whoever restores.
Result<void> refuse_ambiguous(const HiddenByName& hidden, const Instances& instances) {
    for (const auto& [name, of_name] : hidden) {
        for (const std::size_t index : instances.left(name)) {
            if (of_name.replaced || of_name.removed_values.contains(instances.value(index))) {
                return std::unexpected(about("dca.hide.ambiguous", name));
            }
        }
    }
    return {};
}

// Restores one header section; see restore().
class Restorer {
  public:
    Restorer(const imf::HeaderSection& header, const SecureHeaderFields& structure,
             const Rules& rules)
        : structure_(structure),
          rules_(rules),
          fields_(header.fields()),
          instances_(header, structure.algorithm),
          places_(structure.fields.size()),
          is_there_(structure.fields.size(), false) {}

    Result<ChangedHeader> run() {
        find_what_is_there();
        find_what_is_rewritten();
        if (auto done = write_fields(); !done) return std::unexpected(done.error());
        return ChangedHeader{
            .header = rules_.insert(imf::HeaderSection(std::move(fields_)), std::move(insertions_)),
            .changes = std::move(changes_)};
    }

  private:
    // What was never hidden comes first: with two fields of one value, of which one is hidden and
    // one not, the one that is left is not the hidden one.
    void find_what_is_there() {
        for (const bool restored : {false, true}) {
            for (std::size_t i = 0; i < structure_.fields.size(); ++i) {
                const SecuredField& field = structure_.fields[i];
                if (rules_.restores(field) != restored) continue;
                places_[i] = instances_.take(field.name, field.value);
                is_there_[i] = places_[i].has_value() && rules_.leaves_what_is_there(field);
            }
        }
    }

    // Gives each field that is to be rewritten its place in the header, if there is one: the last
    // ones of its name, in order.
    void find_what_is_rewritten() {
        std::map<std::string, std::vector<std::size_t>, base::LessIgnoreCase> wanting;
        for (std::size_t i = 0; i < structure_.fields.size(); ++i) {
            const SecuredField& field = structure_.fields[i];
            if (!places_[i] && rules_.restores(field) && rules_.rewrites(field)) {
                wanting[field.name].push_back(i);
            }
        }
        for (const auto& [name, entries] : wanting) {
            const std::vector<std::size_t> left = instances_.left(name);
            const std::size_t count = std::min(left.size(), entries.size());
            for (std::size_t i = 0; i < count; ++i) {
                places_[entries[i]] = left[left.size() - count + i];
            }
        }
    }

    // [rfc7508/4.6.2/5]
    Result<void> write_fields() {
        std::optional<std::size_t> neighbour;
        for (std::size_t i = 0; i < structure_.fields.size(); ++i) {
            const SecuredField& field = structure_.fields[i];
            if (rules_.restores(field)) {
                if (auto done = write_field(i, neighbour); !done) return done;
            }
            if (!places_[i]) continue;
            if (!neighbour) {
                // What has no neighbour above has one below.
                for (Insertion& each : insertions_) each.before = *places_[i];
            }
            neighbour = places_[i];
        }
        return {};
    }

    Result<void> write_field(std::size_t entry, std::optional<std::size_t> neighbour) {
        const SecuredField& field = structure_.fields[entry];
        if (is_there_[entry]) {
            changes_.push_back({ChangeKind::AlreadyThere, field.name});
            return {};
        }
        const bool rewritten = places_[entry] && rules_.rewrites(field);
        const imf::HeaderField* found = rewritten ? &fields_[*places_[entry]] : nullptr;
        auto written = rules_.restored(field, structure_.algorithm, found);
        if (!written) return std::unexpected(std::move(written.error()));
        if (rewritten) {
            fields_[*places_[entry]] = std::move(*written);
        } else {
            insertions_.push_back({.field = std::move(*written), .behind = neighbour});
        }
        changes_.push_back({rewritten ? ChangeKind::Rewritten : ChangeKind::Inserted, field.name});
        return {};
    }

    const SecureHeaderFields& structure_;
    const Rules& rules_;
    std::vector<imf::HeaderField> fields_;
    Instances instances_;
    // Of each field of the structure, where in the header it stands.
    std::vector<std::optional<std::size_t>> places_;
    std::vector<bool> is_there_;
    std::vector<Insertion> insertions_;
    std::vector<Change> changes_;
};

}  // namespace

Result<ChangedHeader> hide(const imf::HeaderSection& header, const SecureHeaderFields& structure,
                           const Replacements& replacements, const Rules& rules) {
    const std::vector<imf::HeaderField>& fields = header.fields();
    std::vector<Treatment> treatments(fields.size(), Treatment::Keep);
    Instances instances(header, structure.algorithm);
    HiddenByName hidden;
    ChangedHeader made;
    // [rfc7508/4.6.1/5]
    for (const SecuredField& field : structure.fields) {
        const auto index = instances.take(field.name, field.value);
        const Treatment treatment = rules.treatment(field, replacements);
        if (treatment == Treatment::Keep) continue;
        if (!index) return std::unexpected(about("dca.hide.header-differs", field.name));
        treatments[*index] = treatment;
        Hidden& of_name = hidden[field.name];
        if (treatment == Treatment::Replace) of_name.replaced = true;
        if (treatment == Treatment::Remove) of_name.removed_values.insert(field.value);
        const bool removed = treatment == Treatment::Remove;
        made.changes.push_back({removed ? ChangeKind::Removed : ChangeKind::Replaced, field.name});
    }
    if (auto clear = refuse_ambiguous(hidden, instances); !clear) {
        return std::unexpected(clear.error());
    }
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (treatments[i] == Treatment::Keep) made.header.append(fields[i]);
        if (treatments[i] != Treatment::Replace) continue;
        auto other = rules.replacement(fields[i], replacements);
        if (!other) return std::unexpected(std::move(other.error()));
        made.header.append(std::move(*other));
    }
    return made;
}

Result<ChangedHeader> restore(const imf::HeaderSection& header, const SecureHeaderFields& structure,
                              const Rules& rules) {
    return Restorer(header, structure, rules).run();
}

std::string_view to_string(ChangeKind kind) {
    switch (kind) {
        case ChangeKind::Removed:
            return "removed";
        case ChangeKind::Replaced:
            return "replaced";
        case ChangeKind::Inserted:
            return "inserted";
        case ChangeKind::Rewritten:
            return "rewritten";
        case ChangeKind::AlreadyThere:
            return "already-there";
    }
    std::unreachable();
}

}  // namespace mailassay::dca
