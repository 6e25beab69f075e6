#include "crypto/handles.h"

#include <openssl/err.h>

#include <limits>

namespace mailassay::crypto {

BioHandle read_from(std::string_view octets) {
    if (octets.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) return nullptr;
    return BioHandle(BIO_new_mem_buf(octets.data() == nullptr ? "" : octets.data(),
                                     static_cast<int>(octets.size())));
}

std::string_view written_to(BIO* memory) {
    char* octets = nullptr;
    const long size = BIO_get_mem_data(memory, &octets);
    return size <= 0 ? std::string_view{} : std::string_view(octets, static_cast<size_t>(size));
}

Error openssl_error(std::string_view id) {
    const unsigned long code = ERR_peek_last_error();
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    Error error{.id = id, .detail = reason == nullptr ? "" : reason};
    ERR_clear_error();
    return error;
}

}  // namespace mailassay::crypto
