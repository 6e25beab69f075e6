#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "releasing/layers.h"

namespace mailassay::simulate {

// Signatures of a simulated world, which cost a microsecond: above a message stands a line that
// names its signer and has a hash over a secret of the world, his name and the message. Nobody in
// the world writes one for somebody else.
class SimulatedSeals final : public releasing::Seals {
  public:
    explicit SimulatedSeals(std::uint64_t secret) : secret_(secret) {}

    // The message within a message of the same fields. Two seals of a signer differ, as two
    // signatures made at different times do; `time` tells them apart.
    [[nodiscard]] std::string sealed(std::string_view message, std::string_view signer,
                                     std::uint64_t time) const;

    [[nodiscard]] releasing::Layers open(
        std::string_view message, const crypto::Trust& trust,
        const std::optional<releasing::Opener>& opener) const override;

  private:
    [[nodiscard]] std::string line(std::string_view message, std::string_view signer,
                                   std::uint64_t time) const;

    std::uint64_t secret_;
};

}  // namespace mailassay::simulate
