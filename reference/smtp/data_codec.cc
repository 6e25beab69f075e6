#include "smtp/data_codec.h"

#include <algorithm>

namespace mailassay::smtp {
namespace {

constexpr std::string_view kCrLf = "\r\n";

}  // namespace

std::string encode_data(std::string_view data) {
    std::string octets;
    octets.reserve(data.size() + data.size() / 64 + 8);
    bool line_start = true;
    for (std::size_t at = 0; at < data.size(); ++at) {
        const char c = data[at];
        if (c == '\r' && at + 1 < data.size() && data[at + 1] == '\n') {
            octets += kCrLf;
            ++at;
            line_start = true;
            continue;
        }
        if (line_start && c == '.') octets += '.';
        octets += c == '\r' || c == '\n' ? ' ' : c;
        line_start = false;
    }
    if (!line_start) octets += kCrLf;
    return octets + ".\r\n";
}

std::size_t DataDecoder::receive(std::string_view octets) {
    std::size_t at = 0;
    while (at < octets.size() && !done()) {
        if (state_ == State::Text) {
            // Most of a message: nothing matters before the next CR.
            const std::size_t end = std::min(octets.find('\r', at), octets.size());
            append(octets.substr(at, end - at));
            seen_ += end - at;
            at = end;
            if (at == octets.size()) break;
        }
        step(octets[at]);
        ++at;
        ++seen_;
    }
    return at;
}

void DataDecoder::step(char c) {
    switch (state_) {
        case State::LineStart:
            if (c == '.') {
                state_ = State::Dot;
            } else {
                text_octet(c);
            }
            return;
        case State::Text:
            text_octet(c);
            return;
        case State::Cr:
            if (c == '\n') {
                append(kCrLf);
                line_octets_ = 0;
                state_ = State::LineStart;
            } else {
                append("\r");
                text_octet(c);
            }
            return;
        case State::Dot:
            // A dot alone at the start of a line is transparency, whatever follows it.
            if (c == '\r') {
                state_ = State::DotCr;
            } else {
                text_octet(c);
            }
            return;
        case State::DotCr:
            if (c == '\n') {
                state_ = State::Done;
            } else {
                append("\r");
                text_octet(c);
            }
            return;
        case State::Done:
            return;
    }
}

void DataDecoder::text_octet(char c) {
    if (c == '\r') {
        state_ = State::Cr;
        return;
    }
    append(std::string_view(&c, 1));
    state_ = State::Text;
}

void DataDecoder::append(std::string_view octets) {
    line_octets_ += octets.size();
    message_octets_ += octets.size();
    if (octets.find('\0') != std::string_view::npos) set_fault(DataFault::NulOctet);
    if (line_octets_ > limits_.line_octets) set_fault(DataFault::LineTooLong);
    if (message_octets_ > limits_.message_octets) set_fault(DataFault::TooLarge);
    if (fault_ == DataFault::None) data_ += octets;
}

void DataDecoder::set_fault(DataFault fault) {
    fault_ = std::max(fault_, fault);
    data_ = std::string();
}

}  // namespace mailassay::smtp
