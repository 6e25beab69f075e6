#include "milter/edits.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/ascii.h"

namespace mailassay::milter {

namespace {

using Fields = std::vector<imf::HeaderField>;

// The milter protocol has lines end in LF within a field.
std::string value_of(const imf::HeaderField& field) {
    std::string value;
    for (std::size_t i = 0; i < field.body.size(); ++i) {
        if (field.body[i] == '\r' && i + 1 < field.body.size() && field.body[i + 1] == '\n') {
            continue;
        }
        value += field.body[i];
    }
    return value;
}

// The places of fields by a key, in rising order.
class Places {
  public:
    void add(std::string_view key, std::size_t place) { by_key_[key].push_back(place); }

    [[nodiscard]] std::optional<std::size_t> first_from(std::string_view key,
                                                        std::size_t least) const {
        const auto found = by_key_.find(key);
        if (found == by_key_.end()) return std::nullopt;
        const auto place = std::ranges::lower_bound(found->second, least);
        return place == found->second.end() ? std::nullopt : std::optional(*place);
    }

  private:
    std::map<std::string_view, std::vector<std::size_t>> by_key_;
};

// Of each field of `after`, the field of `before` that it is or is made of; both rise together.
using Matches = std::vector<std::optional<std::size_t>>;

// Fields with the same octets. Those that both sections begin and end with are matched first; then
// each takes the next that is left, which is not always the longest common sequence, but found in a
// time that does not grow with the square of their number.
Matches match_octets(const Fields& before, const Fields& after) {
    const std::size_t least = std::min(before.size(), after.size());
    std::size_t top = 0;
    while (top < least && before[top].raw == after[top].raw) ++top;
    std::size_t end = 0;
    const auto from_end = [](const Fields& fields, std::size_t i) -> const std::string& {
        return fields[fields.size() - 1 - i].raw;
    };
    while (end < least - top && from_end(before, end) == from_end(after, end)) ++end;

    Places places;
    for (std::size_t i = top; i < before.size() - end; ++i) places.add(before[i].raw, i);
    Matches found(after.size());
    for (std::size_t i = 0; i < top; ++i) found[i] = i;
    for (std::size_t i = 0; i < end; ++i) found[after.size() - 1 - i] = before.size() - 1 - i;
    std::size_t next = top;
    for (std::size_t i = top; i < after.size() - end; ++i) {
        found[i] = places.first_from(after[i].raw, next);
        if (found[i]) next = *found[i] + 1;
    }
    return found;
}

// Between two fields that stay, those of one name are changed in place. A field whose value has no
// octet at all can't be: the protocol takes that for a deletion.
void match_names(const Fields& before, const Fields& after, Matches& matched) {
    Places places;
    for (std::size_t i = 0; i < before.size(); ++i) places.add(before[i].name, i);
    std::vector<std::size_t> ends(after.size() + 1, before.size());
    for (std::size_t i = after.size(); i-- > 0;) ends[i] = matched[i].value_or(ends[i + 1]);
    std::size_t next = 0;
    for (std::size_t i = 0; i < after.size(); ++i) {
        if (!matched[i] && !after[i].body.empty()) {
            const auto place = places.first_from(after[i].name, next);
            if (place && *place < ends[i]) matched[i] = place;
        }
        if (matched[i]) next = *matched[i] + 1;
    }
}

// Of each field, which of its name it is, from 1.
std::vector<std::size_t> occurrences(const Fields& fields) {
    std::map<std::string_view, std::size_t, base::LessIgnoreCase> counts;
    std::vector<std::size_t> found;
    for (const imf::HeaderField& field : fields) found.push_back(++counts[field.name]);
    return found;
}

}  // namespace

std::vector<HeaderEdit> edits(const imf::HeaderSection& before, const imf::HeaderSection& after) {
    const Fields& from = before.fields();
    const Fields& to = after.fields();
    Matches matched = match_octets(from, to);
    match_names(from, to, matched);
    const std::vector<std::size_t> occurrence = occurrences(from);

    std::vector<HeaderEdit> made;
    std::vector<bool> stays(from.size(), false);
    for (std::size_t i = 0; i < to.size(); ++i) {
        if (!matched[i]) continue;
        const std::size_t at = *matched[i];
        stays[at] = true;
        if (from[at].raw == to[i].raw) continue;
        made.push_back({EditKind::Change, occurrence[at], from[at].name, value_of(to[i])});
    }
    for (std::size_t i = from.size(); i-- > 0;) {
        if (!stays[i]) made.push_back({EditKind::Delete, occurrence[i], from[i].name, {}});
    }
    for (std::size_t i = 0; i < to.size(); ++i) {
        if (!matched[i]) made.push_back({EditKind::Insert, i, to[i].name, value_of(to[i])});
    }
    return made;
}

}  // namespace mailassay::milter
