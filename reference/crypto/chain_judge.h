#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_set>

#include "crypto/handles.h"
#include "crypto/trust.h"

// Chains built to the anchors of a Trust. Only for the .cc files of this module.
namespace mailassay::crypto {

class ChainJudge {
  public:
    // More chains than the signers of a mailbox; when there are more, all are forgotten.
    static constexpr std::size_t max_remembered = 4096;

    explicit ChainJudge(const Trust& trust);

    // Whether a chain goes from `leaf` over any of `others` to an anchor, for S/MIME signing.
    // The verdict depends on these certificates alone, whatever was judged before: what is
    // remembered is the set of certificates that a chain held with, and only if it held, so that
    // strangers can't fill the memory.
    [[nodiscard]] ChainVerdict judge(X509* leaf, STACK_OF(X509) * others);

  private:
    [[nodiscard]] bool remembers(const std::string& set);
    void remember(std::string set);

    std::unique_ptr<X509_STORE, Release<X509_STORE_free>> store_;
    std::mutex mutex_;
    std::unordered_set<std::string> held_;  // each the digests of a leaf and of what came with it
};

}  // namespace mailassay::crypto
