// Walking the undo records of one run.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "storage/item_history.h"
#include "wal/record.h"

namespace tidemark::storage {

// Above the time of every record: seek() to it finds the next key.
inline constexpr Timestamp kEndOfTime{std::numeric_limits<std::int64_t>::max()};

// In order of (state key, time), within the range of keys that the cursor was made for. Starts nowhere:
// seek_to_first(). Not thread-safe.
class HistoryCursor {
 public:
  virtual ~HistoryCursor() = default;

  virtual void seek_to_first() = 0;
  // To the first record at or above (state_key, time). Needs a whole key, within the range.
  virtual void seek(std::string_view state_key, Timestamp time) = 0;
  virtual void seek_to_last() = 0;
  // To the last record of the keys before this one, which must be whole and within the range.
  virtual void seek_before(std::string_view state_key) = 0;
  // Needs valid(), as do the following ones.
  virtual void next() = 0;
  [[nodiscard]] virtual bool valid() const = 0;
  // Valid until the cursor moves.
  [[nodiscard]] virtual std::string_view state_key() const = 0;
  [[nodiscard]] virtual Timestamp time() const = 0;
  // Who made the change.
  [[nodiscard]] virtual wal::Origin origin() const = 0;
  // The stored value before the change, empty for absent. Errors: kIo, kCorruption.
  virtual Result<std::string_view> image() = 0;

  // Ask when valid() turned false.
  [[nodiscard]] virtual Result<void> status() const = 0;
};

using HistoryCursors = std::vector<std::unique_ptr<HistoryCursor>>;

}  // namespace tidemark::storage
