#include "storage/commit/receipt_store.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

#include "base/bytes.h"
#include "base/log.h"

namespace tidemark::storage {
namespace {

constexpr std::int64_t kPeriodMicros = kReceiptSeconds * 1'000'000;
constexpr std::size_t kTimeBytes = 8;

std::uint32_t period_of(Timestamp time) {
  return static_cast<std::uint32_t>(std::max<std::int64_t>(time.micros, 0) / kPeriodMicros);
}

std::string period_key(std::uint32_t period) {
  std::string key(1, kReceiptPrefix);
  append_u32_be(&key, period);
  return key;
}

std::string receipt_key(std::uint32_t period, std::string_view key) { return period_key(period).append(key); }

}  // namespace

OwnedWrite receipt_write(std::string_view key, std::string_view content, Timestamp now) {
  OwnedWrite write;
  write.space = wal::Space::kCatalog;
  write.key = receipt_key(period_of(now), key);
  append_u64_le(&write.value, static_cast<std::uint64_t>(now.micros));
  write.value.append(content);
  return write;
}

ReceiptStore::ReceiptStore(const RocksStore& store, Committer& committer, Clock& clock, Schedule& schedule)
    : store_(store), committer_(committer), clock_(clock) {
  aging_ = schedule.every(std::chrono::seconds(kReceiptSeconds), "receipts", [this] { forget_old(); },
                          {.is_aligned = true});
}

// Whoever held the claim before let it go after the commit, so what is found now is all there is.
Result<ReceiptClaim> ReceiptStore::claim(std::string_view key) {
  {
    const std::lock_guard lock(mutex_);
    if (!claimed_.emplace(key).second) return ReceiptClaim();
  }
  ReceiptClaim claim(*this, std::string(key));
  ASSIGN_OR_RETURN(auto content, find(key));
  if (content) claim.set_content(*std::move(content));
  return claim;
}

void ReceiptStore::release(std::string_view key) {
  const std::lock_guard lock(mutex_);
  claimed_.erase(std::string(key));
}

Result<std::optional<std::string>> ReceiptStore::find(std::string_view key) const {
  const Timestamp now = clock_.now();
  const std::uint32_t current = period_of(now);
  std::string value;
  for (const std::uint32_t period : {current, current - std::min(current, 1U)}) {
    ASSIGN_OR_RETURN(const bool found, store_.get(wal::Space::kCatalog, receipt_key(period, key), &value));
    if (!found) continue;
    if (value.size() < kTimeBytes) return fail(Error::corruption("a receipt is too short"));
    const Timestamp time{static_cast<std::int64_t>(read_u64_le(value.data()))};
    if (now >= time.plus_seconds(kReceiptSeconds)) continue;
    return value.substr(kTimeBytes);
  }
  return std::nullopt;
}

void ReceiptStore::forget_old() {
  const std::uint32_t current = period_of(clock_.forgetting_time());
  const KeyRange old{std::string(1, kReceiptPrefix), period_key(current - std::min(current, 1U))};
  {
    const auto iterator = store_.iterate(wal::Space::kCatalog, old);
    iterator->seek_to_first();
    if (!iterator->valid()) return;
  }
  Commit commit;
  commit.origin = wal::Origin::kSystem;
  OwnedWrite& write = commit.writes.emplace_back();
  write.kind = wal::WriteKind::kDeleteRange;
  write.space = wal::Space::kCatalog;
  write.key = old.begin;
  write.value = old.end;
  if (const auto committed = committer_.commit(&commit); !committed) {
    log::warn("old receipts cannot be removed yet", {{"error", committed.error().message}});
  }
}

}  // namespace tidemark::storage
