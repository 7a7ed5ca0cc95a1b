// A consistent, immutable view of the history of one table, and readers over it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "wal/record.h"

namespace tidemark::storage {

// Walks the keys of a range that changed after a moment, in key order or backwards, each once, with the image
// of its first undo record after that moment. Constant memory. Not thread-safe.
class UndoReader {
 public:
  virtual ~UndoReader() = default;
  // False at the end, or on an error: see status(). Starts before the first key.
  virtual bool next() = 0;
  [[nodiscard]] virtual std::string_view state_key() const = 0;
  // When the change that the record undoes was committed.
  [[nodiscard]] virtual Timestamp time() const = 0;
  // Who made that change.
  [[nodiscard]] virtual wal::Origin origin() const = 0;
  // The stored value before it, empty when there was none. Valid until next(). Errors: kIo, kCorruption.
  virtual Result<std::string_view> image() = 0;
  [[nodiscard]] virtual Result<void> status() const = 0;
};

enum class ReadDirection : std::uint8_t { kForward, kBackward };

// A change of one item.
struct UndoRecord {
  Timestamp time;
  wal::Origin origin = wal::Origin::kClient;
  std::string image;  // the stored value before it, empty when there was none
};

// Walks the keys of a range that changed in a window of time, in key order, each once. Constant memory. Not
// thread-safe.
class ChangedKeyReader {
 public:
  virtual ~ChangedKeyReader() = default;
  // False at the end, or on an error: see status(). Starts before the first key. What the others return is
  // valid until the next call.
  virtual bool next() = 0;
  [[nodiscard]] virtual std::string_view state_key() const = 0;
  // The time of the last record in the window.
  [[nodiscard]] virtual Timestamp last_time() const = 0;
  // Who made the change that this record undoes.
  [[nodiscard]] virtual wal::Origin last_origin() const = 0;
  // The stored values at both ends of the window, empty when there was none. The new one is what there is now
  // when the reader has none: the key did not change again.
  [[nodiscard]] virtual std::string_view old_image() const = 0;
  [[nodiscard]] virtual const std::optional<std::string>& new_image() const = 0;
  // Errors: kIo, kCorruption.
  [[nodiscard]] virtual Result<void> status() const = 0;
};

// Keeps the files of its runs, and the log segments that the unsealed ones point into, until it is gone.
// Thread-safety: all methods may be called concurrently.
class HistoryPin {
 public:
  virtual ~HistoryPin() = default;
  // Keys from `begin` up to, not including, `end`, that have a record with a time above `after`. The range
  // must lie within the pin's table. The reader must not outlive the pin.
  [[nodiscard]] virtual std::unique_ptr<UndoReader> read(std::string begin, std::string end, Timestamp after,
                                                         ReadDirection direction) const = 0;
  [[nodiscard]] std::unique_ptr<UndoReader> read(std::string begin, std::string end, Timestamp after) const {
    return read(std::move(begin), std::move(end), after, ReadDirection::kForward);
  }
  // The first record of the key with a time above `after`, if there is one. Errors: kIo, kCorruption.
  [[nodiscard]] virtual Result<std::optional<UndoRecord>> first_change(std::string_view state_key,
                                                                       Timestamp after) const = 0;
  // Keys of such a range that have a record with a time above `from`, up to and at `to`. Errors: kIo,
  // kCorruption.
  [[nodiscard]] virtual Result<std::unique_ptr<ChangedKeyReader>> read_changes(const std::string& begin,
                                                                               const std::string& end,
                                                                               Timestamp from,
                                                                               Timestamp to) const = 0;
  // Moments from here on are exact to the microsecond; before it, whole seconds are.
  [[nodiscard]] virtual Timestamp exact_from() const = 0;
  // Earlier moments cannot be read: changes since then may be missing.
  [[nodiscard]] virtual Timestamp complete_from() const = 0;
};

}  // namespace tidemark::storage
