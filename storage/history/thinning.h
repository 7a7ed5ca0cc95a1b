// Which undo records stay when history is thinned out: see History::consolidate.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "storage/history/cursor.h"
#include "storage/history/need.h"
#include "storage/history/sealed_run.h"
#include "wal/record.h"

namespace tidemark::storage {

// A record that stays.
struct KeptRecord {
  std::string_view state_key;
  Timestamp time;
  wal::Origin origin = wal::Origin::kClient;
  std::string_view image;
};

// Takes records in order of (state key, time) and passes on those that stay, in the same order. Thinning what
// was thinned before changes nothing, unless less is needed now. Not thread-safe.
class HistoryThinner {
 public:
  using Write = std::function<Result<void>(const KeptRecord& record)>;

  // Without `thins` all stay that are needed. Keeps `needs`.
  HistoryThinner(const HistoryNeeds& needs, bool thins, Write write)
      : needs_(needs), thins_(thins), write_(std::move(write)) {}

  // The record that the cursor stands on. Errors: of its image, and of `write`.
  Result<void> take(HistoryCursor& record);
  // After the last one. Errors: of `write`.
  Result<void> finish();

 private:
  // The records of a key of which the first one is enough: those of the second (s, s + 1], as far as no exact
  // moment lies between them; where nothing but exact moments is needed, those between two of these.
  static constexpr std::int64_t kNoSecond = -1;
  struct Bucket {
    std::int64_t second = kNoSecond;
    std::ptrdiff_t exact_moments_before = 0;

    bool operator==(const Bucket&) const = default;
  };

  static Bucket bucket_of(const HistoryNeed& need, Timestamp time);
  [[nodiscard]] bool is_told_by(HistoryCursor& next) const;
  Result<void> write_repeated();

  const HistoryNeeds& needs_;
  const bool thins_;
  const Write write_;
  // The record that was kept last, which is the first of its bucket.
  std::string kept_key_;
  Bucket kept_bucket_;
  wal::Origin kept_origin_ = kUnknownOrigin;
  // The last one of a bucket, behind the one that was kept. It stays where nothing else tells when, and by
  // whom, the key was written last in that bucket.
  bool has_repeated_ = false;
  Timestamp repeated_time_;
  wal::Origin repeated_origin_ = kUnknownOrigin;
  std::string repeated_image_;
};

// Notes that a run holds no more than what these needs ask for.
void mark_thinned(const HistoryNeeds& needs, HistoryRunInfo* run);
// Whether thinning the run again would leave out records of this table: nobody needs more than exact moments
// of them now, and somebody did when it was thinned last.
bool is_too_dense(const HistoryRunInfo& run, const HistoryTableShare& share, const HistoryNeeds& needs);

}  // namespace tidemark::storage
