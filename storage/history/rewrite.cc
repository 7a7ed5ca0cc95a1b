// Leaving out of a run what nobody needs: see History::rewrite_unneeded.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "storage/history/history.h"
#include "storage/history/sealed_run.h"
#include "storage/history/thinning.h"
#include "storage/store/keys.h"

namespace tidemark::storage {
namespace {

constexpr std::uint64_t kRecordsPerStopCheck = 4'096;
// A run is written anew when at least one part in so many is of tables that need nothing at all any more, or
// of tables that need only what is younger, or only exact moments by now. The latter become more by
// themselves, day by day, so they wait longer.
constexpr std::uint64_t kPartsGone = 16;
constexpr std::uint64_t kPartsOld = 2;

bool is_worth_rewriting(const HistoryRunInfo& run, const HistoryNeeds& needs) {
  std::uint64_t total = 0;
  std::uint64_t gone = 0;
  std::uint64_t old = 0;
  for (const HistoryTableShare& share : run.tables) {
    total += share.bytes;
    if (!is_needed(needs, share.table, share.last_time)) {
      (needs.contains(share.table) ? old : gone) += share.bytes;
    } else if (is_too_dense(run, share, needs)) {
      old += share.bytes;
    }
  }
  return total > 0 && (gone * kPartsGone >= total || (gone + old) * kPartsOld >= total);
}

Result<void> copy_table(const HistorySealedRun& run, TableId table, const std::stop_token& stop,
                        HistoryThinner* output) {
  ASSIGN_OR_RETURN(const auto cursor, run.cursor(id_range(table)));
  std::uint64_t count = 0;
  for (cursor->seek_to_first(); cursor->valid(); cursor->next()) {
    if (count++ % kRecordsPerStopCheck == 0 && stop.stop_requested()) {
      return fail(Error::unavailable("stopped while writing history anew"));
    }
    RETURN_IF_ERROR(output->take(*cursor));
  }
  return cursor->status();
}

}  // namespace

Result<void> History::rewrite_unneeded(const DecideHistory& decide, const std::stop_token& stop) {
  const std::lock_guard merging(merge_mutex_);  // no run is merged and written anew at the same time
  RETURN_IF_ERROR(drop_unneeded(decide));
  const auto runs = current_runs();
  const HistoryNeeds needs = decide();
  for (const auto& run : *runs) {
    if (!is_worth_rewriting(run->info(), needs)) continue;
    std::string name;
    {
      const std::lock_guard maintenance(maintenance_mutex_);
      name = next_file_name();
    }
    ASSIGN_OR_RETURN(const auto writer, HistoryRunWriter::create(files_, options_.directory, name));
    HistoryThinner output(needs, run->info().consolidated, [&writer](const KeptRecord& record) {
      return writer->add(record.state_key, record.time, record.origin, record.image);
    });
    for (const HistoryTableShare& share : run->info().tables) {
      if (!is_needed(needs, share.table, share.last_time)) continue;
      RETURN_IF_ERROR(copy_table(*run, share.table, stop, &output));
    }
    RETURN_IF_ERROR(output.finish());
    std::shared_ptr<HistorySealedRun> rewritten;
    if (writer->records() > 0) {
      ASSIGN_OR_RETURN(HistoryRunInfo info, writer->finish());
      if (run->info().consolidated) mark_thinned(needs, &info);
      rewritten =
          std::make_shared<HistorySealedRun>(files_, open_files_, options_.directory, std::move(info));
    }
    RETURN_IF_ERROR(replace_run(run, rewritten, decide));
  }
  return {};
}

Result<void> History::replace_run(const std::shared_ptr<HistorySealedRun>& run,
                                  const std::shared_ptr<HistorySealedRun>& rewritten,
                                  const DecideHistory& decide) {
  const std::lock_guard maintenance(maintenance_mutex_);
  SealedRuns runs = *current_runs();
  const auto place = std::find(runs.begin(), runs.end(), run);
  if (place == runs.end()) {
    if (rewritten) rewritten->discard();
    return {};
  }
  if (rewritten) {
    *place = rewritten;
  } else {
    runs.erase(place);
  }
  log::debug("history run written anew", {{"file", run->info().name},
                                          {"bytes", run->info().bytes},
                                          {"left", rewritten ? rewritten->info().bytes : 0}});
  return publish(runs, losses_with(decide()), nullptr);
}

std::map<TableId, std::uint64_t> History::size_bytes() const {
  std::map<TableId, std::uint64_t> sizes;
  for (const auto& run : *current_runs()) {
    const HistoryRunInfo& info = run->info();
    double total = 0;
    for (const HistoryTableShare& share : info.tables) total += static_cast<double>(share.bytes);
    for (const HistoryTableShare& share : info.tables) {
      const double part = static_cast<double>(share.bytes) / total;
      sizes[share.table] += static_cast<std::uint64_t>(static_cast<double>(info.bytes) * part);
    }
  }
  return sizes;
}

}  // namespace tidemark::storage
