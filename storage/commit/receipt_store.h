// Receipts in the catalog column family, where restarts find them.
//
// ON DISK, in the family of catalog_store.h:
//   "r" period:u32be key -> time_us:u64le content
//   "r" 0xffffffff key    -> time_us:u64le content, of receipts that are kept until they are forgotten
// period is the time in units of kReceiptSeconds, so that old receipts go by ranges: what is older than the
// period before the current one counts no more.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/clock.h"
#include "base/schedule.h"
#include "storage/commit/committer.h"
#include "storage/receipts.h"
#include "storage/store/rocks.h"

namespace tidemark::storage {

// The first byte of all keys, and the first key behind them: the catalog leaves them alone.
inline constexpr char kReceiptPrefix = 'r';
inline constexpr std::string_view kReceiptsEnd = "s";

// The write that leaves a receipt.
OwnedWrite receipt_write(std::string_view key, std::string_view content, Timestamp now);
OwnedWrite kept_receipt_write(std::string_view key, std::string_view content, Timestamp now);

class ReceiptStore final : public Receipts {
 public:
  // Old receipts are removed by a task on `schedule`. All must outlive the store.
  ReceiptStore(const RocksStore& store, Committer& committer, Clock& clock, Schedule& schedule);

  Result<ReceiptClaim> claim(std::string_view key) override;
  Result<std::vector<std::pair<std::string, std::string>>> kept(std::string_view prefix) const override;
  Result<void> forget_kept(std::string_view prefix) override;

 private:
  void release(std::string_view key) override;
  [[nodiscard]] Result<std::optional<std::string>> find(std::string_view key) const;
  void forget_old();
  Result<void> remove(const KeyRange& range);

  const RocksStore& store_;
  Committer& committer_;
  Clock& clock_;
  std::mutex mutex_;
  std::unordered_set<std::string> claimed_;  // guarded by mutex_
  ScheduledTask aging_;                      // last: it uses what is above
};

}  // namespace tidemark::storage
