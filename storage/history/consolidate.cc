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
// Of one file, before compression. A busy day becomes several.
constexpr std::uint64_t kFileBytesMax = 1ULL << 30;
constexpr std::uint64_t kRecordsPerStopCheck = 4'096;

// The s of the bucket (s, s + 1] that a record falls into.
std::int64_t bucket_of(Timestamp time) { return (time.micros - 1) / kSecondMicros; }

// Decides which records stay. They come in order of (key, time).
class RecordFilter {
 public:
  explicit RecordFilter(const HistoryWindows& windows) : windows_(windows) {}

  bool keep(std::string_view state_key, Timestamp time) {
    const auto window = windows_.find(id_of(state_key));
    // A moment of the window may be read as the start of its second.
    if (window == windows_.end() || time <= window->second.floor_second()) return false;
    const std::int64_t bucket = bucket_of(time);
    if (bucket == last_bucket_ && state_key == last_key_) return false;
    last_key_.assign(state_key);
    last_bucket_ = bucket;
    return true;
  }

 private:
  const HistoryWindows& windows_;
  std::string last_key_;
  std::int64_t last_bucket_ = -1;
};

}  // namespace

Result<void> History::consolidate(Timestamp now, std::int64_t exact_seconds, const HistoryWindows& windows,
                                  const std::stop_token& stop) {
  const std::lock_guard maintenance(maintenance_mutex_);
  const std::int64_t today = now.plus_seconds(-exact_seconds).seconds() / kDaySeconds;
  std::map<std::int64_t, SealedRuns> days;
  for (const auto& run : *current_runs()) {
    const std::int64_t day = run->info().last_time.seconds() / kDaySeconds;
    if (day < today) days[day].push_back(run);
  }
  for (const auto& [day, inputs] : days) {
    if (std::all_of(inputs.begin(), inputs.end(), [](const auto& run) { return run->info().consolidated; })) {
      continue;
    }
    ASSIGN_OR_RETURN(const SealedRuns outputs, merge_runs(inputs, windows, stop));
    SealedRuns runs = outputs;
    for (const auto& run : *current_runs()) {
      if (std::find(inputs.begin(), inputs.end(), run) == inputs.end()) runs.push_back(run);
    }
    RETURN_IF_ERROR(publish(runs, nullptr));
  }
  return {};
}

Result<History::SealedRuns> History::merge_runs(const SealedRuns& inputs, const HistoryWindows& windows,
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

  RecordFilter filter(windows);
  for (std::uint64_t count = 0; merge.valid(); merge.moved(), ++count) {
    if (count % kRecordsPerStopCheck == 0 && stop.stop_requested()) {
      return fail(Error::unavailable("stopped while merging history"));
    }
    HistoryCursor& record = merge.smallest();
    if (filter.keep(record.state_key(), record.time())) {
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
