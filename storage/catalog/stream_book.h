// The streams there are: documents of the catalog, and what keeps the log for their readers.
//
// ON DISK: a stream is a document of the catalog, ("stream", ARN):
//   {"label":"2026-01-01T00:00:00.000","table":1,"table_name":"t","account_id":"000000000000",
//    "region":"us-east-1","partition_key":"pk","sort_key":"sk","view_type":"KEYS_ONLY",
//    "created_at":1767225600000000,"ended_at":1767225600000000,"partitions":[9,10]}
// `sort_key` is there when the table has one, `ended_at` once the stream has ended; times are microseconds
// since 1970. While it can be read there is a hold on the log, `stream/<ARN>`.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "storage/catalog/catalog_store.h"
#include "storage/commit/committer.h"
#include "storage/holds.h"
#include "storage/stream.h"
#include "wal/live_log.h"

namespace tidemark::storage {

// The kind of the documents, and whose hold on the log is that of a stream.
inline constexpr char kStreamDocument[] = "stream";
std::string stream_hold(std::string_view arn);
std::string stream_document(const Stream& stream);
// Errors: kCorruption.
Result<Stream> parse_stream_document(std::string_view arn, std::string_view text);

// Thread-safety: all methods may be called concurrently.
class StreamBook {
 public:
  // All must outlive this.
  StreamBook(CatalogStore& catalog, Committer& committer, wal::LiveLog& log, Holds& holds)
      : catalog_(catalog), committer_(committer), log_(log), holds_(holds) {}

  // In order of their ARNs.
  [[nodiscard]] std::vector<Stream> list() const;
  [[nodiscard]] std::optional<Stream> find(std::string_view arn) const;

  // The rest is for LocalTableStates and the upkeep.

  // A table is about to be stored whose stream is on and was not before: gives the stream its label. Returns
  // the document that goes with the table. From here on the log stays for its readers; hold_logs() makes that
  // durable.
  Result<Document> begin(Table* table);
  // Takes the holds of streams that have begun, whether or not their tables were stored. Not to be called by
  // whoever holds a table still.
  void hold_logs();
  // Notes the end of streams whose tables are gone or have switched them off.
  void note_ends();
  // The same at start, and takes the holds that the end of the process cut off. Errors: kCorruption when a
  // document does not parse.
  Result<void> take_up();
  // Nobody can read the stream any more.
  Result<void> forget(const Stream& stream);

 private:
  [[nodiscard]] bool is_on(const Stream& stream) const;
  Result<void> hold_log(const Stream& stream);

  CatalogStore& catalog_;
  Committer& committer_;
  wal::LiveLog& log_;
  Holds& holds_;

  std::mutex mutex_;
  // By ARN: streams that have begun and have no hold yet. Guarded by mutex_.
  std::map<std::string, std::unique_ptr<wal::LiveLog::Place>> places_;
};

}  // namespace tidemark::storage
