// The life that time_machine_test lives: tables that come and go, what is written to them, time that passes
// and jumps, settings that change. What was done is remembered in the naive model, too (past_model.h).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "model/pitr.h"
#include "storage/store/item_codec.h"
#include "storage/store/keys.h"
#include "tests/unit/timetravel/past_model.h"
#include "tests/unit/timetravel/time_travel_fixture.h"
#include "wal/tail.h"

namespace tidemark::timetravel {

using namespace std::chrono_literals;
using storage::TablePtr;

inline constexpr std::int64_t kExactSeconds = 24 * 3'600;
inline constexpr std::size_t kTables = 3;
inline constexpr std::int64_t kSortKeys = 30;
inline const std::vector<std::string> kPartitionKeys = {"a", std::string("a\0b", 3), "\xc3\xbf"};

class MachineWorld : public TimeTravelFixture {
 protected:
  MachineWorld() {
    close_all();
    files = &posix_file_system();
    options.history_segment_changes = 300;
    options.checkpoint_log_bytes = 200'000;
    options.write_buffer_bytes = 256U << 10;
    open_all();
  }

  struct Living {
    TablePtr table;
    std::shared_ptr<TablePast> past;
    std::map<std::string, Position> by_state_key;
  };
  struct Kept {
    BackupPtr backup;
    std::shared_ptr<TablePast> past;
  };

  std::uint64_t pick(std::uint64_t below) { return rng_() % below; }
  bool one_in(std::uint64_t many) { return pick(many) == 0; }
  std::size_t any_slot() { return pick(kTables); }

  // Tables that come and go.

  model::TableSchema new_schema() {
    model::TableSchema made = schema("t" + std::to_string(pick(4)));
    made.uuid = random.uuid();
    made.created_at = clock.now();
    auto local = index("local", "pk", "l", model::ProjectionType::kAll);
    local.kind = model::IndexKind::kLocal;
    made.indexes = {local};
    if (one_in(2)) made.indexes.push_back(index("global", "g", "", model::ProjectionType::kAll));
    if (!one_in(4)) made.pitr = model::enabled_pitr(clock.now(), random_period());
    return made;
  }
  int random_period() { return one_in(2) ? 35 : static_cast<int>(1 + pick(35)); }

  TablePtr new_table() {
    model::TableSchema made = new_schema();
    while (find(made.name)) made.name += "x";
    return create(std::move(made));
  }

  void replace_table(std::size_t slot, const TablePtr& table) {
    replace_table(slot, table, std::make_shared<TablePast>());
  }
  void replace_table(std::size_t slot, const TablePtr& table, std::shared_ptr<TablePast> past) {
    Living& living = tables_[slot];
    if (living.table) delete_table(living);
    living = {.table = table, .past = std::move(past), .by_state_key = {}};
    for (const std::string& pk : kPartitionKeys) {
      for (std::int64_t sk = 0; sk < kSortKeys; ++sk) {
        const Position at = Position::of(pk, sk);
        living.by_state_key.emplace(storage::state_key(table->id, at.key()), at);
      }
    }
  }
  void delete_table(const Living& living) {
    const bool has_recovery = living.table->schema.pitr.enabled;
    drop(living.table);
    for (const BackupPtr& backup : all_backups()) {
      if (backup->type != BackupType::kSystem || backup->table != living.table->id) continue;
      REQUIRE(has_recovery);
      kept_.push_back({backup, living.past});
      return;
    }
    REQUIRE_FALSE(has_recovery);
  }

  // Writes.

  Position any_position() {
    const std::string& pk = kPartitionKeys[pick(kPartitionKeys.size())];
    // A few items are hot.
    return Position::of(pk, static_cast<std::int64_t>(one_in(3) ? pick(kSortKeys) : pick(3)));
  }
  std::optional<Content> any_content(const Living& living) {
    if (one_in(4)) return std::nullopt;
    Content content{.v = ++last_v_, .expires_at = 0};
    if (content.has_wrong_g() && living.table->schema.find_index("global") != nullptr) content.v = ++last_v_;
    if (one_in(5)) {
      const std::uint64_t spans[] = {60, 7'200, 5 * 86'400};
      content.expires_at = clock.now().seconds() + static_cast<std::int64_t>(pick(spans[pick(3)]));
    }
    return content;
  }

  struct Write {
    Living* living;
    Position at;
    std::optional<Content> content;
  };
  void commit(const std::vector<Write>& writes) {
    const auto transaction = engine->begin();
    std::vector<storage::ItemRef> refs;
    refs.reserve(writes.size());
    for (const Write& write : writes) refs.push_back({write.living->table, write.at.key()});
    const auto locked = transaction->lock(std::move(refs));
    REQUIRE(locked);
    for (std::size_t i = 0; i < writes.size(); ++i) {
      const Write& write = writes[i];
      const auto old_item = transaction->read(i);
      REQUIRE(old_item);
      const auto known = write.living->past->now(write.at);
      if (old_item->has_value() != known.has_value()) FAIL("an item came or went by itself");
      if (known && (*old_item)->text() != known->text(write.at)) FAIL("an item changed by itself");
      if (write.content) {
        transaction->put(i, write.content->item(write.at));
      } else {
        transaction->remove(i);
      }
    }
    const auto committed = transaction->commit();
    REQUIRE(committed);
    for (const Write& write : writes) {
      // Who deletes what is not there writes nothing.
      if (!write.content && !write.living->past->now(write.at)) continue;
      write.living->past->write(write.at, {.time = *committed, .content = write.content});
    }
    commit_times_[pick(std::size(commit_times_))] = *committed;
    operations_ += writes.size();
  }
  void write() {
    Living& living = tables_[any_slot()];
    commit({{&living, any_position(), any_content(living)}});
  }
  // A batch, or a transaction over two tables.
  void write_together() {
    std::map<std::pair<std::size_t, Position>, Write> writes;
    for (auto count = 2 + pick(7); count > 0; --count) {
      const std::size_t slot = any_slot();
      const Position at = any_position();
      writes.insert_or_assign({slot, at}, Write{&tables_[slot], at, any_content(tables_[slot])});
    }
    std::vector<Write> list;
    for (auto& [place, write] : writes) list.push_back(std::move(write));
    commit(list);
  }

  // Time.

  void pass_a_moment() {
    const auto dice = pick(10);
    if (dice < 4) return clock.advance_micros(static_cast<std::int64_t>(pick(3)));
    if (dice < 9) return clock.advance_micros(static_cast<std::int64_t>(pick(700'000)));
    // To the very beginning of a second.
    clock.advance_micros(1'000'000 - clock.now().micros % 1'000'000);
  }
  // Everything that is due happens; what time to live deletes is told by the change log.
  void jump() {
    const std::chrono::microseconds spans[] = {1min, 1min, 10min, 1h, 1h, 6h, 30h};
    jump(std::chrono::microseconds(pick(static_cast<std::uint64_t>(spans[pick(std::size(spans))].count()))));
  }
  void jump(std::chrono::microseconds by) {
    const wal::SequenceNumber from = next_record();
    const auto place = engine->change_log().hold(from);
    REQUIRE(place);
    REQUIRE(schedule.advance(by));
    learn_from_log(from);
    forget_expired();
    if (by < 10s) return;
    for (const Living& living : tables_) {
      if (!living.table->schema.ttl) continue;
      for (const auto& [at, content] : living.past->now()) {
        if (content.expires_at == 0 || content.expires_at >= clock.now().seconds() - 5) continue;
        INFO("expired at " << content.expires_at << ", now " << clock.now().seconds());
        FAIL("an item outlived its time");
      }
    }
  }
  void forget_expired() {
    std::erase_if(kept_, [this](const Kept& kept) {
      return kept.backup->expires_at && *kept.backup->expires_at <= clock.now();
    });
  }
  wal::SequenceNumber next_record() { return wal::next(engine->change_log().published()); }

  // What others than the clients of this test wrote.
  void learn_from_log(wal::SequenceNumber from) {
    const auto tail = wal::Tail::open(engine->change_log(), from);
    REQUIRE(tail);
    for (;;) {
      const auto found = (*tail)->next();
      REQUIRE(found);
      if (!*found) return;
      const wal::RecordView& record = (*tail)->record();
      if (record.origin != wal::Origin::kTtl && record.origin != wal::Origin::kRewind) continue;
      for (const wal::WriteView& write : record.writes) {
        if (write.space == wal::Space::kState) learn(record, write);
      }
    }
  }
  void learn(const wal::RecordView& record, const wal::WriteView& write) {
    for (Living& living : tables_) {
      const auto known = living.by_state_key.find(std::string(write.key));
      if (known == living.by_state_key.end()) continue;
      const Position& at = known->second;
      const auto before = living.past->now(at);
      Version version{.time = record.commit_time, .content = std::nullopt, .origin = record.origin};
      if (record.origin == wal::Origin::kTtl) {
        REQUIRE(write.kind == wal::WriteKind::kDelete);
        REQUIRE(living.table->schema.ttl);
        REQUIRE(before);
        REQUIRE(before->expires_at != 0);
        REQUIRE(before->expires_at <= record.commit_time.seconds() - 2);
      } else {
        REQUIRE(&living == rewound_);
        version.content = rewound_to_.at(at);
        REQUIRE(version.content.has_value() == (write.kind == wal::WriteKind::kPut));
        if (version.content) {
          const auto stored = storage::parse_stored(write.value);
          REQUIRE(stored);
          REQUIRE(stored->text == version.content->text(at));
        }
      }
      living.past->write(at, version);
      return;
    }
  }

  // Settings.

  void change(std::size_t slot, const std::function<void(model::TableSchema&)>& edit) {
    tables_[slot].table = save(tables_[slot].table, edit);
  }
  void turn_recovery(std::size_t slot) {
    if (!tables_[slot].table->schema.pitr.enabled) {
      // Before and behind writes of the same microsecond.
      return change(slot, [this](model::TableSchema& schema) {
        schema.pitr = model::enabled_pitr(clock.now(), random_period());
      });
    }
    if (one_in(3)) return change(slot, [](model::TableSchema& schema) { schema.pitr = {}; });
    change(slot, [this](model::TableSchema& schema) {
      schema.pitr = model::with_period(schema.pitr, random_period(), clock.now());
    });
  }
  void turn_ttl(std::size_t slot) {
    TablePtr& table = tables_[slot].table;
    auto& states = engine->table_states();
    if (table->schema.ttl) {
      REQUIRE(states.disable_ttl(hold(table)));
    } else {
      REQUIRE(states.enable_ttl(hold(table), "ttl"));
    }
    table = engine->catalog().find(table->id);
  }
  void turn_index(std::size_t slot) {
    TablePtr& table = tables_[slot].table;
    auto update = hold(table);
    storage::IndexChanges indexes;
    if (const auto* global = table->schema.find_index("global")) {
      indexes.deleted = {global->id};
    } else {
      update.settings().indexes.push_back(index("global", "g", "", model::ProjectionType::kAll));
    }
    const auto begun = engine->table_states().begin_update(std::move(update), indexes);
    REQUIRE(begun);
    const auto is_settled = [](const TablePtr& now) {
      return std::ranges::all_of(now->schema.indexes, [](const model::IndexSchema& index) {
        return index.status == model::IndexStatus::kActive;
      });
    };
    do {
      std::this_thread::yield();
      table = engine->catalog().find(table->id);
    } while (!is_settled(table));
  }

  std::mt19937_64 rng_;
  std::uint64_t operations_ = 0;
  Living tables_[kTables];
  std::vector<Kept> kept_;
  Timestamp commit_times_[512];
  std::int64_t last_v_ = 0;
  int last_name_ = 0;
  Living* rewound_ = nullptr;
  std::map<Position, std::optional<Content>> rewound_to_;
};

}  // namespace tidemark::timetravel
