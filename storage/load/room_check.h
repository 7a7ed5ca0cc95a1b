// Whether a load may go on writing.
#pragma once

#include <functional>

#include "base/result.h"

namespace tidemark::storage {

// kNoSpace when no more may be written now: a load must not take the room that flushes and deletions need.
// Thread-safe, and quick. May be null.
using RoomCheck = std::function<Result<void>()>;

}  // namespace tidemark::storage
