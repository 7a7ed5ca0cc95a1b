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
// No time is in it.
constexpr std::uint32_t kKeptPeriod = 0xffffffff;

std::uint32_t period_of(Timestamp time) {
  return static_cast<std::uint32_t>(std::max<std::int64_t>(time.micros, 0) / kPeriodMicros);
}

std::string period_key(std::uint32_t period) {
  std::string key(1, kReceiptPrefix);
  append_u32_be(&key, period);
  return key;
}

std::string receipt_key(std::uint32_t period, std::string_view key) { return period_key(period).append(key); }

// All keys that begin with this one, which does not end in 0xff.
KeyRange keys_with(std::string prefix) {
  KeyRange range{prefix, std::move(prefix)};
  ++range.end.back();
  return range;
}

OwnedWrite write_in(std::uint32_t period, std::string_view key, std::string_view content, Timestamp now) {
  OwnedWrite write;
  write.space = wal::Space::kCatalog;
  write.key = receipt_key(period, key);
  append_u64_le(&write.value, static_cast<std::uint64_t>(now.micros));
  write.value.append(content);
  return write;
}

}  // namespace

OwnedWrite receipt_write(std::string_view key, std::string_view content, Timestamp now) {
  return write_in(period_of(now), key, content, now);
}

OwnedWrite kept_receipt_write(std::string_view key, std::string_view content, Timestamp now) {
  return write_in(kKeptPeriod, key, content, now);
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
  if (const auto removed = remove(old); !removed) {
    log::warn("old receipts cannot be removed yet", {{"error", removed.error().message}});
  }
}

Result<void> ReceiptStore::remove(const KeyRange& range) {
  Commit commit;
  commit.origin = wal::Origin::kSystem;
  OwnedWrite& write = commit.writes.emplace_back();
  write.kind = wal::WriteKind::kDeleteRange;
  write.space = wal::Space::kCatalog;
  write.key = range.begin;
  write.value = range.end;
  auto committed = committer_.commit(&commit);
  if (!committed) return fail(std::move(committed).error());
  return {};
}

Result<std::vector<std::pair<std::string, std::string>>> ReceiptStore::kept(std::string_view prefix) const {
  const KeyRange range = keys_with(receipt_key(kKeptPeriod, prefix));
  std::vector<std::pair<std::string, std::string>> receipts;
  const auto iterator = store_.iterate(wal::Space::kCatalog, range);
  for (iterator->seek_to_first(); iterator->valid(); iterator->next()) {
    if (iterator->value().size() < kTimeBytes) return fail(Error::corruption("a receipt is too short"));
    receipts.emplace_back(iterator->key().substr(range.begin.size()), iterator->value().substr(kTimeBytes));
  }
  RETURN_IF_ERROR(iterator->status());
  return receipts;
}

Result<void> ReceiptStore::forget_kept(std::string_view prefix) {
  return remove(keys_with(receipt_key(kKeptPeriod, prefix)));
}

}  // namespace tidemark::storage
