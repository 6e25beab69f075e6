#include "net/https.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <string_view>

#include "base/ascii.h"

namespace mailassay::net {
namespace {

struct Body {
    std::string octets;
    std::size_t limit = 0;
};

std::size_t take(char* data, std::size_t, std::size_t count, void* user) {
    auto* body = static_cast<Body*>(user);
    if (body->octets.size() + count > body->limit) return 0;
    body->octets.append(data, count);
    return count;
}

std::unexpected<Error> fault(std::string_view id, std::string detail) {
    return std::unexpected(Error{id, 0, {}, std::move(detail)});
}

bool initialised() {
    static std::once_flag once;
    static bool good = false;
    std::call_once(once, [] { good = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK; });
    return good;
}

// Nothing that could mean anything else in a URL.
bool is_host_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return base::is_alnum(c) || c == '-' || c == '.' || c == '_';
    });
}

std::string resolve_entry(const HttpsRequest& request) {
    return fmt::format("{}:{}:{}", request.host, request.port, fmt::join(request.addresses, ","));
}

bool has_media_type(CURL* handle, std::string_view wanted) {
    const char* told = nullptr;
    curl_easy_getinfo(handle, CURLINFO_CONTENT_TYPE, &told);
    std::string_view type = told == nullptr ? "" : told;
    type = type.substr(0, type.find(';'));
    while (!type.empty() && base::is_wsp(type.back())) type.remove_suffix(1);
    return base::to_lower(type) == wanted;
}

void configure(CURL* handle, const HttpsRequest& request, const std::string& url, Body& body) {
    const long verify = request.trust == requiretls::PolicyServerTrust::Verify ? 1L : 0L;
    curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
    curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, verify);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, verify * 2);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &body);
    if (!request.ca_file.empty()) {
        // This file alone: the library's own folder of authorities would count as well.
        curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);
        curl_easy_setopt(handle, CURLOPT_CAINFO, request.ca_file.c_str());
    }
}

}  // namespace

Result<std::string> https_get(const HttpsRequest& request) {
    if (request.addresses.empty() || !is_host_name(request.host)) {
        return fault("net.https.address", request.host);
    }
    if (!initialised()) return fault("net.https.library", "libcurl");
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle(curl_easy_init(),
                                                                     curl_easy_cleanup);
    const std::string entry = resolve_entry(request);
    const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> resolved(
        curl_slist_append(nullptr, entry.c_str()), curl_slist_free_all);
    if (!handle || !resolved) return fault("net.https.library", "libcurl");
    Body body{{}, request.max_octets};
    const std::string url =
        fmt::format("https://{}:{}{}", request.host, request.port, request.path);
    configure(handle.get(), request, url, body);
    curl_easy_setopt(handle.get(), CURLOPT_RESOLVE, resolved.get());
    std::array<char, CURL_ERROR_SIZE> words{};
    curl_easy_setopt(handle.get(), CURLOPT_ERRORBUFFER, words.data());
    const CURLcode outcome = curl_easy_perform(handle.get());
    if (outcome == CURLE_WRITE_ERROR) return fault("net.https.too-large", request.host);
    if (outcome == CURLE_OPERATION_TIMEDOUT) return fault("net.https.timeout", request.host);
    if (outcome != CURLE_OK) {
        const std::string why = words[0] == '\0' ? curl_easy_strerror(outcome) : words.data();
        return fault("net.https.transport", request.host + ": " + why);
    }
    long status = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) return fault("net.https.status", std::to_string(status));
    if (!request.media_type.empty() && !has_media_type(handle.get(), request.media_type)) {
        return fault("net.https.media-type", request.host);
    }
    return std::move(body.octets);
}

}  // namespace mailassay::net
