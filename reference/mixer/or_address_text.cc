#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/ascii.h"
#include "mixer/further_attributes.h"
#include "mixer/or_address.h"
#include "mixer/strings.h"

namespace mailassay::mixer {

namespace {

constexpr std::size_t max_text_octets = 8192;

std::unexpected<Error> wrong(std::string_view id, std::size_t at, std::string_view detail = {}) {
    return std::unexpected(Error{id, at, "rfc2156/4.1.3", std::string(detail)});
}

// [rfc2156/4.1.1]: the other keywords, read and never written.
std::string_view own_keyword(std::string_view key) {
    static const std::map<std::string_view, std::string_view, base::LessIgnoreCase> alternatives{
        {"A", "ADMD"},
        {"P", "PRMD"},
        {"Q", "GQ"},
        {"X.121", "X121"},
        {"N-ID", "UA-ID"},
        {"DDA", "DD"},
        {"PD-OFFICE NUMBER", "PD-OFFICE-NUM"},
        {"PD-OFN", "PD-OFFICE-NUM"},
        {"PD-EA", "PD-EXT-ADDRESS"},
        {"PD-ED", "PD-EXT-DELIVERY"},
        {"PD-OF", "PD-OFFICE"},
        {"PD-S", "PD-STREET"},
        {"PD-U", "PD-UNIQUE"},
        {"PD-L", "PD-LOCAL"},
        {"PD-R", "PD-RESTANTE"},
        {"PD-B", "PD-BOX"},
        {"PD-PC", "PD-CODE"},
        {"PD-SN", "PD-SERVICE"},
        {"E.164", "NET-NUM"},
        {"PD-A", "PD-ADDRESS"}};
    const auto found = alternatives.find(key);
    return found == alternatives.end() ? key : found->second;
}

// -- writing -----------------------------------------------------------------------------------

std::string quoted(std::string_view value) {
    std::string text;
    for (const char c : value) {
        if (c == '/' || c == '=') text += '$';
        text += c;
    }
    return text;
}

// [rfc2156/4.1.1]: one string where both say the same, or the teletex one needs no more.
std::string dual_text(const DualString& value) {
    if (!value.teletex) return value.printable.value_or("");
    if (value.printable == value.teletex) return *value.teletex;
    if (!value.printable && is_printable_string(*value.teletex)) return *value.teletex;
    return value.printable.value_or("") + "*" + to_teletex_text(*value.teletex);
}

class Writer {
  public:
    void add(std::string_view key, const std::optional<std::string>& value) {
        if (value) text_ += fmt::format("/{}={}", key, quoted(*value));
    }
    void add(std::string_view key, const DualString& value) {
        if (!value.empty()) text_ += fmt::format("/{}={}", key, quoted(dual_text(value)));
    }
    void add(const FurtherKind& kind, const DualString& value) {
        const bool dual = kind.form == FurtherForm::Dual || kind.form == FurtherForm::Lines;
        add(kind.key, std::optional(dual ? dual_text(value) : further_text(kind, value)));
    }
    void add(const DomainDefined& attribute) {
        const std::string type = dual_text(attribute.type);
        const bool internet = base::equals_ignore_case(type, "RFC-822");
        add(internet ? "RFC-822" : "DD." + quoted(type), attribute.value);
    }
    [[nodiscard]] std::string take() { return text_.empty() ? text_ : std::move(text_) + "/"; }

  private:
    std::string text_;
};

// -- reading -----------------------------------------------------------------------------------

struct Pair {
    std::string key = {};
    std::string sub_key = {};  // of a domain-defined attribute, its type
    std::string value = {};
    std::size_t offset = 0;
};

class PairReader {
  public:
    explicit PairReader(std::string_view text) : text_(text) {}

    Result<std::vector<Pair>> all() {
        std::vector<Pair> pairs;
        if (!at_separator()) return wrong("mixer.address.syntax", at_);
        while (at_separator()) {
            ++at_;
            if (at_ == text_.size()) break;
            auto pair = next();
            if (!pair) return std::unexpected(pair.error());
            pairs.push_back(std::move(*pair));
        }
        if (at_ != text_.size() || pairs.empty()) return wrong("mixer.address.syntax", at_);
        return pairs;
    }

  private:
    [[nodiscard]] bool at_separator() const {
        return at_ < text_.size() && (text_[at_] == '/' || text_[at_] == ';');
    }

    Result<Pair> next() {
        Pair pair{.offset = at_};
        auto key = until_delimiter();
        if (!key) return std::unexpected(key.error());
        if (key->empty() || at_ == text_.size() || text_[at_] != '=') {
            return wrong("mixer.address.syntax", at_);
        }
        ++at_;
        auto value = until_delimiter();
        if (!value) return std::unexpected(value.error());
        if (at_ < text_.size() && text_[at_] == '=') return wrong("mixer.address.syntax", at_);
        pair.value = std::move(*value);
        split_key(*key, pair);
        return pair;
    }

    // "X.121" and "E.164" have a dot and no type behind it.
    static void split_key(const std::string& key, Pair& pair) {
        const std::size_t dot = key.find_first_of(".:");
        const bool has_type = dot != std::string::npos && !base::equals_ignore_case(key, "X.121") &&
                              !base::equals_ignore_case(key, "E.164");
        pair.key = base::to_upper(has_type ? key.substr(0, dot) : key);
        if (has_type) pair.sub_key = key.substr(dot + 1);
        pair.key = std::string(own_keyword(pair.key));
    }

    Result<std::string> until_delimiter() {
        std::string token;
        for (; at_ < text_.size(); ++at_) {
            char c = text_[at_];
            if (c == '/' || c == ';' || c == '=') break;
            if (c == '$') {
                if (++at_ == text_.size()) return wrong("mixer.address.syntax", at_);
                c = text_[at_];
                if (!is_printable_string(std::string_view(&c, 1)) && c != ';') {
                    return wrong("mixer.address.syntax", at_);
                }
            } else if (!is_printable_string(std::string_view(&c, 1)) &&
                       !std::string_view("{}*|").contains(c)) {
                return wrong("mixer.address.characters", at_);
            }
            token += c;
        }
        return token;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

Result<DualString> dual_of(std::string_view value, std::size_t at) {
    const std::size_t star = value.find('*');
    const std::string_view printable = value.substr(0, star);
    if (!is_printable_string(printable)) return wrong("mixer.address.characters", at);
    if (star == std::string_view::npos) return DualString{.printable = std::string(printable)};
    auto teletex = from_teletex_text(value.substr(star + 1));
    if (!teletex) return wrong("mixer.address.characters", at + star + 1);
    DualString both{.teletex = std::move(*teletex)};
    if (!printable.empty()) both.printable = std::string(printable);
    return both;
}

// [rfc2156/4.1.2]: "Marshall.M.T.Rose".
Result<PersonalName> encoded_name(std::string_view text, std::size_t at) {
    std::vector<std::string_view> parts = base::split(text, '.');
    PersonalName name;
    std::string initials;
    std::size_t next = 0;
    if (parts.size() > 1 && parts[0].size() >= 2) {
        name.given_name.printable = std::string(parts[0]);
        next = 1;
    }
    while (next + 1 < parts.size() && parts[next].size() == 1 && base::is_alpha(parts[next][0])) {
        initials += parts[next++];
    }
    if (!initials.empty()) name.initials.printable = initials;
    std::string surname;
    for (std::size_t i = next; i < parts.size(); ++i) {
        surname += (i == next ? "" : ".") + std::string(parts[i]);
    }
    if (surname.empty() || !is_printable_string(text)) {
        return wrong("mixer.address.personal-name", at, text);
    }
    name.surname.printable = std::move(surname);
    return name;
}

bool is_numeric(std::string_view value) {
    return std::ranges::all_of(value, [](char c) { return base::is_digit(c) || c == ' '; });
}

// Puts pairs into an address, each attribute once.
class Assembler {
  public:
    Result<void> add(const Pair& pair);
    Result<OrAddress> finish();

  private:
    template <class Field>
    Result<void> once(Field& field, Field value, const Pair& pair) {
        if (!(field == Field{})) return wrong("mixer.address.repeated-key", pair.offset, pair.key);
        field = std::move(value);
        return {};
    }
    std::optional<std::string>* plain(std::string_view key) {
        if (key == "C") return &address_.country;
        if (key == "ADMD") return &address_.admd;
        if (key == "PRMD") return &address_.prmd;
        if (key == "X121") return &address_.x121;
        if (key == "T-ID") return &address_.terminal;
        return key == "UA-ID" ? &address_.user_id : nullptr;
    }
    DualString* dual(std::string_view key) {
        PersonalName& name = address_.personal_name;
        if (key == "O") return &address_.organization;
        if (key == "CN") return &address_.common_name;
        if (key == "S") return &name.surname;
        if (key == "G") return &name.given_name;
        if (key == "I") return &name.initials;
        return key == "GQ" ? &name.generation : nullptr;
    }
    Result<void> add_numbered(const Pair& pair, std::string_view prefix);

    OrAddress address_;
    // In the order of the text, the most significant last; and those with a number.
    std::vector<DualString> units_;
    std::vector<DomainDefined> defined_;
    std::map<char, DualString> numbered_units_;
    std::map<char, DomainDefined> numbered_defined_;
    std::map<char, std::string> lines_;  // of PD-ADDRESS, each by its number
};

Result<DomainDefined> defined_of(const Pair& pair) {
    auto type = dual_of(pair.sub_key, pair.offset);
    if (!type) return std::unexpected(type.error());
    auto value = dual_of(pair.value, pair.offset);
    if (!value) return std::unexpected(value.error());
    if (type->empty() || pair.sub_key.empty()) {
        return wrong("mixer.address.syntax", pair.offset, pair.key);
    }
    // Key and value have one encoding.
    if (value->teletex && !type->teletex) type->teletex = type->printable;
    if (value->teletex && !value->printable) type->printable.reset();
    if (type->teletex && !value->teletex) value->teletex = value->printable;
    if (type->teletex && !type->printable) value->printable.reset();
    return DomainDefined{std::move(*type), std::move(*value)};
}

// OU1 to OU4 and DD1 to DD4, 1 being the most significant.
Result<void> Assembler::add_numbered(const Pair& pair, std::string_view prefix) {
    const char number = pair.key.back();
    if (prefix == "OU") {
        auto value = dual_of(pair.value, pair.offset);
        if (!value) return std::unexpected(value.error());
        return once(numbered_units_[number], std::move(*value), pair);
    }
    auto value = defined_of(pair);
    if (!value) return std::unexpected(value.error());
    return once(numbered_defined_[number], std::move(*value), pair);
}

Result<void> Assembler::add(const Pair& pair) {
    const bool is_defined = pair.key.starts_with("DD");
    if (!is_defined && !pair.sub_key.empty()) {
        return wrong("mixer.address.unknown-key", pair.offset, pair.key);
    }
    if (auto* field = plain(pair.key)) {
        const bool digits = pair.key == "X121" || pair.key == "UA-ID";
        if (!is_printable_string(pair.value) || (digits && !is_numeric(pair.value))) {
            return wrong("mixer.address.characters", pair.offset, pair.key);
        }
        return once(*field, std::optional(pair.value), pair);
    }
    if (pair.key == "PN") {
        auto name = encoded_name(pair.value, pair.offset);
        if (!name) return std::unexpected(name.error());
        return once(address_.personal_name, std::move(*name), pair);
    }
    if (auto* field = dual(pair.key)) {
        auto value = dual_of(pair.value, pair.offset);
        if (!value) return std::unexpected(value.error());
        return once(*field, std::move(*value), pair);
    }
    const std::string_view key = pair.key;
    if (const FurtherKind* kind = further_kind(key)) {
        auto value = further_of_text(*kind, pair.value);
        if (!value) return wrong("mixer.address.characters", pair.offset, key);
        return once(address_.further[kind->key], std::move(*value), pair);
    }
    if (key.size() == 5 && key.starts_with("PD-A") && key[4] >= '1' && key[4] <= '6') {
        if (!is_printable_string(pair.value)) {
            return wrong("mixer.address.characters", pair.offset, key);
        }
        return once(lines_[key[4]], pair.value, pair);
    }
    if (key.size() == 3 && (key.starts_with("OU") || is_defined) && key[2] >= '1' &&
        key[2] <= '4') {
        return add_numbered(pair, key.substr(0, 2));
    }
    if (key == "OU") {
        auto value = dual_of(pair.value, pair.offset);
        if (!value) return std::unexpected(value.error());
        units_.push_back(std::move(*value));
        return {};
    }
    if (key != "DD" && key != "RFC-822") {
        return wrong("mixer.address.unknown-key", pair.offset, pair.key);
    }
    Pair full = pair;
    if (key == "RFC-822") full.sub_key = "RFC-822";
    auto value = defined_of(full);
    if (!value) return std::unexpected(value.error());
    defined_.push_back(std::move(*value));
    return {};
}

Result<OrAddress> Assembler::finish() {
    if ((!lines_.empty() && address_.further.contains("PD-ADDRESS")) ||
        (!units_.empty() && !numbered_units_.empty()) ||
        (!defined_.empty() && !numbered_defined_.empty())) {
        return wrong("mixer.address.order-mixed", 0);
    }
    address_.units.assign(units_.rbegin(), units_.rend());
    address_.domain_defined.assign(defined_.rbegin(), defined_.rend());
    for (auto& [number, unit] : numbered_units_) address_.units.push_back(std::move(unit));
    for (auto& [number, each] : numbered_defined_) {
        address_.domain_defined.push_back(std::move(each));
    }
    if (!lines_.empty()) {
        std::string joined;
        for (const auto& [number, line] : lines_) joined += (joined.empty() ? "" : "|") + line;
        address_.further["PD-ADDRESS"].printable = std::move(joined);
    }
    if (address_.country && !address_.admd) address_.admd = " ";
    return std::move(address_);
}

// -- bounds ------------------------------------------------------------------------------------

Result<void> within(const std::optional<std::string>& value, std::size_t bound,
                    std::string_view key) {
    if (!value || value->size() <= bound) return {};
    return wrong("mixer.address.bound-exceeded", 0, key);
}

}  // namespace

std::string to_text(const OrAddress& address) {
    Writer text;
    for (auto each = address.domain_defined.rbegin(); each != address.domain_defined.rend();
         ++each) {
        text.add(*each);
    }
    for (const FurtherKind& kind : further_kinds()) {
        const auto found = address.further.find(kind.key);
        if (found != address.further.end()) text.add(kind, found->second);
    }
    text.add("CN", address.common_name);
    text.add("G", address.personal_name.given_name);
    text.add("I", address.personal_name.initials);
    text.add("S", address.personal_name.surname);
    text.add("GQ", address.personal_name.generation);
    text.add("UA-ID", address.user_id);
    text.add("T-ID", address.terminal);
    text.add("X121", address.x121);
    for (auto each = address.units.rbegin(); each != address.units.rend(); ++each) {
        text.add("OU", *each);
    }
    text.add("O", address.organization);
    text.add("PRMD", address.prmd);
    text.add("ADMD", address.admd);
    text.add("C", address.country);
    return text.take();
}

Result<OrAddress> parse_text(std::string_view text) {
    if (text.size() > max_text_octets) return wrong("mixer.address.too-large", max_text_octets);
    const auto pairs = PairReader(text).all();
    if (!pairs) return std::unexpected(pairs.error());
    Assembler assembler;
    for (const Pair& pair : *pairs) {
        if (auto added = assembler.add(pair); !added) return std::unexpected(added.error());
    }
    return assembler.finish();
}

Result<void> check(const OrAddress& address) {
    const PersonalName& name = address.personal_name;
    const bool named = !address.organization.empty() || !name.empty() || !address.units.empty() ||
                       !address.domain_defined.empty() || !address.common_name.empty() ||
                       address.prmd || address.user_id;
    const bool mnemonic = address.country && address.admd && named;
    const auto has = [&](std::string_view key) { return address.further.contains(key); };
    const bool postal = address.country && address.admd && has("PD-C") && has("PD-CODE");
    if (has("NET-SUB") && !has("NET-NUM")) {
        return wrong("mixer.address.incomplete", 0, "NET-NUM");
    }
    if (!mnemonic && !postal && !address.x121 && !has("NET-NUM"))
        return wrong("mixer.address.incomplete", 0);
    if (!name.empty() && name.surname.empty()) return wrong("mixer.address.incomplete", 0, "S");
    if (address.units.size() > 4) return wrong("mixer.address.bound-exceeded", 0, "OU");
    if (address.domain_defined.size() > 4) return wrong("mixer.address.bound-exceeded", 0, "DD");
    struct Bound {
        const DualString& value;
        std::size_t octets;
        std::string_view key;
    };
    std::vector<Bound> bounds{{address.organization, 64, "O"}, {name.surname, 40, "S"},
                              {name.given_name, 16, "G"},      {name.initials, 5, "I"},
                              {name.generation, 3, "GQ"},      {address.common_name, 64, "CN"}};
    for (const DualString& unit : address.units) bounds.push_back({unit, 32, "OU"});
    for (const DomainDefined& each : address.domain_defined) {
        bounds.push_back({each.type, 8, "DD"});
        bounds.push_back({each.value, 128, "DD"});
    }
    for (const FurtherKind& kind : further_kinds()) {
        const auto found = address.further.find(kind.key);
        if (found != address.further.end()) bounds.push_back({found->second, kind.bound, kind.key});
    }
    for (const auto& [value, octets, key] : bounds) {
        if (auto fits = within(value.printable, octets, key); !fits) return fits;
        // A teletex character may take two octets.
        if (auto fits = within(value.teletex, 2 * octets, key); !fits) return fits;
    }
    for (const auto& [value, octets, key] : {std::tuple{&address.country, 3, "C"},
                                             {&address.admd, 16, "ADMD"},
                                             {&address.prmd, 16, "PRMD"},
                                             {&address.x121, 15, "X121"},
                                             {&address.terminal, 24, "T-ID"},
                                             {&address.user_id, 32, "UA-ID"}}) {
        if (auto fits = within(*value, static_cast<std::size_t>(octets), key); !fits) return fits;
    }
    return {};
}

}  // namespace mailassay::mixer
