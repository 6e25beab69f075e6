#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

// The header section of a message (RFC 5322 sections 2.2 and 3.6) with its exact octets and order.
namespace mailassay::imf {

// One header field. `raw` is what goes onto the wire; `name` and `body` are read from it.
struct HeaderField {
    // As written, without the colon and without white space before it. Empty for an opaque line:
    // one that has no field syntax and is carried along unchanged.
    std::string name;
    // The octets after the colon, folding and leading white space included, without the last CRLF.
    // For an opaque line: the whole line without its CRLF.
    std::string body;
    // All octets of the field, folding and last CRLF included. Only the last line of a message may
    // lack the CRLF.
    std::string raw;

    [[nodiscard]] bool is_opaque() const { return name.empty(); }
    // The body unfolded and without surrounding white space.
    [[nodiscard]] std::string value() const;

    friend bool operator==(const HeaderField&, const HeaderField&) = default;
};

// Makes a field `name: value` with its raw octets, folded before white space so that lines stay
// within 78 octets where the value has white space to fold at (RFC 5322 section 2.1.1). The value
// must not hold CR, LF or NUL (that would let one field become two); other octets, UTF-8 included,
// pass through.
// Errors: imf.header.name-invalid, imf.header.value-invalid.
[[nodiscard]] Result<HeaderField> make_field(std::string_view name, std::string_view value);

// Ordered fields. to_octets() of what was parsed is exactly what was parsed.
class HeaderSection {
  public:
    HeaderSection() = default;
    explicit HeaderSection(std::vector<HeaderField> fields) : fields_(std::move(fields)) {}

    [[nodiscard]] const std::vector<HeaderField>& fields() const { return fields_; }
    [[nodiscard]] bool empty() const { return fields_.empty(); }

    // All fields of that name, any case, in order. The pointers are good until this changes.
    [[nodiscard]] std::vector<const HeaderField*> find_all(std::string_view name) const;
    // The first of them, or nullptr.
    [[nodiscard]] const HeaderField* find_first(std::string_view name) const;
    [[nodiscard]] std::size_t count(std::string_view name) const;

    // Trace fields go on top.
    void prepend(HeaderField field);
    void append(HeaderField field);
    // Removes all fields of that name and says how many there were.
    std::size_t remove_all(std::string_view name);

    [[nodiscard]] std::string to_octets() const;

    friend bool operator==(const HeaderSection&, const HeaderSection&) = default;

  private:
    std::vector<HeaderField> fields_;
};

// A message as it was received. header.to_octets() + separator + body is exactly its octets.
struct Message {
    HeaderSection header;
    // The empty line between header section and body: CRLF, or nothing when the message ends
    // within its header section.
    std::string separator = "\r\n";
    std::string body;
    // What is wrong with the header section, in order; offsets are into the message. A relay
    // passes such mail on unchanged.
    std::vector<Error> defects;

    [[nodiscard]] std::string to_octets() const;
};

// The same, its body and separator being views into the octets that were parsed, which must outlive
// it: for messages with a body that need not be held twice.
struct MessageView {
    HeaderSection header;
    std::string_view separator = {};
    std::string_view body = {};
    std::vector<Error> defects = {};
};

// Bounds on what a message may cost to parse.
struct Limits {
    std::size_t message_octets = std::size_t{256} * 1024 * 1024;
    std::size_t header_octets = std::size_t{4} * 1024 * 1024;
    std::size_t fields = 100'000;
};

// Splits a message. Only CRLF ends a line: a bare CR or LF belongs to the field or body it stands
// in, so no two readers of ours can disagree where a field ends. A line without field syntax
// becomes an opaque field and a defect; it does not end the header section, because everything up
// to the empty line is what a later reader may take for header fields.
//
// Defects: imf.header.line-without-colon, imf.header.name-invalid,
// imf.header.space-before-colon (the obsolete syntax; the field is still named),
// imf.header.continuation-without-field, imf.header.bare-line-end, imf.header.nul,
// imf.header.line-too-long (998 octets), imf.header.no-separator.
// Errors: imf.message.too-large, imf.header.too-large, imf.header.too-many-fields.
[[nodiscard]] Result<Message> parse_message(std::string_view octets, const Limits& limits = {});
// The same without a copy of the body.
[[nodiscard]] Result<MessageView> view_message(std::string_view octets, const Limits& limits = {});

// Removes every CRLF that is followed by white space, and a CRLF at the very end
// (RFC 5322 section 2.2.3). The white space itself stays.
[[nodiscard]] std::string unfold(std::string_view body);

// ftext of RFC 5322: at least one octet, all of 33 to 126 without the colon.
[[nodiscard]] bool is_field_name(std::string_view name);

}  // namespace mailassay::imf
