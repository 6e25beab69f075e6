#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/ascii.h"
#include "milter/edits.h"

namespace mailassay::milter {
namespace {

imf::HeaderField field(const std::string& name, const std::string& body) {
    return {.name = name, .body = body, .raw = name + ":" + body + "\r\n"};
}

// As an MTA does it. `keeps` says whether a deleted field still counts among those of its name.
imf::HeaderSection apply(const imf::HeaderSection& before, const std::vector<HeaderEdit>& edits,
                         bool keeps) {
    struct Slot {
        imf::HeaderField field;
        bool deleted = false;
    };
    std::vector<Slot> slots;
    for (const imf::HeaderField& each : before.fields()) slots.push_back({each});
    const auto find = [&](const HeaderEdit& edit) -> Slot& {
        std::size_t count = 0;
        for (Slot& slot : slots) {
            if (slot.deleted && !keeps) continue;
            if (!base::equals_ignore_case(slot.field.name, edit.name)) continue;
            if (++count == edit.index) return slot;
        }
        throw std::runtime_error("no such field");
    };
    for (const HeaderEdit& edit : edits) {
        std::string body = edit.value;
        for (std::size_t at = 0; (at = body.find('\n', at)) != std::string::npos; at += 2) {
            body.insert(at, "\r");
        }
        if (edit.kind == EditKind::Delete) {
            find(edit).deleted = true;
        } else if (edit.kind == EditKind::Change) {
            RC_ASSERT(!edit.value.empty());
            find(edit).field = field(edit.name, body);
        } else {
            std::size_t at = 0;
            for (std::size_t above = 0; above < edit.index; ++at) {
                if (!slots.at(at).deleted) ++above;
            }
            slots.insert(slots.begin() + static_cast<std::ptrdiff_t>(at), {field(edit.name, body)});
        }
    }
    imf::HeaderSection after;
    for (const Slot& slot : slots) {
        if (!slot.deleted) after.append(slot.field);
    }
    return after;
}

imf::HeaderSection arbitrary_header() {
    const auto fields = *rc::gen::container<std::vector<std::pair<int, int>>>(
        rc::gen::pair(rc::gen::inRange(0, 4), rc::gen::inRange(0, 5)));
    static const std::vector<std::string> names{"A", "a", "B", "Long-Name"};
    static const std::vector<std::string> bodies{"", " x", "x", " y\r\n\tz", " "};
    imf::HeaderSection made;
    for (const auto& [name, body] : fields) {
        made.append(
            field(names[static_cast<std::size_t>(name)], bodies[static_cast<std::size_t>(body)]));
    }
    return made;
}

RC_GTEST_PROP(Edits, MakeOneHeaderTheOtherHoweverTheMtaCounts, ()) {
    const auto before = arbitrary_header();
    const auto after = arbitrary_header();
    const auto made = edits(before, after);
    RC_ASSERT(apply(before, made, true).to_octets() == after.to_octets());
    RC_ASSERT(apply(before, made, false).to_octets() == after.to_octets());
    RC_ASSERT(edits(after, after).empty());
}

}  // namespace
}  // namespace mailassay::milter
