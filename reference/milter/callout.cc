#include "milter/callout.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"

namespace mailassay::milter {

namespace {

constexpr std::uint32_t version = 6;
// Actions and steps, as libmilter's mfdef.h numbers them.
constexpr std::uint32_t add_fields = 0x01;
constexpr std::uint32_t change_body = 0x02;
constexpr std::uint32_t add_recipients = 0x04;
constexpr std::uint32_t remove_recipients = 0x08;
constexpr std::uint32_t change_fields = 0x10;
constexpr std::uint32_t quarantine = 0x20;
constexpr std::uint32_t change_sender = 0x40;
constexpr std::uint32_t all_actions = 0x7f;
constexpr std::uint32_t no_connect = 0x01;
constexpr std::uint32_t no_helo = 0x02;
constexpr std::uint32_t no_sender = 0x04;
constexpr std::uint32_t no_recipient = 0x08;
constexpr std::uint32_t no_body = 0x10;
constexpr std::uint32_t no_fields = 0x20;
constexpr std::uint32_t no_end_of_header = 0x40;
constexpr std::uint32_t quiet_field = 0x80;
constexpr std::uint32_t no_data = 0x200;
constexpr std::uint32_t quiet_connect = 0x1000;
constexpr std::uint32_t quiet_helo = 0x2000;
constexpr std::uint32_t quiet_sender = 0x4000;
constexpr std::uint32_t quiet_recipient = 0x8000;
constexpr std::uint32_t quiet_data = 0x10000;
constexpr std::uint32_t quiet_end_of_header = 0x40000;
constexpr std::uint32_t quiet_body = 0x80000;
constexpr std::uint32_t leading_space = 0x100000;
// All but commands that are unknown and recipients that were refused, which are never shown.
constexpr std::uint32_t all_steps = 0x1ff7ff;
constexpr std::size_t piece_octets = 65'535;

std::string number(std::uint32_t value) {
    std::string octets;
    for (int shift = 24; shift >= 0; shift -= 8) {
        octets += static_cast<char>((value >> shift) & 0xff);
    }
    return octets;
}

std::uint32_t number_at(std::string_view octets, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = at; i < at + 4; ++i) {
        value = (value << 8) | static_cast<unsigned char>(octets[i]);
    }
    return value;
}

std::string packet(char command, std::string_view data) {
    std::string octets = number(static_cast<std::uint32_t>(data.size() + 1));
    octets += command;
    octets += data;
    return octets;
}

std::string ended(std::string_view text) {
    std::string octets(text.substr(0, text.find('\0')));
    octets += '\0';
    return octets;
}

std::string path_data(const Path& path) {
    std::string data = ended(path.address);
    for (const std::string& parameter : path.parameters) data += ended(parameter);
    return data;
}

std::string connect_data(const Connection& connection) {
    std::string data = ended(connection.host);
    const bool is_v6 = connection.address.find(':') != std::string::npos;
    const bool is_v4 = !is_v6 && connection.address.find('.') != std::string::npos;
    if (!is_v4 && !is_v6) return data + 'U';
    data += is_v6 ? '6' : '4';
    data.append(2, '\0');  // the port, which nobody told
    return data + ended(connection.address);
}

std::unexpected<Error> wrong(std::string_view id, std::string detail) {
    return std::unexpected(Error{.id = id, .detail = std::move(detail)});
}

// The first of the texts, each ended by NUL; nullopt where there is no end.
std::optional<std::string_view> take_text(std::string_view& data) {
    const std::size_t end = data.find('\0');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view text = data.substr(0, end);
    data.remove_prefix(end + 1);
    return text;
}

// A field of what a milter gives for its body: LF between lines, with the space before it or not.
Result<imf::HeaderField> field_of(std::string_view name, std::string_view value, bool spaced) {
    std::string raw(name);
    raw += spaced ? ":" : ": ";
    bool behind_return = false;
    for (const char c : value) {
        if (c == '\n' && !behind_return) raw += '\r';
        behind_return = c == '\r';
        raw += c;
    }
    raw += "\r\n";
    const auto message = imf::parse_message(raw + "\r\n");
    const bool is_one = message && message->header.fields().size() == 1 &&
                        message->header.to_octets() == raw &&
                        !message->header.fields().front().is_opaque() &&
                        message->header.fields().front().name == name;
    if (!is_one) return wrong("milter.callout.syntax", std::string(name.substr(0, 100)));
    return message->header.fields().front();
}

std::vector<std::string> reply_lines(std::string_view text) {
    std::vector<std::string> lines;
    for (std::string_view line : base::split(text, '\n')) {
        if (line.ends_with('\r')) line.remove_suffix(1);
        lines.emplace_back(line);
    }
    return lines;
}

}  // namespace

Callout::Callout(const Message& message, Extent extent, const CalloutLimits& limits)
    : message_(message), extent_(extent), limits_(limits), fields_(message.header.fields()) {}

Callout::Step Callout::make(char command, const std::string& data, std::uint32_t no_reply) {
    return {.octets = packet(command, data), .awaits_answer = !skips(no_reply)};
}

std::optional<Callout::Step> Callout::next() {
    while (stage_ != Stage::Decided) {
        if (auto step = step_of_stage()) return step;
    }
    return std::nullopt;
}

// The step of the stage, and on to the next stage; nullopt where there is nothing to say.
std::optional<Callout::Step> Callout::step_of_stage() {
    const auto& envelope = message_.session.envelope;
    const auto& fields = message_.header.fields();
    switch (stage_) {
        case Stage::Offer:
            stage_ = Stage::Connect;
            return Step{packet('O', number(version) + number(all_actions) + number(all_steps)),
                        true};
        case Stage::Connect:
            stage_ = Stage::Helo;
            if (skips(no_connect)) return std::nullopt;
            return make('C', connect_data(message_.session.connection), quiet_connect);
        case Stage::Helo:
            stage_ = Stage::Sender;
            if (skips(no_helo)) return std::nullopt;
            return make('H', ended(message_.session.connection.helo), quiet_helo);
        case Stage::Sender: {
            stage_ = Stage::Recipient;
            if (skips(no_sender)) return std::nullopt;
            Step step = make('M', path_data(envelope.reverse_path), quiet_sender);
            std::string macros = "M";
            for (const auto& [name, value] : message_.session.macros) {
                macros += ended("{" + name + "}") + ended(value);
            }
            step.octets.insert(0, packet('D', macros));
            return step;
        }
        case Stage::Recipient:
            if (index_ == envelope.recipients.size() || skips(no_recipient)) {
                index_ = 0;
                stage_ = Stage::Data;
                if (extent_ == Extent::Recipients) accept();
                return std::nullopt;
            }
            return make('R', path_data(envelope.recipients[index_++]), quiet_recipient);
        case Stage::Data:
            stage_ = Stage::Field;
            if (skips(no_data)) return std::nullopt;
            return make('T', "", quiet_data);
        case Stage::Field: {
            if (index_ == fields.size() || skips(no_fields)) {
                index_ = 0;
                stage_ = Stage::EndOfHeader;
                return std::nullopt;
            }
            const imf::HeaderField& field = fields[index_++];
            if (field.is_opaque()) return std::nullopt;
            std::string value = field.body;
            std::erase(value, '\r');
            if (!skips(leading_space) && value.starts_with(' ')) value.erase(0, 1);
            return make('L', ended(field.name) + ended(value), quiet_field);
        }
        case Stage::EndOfHeader:
            stage_ = Stage::Body;
            if (skips(no_end_of_header)) return std::nullopt;
            return make('N', "", quiet_end_of_header);
        case Stage::Body: {
            if (index_ == message_.body.size() || skips(no_body)) {
                stage_ = Stage::EndOfMessage;
                return std::nullopt;
            }
            const auto piece = message_.body.substr(index_, piece_octets);
            index_ += piece.size();
            return make('B', std::string(piece), quiet_body);
        }
        case Stage::EndOfMessage:
            return make('E', "", 0);
        case Stage::Decided:
            return std::nullopt;
    }
    std::unreachable();
}

void Callout::decide(CalloutVerdict verdict) {
    verdict_ = std::move(verdict);
    stage_ = Stage::Decided;
}

void Callout::accept() {
    changed_.header = imf::HeaderSection(std::move(fields_));
    decide(std::move(changed_));
}

CalloutVerdict Callout::verdict() const {
    if (!verdict_) throw Misuse("a callout that is not at its end");
    return *verdict_;
}

Result<bool> Callout::received(std::string_view octets) {
    input_ += octets;
    std::size_t at = 0;
    while (input_.size() - at >= 5) {
        const std::size_t length = number_at(input_, at);
        if (length == 0 || length > limits_.packet_octets) {
            return wrong("milter.callout.too-long", std::to_string(length));
        }
        if (input_.size() - at < 4 + length) break;
        const std::string data = input_.substr(at + 5, length - 1);
        auto answered = take(input_[at + 4], data);
        at += 4 + length;
        if (!answered || *answered) {
            input_.erase(0, at);
            // One answer a question: what comes unasked has no meaning.
            if (answered && !input_.empty()) return wrong("milter.callout.unexpected", "");
            return answered;
        }
    }
    input_.erase(0, at);
    return false;
}

Result<bool> Callout::take_offer(std::string_view data) {
    if (data.size() < 12) return wrong("milter.callout.syntax", "offer");
    actions_ = number_at(data, 4);
    steps_ = number_at(data, 8);
    const bool known = number_at(data, 0) <= version && (actions_ & ~all_actions) == 0 &&
                       (steps_ & ~all_steps) == 0;
    if (!known) return wrong("milter.callout.not-negotiated", "offer");
    return true;
}

Result<bool> Callout::take(char answer, std::string_view data) {
    const bool offering = stage_ == Stage::Connect;
    if (offering) {
        return answer == 'O' ? take_offer(data) : wrong("milter.callout.unexpected", "offer");
    }
    switch (answer) {
        case 'p':
            return false;
        case 'c':
            if (stage_ == Stage::EndOfMessage) accept();
            return true;
        case 's':
            // No more of the body; elsewhere there is nothing to skip.
            if (stage_ != Stage::Body) return wrong("milter.callout.unexpected", "skip");
            stage_ = Stage::EndOfMessage;
            return true;
        case 'a':
            accept();
            return true;
        case 'd':
            decide(Discard{});
            return true;
        case 'r':
            decide(Refused{{"550 5.7.1 Command rejected"}});
            return true;
        case 't':
            decide(Refused{{"451 4.7.1 Service unavailable - try again later"}});
            return true;
        case 'y': {
            const auto text = take_text(data);
            const bool is_reply =
                text && text->size() >= 3 && ((*text)[0] == '4' || (*text)[0] == '5');
            if (!is_reply) return wrong("milter.callout.syntax", "reply");
            decide(Refused{reply_lines(*text)});
            return true;
        }
        default:
            return take_modification(answer, data);
    }
}

Result<bool> Callout::take_modification(char answer, std::string_view data) {
    if (stage_ != Stage::EndOfMessage) {
        return wrong("milter.callout.unexpected", std::string(1, answer));
    }
    if (++changes_ > limits_.modifications && answer != 'b') {
        return wrong("milter.callout.too-long", "changes");
    }
    const auto allowed = [&](std::uint32_t action) { return (actions_ & action) != 0; };
    const auto negotiated = [&]() -> bool {
        switch (answer) {
            case 'h':
            case 'i':
                return allowed(add_fields) || allowed(change_fields);
            case 'm':
                return allowed(change_fields);
            case 'b':
                return allowed(change_body);
            case '+':
                return allowed(add_recipients);
            case '-':
                return allowed(remove_recipients);
            case 'e':
                return allowed(change_sender);
            case 'q':
                return allowed(quarantine);
            default:
                return false;
        }
    };
    if (!negotiated()) return wrong("milter.callout.not-negotiated", std::string(1, answer));
    if (answer == 'b') {
        if (!changed_.body) changed_.body.emplace();
        if (changed_.body->size() + data.size() > limits_.body_octets) {
            return wrong("milter.callout.too-long", "body");
        }
        *changed_.body += data;
        return false;
    }
    if (answer == 'h' || answer == 'i' || answer == 'm') {
        if (auto done = edit_header(answer, data); !done) return std::unexpected(done.error());
        return false;
    }
    const auto text = take_text(data);
    if (!text) return wrong("milter.callout.syntax", std::string(1, answer));
    if (answer == '+') changed_.added_recipients.emplace_back(*text);
    if (answer == '-') changed_.removed_recipients.emplace_back(*text);
    if (answer == 'e') changed_.reverse_path = std::string(*text);
    if (answer == 'q') changed_.quarantine = std::string(*text);
    return false;
}

Result<void> Callout::edit_header(char answer, std::string_view data) {
    std::size_t index = 0;
    if (answer != 'h') {
        if (data.size() < 4) return wrong("milter.callout.syntax", "index");
        index = number_at(data, 0);
        data.remove_prefix(4);
    }
    const auto name = take_text(data);
    const auto value = take_text(data);
    if (!name || !value) return wrong("milter.callout.syntax", "field");
    added_octets_ += name->size() + value->size();
    if (added_octets_ > limits_.header_octets) return wrong("milter.callout.too-long", "header");
    auto found = fields_.end();
    if (answer == 'm') {
        std::size_t count = 0;
        found = std::ranges::find_if(fields_, [&](const imf::HeaderField& field) {
            return base::equals_ignore_case(field.name, *name) && ++count == std::max(index, 1UZ);
        });
        if (value->empty()) {
            if (found != fields_.end()) fields_.erase(found);
            return {};
        }
    }
    auto field = field_of(*name, *value, skips(leading_space));
    if (!field) return std::unexpected(std::move(field.error()));
    if (found != fields_.end()) {
        *found = std::move(*field);
    } else if (answer == 'i') {
        // It counts the MTA's own Received too, which is not shown, as with sendmail and Postfix.
        const std::size_t shown = index - std::min<std::size_t>(index, 1);
        const auto at = static_cast<std::ptrdiff_t>(std::min(shown, fields_.size()));
        fields_.insert(fields_.begin() + at, std::move(*field));
    } else {
        fields_.push_back(std::move(*field));
    }
    return {};
}

}  // namespace mailassay::milter
