// Reading streams.
//
//   ASSIGN_OR_RETURN(const std::vector<Shard> shards, streams.shards(stream));
//   StreamPosition position{.time = shards[0].begin};
//   for (;;) {
//     ASSIGN_OR_RETURN(const StreamPage page, streams.read(stream, shards[0], position, {}));
//     use(page.records);
//     if (page.is_last) break;
//     position = page.next;
//   }
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/item.h"
#include "storage/shards.h"
#include "storage/stream.h"
#include "wal/record.h"

namespace tidemark::storage {

// A change of one item. Never without an image, and never with two that are equal.
struct StreamRecord {
  StreamPosition position;
  wal::Origin origin = wal::Origin::kClient;
  std::optional<model::Item> old_item;  // nothing: it was made
  std::optional<model::Item> new_item;  // nothing: it was removed
};

struct StreamPageLimits {
  std::size_t records_max = 1'000;
  // A page ends behind the record with which its images reach this size.
  std::size_t bytes_max = 1U << 20;
  bool counts_old_images = true;
  bool counts_new_images = true;
};

struct StreamPage {
  std::vector<StreamRecord> records;
  StreamPosition next;   // where to go on
  bool is_last = false;  // the shard is closed, and there is nothing behind the page
};

// Thread-safety: all methods may be called concurrently. Errors besides those named: kIo, kNoSpace,
// kUnavailable, kCorruption.
class Streams {
 public:
  virtual ~Streams() = default;

  // Those that can be read, in order of their ARNs.
  [[nodiscard]] virtual std::vector<Stream> list() const = 0;
  [[nodiscard]] virtual std::optional<Stream> find(std::string_view arn) const = 0;

  // What is earlier has been trimmed.
  [[nodiscard]] virtual Timestamp horizon() const = 0;
  // Behind every record of the shard that can be read now; the next one is at or behind it.
  virtual Result<StreamPosition> newest(const Stream& stream, const Shard& shard) = 0;

  // As storage/shards.h says, at this moment. A shard that is shown as closed gets no more records, not even
  // after a restart: if need be, that is written to the log first.
  virtual Result<std::vector<Shard>> shards(const Stream& stream) = 0;
  virtual Result<std::optional<Shard>> find_shard(const Stream& stream, std::string_view id) = 0;

  // The records of the shard from `from` on, as far as they have not been trimmed, and up to the first one
  // that the replica's region does not show yet (EngineOptions::replica_lag). Costs in proportion to the
  // page. Errors: kNotFound when they were trimmed meanwhile.
  virtual Result<StreamPage> read(const Stream& stream, const Shard& shard, StreamPosition from,
                                  const StreamPageLimits& limits) = 0;
};

}  // namespace tidemark::storage
