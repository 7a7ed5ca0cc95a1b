// What changed in a table between two moments, read in key order by parallel workers while writes go on.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "storage/partition.h"
#include "storage/query.h"
#include "storage/table.h"
#include "wal/record.h"

namespace tidemark::storage {

// An item as it was at one end of the window. The text is valid until the reader moves.
struct ItemVersion {
  std::string_view text;  // canonical
  std::uint32_t size_bytes = 0;
  Timestamp write_time;
};

// Walks the items of one range that were written in the window, in key order, each once. An item that was
// there neither before nor after is left out, one that was written and looks as before is not. Takes time in
// proportion to what changed in the window, whatever the size of the table. Constant memory. Not thread-safe;
// the readers of one window are independent of one another.
class ChangeReader {
 public:
  virtual ~ChangeReader() = default;
  // False at the end, or on an error: see status().
  virtual bool next() = 0;
  // As the item was at the begin and at the end of the window. One of them at least is there.
  [[nodiscard]] virtual const std::optional<ItemVersion>& old_image() const = 0;
  [[nodiscard]] virtual const std::optional<ItemVersion>& new_image() const = 0;
  // The time of the last write in the window, also when that was a deletion.
  [[nodiscard]] virtual Timestamp write_time() const = 0;
  // Who made it, as far as the history says (storage/item_history.h).
  [[nodiscard]] virtual wal::Origin origin() const = 0;
  [[nodiscard]] virtual Result<void> status() const = 0;
};

// Pins what it needs, as a TableSnapshot does. Thread-safety: all methods may be called concurrently. Must
// not outlive the engine.
class TableChanges {
 public:
  virtual ~TableChanges() = default;
  // The window: what was committed behind the first moment, up to and at the second one. Between them lies
  // exactly what distinguishes the snapshots of the two moments.
  [[nodiscard]] virtual Timestamp from() const = 0;
  [[nodiscard]] virtual Timestamp to() const = 0;
  // As it is now.
  [[nodiscard]] virtual const Table& table() const = 0;
  [[nodiscard]] const std::vector<Partition>& partitions() const { return table().partitions; }
  // Reads the changes in a range of partitions, all or those within some keys of the table. The reader must
  // not outlive this.
  virtual Result<std::unique_ptr<ChangeReader>> read(HashRange range,
                                                     const std::optional<KeyRange>& within) = 0;
  Result<std::unique_ptr<ChangeReader>> read(HashRange range) { return read(range, std::nullopt); }
};

}  // namespace tidemark::storage
