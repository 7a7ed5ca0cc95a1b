// Merging the runs of a day into one: see History::consolidate.
#include <algorithm>
#include <map>
#include <utility>

#include "storage/history/history.h"
#include "storage/history/reader.h"
#include "storage/history/sealed_run.h"
#include "storage/store/keys.h"

namespace tidemark::storage {
namespace {

constexpr std::int64_t kSecondMicros = 1'000'000;
constexpr std::int64_t kDaySeconds = 86'400;
// A file has so many bytes at most, before compression. A busy day becomes several.
constexpr std::uint64_t kFileBytesMax = 1ULL << 30;
// Behind the records of a table that fill this much, the next table begins a file of its own: so most of what
// a table leaves behind when nobody needs it any more goes with whole files.
constexpr std::uint64_t kOwnFileBytes = 16ULL << 20;
constexpr std::uint64_t kRecordsPerStopCheck = 4'096;

// The records of a key of which the first one is enough: those of the second (s, s + 1], as far as no exact
// moment lies between them.
struct Bucket {
  std::int64_t second = -1;
  std::ptrdiff_t exact_moments_before = 0;

  bool operator==(const Bucket&) const = default;
};

// Decides which records stay. They come in order of (key, time).
class RecordFilter {
 public:
  explicit RecordFilter(const HistoryNeeds& needs) : needs_(needs) {}

  bool keep(std::string_view state_key, Timestamp time) {
    const auto found = needs_.find(id_of(state_key));
    if (found == needs_.end() || time <= found->second.from) return false;
    const Bucket bucket = bucket_of(found->second, time);
    if (bucket == last_bucket_ && state_key == last_key_) return false;
    last_key_.assign(state_key);
    last_bucket_ = bucket;
    return true;
  }

 private:
  static Bucket bucket_of(const HistoryNeed& need, Timestamp time) {
    // A record undoes what happened at its time, so it says what was there just before: one at a moment
    // itself belongs to what comes before the moment.
    const auto before = std::lower_bound(need.exact.begin(), need.exact.end(), time);
    return {(time.micros - 1) / kSecondMicros, before - need.exact.begin()};
  }

  const HistoryNeeds& needs_;
  std::string last_key_;
  Bucket last_bucket_;
};

}  // namespace

Result<void> History::consolidate(Timestamp exact_from, const DecideHistory& decide,
                                  const std::stop_token& stop) {
  const std::lock_guard maintenance(maintenance_mutex_);
  const std::int64_t first_exact_day = exact_from.seconds() / kDaySeconds;
  std::map<std::int64_t, SealedRuns> days;
  for (const auto& run : *current_runs()) {
    const std::int64_t day = run->info().last_time.seconds() / kDaySeconds;
    if (day < first_exact_day) days[day].push_back(run);
  }
  for (const auto& [day, inputs] : days) {
    const bool is_done =
        std::all_of(inputs.begin(), inputs.end(), [](const auto& run) { return run->info().consolidated; });
    if (!is_done) RETURN_IF_ERROR(consolidate_day(inputs, decide(), stop));
  }
  return {};
}

Result<void> History::consolidate_day(const SealedRuns& inputs, const HistoryNeeds& needs,
                                      const std::stop_token& stop) {
  ASSIGN_OR_RETURN(const SealedRuns outputs, merge_runs(inputs, needs, stop));
  SealedRuns runs = outputs;
  for (const auto& run : *current_runs()) {
    if (std::find(inputs.begin(), inputs.end(), run) == inputs.end()) runs.push_back(run);
  }
  return publish(runs, losses_with(needs), nullptr);
}

Result<History::SealedRuns> History::merge_runs(const SealedRuns& inputs, const HistoryNeeds& needs,
                                                const std::stop_token& stop) {
  HistoryCursors cursors;
  for (const auto& run : inputs) {
    ASSIGN_OR_RETURN(auto cursor, run->cursor({}));
    cursor->seek_to_first();
    cursors.push_back(std::move(cursor));
  }
  HistoryMerge merge(std::move(cursors));

  // Finished files of an attempt that fails must not stay.
  struct Outputs {
    ~Outputs() {
      for (const auto& run : runs) run->discard();
    }
    SealedRuns runs;
  } outputs;
  std::unique_ptr<HistoryRunWriter> writer;
  const auto finish_file = [&]() -> Result<void> {
    ASSIGN_OR_RETURN(HistoryRunInfo info, writer->finish());
    info.consolidated = true;
    outputs.runs.push_back(std::make_shared<HistorySealedRun>(files_, options_.directory, std::move(info)));
    writer.reset();
    return {};
  };

  RecordFilter filter(needs);
  for (std::uint64_t count = 0; merge.valid(); merge.moved(), ++count) {
    if (count % kRecordsPerStopCheck == 0 && stop.stop_requested()) {
      return fail(Error::unavailable("stopped while merging history"));
    }
    HistoryCursor& record = merge.smallest();
    if (filter.keep(record.state_key(), record.time())) {
      if (writer != nullptr && writer->bytes_written() >= kOwnFileBytes &&
          writer->last_table() != id_of(record.state_key())) {
        RETURN_IF_ERROR(finish_file());
      }
      if (writer == nullptr) {
        ASSIGN_OR_RETURN(writer, HistoryRunWriter::create(files_, options_.directory, next_file_name()));
      }
      ASSIGN_OR_RETURN(const std::string_view image, record.image());
      RETURN_IF_ERROR(writer->add(record.state_key(), record.time(), image));
      if (writer->bytes_written() >= kFileBytesMax) RETURN_IF_ERROR(finish_file());
    }
    record.next();
  }
  RETURN_IF_ERROR(merge.status());
  if (writer != nullptr) RETURN_IF_ERROR(finish_file());
  return std::exchange(outputs.runs, {});
}

}  // namespace tidemark::storage
