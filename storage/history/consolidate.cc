// Merging runs: see History::consolidate.
#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "storage/history/history.h"
#include "storage/history/reader.h"
#include "storage/history/sealed_run.h"
#include "storage/history/thinning.h"
#include "storage/store/keys.h"

namespace tidemark::storage {
namespace {

constexpr std::int64_t kDaySeconds = 86'400;
// A file has so many bytes at most, before compression. A busy day becomes several.
constexpr std::uint64_t kFileBytesMax = 1ULL << 30;
// Behind the records of a table that fill this much, the next table begins a file of its own: so most of what
// a table leaves behind when nobody needs it any more goes with whole files.
constexpr std::uint64_t kOwnFileBytes = 16ULL << 20;
constexpr std::uint64_t kRecordsPerStopCheck = 4'096;

using SealedRuns = std::vector<std::shared_ptr<HistorySealedRun>>;

bool is_consolidated(const std::shared_ptr<HistorySealedRun>& run) { return run->info().consolidated; }

// By the UTC day in which they end, each in order of time.
std::map<std::int64_t, SealedRuns> runs_by_day(const SealedRuns& runs) {
  std::map<std::int64_t, SealedRuns> days;
  for (const auto& run : runs) days[run->info().last_time.seconds() / kDaySeconds].push_back(run);
  for (auto& [day, of_day] : days) {
    std::sort(of_day.begin(), of_day.end(),
              [](const auto& a, const auto& b) { return a->info().last_time < b->info().last_time; });
  }
  return days;
}

// The first runs of a day that is thinned out, as many as a step may have. What was merged into a run of a
// good size stays as it is. Nothing when the day is done.
SealedRuns next_to_thin(const SealedRuns& day, const HistoryOptions& options) {
  SealedRuns step;
  std::uint64_t bytes = 0;
  for (const auto& run : day) {
    if (run->info().consolidated && run->info().bytes >= options.merge_bytes_max / 4) continue;
    if (bytes >= options.merge_bytes_max && !std::all_of(step.begin(), step.end(), is_consolidated)) break;
    if (bytes >= options.merge_bytes_max) step.clear(), bytes = 0;
    step.push_back(run);
    bytes += run->info().bytes;
  }
  if (std::all_of(step.begin(), step.end(), is_consolidated)) step.clear();
  return step;
}

// Small neighbours of a day that stays exact.
SealedRuns next_to_join(const SealedRuns& day, const HistoryOptions& options) {
  SealedRuns step;
  std::uint64_t bytes = 0;
  for (const auto& run : day) {
    const bool is_small = !run->info().consolidated && run->info().bytes <= options.small_run_bytes_max;
    if (is_small && bytes < options.merge_bytes_max) {
      step.push_back(run);
      bytes += run->info().bytes;
    } else if (step.size() >= options.small_runs_min) {
      break;
    } else {
      step.clear();
      bytes = 0;
    }
  }
  if (step.size() < options.small_runs_min) step.clear();
  return step;
}

// Whether the record belongs into another file.
bool is_full(const HistoryRunWriter& writer, bool thins, std::string_view state_key) {
  if (writer.bytes_written() >= kFileBytesMax) return true;
  return thins && writer.bytes_written() >= kOwnFileBytes && writer.last_table() != id_of(state_key);
}

}  // namespace

// Merged at once.
struct HistoryMergeStep {
  SealedRuns inputs;  // of one day
  bool thins = false;
};

Result<void> History::consolidate(Timestamp exact_from, const DecideHistory& decide,
                                  const std::stop_token& stop) {
  const std::lock_guard merging(merge_mutex_);
  for (;;) {
    const HistoryMergeStep step = next_step(exact_from);
    if (step.inputs.empty()) return {};
    RETURN_IF_ERROR(merge(step, decide(), stop));
  }
}

HistoryMergeStep History::next_step(Timestamp exact_from) const {
  const std::int64_t first_exact_day = exact_from.seconds() / kDaySeconds;
  for (const auto& [day, runs] : runs_by_day(*current_runs())) {
    HistoryMergeStep step{.inputs = {}, .thins = day < first_exact_day};
    step.inputs = step.thins ? next_to_thin(runs, options_) : next_to_join(runs, options_);
    if (!step.inputs.empty()) return step;
  }
  return {};
}

// Runs are sealed and dropped meanwhile. Of an input that was dropped the records may come back with the
// output: nobody reads them, and they go with it.
Result<void> History::merge(const HistoryMergeStep& step, const HistoryNeeds& needs,
                            const std::stop_token& stop) {
  ASSIGN_OR_RETURN(SealedRuns runs, merge_runs(step, needs, stop));
  const std::lock_guard maintenance(maintenance_mutex_);
  for (const auto& run : *current_runs()) {
    const bool is_replaced = std::find(step.inputs.begin(), step.inputs.end(), run) != step.inputs.end();
    if (!is_replaced) runs.push_back(run);
  }
  // What tables have lost that were not needed when the step began stays known.
  HistoryLosses lost = losses_with(needs);
  for (const auto& [table, through] : losses()) lost.try_emplace(table, through);
  return publish(runs, std::move(lost), nullptr);
}

Result<History::SealedRuns> History::merge_runs(const HistoryMergeStep& step, const HistoryNeeds& needs,
                                                const std::stop_token& stop) {
  HistoryCursors cursors;
  for (const auto& run : step.inputs) {
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
    if (step.thins) mark_thinned(needs, &info);
    outputs.runs.push_back(
        std::make_shared<HistorySealedRun>(files_, open_files_, options_.directory, std::move(info)));
    writer.reset();
    return {};
  };

  HistoryThinner thinner(needs, step.thins, [&](const KeptRecord& record) -> Result<void> {
    if (writer != nullptr && is_full(*writer, step.thins, record.state_key)) RETURN_IF_ERROR(finish_file());
    if (writer == nullptr) {
      ASSIGN_OR_RETURN(writer, HistoryRunWriter::create(files_, options_.directory, next_file_name()));
    }
    return writer->add(record.state_key, record.time, record.origin, record.image);
  });
  for (std::uint64_t count = 0; merge.valid(); merge.moved(), ++count) {
    if (count % kRecordsPerStopCheck == 0 && stop.stop_requested()) {
      return fail(Error::unavailable("stopped while merging history"));
    }
    HistoryCursor& record = merge.smallest();
    RETURN_IF_ERROR(thinner.take(record));
    record.next();
  }
  RETURN_IF_ERROR(merge.status());
  RETURN_IF_ERROR(thinner.finish());
  if (writer != nullptr) RETURN_IF_ERROR(finish_file());
  return std::exchange(outputs.runs, {});
}

}  // namespace tidemark::storage
