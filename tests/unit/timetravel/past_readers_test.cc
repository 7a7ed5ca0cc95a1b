// Readers of the past beside the one who writes, seals, thins out and merges.
#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/unit/timetravel/time_travel_fixture.h"

namespace tidemark::timetravel {
namespace {

// Several threads look at moments that they know, while the one that writes also seals, thins out and merges.
class Readers {
 public:
  Readers(storage::Engine& engine, storage::TablePtr table) : engine_(engine), table_(std::move(table)) {}
  ~Readers() { stop(); }

  void start(unsigned count) {
    for (unsigned seed = 1; seed <= count; ++seed) {
      threads_.emplace_back([this, seed](const std::stop_token& stop) { run(seed, stop); });
    }
  }
  void stop() { threads_.clear(); }

  void learn(Timestamp moment, std::vector<std::string> texts) {
    const std::lock_guard lock(mutex_);
    known_.emplace_back(moment, std::move(texts));
  }
  [[nodiscard]] std::uint64_t reads() const { return reads_; }
  [[nodiscard]] std::string failure() const {
    const std::lock_guard lock(mutex_);
    return failure_;
  }

 private:
  using Known = std::pair<Timestamp, std::vector<std::string>>;

  void run(unsigned seed, const std::stop_token& stop) {
    std::mt19937 random(seed);
    while (!stop.stop_requested()) {
      const auto one = pick(random);
      const auto other = pick(random);
      if (!one || !other) continue;
      std::string failure = check_view(*one, random() % 2 == 0);
      if (failure.empty()) failure = check_changes(std::min(*one, *other), std::max(*one, *other));
      ++reads_;
      if (failure.empty()) continue;
      const std::lock_guard lock(mutex_);
      failure_ = format_iso_micros(one->first) + ' ' + format_iso_micros(other->first) + ": " + failure;
      return;
    }
  }
  std::optional<Known> pick(std::mt19937& random) {
    const std::lock_guard lock(mutex_);
    if (known_.empty()) return std::nullopt;
    return known_[random() % known_.size()];
  }

  std::string check_view(const Known& known, bool reverse) {
    auto [moment, texts] = known;
    const auto view = engine_.view_at({table_->id}, moment);
    if (!view) return view.error().message;
    const storage::Target target{table_, nullptr};
    storage::ReadOptions how;
    how.reverse = reverse;
    if (reverse) std::reverse(texts.begin(), texts.end());
    const auto cursor = (*view)->read(target, storage::segment_range(target, 0, 1), how);
    for (const std::string& text : texts) {
      if (!cursor->next()) return "an item is missing";
      if (cursor->text() != text) return "another item: " + std::string(cursor->text());
    }
    return cursor->next() ? "an item too many" : cursor->status() ? "" : cursor->status().error().message;
  }
  // What was there before, with the changes, is what was there after.
  std::string check_changes(const Known& from, const Known& to) {
    const auto changes = engine_.changes(table_->id, from.first, to.first);
    if (!changes) return changes.error().message;
    std::set<std::string> state(from.second.begin(), from.second.end());
    for (const auto& partition : (*changes)->partitions()) {
      const auto reader = (*changes)->read(partition.hashes);
      if (!reader) return reader.error().message;
      while ((*reader)->next()) {
        const auto& before = (*reader)->old_image();
        const auto& after = (*reader)->new_image();
        if (before && state.erase(std::string(before->text)) == 0) return "an old image that was not there";
        if (after) state.insert(std::string(after->text));
      }
      if (!(*reader)->status()) return (*reader)->status().error().message;
    }
    return state == std::set(to.second.begin(), to.second.end()) ? "" : "the changes do not lead there";
  }

  storage::Engine& engine_;
  const storage::TablePtr table_;
  mutable std::mutex mutex_;
  std::vector<Known> known_;  // guarded by mutex_
  std::string failure_;       // likewise
  std::atomic<std::uint64_t> reads_ = 0;
  std::vector<std::jthread> threads_;  // last: they use what is above
};

TEST_CASE("the past can be read while it is sealed, thinned out and merged") {
  TimeTravelFixture fixture;
  fixture.close_all();
  fixture.options.history_segment_changes = 200;
  fixture.open_all();
  const storage::TablePtr table = fixture.create_recorded("t");
  std::mt19937 random(20'261'128);
  Readers readers(*fixture.engine, table);
  readers.start(2);
  for (int round = 0; round < 120 && readers.failure().empty(); ++round) {
    for (int i = 0; i < 150; ++i) {
      const auto sk = static_cast<std::int64_t>(random() % 40);
      if (random() % 4 == 0) {
        fixture.remove(table, "p" + std::to_string(random() % 3), sk);
      } else {
        fixture.put(table, "p" + std::to_string(random() % 3), sk,
                    {{"v", storage::number_value(1'000 * round + i)}});
      }
    }
    // A whole second, behind all of that and before what comes.
    REQUIRE(fixture.clock.set(fixture.clock.now().floor_second().plus_seconds(1)));
    readers.learn(fixture.clock.now(), fixture.scan({table, nullptr}));
    fixture.clock.advance_seconds(round % 5 == 4 ? 5 * 3'600 : 300);
    if (round % 3 == 2) REQUIRE(fixture.engine->maintain());
  }
  // Not before they have looked at what is old by now.
  const std::uint64_t wanted = readers.reads() + 20;
  while (readers.reads() < wanted && readers.failure().empty()) std::this_thread::yield();
  readers.stop();
  CHECK(readers.failure().empty());
  INFO(readers.failure());
  CHECK(readers.reads() > 20);
}

}  // namespace
}  // namespace tidemark::timetravel
