// Random changes, holds, seals, merges and restarts against a model that remembers every version.
#include <random>

#include "tests/unit/storage/history_fixture.h"

namespace tidemark::storage {
namespace {

constexpr std::int64_t kExactSeconds = 6 * 3'600;

class RandomHistory {
 public:
  explicit RandomHistory(unsigned seed)
      : random_(seed),
        fixture_({.directory = {},
                  .run_log_bytes = 4'000,
                  .run_changes = 60,
                  .run_seconds = 900,
                  // Some merge in many small steps.
                  .merge_bytes_max = seed % 3 == 0 ? 3'000U : 512U << 20,
                  .small_runs_min = 2 + seed % 5}) {
    for (std::uint32_t id = 1; id <= 2; ++id) {
      tables_.push_back(make_table(id, static_cast<std::uint32_t>(1 + below(5))));
      for (int i = 0; i < 12; ++i) {
        const std::string partition(below(3), static_cast<char>(below(3)));
        keys_.push_back(test_key(tables_.back()->id, static_cast<std::uint16_t>(below(4) * 0x5555), partition,
                                 std::to_string(i)));
      }
    }
    started_ = fixture_.clock.now();
    for (const TablePtr& table : tables_) needs_[table->id] = {.from = started_, .exact = {started_}};
  }

  void step() {
    const auto dice = below(100);
    if (dice < 70) {
      commit();
    } else if (dice < 80) {
      advance_far();
    } else if (dice < 86) {
      REQUIRE(fixture_.history().seal(fixture_.clock.now(), fixture_.synced()));
    } else if (dice < 88) {
      REQUIRE(fixture_.history().seal_all(fixture_.synced()));
    } else if (dice < 91) {
      const Timestamp exact_from = fixture_.clock.now().plus_seconds(-kExactSeconds);
      REQUIRE(fixture_.history().consolidate(exact_from, [this] { return needs_; }));
      REQUIRE(fixture_.history().drop_unneeded([this] { return needs_; }));
      REQUIRE(fixture_.history().rewrite_unneeded([this] { return needs_; }, {}));
    } else if (dice < 93) {
      check_kept();
      fixture_.reopen();
    } else if (dice < 94) {
      fixture_.next_segment();
    } else if (dice < 95) {
      hold();
    } else if (dice < 96) {
      let_go();
    } else if (dice < 98) {
      check();
    } else {
      check_changes();
    }
  }

  void check() {
    const TablePtr& table = tables_[below(tables_.size())];
    const Timestamp time = random_moment(table);
    const HistoryNeed& need = needs_.at(table->id);
    INFO("table " << static_cast<std::uint32_t>(table->id) << " at " << time.micros);
    auto snapshot = fixture_.snapshot_at(table, time, kExactSeconds, need);
    Timestamp shown = time;
    if (time < fixture_.clock.now().plus_seconds(-kExactSeconds)) {
      shown = time.floor_second();
      for (const Timestamp exact : need.exact) {
        if (exact <= time) shown = std::max(shown, exact);
      }
    }
    CHECK(snapshot->time() == shown);
    const Contents wanted = fixture_.expected(table->id, snapshot->time());
    CHECK(read_range(*snapshot, {}) == wanted);
    CHECK(read_partitions(*snapshot) == wanted);
    const HashRange some{0x5555, 0xaaaa};
    CHECK(read_range(*snapshot, some) == fixture_.expected(table->id, snapshot->time(), some));
    if (below(4) == 0) kept_.emplace_back(std::move(snapshot), wanted);
  }

  void check_changes() {
    const TablePtr& table = tables_[below(tables_.size())];
    const Timestamp some = random_moment(table);
    const Timestamp other = below(4) == 0 ? fixture_.clock.now() : random_moment(table);
    const HistoryNeed& need = needs_.at(table->id);
    auto changes = fixture_.changes(table, std::min(some, other), std::max(some, other), kExactSeconds, need);
    INFO("table " << static_cast<std::uint32_t>(table->id) << " from " << changes->from().micros << " to "
                  << changes->to().micros);
    const Changes wanted = fixture_.expected_changes(table->id, changes->from(), changes->to());
    CHECK(read_changes(*changes) == wanted);
    const HashRange range{0x5555, 0xaaaa};
    CHECK(read_changes(*changes, range) ==
          fixture_.expected_changes(table->id, changes->from(), changes->to(), range));
    if (below(4) == 0) kept_changes_.emplace_back(std::move(changes), wanted);
  }

  // Snapshots and windows that saw everything that came after them: changes, seals, merges.
  void check_kept() {
    for (const auto& [snapshot, wanted] : kept_) CHECK(read_partitions(*snapshot) == wanted);
    for (const auto& [changes, wanted] : kept_changes_) CHECK(read_changes(*changes) == wanted);
    kept_.clear();
    kept_changes_.clear();
  }

 private:
  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
  }

  Timestamp random_moment(const TablePtr& table) {
    const HistoryNeed& need = needs_.at(table->id);
    if (below(3) == 0) return need.exact[below(need.exact.size())];
    const std::int64_t age = fixture_.last_time().micros - started_.micros;
    Timestamp time =
        started_.plus_micros(static_cast<std::int64_t>(below(static_cast<std::size_t>(age) + 1)));
    if (below(2) == 0 && !commit_times_.empty()) {
      time = commit_times_[below(commit_times_.size())].plus_micros(static_cast<std::int64_t>(below(3)) - 1);
    }
    if (below(3) == 0) time = time.floor_second();
    return is_readable(need, time) ? time : need.exact[below(need.exact.size())];
  }

  // Asks for a moment, while it is still exact, to stay so.
  void hold() {
    HistoryNeed& need = needs_.at(tables_[below(2)]->id);
    const std::int64_t span =
        std::min(fixture_.clock.now().micros - started_.micros, kExactSeconds * 1'000'000);
    const Timestamp moment = fixture_.clock.now().plus_micros(
        -static_cast<std::int64_t>(below(static_cast<std::size_t>(span) + 1)));
    if (!is_readable_from(need, moment)) return;
    need.exact.insert(std::lower_bound(need.exact.begin(), need.exact.end(), moment), moment);
  }

  // From now on, of a part of the past nothing but the moments that are held is needed.
  void let_go() {
    HistoryNeed& need = needs_.at(tables_[below(2)]->id);
    const std::int64_t age = fixture_.clock.now().micros - started_.micros;
    const Timestamp until =
        started_.plus_micros(static_cast<std::int64_t>(below(static_cast<std::size_t>(age) + 1)));
    need.sparse_before = std::max(need.sparse_before.value_or(until), until);
  }

  void commit() {
    // Often several within a second, sometimes a whole second exactly.
    if (below(3) > 0) fixture_.clock.advance_micros(static_cast<std::int64_t>(below(400'000)));
    if (below(10) == 0) fixture_.clock.set(fixture_.clock.now().floor_second().plus_seconds(1));
    std::map<std::string, TestWrite> writes;
    const std::size_t count = 1 + below(3);
    for (std::size_t i = 0; i < count; ++i) {
      // A few keys are hot.
      const std::string& key = keys_[below(3) > 0 ? below(2) * 12 : below(keys_.size())];
      TestWrite write{key, std::nullopt};
      if (below(4) > 0) write.text = "{\"v\":{\"N\":\"" + std::to_string(++version_) + "\"}}";
      writes[key] = write;
    }
    std::vector<TestWrite> list;
    for (auto& [key, write] : writes) list.push_back(write);
    commit_times_.push_back(fixture_.commit(list));
  }

  void advance_far() {
    const std::int64_t seconds[] = {1, 60, 600, 3'600, 10'000};
    fixture_.clock.advance_seconds(seconds[below(5)]);
  }

  std::mt19937 random_;
  HistoryFixture fixture_;
  std::vector<TablePtr> tables_;
  std::vector<std::string> keys_;
  std::vector<Timestamp> commit_times_;
  Timestamp started_;
  HistoryNeeds needs_;
  int version_ = 0;
  std::vector<std::pair<std::unique_ptr<TableSnapshot>, Contents>> kept_;
  std::vector<std::pair<std::unique_ptr<TableChanges>, Changes>> kept_changes_;
};

}  // namespace

TEST_CASE("a snapshot of any moment is what the table held then") {
  const auto seed = GENERATE(range(1U, 13U));
  INFO("seed " << seed);
  RandomHistory history(seed);
  for (int i = 0; i < 700; ++i) history.step();
  for (int i = 0; i < 30; ++i) history.check();
  history.check_kept();
}

TEST_CASE("the changes of any window are what distinguishes its two ends") {
  const auto seed = GENERATE(range(21U, 33U));
  INFO("seed " << seed);
  RandomHistory history(seed);
  for (int i = 0; i < 700; ++i) history.step();
  for (int i = 0; i < 60; ++i) history.check_changes();
  history.check_kept();
}

}  // namespace tidemark::storage
