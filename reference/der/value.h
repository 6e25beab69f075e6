#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

// ASN.1 values as X.690 encodes them, without a schema: tags, and contents or members.
namespace mailassay::der {

enum class Class : std::uint8_t { Universal, Application, ContextSpecific, Private };

struct Tag {
    Class cls = Class::Universal;
    std::uint32_t number = 0;

    friend bool operator==(const Tag&, const Tag&) = default;
    // The order of X.680 8.6, in which DER puts the components of a SET.
    friend auto operator<=>(const Tag&, const Tag&) = default;
};

inline constexpr Tag tag_boolean{Class::Universal, 1};
inline constexpr Tag tag_integer{Class::Universal, 2};
inline constexpr Tag tag_bit_string{Class::Universal, 3};
inline constexpr Tag tag_octet_string{Class::Universal, 4};
inline constexpr Tag tag_null{Class::Universal, 5};
inline constexpr Tag tag_oid{Class::Universal, 6};
inline constexpr Tag tag_enumerated{Class::Universal, 10};
inline constexpr Tag tag_utf8_string{Class::Universal, 12};
inline constexpr Tag tag_sequence{Class::Universal, 16};
inline constexpr Tag tag_set{Class::Universal, 17};
inline constexpr Tag tag_numeric_string{Class::Universal, 18};
inline constexpr Tag tag_printable_string{Class::Universal, 19};
inline constexpr Tag tag_teletex_string{Class::Universal, 20};
inline constexpr Tag tag_ia5_string{Class::Universal, 22};
inline constexpr Tag tag_utc_time{Class::Universal, 23};
inline constexpr Tag tag_generalized_time{Class::Universal, 24};
inline constexpr Tag tag_visible_string{Class::Universal, 26};

[[nodiscard]] constexpr Tag context(std::uint32_t number) {
    return {Class::ContextSpecific, number};
}

// "INTEGER", "SEQUENCE", "[0]", "[APPLICATION 3]"; for a person.
[[nodiscard]] std::string to_string(const Tag& tag);

enum class Form : std::uint8_t { Primitive, Constructed };

// One value and all that is in it.
struct Value {
    Tag tag;
    Form form = Form::Primitive;
    // Of a primitive value; empty otherwise.
    std::string content = {};
    // Of a constructed value, in order; empty otherwise.
    std::vector<Value> members = {};
    // Where it began in the octets that were read; 0 for one that was made.
    std::size_t offset = 0;

    // The offset is no part of the value.
    friend bool operator==(const Value& a, const Value& b) {
        return a.tag == b.tag && a.form == b.form && a.content == b.content &&
               a.members == b.members;
    }
};

// An object identifier in dots, "1.2.840.113549". Arcs up to 2^64-1.
// Errors: der.oid.syntax.
[[nodiscard]] Result<Value> make_oid(std::string_view dotted);

// Values made. They are DER if their strings hold the characters of their type.
[[nodiscard]] Value make_boolean(bool value);
[[nodiscard]] Value make_integer(std::int64_t value, Tag tag = tag_integer);
[[nodiscard]] Value make_enumerated(std::int64_t value);
[[nodiscard]] Value make_null();
[[nodiscard]] Value make_primitive(Tag tag, std::string content);
[[nodiscard]] Value make_constructed(Tag tag, std::vector<Value> members);
[[nodiscard]] Value make_sequence(std::vector<Value> members);
// A SET: the members in the order of their tags (X.690 10.3).
[[nodiscard]] Value make_set(std::vector<Value> members);
// A SET OF: the members in the order of their encodings (X.690 11.6).
[[nodiscard]] Value make_set_of(std::vector<Value> members, Tag tag = tag_set);

// What a value means. The offset of an error is the value's.
// Errors: der.value.unexpected-tag, der.value.out-of-range (beyond 64 bits).
[[nodiscard]] Result<bool> to_boolean(const Value& value);
[[nodiscard]] Result<std::int64_t> to_integer(const Value& value, Tag tag = tag_integer);
[[nodiscard]] Result<std::string> to_dotted(const Value& value);

// Takes the members of a SEQUENCE or SET one after the other, as a schema lists them.
class Members {
  public:
    // The value must outlive this.
    explicit Members(const Value& of) : of_(&of) {}

    // The next member if it has this tag; otherwise nullptr, and the member stays.
    [[nodiscard]] const Value* take(Tag tag);
    // The next member, which must have this tag.
    // Errors: der.value.missing, der.value.unexpected-tag.
    [[nodiscard]] Result<const Value*> need(Tag tag);
    // The next member, whatever its tag; nullptr at the end.
    [[nodiscard]] const Value* next();
    // Errors: der.value.unexpected-member.
    [[nodiscard]] Result<void> end() const;

  private:
    const Value* of_;
    std::size_t at_ = 0;
};

// DER. What read() accepts as DER is written as the same octets.
[[nodiscard]] std::string write(const Value& value);

}  // namespace mailassay::der
