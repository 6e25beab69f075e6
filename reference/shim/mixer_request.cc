#include "shim/mixer_request.h"

#include <utility>

#include "shim/reader.h"

namespace mailassay::shim {

namespace {

Result<mixer::Gateway> take_gateway(Reader& request) {
    const Json* value = request.take("gateway");
    if (value == nullptr) return mixer::Gateway::example();
    if (!value->is_object()) return wrong("shim.request.wrong-type", "gateway");
    Reader reader(*value);
    const auto domain = reader.text("domain");
    if (!domain) return std::unexpected(domain.error());
    const auto route = reader.text("route");
    if (!route) return std::unexpected(route.error());
    if (auto end = reader.end(); !end) return std::unexpected(end.error());
    return mixer::make_gateway(*domain, *route);
}

Result<mixer::Mapping> take_mapping(Reader& request) {
    const auto edition = take_edition(request);
    if (!edition) return std::unexpected(edition.error());
    auto gateway = take_gateway(request);
    if (!gateway) return std::unexpected(std::move(gateway.error()));
    const auto military = request.choice<mixer::Military>(
        "military",
        {{"by-extension", mixer::Military::ByExtension}, {"always", mixer::Military::Always}});
    if (!military) return std::unexpected(military.error());
    return mixer::Mapping{
        .edition = *edition, .gateway = std::move(*gateway), .military = *military};
}

}  // namespace

Result<ToX400> read_to_x400(Reader& request) {
    auto mapping = take_mapping(request);
    if (!mapping) return std::unexpected(std::move(mapping.error()));
    auto message = request.octets("message");
    if (!message) return std::unexpected(std::move(message.error()));
    return ToX400{.message = std::move(*message), .mapping = std::move(*mapping)};
}

Result<FromX400> read_from_x400(Reader& request) {
    auto mapping = take_mapping(request);
    if (!mapping) return std::unexpected(std::move(mapping.error()));
    auto ipm = request.octets("ipm");
    if (!ipm) return std::unexpected(std::move(ipm.error()));
    return FromX400{.ipm = std::move(*ipm), .mapping = std::move(*mapping)};
}

}  // namespace mailassay::shim
