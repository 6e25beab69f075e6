#include "crypto/encapsulation.h"

#include "crypto/ber_piece.h"

namespace mailassay::crypto {

namespace {

// As deep as OpenSSL follows a string in segments.
constexpr int max_string_depth = 5;

bool add_segments(const Piece& string, std::vector<std::string_view>& segments, int depth = 0) {
    if (string.identifier == octet_string) {
        segments.push_back(string.contents);
        return true;
    }
    if (string.identifier != octet_string_in_segments || depth == max_string_depth) return false;
    std::string_view left = string.contents;
    while (!left.empty()) {
        const auto segment = take(left);
        if (!segment || !add_segments(*segment, segments, depth + 1)) return false;
    }
    return true;
}

bool add_segments_of(const Piece& string, ContentForm form,
                     std::vector<std::string_view>& segments) {
    if (form == ContentForm::Encapsulated) return add_segments(string, segments);
    // The tag stands in place of the string's own.
    const bool whole = string.identifier == implicit_0;
    return add_segments({.identifier = whole ? octet_string : octet_string_in_segments,
                         .contents = string.contents,
                         .whole = string.whole},
                        segments);
}

// Whether OpenSSL 3.0 reads these values at the end of a definite length: behind an empty value
// with a length of several octets it wants one octet more, which only an indefinite length's end
// has there.
bool can_stand_last(std::string_view values) {
    constexpr std::size_t shortest_header = 2;
    std::optional<Piece> last;
    while (!values.empty()) {
        last = take(values);
        if (!last) return false;
    }
    return !last || !last->contents.empty() || last->whole.size() == shortest_header;
}

// A ContentInfo taken apart as far as its encapContentInfo or EncryptedContentInfo.
struct Frame {
    std::string_view type;          // ContentInfo's
    std::string_view version;       // with the digest algorithms, or with the recipients
    std::string_view content_type;  // of the content, and what it is encrypted by
    std::optional<Piece> content;   // the string
    std::string_view behind;        // certificates and the like
};

// The string with the content, which ends what describes it.
std::optional<Piece> content_at_end(std::string_view octets, ContentForm form) {
    const auto tagged = take(octets);
    if (!tagged || !octets.empty()) return std::nullopt;
    if (form == ContentForm::Encrypted) {
        const bool fits = tagged->identifier == implicit_0 || tagged->identifier == explicit_0;
        return fits ? tagged : std::nullopt;
    }
    if (tagged->identifier != explicit_0) return std::nullopt;
    std::string_view left = tagged->contents;
    const auto string = take(left);
    return left.empty() ? string : std::nullopt;
}

std::optional<Frame> frame_of(std::string_view octets, ContentForm form) {
    const auto holder = holder_of(octets);
    if (!holder) return std::nullopt;
    // Version and digest algorithms; or version, perhaps the originator's certificates, and the
    // recipients. None of them is a SEQUENCE, and what describes the content is.
    constexpr int most_before = 3;
    std::string_view left = holder->members;
    std::optional<Piece> described;
    for (int i = 0; i <= most_before && !described; ++i) {
        const std::string_view here = left;
        const auto piece = take(left);
        if (!piece) return std::nullopt;
        if (piece->identifier != sequence) continue;
        described = piece;
        left = here.substr(piece->whole.size());
    }
    if (!described || !can_stand_last(left)) return std::nullopt;
    const auto before = static_cast<std::size_t>(described->whole.data() - holder->members.data());
    Frame frame{.type = holder->type,
                .version = holder->members.substr(0, before),
                .content_type = {},
                .content = std::nullopt,
                .behind = left};
    left = described->contents;
    const auto content_type = take(left);
    const bool is_whole =
        content_type && (form == ContentForm::Encapsulated || take_as(left, sequence));
    if (!is_whole) return std::nullopt;
    frame.content_type = described->contents.substr(0, described->contents.size() - left.size());
    if (left.empty()) return frame;
    frame.content = content_at_end(left, form);
    return frame.content ? std::optional(frame) : std::nullopt;
}

// The frame around content that takes `content_size` octets, its own headers included.
AroundContent around(const Frame& frame, std::string_view content_headers,
                     std::size_t content_size) {
    const std::size_t encapsulated = frame.content_type.size() + content_size;
    const std::string encapsulated_header = header_of(sequence, encapsulated);
    const std::size_t signed_data =
        frame.version.size() + encapsulated_header.size() + encapsulated + frame.behind.size();
    const std::string signed_data_header = header_of(sequence, signed_data);
    const std::string holder = header_of(explicit_0, signed_data_header.size() + signed_data);
    const std::size_t info =
        frame.type.size() + holder.size() + signed_data_header.size() + signed_data;
    std::string before = header_of(sequence, info);
    before.append(frame.type).append(holder).append(signed_data_header).append(frame.version);
    before.append(encapsulated_header).append(frame.content_type).append(content_headers);
    return {.before = std::move(before), .behind = std::string(frame.behind)};
}

}  // namespace

std::optional<Encapsulated> take_out(std::string_view content_info, ContentForm form) {
    const auto frame = frame_of(content_info, form);
    Encapsulated apart;
    if (!frame || !frame->content || !add_segments_of(*frame->content, form, apart.segments)) {
        return std::nullopt;
    }
    AroundContent rest = around(*frame, "", 0);
    apart.rest = std::move(rest.before) + rest.behind;
    return apart;
}

Result<base::Octets> joined(std::span<const std::string_view> segments, base::Scratch& scratch) {
    if (segments.size() == 1) return base::Octets::borrowed(segments.front());
    return scratch.keep([segments](base::Sink& out) -> Result<void> {
        for (const std::string_view segment : segments) {
            if (auto done = out.append(segment); !done) return done;
        }
        return {};
    });
}

std::optional<AroundContent> around_content(std::string_view rest, std::size_t size,
                                            ContentForm form) {
    const auto frame = frame_of(rest, form);
    if (!frame || frame->content) return std::nullopt;
    if (form == ContentForm::Encrypted) {
        const std::string header = header_of(implicit_0, size);
        return around(*frame, header, header.size() + size);
    }
    const std::string string = header_of(octet_string, size);
    const std::string headers = header_of(explicit_0, string.size() + size) + string;
    return around(*frame, headers, headers.size() + size);
}

}  // namespace mailassay::crypto
