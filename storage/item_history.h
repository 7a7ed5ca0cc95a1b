// All versions of one item that the history has.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "storage/query.h"
#include "wal/record.h"

namespace tidemark::storage {

// Nobody knows who made a change: it was before the history began, or a former version of the server did not
// record it.
inline constexpr wal::Origin kUnknownOrigin{std::numeric_limits<std::uint8_t>::max()};

// The item from `time` on. History that has been thinned out has one version a second, with the time of the
// first write in it.
struct ItemRevision {
  Timestamp time;
  wal::Origin origin = kUnknownOrigin;
  std::optional<StoredItem> item;  // nothing: it was deleted
};

// From the oldest to the newest. Pins the history as a TableSnapshot does. Not thread-safe; must not outlive
// the engine.
class ItemHistory {
 public:
  virtual ~ItemHistory() = default;
  // Nothing behind the last one. Errors: kIo, kCorruption.
  virtual Result<std::optional<ItemRevision>> next() = 0;
};

}  // namespace tidemark::storage
