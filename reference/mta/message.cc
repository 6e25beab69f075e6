#include "mta/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "base/ascii.h"

namespace mailassay::mta {

namespace {

using std::chrono::milliseconds;

constexpr std::string_view message_format = "mailassay-message-1";
constexpr std::string_view progress_format = "mailassay-progress-1";

// Writes length-prefixed strings, `5:hello,`, so that any octets can stand in any of them.
class Writer {
  public:
    void text(std::string_view value) {
        octets_ += fmt::format("{}:", value.size());
        octets_ += value;
        octets_ += ',';
    }
    void number(std::uint64_t value) { text(fmt::format("{}", value)); }
    void time(base::TimePoint value) {
        const auto since = std::chrono::floor<milliseconds>(value.time_since_epoch());
        number(static_cast<std::uint64_t>(std::max<std::int64_t>(since.count(), 0)));
    }
    void parameters(const std::vector<smtp::Parameter>& parameters) {
        number(parameters.size());
        for (const smtp::Parameter& parameter : parameters) {
            text(parameter.keyword);
            number(parameter.value ? 1 : 0);
            if (parameter.value) text(*parameter.value);
        }
    }
    void path(const smtp::Path& path) {
        text(path.local_part);
        text(path.domain);
    }
    [[nodiscard]] std::string take() { return std::move(octets_); }

  private:
    std::string octets_;
};

// Reads them back. After the first fault every read gives nothing and good() stays false.
class Scanner {
  public:
    explicit Scanner(std::string_view octets) : octets_(octets) {}

    std::string text() {
        const std::size_t colon = octets_.substr(offset_, 21).find(':');
        if (colon == std::string_view::npos) return fail();
        const auto length = base::parse_decimal(octets_.substr(offset_, colon));
        const std::size_t start = offset_ + colon + 1;
        if (!length || *length >= octets_.size() - start) return fail();
        const auto size = static_cast<std::size_t>(*length);
        if (octets_[start + size] != ',') return fail();
        offset_ = start + size + 1;
        return std::string(octets_.substr(start, size));
    }
    std::uint64_t number(std::uint64_t limit) {
        const auto value = base::parse_decimal(text());
        if (!value || *value > limit) {
            fail();
            return 0;
        }
        return *value;
    }
    template <class Enumeration>
    Enumeration one_of(Enumeration last) {
        return static_cast<Enumeration>(number(static_cast<std::uint64_t>(last)));
    }
    base::TimePoint time() {
        constexpr std::uint64_t far_future = std::uint64_t{1} << 43;  // the year 2248
        return base::TimePoint(milliseconds(static_cast<std::int64_t>(number(far_future))));
    }
    // A count of things that take at least three octets each, so a damaged one can't cost memory.
    std::size_t count() { return static_cast<std::size_t>(number(octets_.size() / 3)); }
    std::vector<smtp::Parameter> parameters() {
        std::vector<smtp::Parameter> parameters(count());
        for (smtp::Parameter& parameter : parameters) {
            parameter.keyword = text();
            if (number(1) == 1) parameter.value = text();
        }
        return parameters;
    }
    smtp::Path path() {
        smtp::Path path;
        path.local_part = text();
        path.domain = text();
        return path;
    }
    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] bool at_end() const { return good_ && offset_ == octets_.size(); }
    [[nodiscard]] std::size_t offset() const { return offset_; }

  private:
    std::string fail() {
        good_ = false;
        octets_ = octets_.substr(0, 0);
        offset_ = 0;
        return {};
    }

    std::string_view octets_;
    std::size_t offset_ = 0;
    bool good_ = true;
};

template <class Value>
Result<Value> finish(const Scanner& scanner, Value value) {
    if (!scanner.at_end()) {
        return std::unexpected(Error{.id = "mta.spool.damaged", .offset = scanner.offset()});
    }
    return value;
}

}  // namespace

bool Progress::is_finished() const {
    return std::none_of(fates.begin(), fates.end(),
                        [](Fate fate) { return fate == Fate::Pending; });
}

Progress initial_progress(const Message& message) {
    return Progress{.attempts = 0,
                    .next_attempt = message.arrival,
                    .fates = std::vector<Fate>(message.envelope.recipients.size())};
}

std::string encode(const Message& message) {
    Writer writer;
    writer.text(message_format);
    writer.text(message.id);
    writer.number(static_cast<std::uint64_t>(message.origin));
    writer.number(static_cast<std::uint64_t>(message.tag));
    writer.path(message.envelope.reverse_path);
    writer.parameters(message.envelope.mail_parameters);
    writer.number(message.envelope.recipients.size());
    for (const smtp::Recipient& recipient : message.envelope.recipients) {
        writer.path(recipient.forward_path);
        writer.parameters(recipient.parameters);
    }
    writer.number(static_cast<std::uint64_t>(message.envelope.channel));
    writer.text(message.envelope.helo);
    writer.text(message.peer_address);
    writer.time(message.arrival);
    writer.text(message.data);
    return writer.take();
}

Result<Message> decode_message(std::string_view octets) {
    Scanner scanner(octets);
    if (scanner.text() != message_format) return std::unexpected(Error{.id = "mta.spool.damaged"});
    Message message;
    message.id = scanner.text();
    message.origin = scanner.one_of(Origin::Bounce);
    message.tag = scanner.one_of(requiretls::Tag::Optional);
    message.envelope.reverse_path = scanner.path();
    message.envelope.mail_parameters = scanner.parameters();
    message.envelope.recipients.resize(scanner.count());
    for (smtp::Recipient& recipient : message.envelope.recipients) {
        recipient.forward_path = scanner.path();
        recipient.parameters = scanner.parameters();
    }
    message.envelope.channel = scanner.one_of(smtp::Channel::Tls);
    message.envelope.helo = scanner.text();
    message.peer_address = scanner.text();
    message.arrival = scanner.time();
    message.data = scanner.text();
    return finish(scanner, std::move(message));
}

std::string encode(const Progress& progress) {
    Writer writer;
    writer.text(progress_format);
    writer.number(progress.attempts);
    writer.time(progress.next_attempt);
    writer.number(progress.fates.size());
    for (const Fate fate : progress.fates) writer.number(static_cast<std::uint64_t>(fate));
    return writer.take();
}

Result<Progress> decode_progress(std::string_view octets) {
    Scanner scanner(octets);
    if (scanner.text() != progress_format) {
        return std::unexpected(Error{.id = "mta.spool.damaged"});
    }
    Progress progress;
    progress.attempts = static_cast<unsigned>(scanner.number(1'000'000'000));
    progress.next_attempt = scanner.time();
    progress.fates.resize(scanner.count());
    for (Fate& fate : progress.fates) fate = scanner.one_of(Fate::Failed);
    return finish(scanner, std::move(progress));
}

}  // namespace mailassay::mta
