#include "dsn/report.h"

namespace mailassay::dsn {

std::string_view to_string(Action action) {
    switch (action) {
        case Action::Failed:
            return "failed";
        case Action::Delayed:
            return "delayed";
        case Action::Delivered:
            return "delivered";
        case Action::Relayed:
            return "relayed";
        case Action::Expanded:
            return "expanded";
    }
    return {};
}

}  // namespace mailassay::dsn
