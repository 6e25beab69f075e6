#include "base/octets.h"

namespace mailassay::base {

namespace {

class Memory final : public Scratch {
  public:
    Result<Octets> keep(const std::function<Result<void>(Sink& sink)>& fill) override {
        StringSink sink;
        if (auto done = fill(sink); !done) return std::unexpected(done.error());
        return Octets::owned(std::move(sink.text));
    }
};

}  // namespace

Octets Octets::owned(std::string octets) {
    auto kept = std::make_shared<const std::string>(std::move(octets));
    const std::string_view view = *kept;
    return {std::move(kept), view};
}

Scratch& memory() {
    static Memory memory;
    return memory;
}

}  // namespace mailassay::base
