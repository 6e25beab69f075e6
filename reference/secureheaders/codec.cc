#include "secureheaders/codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "der/read.h"
#include "der/value.h"
#include "imf/header.h"

namespace mailassay::secureheaders {

namespace {

constexpr std::size_t max_fields = 100'000;

// How the editions write the same structure.
struct Syntax {
    der::Tag list;
    der::Tag value;
    std::string_view clause;
};

constexpr Syntax draft_syntax{der::tag_set, der::tag_ia5_string,
                              "draft-cailleux-secure-headers-05/4.1"};
constexpr Syntax rfc_syntax{der::tag_sequence, der::tag_utf8_string, "rfc7508/4.1"};

const Syntax& syntax_of(Edition edition) {
    return edition == Edition::Draft ? draft_syntax : rfc_syntax;
}

// The draft takes out of IA5String all control characters but CR and LF; so it can't hold a tab.
bool is_draft_character(char c) {
    return c == '\r' || c == '\n' || c == ' ' || base::is_visible(c);
}

bool has_value_characters(std::string_view value, Edition edition) {
    return edition == Edition::Draft ? std::ranges::all_of(value, is_draft_character)
                                     : base::is_utf8(value);
}

class Decoder {
  public:
    Decoder(Edition edition, Strictness strictness)
        : edition_(edition), syntax_(syntax_of(edition)), strictness_(strictness) {}

    Result<Decoded> decode(std::string_view octets);

  private:
    using Done = Result<void>;

    Done deviation(std::string_view id, std::size_t offset);
    Result<der::Value> read(std::string_view octets);
    Done take_algorithm(der::Members& outer);
    Done take_list(der::Members& outer);
    Done take_field(const der::Value& field);
    Result<std::string> take_name(der::Members& field);
    Result<std::string> take_value(der::Members& field);
    Result<Status> take_status(der::Members& field);

    Edition edition_;
    const Syntax& syntax_;
    Strictness strictness_;
    Decoded decoded_;
};

Result<void> Decoder::deviation(std::string_view id, std::size_t offset) {
    Error error{.id = id, .offset = offset, .requirement = syntax_.clause};
    if (strictness_ == Strictness::Strict) return std::unexpected(std::move(error));
    decoded_.tolerated.push_back(std::move(error));
    return {};
}

Result<der::Value> Decoder::read(std::string_view octets) {
    const der::Limits limits{.depth = 8, .values = max_fields * 4 + 10};
    if (strictness_ == Strictness::Strict) return der::read_der(octets, limits);
    auto reading = der::read_ber(octets, limits);
    if (!reading) return std::unexpected(reading.error());
    decoded_.tolerated = std::move(reading->tolerated);
    return std::move(reading->value);
}

Result<Decoded> Decoder::decode(std::string_view octets) {
    const auto structure = read(octets);
    if (!structure) return std::unexpected(structure.error());
    if (structure->tag != der::tag_set) {
        return std::unexpected(Error{.id = "der.value.unexpected-tag",
                                     .requirement = syntax_.clause,
                                     .detail = to_string(structure->tag) + " where SET is wanted"});
    }
    der::Members outer(*structure);
    if (auto done = take_algorithm(outer); !done) return std::unexpected(done.error());
    if (auto done = take_list(outer); !done) return std::unexpected(done.error());
    if (auto done = outer.end(); !done) return std::unexpected(done.error());
    return std::move(decoded_);
}

Result<void> Decoder::take_algorithm(der::Members& outer) {
    const auto member = outer.need(der::tag_enumerated);
    if (!member) return std::unexpected(member.error());
    const auto number = to_integer(**member, der::tag_enumerated);
    if (!number || *number < 0 || *number > 1) {
        return std::unexpected(Error{.id = "secureheaders.structure.unknown-algorithm",
                                     .offset = (*member)->offset,
                                     .requirement = syntax_.clause});
    }
    decoded_.structure.algorithm =
        *number == 0 ? imf::Canonicalization::Simple : imf::Canonicalization::Relaxed;
    return {};
}

Result<void> Decoder::take_list(der::Members& outer) {
    const der::Tag other = syntax_.list == der::tag_set ? der::tag_sequence : der::tag_set;
    const der::Value* list = outer.take(other);
    if (list != nullptr) {
        if (auto done = deviation("secureheaders.structure.list-type", list->offset); !done) {
            return done;
        }
    } else {
        const auto needed = outer.need(syntax_.list);
        if (!needed) return std::unexpected(needed.error());
        list = *needed;
    }
    if (list->members.empty()) {
        // SIZE (1..MAX): nothing is secured, so there is nothing to be tolerant about.
        return std::unexpected(Error{.id = "secureheaders.structure.no-fields",
                                     .offset = list->offset,
                                     .requirement = syntax_.clause});
    }
    if (list->members.size() > max_fields) {
        return std::unexpected(Error{.id = "secureheaders.field.too-many", .offset = list->offset});
    }
    for (const der::Value& field : list->members) {
        if (auto done = take_field(field); !done) return done;
    }
    return {};
}

Result<void> Decoder::take_field(const der::Value& field) {
    if (field.tag != der::tag_sequence) {
        return std::unexpected(Error{.id = "der.value.unexpected-tag",
                                     .offset = field.offset,
                                     .requirement = syntax_.clause,
                                     .detail = to_string(field.tag) + " where SEQUENCE is wanted"});
    }
    der::Members members(field);
    auto name = take_name(members);
    if (!name) return std::unexpected(name.error());
    auto value = take_value(members);
    if (!value) return std::unexpected(value.error());
    const auto status = take_status(members);
    if (!status) return std::unexpected(status.error());
    if (auto done = members.end(); !done) return done;
    decoded_.structure.fields.push_back(
        {.name = std::move(*name), .value = std::move(*value), .status = *status});
    return {};
}

Result<std::string> Decoder::take_name(der::Members& field) {
    const der::Value* name = field.take(der::tag_visible_string);
    if (name == nullptr) {
        // Both examples of the draft and Trustedbird have IA5String.
        name = field.take(der::tag_ia5_string);
        if (name == nullptr) name = field.take(der::tag_utf8_string);
        if (name == nullptr) return std::unexpected(field.need(der::tag_visible_string).error());
        if (auto done = deviation("secureheaders.field.name-type", name->offset); !done) {
            return std::unexpected(done.error());
        }
    }
    if (!imf::is_field_name(name->content)) {
        // With another character no field of any message can have this name.
        return std::unexpected(Error{.id = "secureheaders.field.name-characters",
                                     .offset = name->offset,
                                     .requirement = syntax_.clause});
    }
    return name->content;
}

Result<std::string> Decoder::take_value(der::Members& field) {
    const der::Value* value = field.take(syntax_.value);
    if (value == nullptr) {
        for (const der::Tag other :
             {der::tag_utf8_string, der::tag_ia5_string, der::tag_visible_string}) {
            if (value == nullptr) value = field.take(other);
        }
        if (value == nullptr) return std::unexpected(field.need(syntax_.value).error());
        if (auto done = deviation("secureheaders.field.value-type", value->offset); !done) {
            return std::unexpected(done.error());
        }
    }
    if (!has_value_characters(value->content, edition_)) {
        if (auto done = deviation("secureheaders.field.value-characters", value->offset); !done) {
            return std::unexpected(done.error());
        }
    }
    return value->content;
}

Result<Status> Decoder::take_status(der::Members& field) {
    const der::Value* status = field.take(der::tag_integer);
    if (status == nullptr) return Status::Duplicated;
    const auto number = to_integer(*status);
    if (!number || *number < 0 || *number > 2) {
        return std::unexpected(Error{.id = "secureheaders.field.unknown-status",
                                     .offset = status->offset,
                                     .requirement = syntax_.clause});
    }
    if (*number == 0) {
        // X.690 11.5: DER leaves a value that is the default out.
        if (auto done = deviation("secureheaders.field.explicit-default", status->offset); !done) {
            return std::unexpected(done.error());
        }
    }
    return static_cast<Status>(*number);
}

}  // namespace

std::string_view to_string(Edition edition) {
    return edition == Edition::Draft ? "draft" : "rfc";
}

std::string_view to_string(Status status) {
    switch (status) {
        case Status::Duplicated:
            return "duplicated";
        case Status::Deleted:
            return "deleted";
        case Status::Modified:
            return "modified";
    }
    std::unreachable();
}

std::string_view to_string(imf::Canonicalization algorithm) {
    return algorithm == imf::Canonicalization::Simple ? "simple" : "relaxed";
}

std::string_view attribute_oid(Edition edition) {
    return edition == Edition::Draft ? "1.2.840.113549.1.9.16.2.80" : "1.2.840.113549.1.9.16.2.55";
}

Result<std::string> encode(const SecureHeaderFields& structure, Edition edition) {
    const Syntax& syntax = syntax_of(edition);
    const auto wrong = [&syntax](std::string_view id, std::string name) {
        return std::unexpected(
            Error{.id = id, .requirement = syntax.clause, .detail = std::move(name)});
    };
    if (structure.fields.empty()) return wrong("secureheaders.structure.no-fields", "");
    std::vector<der::Value> fields;
    fields.reserve(structure.fields.size());
    for (const SecuredField& field : structure.fields) {
        if (!imf::is_field_name(field.name)) {
            return wrong("secureheaders.field.name-characters", field.name);
        }
        if (!has_value_characters(field.value, edition)) {
            return wrong("secureheaders.field.value-characters", field.name);
        }
        std::vector<der::Value> members{der::make_primitive(der::tag_visible_string, field.name),
                                        der::make_primitive(syntax.value, field.value)};
        if (field.status != Status::Duplicated) {
            members.push_back(der::make_integer(static_cast<int>(field.status)));
        }
        fields.push_back(der::make_sequence(std::move(members)));
    }
    const bool ordered = syntax.list == der::tag_sequence;
    der::Value list =
        ordered ? der::make_sequence(std::move(fields)) : der::make_set_of(std::move(fields));
    const bool simple = structure.algorithm == imf::Canonicalization::Simple;
    return write(der::make_set({der::make_enumerated(simple ? 0 : 1), std::move(list)}));
}

Result<Decoded> decode(std::string_view octets, Edition edition, Strictness strictness) {
    return Decoder(edition, strictness).decode(octets);
}

}  // namespace mailassay::secureheaders
