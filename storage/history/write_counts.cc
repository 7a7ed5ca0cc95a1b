#include "storage/history/write_counts.h"

#include <rocksdb/table_properties.h>

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "storage/store/keys.h"

namespace tidemark::storage {
namespace {

constexpr char kVersion = 1;
constexpr std::int64_t kMinuteMicros = 60'000'000;
constexpr std::size_t kTimeBytes = 8;

// Keys come in order, so one table is in memory at a time.
class WriteCounter final : public rocksdb::TablePropertiesCollector {
 public:
  rocksdb::Status AddUserKey(const rocksdb::Slice& key, const rocksdb::Slice& value,
                             rocksdb::EntryType /*type*/, rocksdb::SequenceNumber /*number*/,
                             std::uint64_t /*file_size*/) override {
    if (is_too_much_ || key.size() < kIdBytes + kTimeBytes || value.empty()) return rocksdb::Status::OK();
    const std::uint32_t table = read_u32_be(key.data());
    if (!table_ || *table_ != table) close_table();
    table_ = table;
    const auto micros = static_cast<std::int64_t>(read_u64_be(key.data() + key.size() - kTimeBytes));
    ++minutes_[{micros / kMinuteMicros, static_cast<std::uint8_t>(value[0])}];
    if (minutes_.size() > kWritesBytesMax / 4) give_up();
    return rocksdb::Status::OK();
  }

  rocksdb::Status Finish(rocksdb::UserCollectedProperties* properties) override {
    close_table();
    if (!is_too_much_) properties->emplace(kWritesProperty, std::move(text_));
    return rocksdb::Status::OK();
  }

  [[nodiscard]] rocksdb::UserCollectedProperties GetReadableProperties() const override { return {}; }
  [[nodiscard]] const char* Name() const override { return "tidemark.WriteCounter"; }

 private:
  void close_table() {
    if (!table_ || is_too_much_) return;
    append_u32_be(&text_, *table_);
    append_varint(&text_, minutes_.size());
    std::int64_t before = 0;
    for (const auto& [minute, count] : minutes_) {
      append_varint(&text_, static_cast<std::uint64_t>(minute.first - before));
      text_ += static_cast<char>(minute.second);
      append_varint(&text_, count);
      before = minute.first;
    }
    minutes_.clear();
    table_.reset();
    if (text_.size() > kWritesBytesMax) give_up();
  }
  void give_up() {
    is_too_much_ = true;
    minutes_.clear();
    text_.clear();
  }

  std::optional<std::uint32_t> table_;
  std::map<std::pair<std::int64_t, std::uint8_t>, std::uint64_t> minutes_;  // of that table, and who wrote
  std::string text_ = std::string(1, kVersion);
  bool is_too_much_ = false;
};

class WriteCounterFactory final : public rocksdb::TablePropertiesCollectorFactory {
 public:
  rocksdb::TablePropertiesCollector* CreateTablePropertiesCollector(Context /*context*/) override {
    return new WriteCounter;
  }
  [[nodiscard]] const char* Name() const override { return "tidemark.WriteCounterFactory"; }
};

}  // namespace

void WriteCounts::add(wal::Origin origin, Timestamp time, std::uint64_t count) {
  if (time < from) return;
  const auto step = static_cast<std::size_t>((time.micros - from.micros) / (step_seconds * 1'000'000));
  if (step >= steps) return;
  auto& numbers = by_origin[origin];
  numbers.resize(steps);
  numbers[step] += count;
}

std::shared_ptr<rocksdb::TablePropertiesCollectorFactory> write_counting_factory() {
  return std::make_shared<WriteCounterFactory>();
}

Result<void> add_counted_writes(std::string_view property, TableId table, WriteCounts* counts) {
  const auto damaged = [] { return fail(Error::corruption("a history run has damaged counts of writes")); };
  if (property.empty() || property[0] != kVersion) return damaged();
  property.remove_prefix(1);
  while (!property.empty()) {
    if (property.size() < kIdBytes) return damaged();
    const TableId id{read_u32_be(property.data())};
    property.remove_prefix(kIdBytes);
    const auto minutes = take_varint(&property);
    if (!minutes) return damaged();
    std::int64_t minute = 0;
    for (std::uint64_t i = 0; i < *minutes; ++i) {
      const auto delta = take_varint(&property);
      if (!delta || property.empty()) return damaged();
      const wal::Origin origin{static_cast<std::uint8_t>(property[0])};
      property.remove_prefix(1);
      const auto count = take_varint(&property);
      if (!count) return damaged();
      minute += static_cast<std::int64_t>(*delta);
      if (id != table) continue;
      // The minute in which the window begins counts as a whole.
      const Timestamp start{minute * kMinuteMicros};
      const bool is_first = start < counts->from && counts->from.micros < start.micros + kMinuteMicros;
      counts->add(origin, is_first ? counts->from : start, *count);
    }
  }
  return {};
}

}  // namespace tidemark::storage
