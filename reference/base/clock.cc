#include "base/clock.h"

namespace mailassay::base {

TimePoint SystemClock::now() const {
    return std::chrono::system_clock::now();
}

}  // namespace mailassay::base
