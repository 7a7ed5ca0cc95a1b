// Who made a change, as /_tidemark/ says it.
#pragma once

#include <string_view>

#include "wal/record.h"

namespace tidemark::admin {

// `client`, `ttl`, `import` and so on; `unknown` where the history does not say.
std::string_view word_of(wal::Origin origin);

}  // namespace tidemark::admin
