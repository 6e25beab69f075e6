#include "imf/transfer_encoding.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/base64.h"
#include "imf/quoted_printable.h"

namespace mailassay::imf {

namespace {

constexpr std::size_t line_length = 76;
constexpr std::size_t octets_a_line = line_length / 4 * 3;

// A table, since a branch on each letter of megabytes would be guessed wrong half of the time.
constexpr std::array<bool, 256> base64_letters = [] {
    std::array<bool, 256> letters{};
    for (unsigned i = 0; i < letters.size(); ++i) {
        const char c = static_cast<char>(i);
        letters[i] = base::is_alnum(c) || c == '+' || c == '/' || c == '=';
    }
    return letters;
}();

bool is_base64(char c) {
    return base64_letters[static_cast<unsigned char>(c)];
}

Error not_base64() {
    return {.id = "imf.transfer-encoding.base64", .requirement = "rfc2045/6.8"};
}

// Letters to octets, as many at a time as fit into a cache.
class Decoder {
  public:
    explicit Decoder(base::Sink& out) : out_(&out) {}

    Result<void> append(std::string_view letters) {
        while (letters_.size() + letters.size() > most_letters) {
            const std::size_t taken = most_letters - letters_.size();
            letters_ += letters.substr(0, taken);
            letters.remove_prefix(taken);
            // More follows, so that padding here would stand in the middle.
            if (letters_.back() == '=') return std::unexpected(not_base64());
            if (auto done = finish(); !done) return done;
        }
        letters_ += letters;
        return {};
    }

    Result<void> finish() {
        const auto octets = base::decode_base64(letters_);
        if (!octets) return std::unexpected(not_base64());
        letters_.clear();
        return out_->append(*octets);
    }

  private:
    static constexpr std::size_t most_letters = std::size_t{64} * 1024;

    base::Sink* out_;
    std::string letters_;
};

Result<void> decode_base64(std::string_view body, base::Sink& out) {
    Decoder decoder(out);
    // Line by line, of which most hold nothing else.
    for (auto at = body.begin(); at != body.end();) {
        const auto end = std::find_if_not(at, body.end(), is_base64);
        if (auto done = decoder.append({at, end}); !done) return done;
        at = std::find_if(end, body.end(), is_base64);
    }
    return decoder.finish();
}

}  // namespace

std::string encode_base64_lines(std::string_view octets) {
    base::StringSink lines;
    Base64LineWriter writer(lines);
    // A string takes all there is.
    static_cast<void>(writer.append(octets));
    static_cast<void>(writer.finish());
    return std::move(lines.text);
}

Result<void> Base64LineWriter::append(std::string_view octets) {
    // One string of letters is broken into many lines.
    constexpr std::size_t most_octets = octets_a_line * 1024;
    while (held_.size() + octets.size() >= octets_a_line) {
        const std::size_t whole =
            std::min(most_octets, (held_.size() + octets.size()) / octets_a_line * octets_a_line);
        const std::size_t taken = whole - held_.size();
        held_ += octets.substr(0, taken);
        octets.remove_prefix(taken);
        if (auto done = finish(); !done) return done;
    }
    held_ += octets;
    return {};
}

Result<void> Base64LineWriter::finish() {
    const std::string letters = base::encode_base64(held_);
    held_.clear();
    std::string lines;
    lines.reserve(letters.size() + letters.size() / line_length * 2 + 2);
    for (std::size_t at = 0; at < letters.size(); at += line_length) {
        lines.append(letters, at, line_length);
        lines += "\r\n";
    }
    return out_->append(lines);
}

Result<base::Octets> decode_body(const HeaderSection& header, std::string_view body,
                                 base::Scratch& scratch) {
    const HeaderField* field = header.find_first("Content-Transfer-Encoding");
    const std::string encoding =
        field == nullptr ? "7bit" : base::to_lower(base::trim(field->value()));
    if (encoding == "base64") {
        return scratch.keep([body](base::Sink& out) { return decode_base64(body, out); });
    }
    if (encoding == "quoted-printable") {
        return scratch.keep([body](base::Sink& out) { return decode_quoted_printable(body, out); });
    }
    if (encoding == "7bit" || encoding == "8bit" || encoding == "binary") {
        return base::Octets::borrowed(body);
    }
    return std::unexpected(Error{
        .id = "imf.transfer-encoding.unknown", .requirement = "rfc2045/6.1", .detail = encoding});
}

}  // namespace mailassay::imf
