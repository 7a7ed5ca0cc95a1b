#include "storage/commit/expiry_index.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/bytes.h"
#include "model/item.h"
#include "storage/store/item_codec.h"
#include "storage/store/keys.h"

namespace tidemark::storage {
namespace {

constexpr std::int64_t kLatestSecond = kLatestTime.micros / 1'000'000;

std::optional<std::int64_t> expiry_of(const Table& table, const std::optional<ItemImage>& item) {
  return item ? expires_at(*table.schema.ttl, item->text) : std::nullopt;
}

std::string key_of_entry(const Table& table, const model::Key& key, std::int64_t expires_at) {
  return expiry_key(expiry_index(table), expires_at, state_key(table.id, key));
}

}  // namespace

// The text is canonical: plain digits, never an exponent.
std::optional<std::int64_t> expires_at(const model::TtlSettings& ttl, std::string_view item_text) {
  static constexpr std::string_view kNumber = "{\"N\":\"";
  const auto value = model::find_attribute(item_text, ttl.attribute);
  if (!value || !value->starts_with(kNumber)) return std::nullopt;
  const std::string_view digits = value->substr(kNumber.size());
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
  if (error != std::errc() || *digits.data() == '-' || seconds > kLatestSecond) return std::nullopt;
  return seconds;
}

std::string expiry_key(TableId index, std::int64_t expires_at, std::string_view state_key) {
  std::string key;
  key.reserve(kIdBytes + 8 + state_key.size());
  append_u32_be(&key, number(index));
  append_u64_be(&key, static_cast<std::uint64_t>(expires_at));
  key.append(state_key.substr(kIdBytes));
  return key;
}

std::int64_t expiry_of_key(std::string_view expiry_key) {
  return static_cast<std::int64_t>(read_u64_be(expiry_key.data() + kIdBytes));
}

KeyRange expiry_range(TableId index, std::int64_t first, std::int64_t last) {
  const auto before = [index](std::int64_t seconds) {
    std::string key;
    append_u32_be(&key, number(index));
    append_u64_be(&key, static_cast<std::uint64_t>(std::clamp<std::int64_t>(seconds, 0, kLatestSecond + 1)));
    return key;
  };
  return {before(first), before(last + 1)};
}

// The old sizes keep the entries out of the counters: a put replaces an entry of the same size, a deletion
// removes nothing that is known.
OwnedWrite put_expiry(const Table& table, const model::Key& key, std::int64_t expires_at) {
  OwnedWrite write;
  write.space = wal::Space::kIndex;
  write.key = key_of_entry(table, key, expires_at);
  append_stored(&write.value, {}, 0, model::key_text(table.schema.keys, key));
  write.old_size = 0;
  write.expires_at = expires_at;
  return write;
}

OwnedWrite delete_expiry(std::string expiry_key) {
  OwnedWrite write;
  write.kind = wal::WriteKind::kDelete;
  write.space = wal::Space::kIndex;
  write.key = std::move(expiry_key);
  return write;
}

void append_expiry_writes(const Table& table, const model::Key& key, const std::optional<ItemImage>& old_item,
                          const std::optional<ItemImage>& new_item, std::vector<OwnedWrite>* writes) {
  if (!table.schema.ttl) return;
  const auto before = expiry_of(table, old_item);
  const auto after = expiry_of(table, new_item);
  if (before == after) return;
  if (before) writes->push_back(delete_expiry(key_of_entry(table, key, *before)));
  if (after) writes->push_back(put_expiry(table, key, *after));
}

}  // namespace tidemark::storage
