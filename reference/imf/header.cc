#include "imf/header.h"

#include <algorithm>
#include <iterator>

#include "base/ascii.h"

namespace mailassay::imf {
namespace {

constexpr std::string_view kCrLf = "\r\n";
constexpr std::size_t kFoldedLineOctets = 78;    // RFC 5322 section 2.1.1, without CRLF
constexpr std::size_t kLongestLineOctets = 998;  // the same

bool is_ftext(char c) {
    return base::is_visible(c) && c != ':';
}

// Takes the header section apart, line by line.
class HeaderReader {
  public:
    HeaderReader(std::string_view octets, const Limits& limits)
        : octets_(octets), limits_(limits) {}

    Result<MessageView> read();

  private:
    // The next line with its CRLF; at the end of the input a line may lack it.
    [[nodiscard]] std::string_view peek_line() const;
    void check_line(std::string_view line);
    void continue_field(std::string_view line);
    void start_field(std::string_view line);
    void defect(std::string_view id, std::size_t offset) {
        message_.defects.push_back(Error{id, offset, "rfc5322/2.2"});
    }

    std::string_view octets_;
    const Limits& limits_;
    std::size_t at_ = 0;
    std::vector<HeaderField> fields_;
    MessageView message_;
};

std::string_view without_crlf(std::string_view line) {
    if (line.ends_with(kCrLf)) line.remove_suffix(kCrLf.size());
    return line;
}

std::string_view HeaderReader::peek_line() const {
    const std::size_t end = octets_.find(kCrLf, at_);
    if (end == std::string_view::npos) return octets_.substr(at_);
    return octets_.substr(at_, end + kCrLf.size() - at_);
}

void HeaderReader::check_line(std::string_view line) {
    const std::string_view content = without_crlf(line);
    if (const auto stray = content.find_first_of(kCrLf); stray != std::string_view::npos) {
        defect("imf.header.bare-line-end", at_ + stray);
    }
    if (const auto nul = content.find('\0'); nul != std::string_view::npos) {
        defect("imf.header.nul", at_ + nul);
    }
    if (content.size() > kLongestLineOctets) defect("imf.header.line-too-long", at_);
}

void HeaderReader::continue_field(std::string_view line) {
    HeaderField& field = fields_.back();
    // The CRLF before this line was left out of the body as if it were the field's last.
    field.body += kCrLf;
    field.body += without_crlf(line);
    field.raw += line;
}

void HeaderReader::start_field(std::string_view line) {
    const std::string_view content = without_crlf(line);
    const std::size_t colon = content.find(':');
    const std::string_view before = content.substr(0, colon);
    std::string_view name = before;
    while (!name.empty() && base::is_wsp(name.back())) name.remove_suffix(1);

    HeaderField field;
    field.raw = line;
    if (colon == std::string_view::npos || !is_field_name(name)) {
        const bool continuation = base::is_wsp(line.front());
        defect(continuation                      ? "imf.header.continuation-without-field"
               : colon == std::string_view::npos ? "imf.header.line-without-colon"
                                                 : "imf.header.name-invalid",
               at_);
        field.body = content;
    } else {
        if (name.size() != before.size()) {
            defect("imf.header.space-before-colon", at_ + name.size());
        }
        field.name = name;
        field.body = content.substr(colon + 1);
    }
    fields_.push_back(std::move(field));
}

Result<MessageView> HeaderReader::read() {
    while (at_ < octets_.size()) {
        const std::string_view line = peek_line();
        if (line == kCrLf) {
            message_.separator = line;
            message_.body = octets_.substr(at_ + kCrLf.size());
            break;
        }
        if (at_ + line.size() > limits_.header_octets) {
            return std::unexpected(Error{"imf.header.too-large", at_});
        }
        check_line(line);
        if (base::is_wsp(line.front()) && !fields_.empty()) {
            continue_field(line);
        } else {
            if (fields_.size() == limits_.fields) {
                return std::unexpected(Error{"imf.header.too-many-fields", at_});
            }
            start_field(line);
        }
        at_ += line.size();
    }
    if (message_.separator.empty()) defect("imf.header.no-separator", octets_.size());
    message_.header = HeaderSection(std::move(fields_));
    return std::move(message_);
}

}  // namespace

std::string HeaderField::value() const {
    const std::string unfolded = unfold(body);
    return std::string(base::trim(unfolded));
}

bool is_field_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), is_ftext);
}

Result<HeaderField> make_field(std::string_view name, std::string_view value) {
    if (!is_field_name(name)) {
        return std::unexpected(
            Error{"imf.header.name-invalid", 0, "rfc5322/2.2", std::string(name)});
    }
    constexpr std::string_view kForbidden("\r\n\0", 3);
    if (const auto bad = value.find_first_of(kForbidden); bad != std::string_view::npos) {
        return std::unexpected(
            Error{"imf.header.value-invalid", bad, "rfc5322/2.2", std::string(value)});
    }

    HeaderField field{std::string(name), {}, {}};
    std::size_t line_octets = name.size() + 1;
    std::string_view rest = base::trim(value);
    while (!rest.empty()) {
        // A piece is white space and the word behind it; only between pieces can a line be folded.
        const std::size_t word = rest.find_first_not_of(" \t");
        const std::size_t end = std::min(rest.find_first_of(" \t", word), rest.size());
        std::string piece(rest.substr(0, end));
        rest.remove_prefix(end);
        const bool first = field.body.empty();
        if (first) piece.insert(0, " ");
        // No fold behind the colon: it would leave a line without anything in it.
        if (!first && line_octets + piece.size() > kFoldedLineOctets) {
            field.body += kCrLf;
            line_octets = 0;
        }
        field.body += piece;
        line_octets += piece.size();
    }
    field.raw = field.name + ":" + field.body + std::string(kCrLf);
    return field;
}

std::string unfold(std::string_view body) {
    std::string unfolded;
    unfolded.reserve(body.size());
    for (std::size_t at = 0; at < body.size(); ++at) {
        if (body.substr(at, 2) == kCrLf && (at + 2 == body.size() || base::is_wsp(body[at + 2]))) {
            ++at;
            continue;
        }
        unfolded += body[at];
    }
    return unfolded;
}

std::vector<const HeaderField*> HeaderSection::find_all(std::string_view name) const {
    std::vector<const HeaderField*> found;
    for (const HeaderField& field : fields_) {
        if (!field.is_opaque() && base::equals_ignore_case(field.name, name)) {
            found.push_back(&field);
        }
    }
    return found;
}

const HeaderField* HeaderSection::find_first(std::string_view name) const {
    const auto found = find_all(name);
    return found.empty() ? nullptr : found.front();
}

std::size_t HeaderSection::count(std::string_view name) const {
    return find_all(name).size();
}

void HeaderSection::prepend(HeaderField field) {
    fields_.insert(fields_.begin(), std::move(field));
}

void HeaderSection::append(HeaderField field) {
    fields_.push_back(std::move(field));
}

std::size_t HeaderSection::remove_all(std::string_view name) {
    return std::erase_if(fields_, [name](const HeaderField& field) {
        return !field.is_opaque() && base::equals_ignore_case(field.name, name);
    });
}

std::string HeaderSection::to_octets() const {
    std::string octets;
    for (const HeaderField& field : fields_) octets += field.raw;
    return octets;
}

std::string Message::to_octets() const {
    return header.to_octets() + separator + body;
}

Result<MessageView> view_message(std::string_view octets, const Limits& limits) {
    if (octets.size() > limits.message_octets) {
        return std::unexpected(Error{"imf.message.too-large", limits.message_octets});
    }
    return HeaderReader(octets, limits).read();
}

Result<Message> parse_message(std::string_view octets, const Limits& limits) {
    auto view = view_message(octets, limits);
    if (!view) return std::unexpected(std::move(view.error()));
    return Message{.header = std::move(view->header),
                   .separator = std::string(view->separator),
                   .body = std::string(view->body),
                   .defects = std::move(view->defects)};
}

}  // namespace mailassay::imf
