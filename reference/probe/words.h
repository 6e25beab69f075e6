#pragma once

#include <string_view>

#include "probe/facts.h"

// Facts as stable words, for machines and tables alike.
namespace mailassay::probe {

[[nodiscard]] std::string_view word_for(requiretls::DnsSecurity security);
[[nodiscard]] std::string_view word_for(requiretls::StsMatch match);
[[nodiscard]] std::string_view word_for(requiretls::StsMode mode);
[[nodiscard]] std::string_view word_for(requiretls::TlsaState state);
[[nodiscard]] std::string_view word_for(requiretls::SessionEnd end);
[[nodiscard]] std::string_view word_for(requiretls::TlsOutcome outcome);
[[nodiscard]] std::string_view word_for(requiretls::TlsVersion version);
[[nodiscard]] std::string_view word_for(requiretls::Authentication authentication);
[[nodiscard]] std::string_view word_for(requiretls::CertificateFault fault);
[[nodiscard]] std::string_view word_for(requiretls::Edition edition);

}  // namespace mailassay::probe
