// Snapshots through the engine: random work, restarts and chores against a model that remembers every
// version.
#include "storage/snapshot.h"

#include <random>

#include "base/schedule.h"
#include "storage/bulk_loader.h"
#include "storage/engine.h"
#include "tests/unit/storage/history_fixture.h"

namespace tidemark::storage {
namespace {

constexpr std::int64_t kExactSeconds = 6 * 3'600;
constexpr std::int64_t kDaySeconds = 86'400;

class EngineFixture {
  ScratchDirectory scratch_;  // outlives the engine

 public:
  EngineFixture() {
    options.directory = scratch_.path("data");
    options.history_segment_bytes = 20'000;
    options.history_segment_changes = 60;
    options.history_segment_seconds = 900;
    options.exact_history_seconds = kExactSeconds;
    options.checkpoint_log_bytes = 30'000;
    open();
  }

  void open() {
    auto opened = Engine::open(options, posix_file_system(), clock, schedule);
    if (!opened) FAIL(opened.error().message);
    engine = std::move(*opened);
  }
  void reopen(bool checkpoint) {
    engine.reset();
    clock.advance_micros(2'000);  // a new start leaves the last millisecond to snapshots of the one before
    open();
    // For the next close.
    options.checkpoint_at_close = checkpoint;
  }

  TablePtr create(const std::string& name, std::int64_t partition_count, bool pitr) {
    model::TableSchema schema;
    schema.name = name;
    schema.account_id = "000000000000";
    schema.region = "us-east-1";
    schema.keys = {{{"pk", model::KeyType::kString}}, {}};
    schema.attribute_definitions = schema.keys.partition_keys;
    schema.throughput.read_units = 3'000 * partition_count;
    schema.created_at = clock.now();
    const auto table = engine->table_states().begin_create(std::move(schema));
    REQUIRE(table);
    return pitr ? set_pitr((*table)->id, true) : *table;
  }

  TablePtr set_pitr(TableId id, bool enabled, int period_days = 35) {
    auto change = engine->table_states().hold(id);
    REQUIRE(change);
    change->settings().pitr = {
        .enabled = enabled, .enabled_at = clock.now(), .recovery_period_days = period_days};
    const auto table = engine->table_states().save(*std::move(change));
    REQUIRE(table);
    return *table;
  }

  // Puts the items, or deletes those without text, in one transaction.
  Timestamp write(TableId id, const std::map<std::string, bool>& puts) {
    const TablePtr table = engine->catalog().find(id);
    REQUIRE(table);
    std::vector<ItemRef> refs;
    std::vector<std::pair<std::string, std::optional<model::Item>>> writes;
    for (const auto& [pk, is_put] : puts) {
      model::AttributeMap attributes;
      attributes["pk"].data = pk;
      const model::Item key_item = model::make_item(attributes);
      refs.push_back({table, *model::key_of(table->schema.keys, key_item.text)});
      attributes["v"].data = model::Number::from_int(++version_);
      attributes["pad"].data = std::string(static_cast<std::size_t>(version_ % 50), 'x');
      writes.emplace_back(state_key(id, refs.back().key),
                          is_put ? std::optional(model::make_item(attributes)) : std::nullopt);
    }
    const auto transaction = engine->begin();
    REQUIRE(transaction->lock(refs));
    for (std::size_t i = 0; i < refs.size(); ++i) {
      REQUIRE(transaction->read(i));
      if (writes[i].second) {
        transaction->put(i, *writes[i].second);
      } else {
        transaction->remove(i);
      }
    }
    const auto time = transaction->commit();
    if (!time) FAIL(time.error().message);
    for (auto& [key, item] : writes) {
      Versions& versions = model_[key];
      // To delete what is not there is no change.
      if (!item && (versions.empty() || !versions.back().second)) continue;
      versions.emplace_back(*time, item ? std::optional(item->text) : std::nullopt);
    }
    return *time;
  }

  [[nodiscard]] Contents expected(TableId id, Timestamp time) const {
    Contents contents;
    for (const auto& [key, versions] : model_) {
      if (id_of(key) != id) continue;
      const Versions::value_type* current = nullptr;
      for (const auto& version : versions) {
        if (version.first <= time) current = &version;
      }
      if (current != nullptr && current->second) contents.emplace_back(*current->second, current->first);
    }
    return contents;
  }

  [[nodiscard]] Changes expected_changes(TableId id, Timestamp from, Timestamp to) const {
    Changes changes;
    for (const auto& [key, versions] : model_) {
      if (id_of(key) != id) continue;
      if (auto change = expected_change(versions, from, to)) changes.push_back(*std::move(change));
    }
    return changes;
  }

  std::size_t history_runs() const {
    const auto names = posix_file_system().list(options.directory + "/history");
    REQUIRE(names);
    return static_cast<std::size_t>(std::count_if(
        names->begin(), names->end(), [](const std::string& name) { return name.ends_with(".sst"); }));
  }

  ManualClock clock{Timestamp::from_seconds(1'767'225'600)};
  Schedule schedule{clock};
  EngineOptions options;
  std::unique_ptr<Engine> engine;

 private:
  std::int64_t version_ = 0;
  std::map<std::string, Versions> model_;
};

Contents read_all(TableSnapshot& snapshot) {
  Contents contents;
  for (const auto& [id, range, parent, created_at] : snapshot.partitions()) {
    const auto reader = snapshot.read(range);
    REQUIRE(reader);
    while ((*reader)->next()) contents.emplace_back((*reader)->text(), (*reader)->write_time());
    const auto status = (*reader)->status();
    if (!status) FAIL(status.error().message);
  }
  return contents;
}

ErrorCode error_of(const Result<std::unique_ptr<TableSnapshot>>& result) {
  REQUIRE_FALSE(result);
  return result.error().code;
}

class RandomWork {
 public:
  explicit RandomWork(unsigned seed) : random_(seed) {
    for (int i = 0; i < 2; ++i) {
      const TablePtr table = fixture_.create("t" + std::to_string(i), 1 + below(4), true);
      tables_.push_back(table->id);
      windows_.push_back(table->schema.pitr.enabled_at);
    }
  }

  void step() {
    const int dice = below(100);
    if (dice < 76) {
      write();
    } else if (dice < 84) {
      const std::int64_t seconds[] = {1, 60, 600, 3'600, 20'000};
      fixture_.clock.advance_seconds(seconds[below(5)]);
    } else if (dice < 88) {
      REQUIRE(fixture_.engine->maintain());
    } else if (dice < 90) {
      check_kept();
      fixture_.reopen(below(2) == 0);
    } else if (dice < 93) {
      check_now();
    } else if (dice < 98) {
      check_past();
    } else {
      check_changes();
    }
  }

  void check_past() {
    const auto i = static_cast<std::size_t>(below(2));
    if (fixture_.clock.now() <= windows_[i]) return;
    const Timestamp time = random_moment(i);
    INFO("table " << i << " at " << time.micros);
    auto snapshot = fixture_.engine->snapshot_at(tables_[i], time);
    if (!snapshot) FAIL(snapshot.error().message);
    const bool is_exact = time >= fixture_.clock.now().plus_seconds(-kExactSeconds);
    CHECK((*snapshot)->time() == (is_exact ? time : std::max(time.floor_second(), windows_[i])));
    const Timestamp shown = is_exact ? time : (*snapshot)->time();
    keep(std::move(*snapshot), fixture_.expected(tables_[i], shown));
  }

  void check_changes() {
    const auto i = static_cast<std::size_t>(below(2));
    if (fixture_.clock.now() <= windows_[i]) return;
    const auto [from, to] = std::minmax({random_moment(i), random_moment(i)});
    INFO("table " << i << " from " << from.micros << " to " << to.micros);
    const auto changes = fixture_.engine->changes(tables_[i], from, to);
    if (!changes) FAIL(changes.error().message);
    CHECK((*changes)->from() <= from);
    CHECK((*changes)->to() <= to);
    CHECK(read_changes(**changes) ==
          fixture_.expected_changes(tables_[i], (*changes)->from(), (*changes)->to()));
  }

  void check_now() {
    const auto i = static_cast<std::size_t>(below(2));
    auto snapshot = fixture_.engine->snapshot(tables_[i]);
    REQUIRE(snapshot);
    const Timestamp time = (*snapshot)->time();
    CHECK(time.micros % 1'000 == 0);
    CHECK((times_.empty() || time >= times_.back()));
    keep(std::move(*snapshot), fixture_.expected(tables_[i], time));
    times_.push_back(fixture_.write(tables_[i], {{"k0", true}}));
    CHECK(times_.back() > time);
  }

  // Snapshots stay as they are whatever comes after them.
  void check_kept() {
    for (const auto& [snapshot, wanted] : kept_) CHECK(read_all(*snapshot) == wanted);
    kept_.clear();
  }

 private:
  int below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }

  // Within the window of the table.
  Timestamp random_moment(std::size_t i) {
    const std::int64_t age = fixture_.clock.now().micros - windows_[i].micros;
    const Timestamp time =
        windows_[i].plus_micros(std::uniform_int_distribution<std::int64_t>(0, age)(random_));
    if (below(2) != 0 || times_.empty()) return time;
    const auto picked = times_[static_cast<std::size_t>(below(static_cast<int>(times_.size())))];
    const Timestamp near = picked.plus_micros(below(3) - 1);
    return near >= windows_[i] && near <= fixture_.clock.now() ? near : time;
  }

  void keep(std::unique_ptr<TableSnapshot> snapshot, const Contents& wanted) {
    CHECK(read_all(*snapshot) == wanted);
    if (below(4) == 0) kept_.emplace_back(std::move(snapshot), wanted);
  }

  void write() {
    if (below(3) > 0) fixture_.clock.advance_micros(below(400'000));
    std::map<std::string, bool> puts;
    const int count = 1 + below(3);
    for (int i = 0; i < count; ++i) {
      puts["k" + std::to_string(below(3) > 0 ? below(2) : below(20))] = below(4) > 0;
    }
    times_.push_back(fixture_.write(tables_[static_cast<std::size_t>(below(2))], puts));
  }

  std::mt19937 random_;
  EngineFixture fixture_;
  std::vector<TableId> tables_;
  std::vector<Timestamp> windows_;  // where each table's window began
  std::vector<Timestamp> times_;    // of commits
  std::vector<std::pair<std::unique_ptr<TableSnapshot>, Contents>> kept_;
};

}  // namespace

TEST_CASE("the engine shows every moment as it was") {
  const auto seed = GENERATE(range(100U, 108U));
  INFO("seed " << seed);
  RandomWork work(seed);
  for (int i = 0; i < 600; ++i) work.step();
  for (int i = 0; i < 20; ++i) work.check_past();
  for (int i = 0; i < 20; ++i) work.check_changes();
  work.check_kept();
}

TEST_CASE("moments outside of the window are refused") {
  EngineFixture fixture;
  const TablePtr table = fixture.create("t", 1, false);
  fixture.write(table->id, {{"a", true}});
  CHECK(error_of(fixture.engine->snapshot_at(table->id, fixture.clock.now())) == ErrorCode::kInvalidArgument);
  CHECK(error_of(fixture.engine->snapshot_at(TableId{99}, fixture.clock.now())) == ErrorCode::kNotFound);
  CHECK(error_of(fixture.engine->snapshot(TableId{99})) == ErrorCode::kNotFound);

  fixture.clock.advance_seconds(10);
  const Timestamp enabled_at = fixture.set_pitr(table->id, true)->schema.pitr.enabled_at;
  fixture.clock.advance_seconds(10);
  CHECK(error_of(fixture.engine->snapshot_at(table->id, enabled_at.plus_micros(-1))) ==
        ErrorCode::kInvalidArgument);
  CHECK(error_of(fixture.engine->snapshot_at(table->id, fixture.clock.now().plus_micros(1))) ==
        ErrorCode::kInvalidArgument);
  // What was there before the window opened belongs to it.
  const auto at_start = fixture.engine->snapshot_at(table->id, enabled_at);
  REQUIRE(at_start);
  CHECK(read_all(**at_start) == fixture.expected(table->id, enabled_at));
  CHECK(read_all(**at_start).size() == 1);
}

TEST_CASE("changes are read within the window alone, and survive the table") {
  EngineFixture fixture;
  const TablePtr table = fixture.create("t", 2, true);
  const Timestamp begin = table->schema.pitr.enabled_at;
  fixture.write(table->id, {{"stays", true}, {"goes", true}});
  fixture.clock.advance_seconds(10);
  const Timestamp from = fixture.clock.now();
  fixture.clock.advance_seconds(10);
  fixture.write(table->id, {{"goes", false}, {"comes", true}});
  fixture.write(table->id, {{"comes", false}, {"stays", true}});
  fixture.write(table->id, {{"comes", true}, {"passes by", true}});
  fixture.write(table->id, {{"passes by", false}});
  fixture.clock.advance_seconds(10);
  const Timestamp to = fixture.clock.now();
  auto changes = fixture.engine->changes(table->id, from, to);
  REQUIRE(changes);
  const Changes wanted = fixture.expected_changes(table->id, from, to);
  REQUIRE(wanted.size() == 3);
  CHECK(read_changes(**changes) == wanted);

  const auto error_of_window = [&](Timestamp a, Timestamp b) {
    const auto refused = fixture.engine->changes(table->id, a, b);
    REQUIRE_FALSE(refused);
    return refused.error().code;
  };
  CHECK(error_of_window(to, from) == ErrorCode::kInvalidArgument);
  CHECK(error_of_window(begin.plus_micros(-1), to) == ErrorCode::kInvalidArgument);
  CHECK(error_of_window(from, to.plus_micros(1)) == ErrorCode::kInvalidArgument);

  fixture.write(table->id, {{"comes", false}, {"stays", false}});
  REQUIRE(fixture.engine->table_states().abandon(table->id));
  CHECK(error_of_window(from, to) == ErrorCode::kNotFound);
  fixture.clock.advance_seconds(40 * kDaySeconds);
  REQUIRE(fixture.engine->maintain());
  CHECK(read_changes(**changes) == wanted);
}

TEST_CASE("enabling point-in-time recovery again begins a new window") {
  EngineFixture fixture;
  const TablePtr table = fixture.create("t", 1, true);
  const Timestamp first = fixture.write(table->id, {{"a", true}});
  fixture.clock.advance_seconds(100);
  fixture.set_pitr(table->id, false);
  fixture.write(table->id, {{"a", true}, {"b", true}});  // leaves no history
  fixture.clock.advance_seconds(100);
  const Timestamp enabled_at = fixture.set_pitr(table->id, true)->schema.pitr.enabled_at;
  fixture.clock.advance_seconds(100);
  fixture.write(table->id, {{"a", false}, {"c", true}});

  CHECK(error_of(fixture.engine->snapshot_at(table->id, first)) == ErrorCode::kInvalidArgument);
  const auto snapshot = fixture.engine->snapshot_at(table->id, enabled_at);
  REQUIRE(snapshot);
  CHECK(read_all(**snapshot) == fixture.expected(table->id, enabled_at));
  CHECK(read_all(**snapshot).size() == 2);
}

TEST_CASE("a snapshot outlives the table and the history it reads") {
  EngineFixture fixture;
  const TablePtr table = fixture.create("t", 3, true);
  for (int i = 0; i < 30; ++i) fixture.write(table->id, {{"k" + std::to_string(i % 10), i % 4 != 0}});
  const Timestamp time = fixture.clock.now().plus_micros(15);
  fixture.clock.advance_seconds(3'600);
  for (int i = 0; i < 30; ++i) fixture.write(table->id, {{"k" + std::to_string(i % 10), i % 3 != 0}});
  fixture.clock.advance_seconds(3'600);
  REQUIRE(fixture.engine->maintain());
  REQUIRE(fixture.history_runs() > 0);

  auto past = fixture.engine->snapshot_at(table->id, time);
  auto now = fixture.engine->snapshot(table->id);
  REQUIRE(past);
  REQUIRE(now);
  const Contents past_wanted = fixture.expected(table->id, (*past)->time());
  const Contents now_wanted = fixture.expected(table->id, (*now)->time());
  CHECK(past_wanted != now_wanted);

  REQUIRE(fixture.engine->table_states().abandon(table->id));
  fixture.clock.advance_seconds(40 * kDaySeconds);
  REQUIRE(fixture.engine->maintain());
  CHECK(fixture.history_runs() > 0);  // the snapshot holds them
  CHECK(read_all(**past) == past_wanted);
  CHECK(read_all(**now) == now_wanted);
  CHECK((*past)->table().schema.name == "t");
  past->reset();
  CHECK(fixture.history_runs() == 0);
  now->reset();
  CHECK(error_of(fixture.engine->snapshot(table->id)) == ErrorCode::kNotFound);
}

TEST_CASE("history goes with the longest period in use") {
  EngineFixture fixture;
  const TablePtr table = fixture.create("short", 1, true);
  fixture.set_pitr(table->id, true, 2);
  fixture.write(table->id, {{"a", true}});
  fixture.clock.advance_seconds(3'600);
  REQUIRE(fixture.engine->maintain());
  REQUIRE(fixture.history_runs() == 1);
  fixture.clock.advance_seconds(kDaySeconds);
  REQUIRE(fixture.engine->maintain());
  CHECK(fixture.history_runs() == 1);
  fixture.clock.advance_seconds(2 * kDaySeconds);
  REQUIRE(fixture.engine->maintain());
  CHECK(fixture.history_runs() == 0);
}

TEST_CASE("a bulk load is not there before it was written") {
  EngineFixture fixture;
  const TablePtr table = fixture.create("t", 1, true);
  fixture.clock.advance_seconds(10);
  const Timestamp before = fixture.clock.now();
  fixture.clock.advance_seconds(10);
  const auto loader = fixture.engine->bulk_loader(table->id, {});
  REQUIRE(loader);
  const auto feeder = (*loader)->feeder();
  model::AttributeMap attributes;
  for (int i = 0; i < 50; ++i) {
    attributes["pk"].data = "k" + std::to_string(i);
    const model::Item item = model::make_item(attributes);
    REQUIRE(feeder->add(*model::key_of(table->schema.keys, item.text), item, 0));
  }
  REQUIRE(feeder->flush());
  const auto result = (*loader)->finish();
  REQUIRE(result);
  CHECK(result->items == 50);
  CHECK(fixture.engine->stats(table->id).item_count == 50);
  CHECK(fixture.engine->stats(table->id).size_bytes == static_cast<std::int64_t>(result->size_bytes));

  const auto now = fixture.engine->snapshot(table->id);
  REQUIRE(now);
  CHECK(read_all(**now).size() == 50);
  const auto past = fixture.engine->snapshot_at(table->id, before);
  REQUIRE(past);
  CHECK(read_all(**past).empty());
}

TEST_CASE("partitions are equal shares of the hash space") {
  struct Case {
    int count;
    std::vector<std::pair<int, int>> ranges;
  };
  const auto c = GENERATE(values<Case>({
      {1, {{0, 65'535}}},
      {2, {{0, 32'767}, {32'768, 65'535}}},
      {3, {{0, 21'845}, {21'846, 43'690}, {43'691, 65'535}}},
  }));
  EngineFixture fixture;
  const TablePtr table = fixture.create("t", c.count, false);
  const auto snapshot = fixture.engine->snapshot(table->id);
  REQUIRE(snapshot);
  std::vector<std::pair<int, int>> ranges;
  for (const Partition& partition : (*snapshot)->partitions()) {
    ranges.emplace_back(partition.hashes.first, partition.hashes.last);
  }
  CHECK(ranges == c.ranges);
}

}  // namespace tidemark::storage
