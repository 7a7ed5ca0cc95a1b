// Streams over the change log: which records are whose says the index in RocksDB
// (storage/store/stream_index.h), what is in them the log itself.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "storage/catalog/catalog_store.h"
#include "storage/catalog/stream_book.h"
#include "storage/commit/committer.h"
#include "storage/commit/late_copies.h"
#include "storage/store/rocks.h"
#include "storage/store/stream_index.h"
#include "storage/streams.h"
#include "wal/live_log.h"

namespace tidemark::storage {

struct LocalStreamsParts {
  StreamBook* book = nullptr;
  CatalogStore* catalog = nullptr;
  Committer* committer = nullptr;
  RocksStore* store = nullptr;
  wal::LiveLog* log = nullptr;
  LateCopies* late_copies = nullptr;
  Clock* clock = nullptr;
};

class LocalStreams final : public Streams {
 public:
  // All parts must outlive it.
  explicit LocalStreams(const LocalStreamsParts& parts)
      : book_(*parts.book),
        catalog_(*parts.catalog),
        committer_(*parts.committer),
        store_(*parts.store),
        log_(*parts.log),
        late_copies_(*parts.late_copies),
        clock_(*parts.clock) {}

  [[nodiscard]] std::vector<Stream> list() const override;
  [[nodiscard]] std::optional<Stream> find(std::string_view arn) const override;
  [[nodiscard]] Timestamp horizon() const override;
  Result<StreamPosition> newest(const Stream& stream, const Shard& shard) override;
  Result<std::vector<Shard>> shards(const Stream& stream) override;
  Result<std::optional<Shard>> find_shard(const Stream& stream, std::string_view id) override;
  Result<StreamPage> read(const Stream& stream, const Shard& shard, StreamPosition from,
                          const StreamPageLimits& limits) override;

  // Notes ends and takes holds that could not be noted and taken at once; forgets streams that nobody can
  // read any more; once an hour, drops the index of what was trimmed.
  Result<void> tidy();

 private:
  [[nodiscard]] bool is_over(const Stream& stream) const;
  // The time by which shards are judged: never before a record that can be read.
  [[nodiscard]] Timestamp now() const;
  Result<void> settle(Timestamp boundary);
  Result<std::vector<StreamIndexEntry>> entries(PartitionId partition, StreamPosition from, Timestamp end,
                                                std::size_t count) const;
  // Whether other regions' writes are shown later in the stream's region.
  [[nodiscard]] bool shows_late(const Stream& stream) const;
  [[nodiscard]] bool is_late(const StreamRecord& record) const;
  Result<void> drop_index(const std::vector<Stream>& streams);

  StreamBook& book_;
  CatalogStore& catalog_;
  Committer& committer_;
  RocksStore& store_;
  wal::LiveLog& log_;
  const LateCopies& late_copies_;
  Clock& clock_;

  std::mutex settle_mutex_;  // held while a boundary is written to the log
  Timestamp dropped_at_;     // used by tidy() alone, which is not called concurrently
};

}  // namespace tidemark::storage
