// A small engine made of its parts: a log that holds only images, live state in RocksDB, the history, and a
// model that remembers everything.
#pragma once

#include <rocksdb/write_batch.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/file.h"
#include "storage/engine/table_changes.h"
#include "storage/engine/table_snapshot.h"
#include "storage/history/history.h"
#include "storage/store/item_codec.h"
#include "storage/store/keys.h"
#include "storage/store/rocks.h"
#include "tests/support/catch.h"

namespace tidemark::storage {

class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "tidemark_XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  [[nodiscard]] std::string path(const std::string& name) const { return path_ + '/' + name; }

 private:
  std::string path_;
};

// What a reader is expected to give: the text and write time of each item.
using Contents = std::vector<std::pair<std::string, Timestamp>>;

inline Contents read_range(TableSnapshot& snapshot, HashRange range) {
  const auto reader = snapshot.read(range);
  REQUIRE(reader);
  Contents contents;
  while ((*reader)->next()) {
    CHECK((*reader)->size_bytes() == (*reader)->text().size());
    contents.emplace_back((*reader)->text(), (*reader)->write_time());
  }
  const auto status = (*reader)->status();
  if (!status) FAIL(status.error().message);
  return contents;
}

inline Contents read_partitions(TableSnapshot& snapshot) {
  Contents contents;
  for (const Partition& partition : snapshot.partitions()) {
    const Contents part = read_range(snapshot, partition.hashes);
    contents.insert(contents.end(), part.begin(), part.end());
  }
  return contents;
}

// What a reader of changes is expected to give: by key, here told from the text of the item.
struct Change {
  std::optional<std::string> old_text;
  std::optional<std::string> new_text;
  Timestamp write_time;
  bool operator==(const Change&) const = default;
};
using Changes = std::vector<Change>;

inline Changes read_changes(TableChanges& changes, HashRange range) {
  const auto reader = changes.read(range);
  REQUIRE(reader);
  const auto text_of = [](const std::optional<ItemVersion>& image) {
    return image ? std::optional(std::string(image->text)) : std::nullopt;
  };
  Changes read;
  while ((*reader)->next()) {
    read.push_back(
        {text_of((*reader)->old_image()), text_of((*reader)->new_image()), (*reader)->write_time()});
  }
  const auto status = (*reader)->status();
  if (!status) FAIL(status.error().message);
  return read;
}

inline Changes read_changes(TableChanges& changes) {
  Changes all;
  for (const Partition& partition : changes.partitions()) {
    const Changes part = read_changes(changes, partition.hashes);
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

// All versions of an item: when it was written, and as what, or deleted.
using Versions = std::vector<std::pair<Timestamp, std::optional<std::string>>>;

// The change of one item between two moments, if there is one.
inline std::optional<Change> expected_change(const Versions& versions, Timestamp from, Timestamp to) {
  Change change;
  bool changed = false;
  for (const auto& [time, text] : versions) {
    if (time <= from) change.old_text = text;
    if (time > to) break;
    change.new_text = text;
    change.write_time = time;
    changed = changed || time > from;
  }
  if (!changed || (!change.old_text && !change.new_text)) return std::nullopt;
  return change;
}

inline TablePtr make_table(std::uint32_t id, std::uint32_t partition_count = 1) {
  auto table = std::make_shared<Table>();
  table->id = static_cast<TableId>(id);
  for (const HashRange hashes : even_shares(partition_count)) {
    table->partitions.push_back({.id = {}, .hashes = hashes, .parent = {}, .created_at = {}});
  }
  return table;
}

// A state key of the shape that tables have.
inline std::string test_key(TableId table, std::uint16_t hash, std::string_view partition,
                            std::string_view sort) {
  std::string key;
  append_u32_be(&key, static_cast<std::uint32_t>(table));
  append_u16_be(&key, hash);
  append_component(&key, partition);
  append_component(&key, sort);
  return key;
}

struct TestWrite {
  std::string key;
  std::optional<std::string> text;  // nothing: delete
};

class HistoryFixture {
 public:
  explicit HistoryFixture(HistoryOptions options = {}) : options_(std::move(options)) {
    options_.directory = scratch_.path("history");
    auto store = RocksStore::open({.directory = scratch_.path("state"), .before_flush = {}});
    REQUIRE(store);
    store_ = std::move(*store);
    next_segment();
    open_history();
  }

  // Like a restart: the history is rebuilt from its files and the log.
  void reopen() {
    history_.reset();
    open_history();
  }

  void next_segment() {
    auto file = posix_file_system().open_append(scratch_.path("log" + std::to_string(++segments_)));
    REQUIRE(file);
    segment_ = std::move(*file);
  }

  Timestamp commit(const std::vector<TestWrite>& writes) {
    Logged logged;
    logged.sequence = static_cast<wal::SequenceNumber>(++sequence_);
    last_time_ = logged.time = std::max(last_time_.plus_micros(1), clock.now());
    logged.segment = segment_;
    rocksdb::WriteBatch batch;
    for (const TestWrite& write : writes) {
      std::string old_value;
      const auto found = store_->get(wal::Space::kState, write.key, &old_value);
      REQUIRE(found);
      if (!*found) old_value.clear();
      logged.changes.push_back(
          {write.key, segment_->size(), static_cast<std::uint32_t>(old_value.size()), crc32c(0, old_value)});
      REQUIRE(segment_->append(old_value));
      if (write.text) {
        std::string value;
        append_stored(&value, logged.time, static_cast<std::uint32_t>(write.text->size()), *write.text);
        batch.Put(store_->family(wal::Space::kState), write.key, value);
      } else {
        batch.Delete(store_->family(wal::Space::kState), write.key);
      }
      model_[write.key].emplace_back(logged.time, write.text);
    }
    log_.push_back(std::move(logged));
    record(log_.back());
    rocksdb::WriteOptions unlogged;
    unlogged.disableWAL = true;
    REQUIRE(store_->db().Write(unlogged, &batch).ok());
    return last_time_;
  }

  // What the model remembers of a table at `time`.
  [[nodiscard]] Contents expected(TableId table, Timestamp time, HashRange hashes = {}) const {
    Contents contents;
    for (const auto& [key, versions] : model_) {
      if (id_of(key) != table || hash_of(key) < hashes.first || hash_of(key) > hashes.last) continue;
      const std::pair<Timestamp, std::optional<std::string>>* current = nullptr;
      for (const auto& version : versions) {
        if (version.first <= time) current = &version;
      }
      if (current != nullptr && current->second) contents.emplace_back(*current->second, current->first);
    }
    return contents;
  }

  // What the model remembers of a window.
  [[nodiscard]] Changes expected_changes(TableId table, Timestamp from, Timestamp to,
                                         HashRange hashes = {}) const {
    Changes changes;
    for (const auto& [key, versions] : model_) {
      if (id_of(key) != table || hash_of(key) < hashes.first || hash_of(key) > hashes.last) continue;
      if (auto change = expected_change(versions, from, to)) changes.push_back(*std::move(change));
    }
    return changes;
  }

  // Between the moments that are readable.
  std::unique_ptr<TableChanges> changes(const TablePtr& table, Timestamp from, Timestamp to,
                                        std::int64_t exact_seconds = 24 * 3'600,
                                        const HistoryNeed& need = {}) {
    auto pin = history_->pin(table->id);
    const Timestamp exact_from = std::max(pin->exact_from(), clock.now().plus_seconds(-exact_seconds));
    return make_table_changes(*store_, table, readable_moment(need, from, exact_from),
                              readable_moment(need, to, exact_from), std::make_unique<RocksSnapshot>(*store_),
                              std::move(pin));
  }

  std::unique_ptr<TableSnapshot> snapshot_at(const TablePtr& table, Timestamp time,
                                             std::int64_t exact_seconds = 24 * 3'600,
                                             const HistoryNeed& need = {}) {
    auto pin = history_->pin(table->id);
    const Timestamp exact_from = std::max(pin->exact_from(), clock.now().plus_seconds(-exact_seconds));
    const Timestamp readable = readable_moment(need, time, exact_from);
    return make_table_snapshot(*store_, table, readable, std::make_unique<RocksSnapshot>(*store_),
                               std::move(pin));
  }

  [[nodiscard]] wal::SequenceNumber synced() const { return static_cast<wal::SequenceNumber>(sequence_); }
  [[nodiscard]] std::vector<std::string> history_files() const {
    auto names = posix_file_system().list(options_.directory);
    REQUIRE(names);
    return *names;
  }
  [[nodiscard]] std::string history_path(const std::string& name) const {
    return options_.directory + '/' + name;
  }
  History& history() { return *history_; }
  RocksStore& store() { return *store_; }
  [[nodiscard]] Timestamp last_time() const { return last_time_; }

  ManualClock clock{Timestamp::from_seconds(1'767'225'600)};

 private:
  struct Logged {
    struct Change {
      std::string key;
      std::uint64_t offset;
      std::uint32_t size;
      std::uint32_t sum;
    };
    wal::SequenceNumber sequence{};
    Timestamp time;
    std::shared_ptr<const File> segment;
    std::vector<Change> changes;
  };

  void open_history() {
    auto history = History::open(options_, posix_file_system());
    if (!history) FAIL(history.error().message);
    history_ = std::move(*history);
    for (const Logged& logged : log_) record(logged);
  }

  void record(const Logged& logged) {
    std::vector<HistoryChange> changes;
    std::uint64_t bytes = 0;
    for (const auto& change : logged.changes) {
      changes.push_back({.state_key = change.key,
                         .image_offset = change.offset,
                         .image_size = change.size,
                         .image_sum = change.sum});
      bytes += change.key.size() + change.size;
    }
    history_->record({.sequence = logged.sequence, .commit_time = logged.time}, logged.segment, bytes,
                     changes);
  }

  ScratchDirectory scratch_;
  HistoryOptions options_;
  std::unique_ptr<RocksStore> store_;
  int segments_ = 0;
  std::shared_ptr<File> segment_;
  std::uint64_t sequence_ = 0;
  Timestamp last_time_;
  std::vector<Logged> log_;
  std::map<std::string, Versions> model_;
  std::unique_ptr<History> history_;
};

}  // namespace tidemark::storage
