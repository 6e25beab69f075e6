// A message's MIME structure: its type, its parts, and what is in them.

#include <cstddef>
#include <cstdint>

#include "imf/header.h"
#include "imf/mime.h"
#include "imf/transfer_encoding.h"
#include "require.h"
#include "secureheaders/signed_message.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mailassay::imf;
    using mailassay::fuzz::require;
    const std::string_view octets = mailassay::fuzz::octets_of(data, size);
    const auto message = parse_message(octets);
    if (!message) return 0;
    const auto decoded = decode_body(message->header, message->body);
    if (decoded) require(decoded->view().size() <= message->body.size(), "decoding adds nothing");
    const auto parts = split_multipart(message->body, "b");
    if (parts) {
        const std::string_view body = message->body;
        const char* behind = body.data();
        for (const std::string_view part : *parts) {
            require(part.data() >= behind, "parts stand one behind the other");
            behind = part.data() + part.size();
            require(behind <= body.data() + body.size(), "a part lies within the body");
        }
    }
    const auto found = mailassay::secureheaders::find_signature(message->header, message->body);
    if (found && *found && (*found)->content) {
        const std::string_view content = *(*found)->content;
        require(message->body.contains(content), "what is signed stands in the message");
    }
    return 0;
}
