// The whole machine against a naive model: writes, time to live, recovery on and off, indexes, backups,
// tables that come and go, clock jumps, restarts and ends of the process; and at random moments everything
// that shows the past, compared with the list of all versions.
//
// Every seed is a life of its own. TIDEMARK_TEST_SEED says which is the first one, TIDEMARK_MODEL_SEEDS how
// many there are, and TIDEMARK_MODEL_OPERATIONS how long each is; `script/test model` lives a million.
#include <cstdlib>
#include <set>

#include "base/log.h"
#include "tests/unit/timetravel/machine_looks.h"

namespace tidemark::timetravel {
namespace {

class TimeMachine : public MachineLooks {
 public:
  // Returns the operations done: writes of items and comparisons.
  std::uint64_t live(std::uint64_t seed, std::uint64_t operations) {
    rng_.seed(seed);
    options.history_segment_changes = 100 + pick(900);
    restart();
    for (std::size_t slot = 0; slot < kTables; ++slot) replace_table(slot, new_table());
    while (operations_ < operations) step();
    for (std::size_t slot = 0; slot < kTables; ++slot) check_everything(slot);
    end_of_days();
    return operations_;
  }

 private:
  void step() {
    const auto dice = pick(100'000);
    if (dice < 70'000) return write();
    if (dice < 80'000) return write_together();
    if (dice < 94'000) return pass_a_moment();
    if (dice < 94'600) return jump();
    if (dice < 97'500) return check_view(any_slot());
    if (dice < 98'000) return check_item(any_slot());
    if (dice < 98'400) return check_snapshot(any_slot());
    if (dice < 98'900) return check_changes(any_slot());
    if (dice < 99'050) return check_chain(any_slot());
    if (dice < 99'250) return check_live(any_slot());
    if (dice < 99'400) return turn_recovery(any_slot());
    if (dice < 99'450) return turn_ttl(any_slot());
    if (dice < 99'500) return turn_index(any_slot());
    if (dice < 99'580) return back_up(any_slot());
    if (dice < 99'640) return forget_backup();
    if (dice < 99'700) return check_restore(any_slot());
    if (dice < 99'760) return check_backup();
    if (dice < 99'840) return rewind(any_slot());
    if (dice < 99'860) return replace_table(any_slot(), new_table());
    if (dice < 99'900) return begin_again();
    REQUIRE(engine->maintain());
  }

  void begin_again() {
    options.checkpoint_at_close = one_in(2);
    restart();
    for (Living& living : tables_) {
      living.table = engine->catalog().find(living.table->id);
      REQUIRE(living.table);
    }
    check_live(any_slot());
    forget_expired();
    std::set<std::string> arns;
    for (const BackupPtr& backup : all_backups()) arns.insert(backup->arn);
    for (const Kept& kept : kept_) REQUIRE(arns.contains(kept.backup->arn));
  }

  // Jobs.

  void back_up(std::size_t slot) {
    const Living& living = tables_[slot];
    const BackupPtr backup = TimeTravelFixture::back_up(living.table);
    CHECK(backup->item_count == static_cast<std::int64_t>(living.past->now().size()));
    CHECK(living.past->at(backup->moment) == living.past->now());
    kept_.push_back({backup, living.past});
  }
  void forget_backup() {
    if (kept_.empty()) return;
    const auto at = kept_.begin() + static_cast<std::ptrdiff_t>(pick(kept_.size()));
    REQUIRE(travel->backups.remove(at->backup->arn));
    kept_.erase(at);
  }

  std::string new_name() { return "restored" + std::to_string(++last_name_); }
  void check_restore(std::size_t slot) {
    const Living& living = tables_[slot];
    const auto moment = any_moment(living);
    if (!moment) return;
    INFO("table " << living.table->schema.name << " restored to " << format_iso_micros(*moment) << ", now "
                  << format_iso_micros(clock.now()));
    const bool is_latest = one_in(3);
    auto wanted = request(*living.table, new_name(), is_latest ? storage::kFromNowOn : *moment);
    take_restored(std::move(wanted),
                  is_latest ? living.past->now() : living.past->at(shown(living, *moment, true)));
  }
  void check_backup() {
    if (kept_.empty()) return;
    const Kept& kept = kept_[pick(kept_.size())];
    INFO("backup " << kept.backup->arn << " of " << format_iso_micros(kept.backup->moment) << ", now "
                   << format_iso_micros(clock.now()));
    take_restored(request(*kept.backup, new_name()), kept.past->at(kept.backup->moment));
  }
  void take_restored(RestoreRequest wanted, const Contents& contents) {
    wanted.schema.ttl = {};
    if (one_in(4))
      std::erase_if(wanted.schema.indexes, [](const auto& index) { return index.name == "global"; });
    const auto restored = restore(std::move(wanted));
    auto past = std::make_shared<TablePast>();
    for (const auto& [at, content] : contents) {
      const auto found = engine->get(*restored, at.key());
      REQUIRE(found);
      REQUIRE(*found);
      past->write(at, {.time = (*found)->write_time, .content = content, .origin = wal::Origin::kRestore});
    }
    const std::size_t slot = any_slot();
    Living aside = {.table = restored, .past = past, .by_state_key = {}};
    std::swap(tables_[slot], aside);
    check_live(slot);
    std::swap(tables_[slot], aside);
    if (!one_in(10)) return drop(restored);
    // It lives on in the place of another one.
    clock.advance_micros(2'000);
    replace_table(slot, restored, past);
  }

  void rewind(std::size_t slot) {
    Living& living = tables_[slot];
    const auto moment = any_moment(living);
    if (!moment) return;
    const Timestamp then = shown(living, *moment, true);
    INFO("table " << living.table->schema.name << " taken back to " << format_iso_micros(then));
    RewindRequest wanted{.table = living.table, .to = *moment, .keys = {}};
    std::set<Position> some;
    while (one_in(2)) some.insert(any_position());
    for (const Position& at : some) {
      wanted.keys.push_back(model::key_text(living.table->schema.keys, at.key()));
    }
    rewound_ = &living;
    Contents after;
    std::uint64_t errors = 0;
    for (const auto& [at, versions] : living.past->items()) {
      auto content = living.past->now(at);
      const auto before = living.past->at(at, then);
      if ((some.empty() || some.contains(at)) && content != before) {
        rewound_to_[at] = before;
        if (before && before->has_wrong_g() && living.table->schema.find_index("global") != nullptr) {
          ++errors;
        } else {
          content = before;
        }
      }
      if (content) after.emplace(at, *content);
    }
    const wal::SequenceNumber from = next_record();
    const auto place = engine->change_log().hold(from);
    REQUIRE(place);
    const auto started = travel->rewinds.start(wanted);
    INFO((started ? std::string() : started.error().message));
    REQUIRE(started);
    const RewindRecord done = ended_rewind(started->arn);
    REQUIRE(done.status == jobs::JobStatus::kCompleted);
    CHECK(done.to == then);
    CHECK(done.totals.errors == errors);
    learn_from_log(from);
    rewound_ = nullptr;
    rewound_to_.clear();
    require_same(texts_of(living.past->now()), texts_of(after));
    check_live(slot);
    operations_ += done.totals.items;
  }
  RewindRecord ended_rewind(const std::string& arn) {
    for (;;) {
      auto record = travel->rewinds.book().find(arn);
      REQUIRE(record);
      if (is_ended(record->status)) return *std::move(record);
      std::this_thread::yield();
    }
  }

  // When everything is gone, nothing is left.
  void end_of_days() {
    for (Living& living : tables_) delete_table(living);
    for (const Kept& kept : kept_) {
      if (kept.backup->type == BackupType::kUser) REQUIRE(travel->backups.remove(kept.backup->arn));
    }
    REQUIRE(schedule.advance(36 * 24h));
    wait_for_holds(0);
    REQUIRE(engine->maintain());
    CHECK(all_backups().empty());
    CHECK(engine->catalog().retired().empty());
    CHECK(engine->dropped().empty());
    CHECK(engine->history_bytes().empty());
    close_all();
    CHECK(names_in("history") == std::vector<std::string>{"MANIFEST"});
    CHECK(names_in("load").empty());
  }
  std::vector<std::string> names_in(const std::string& folder) {
    const std::string directory = options.directory + '/' + folder;
    if (!files->exists(directory)) return {};
    const auto names = files->list(directory);
    REQUIRE(names);
    return *names;
  }
};

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST_CASE("a life with a time machine is as a naive model has it") {
  const std::uint64_t first = number_from_environment("TIDEMARK_TEST_SEED", 1);
  const std::uint64_t count = number_from_environment("TIDEMARK_MODEL_SEEDS", 1);
  const std::uint64_t operations = number_from_environment("TIDEMARK_MODEL_OPERATIONS", 20'000);
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    INFO("TIDEMARK_TEST_SEED=" << seed);
    log::set_level(log::Level::kWarn);
    TimeMachine machine;
    CHECK(machine.live(seed, operations) >= operations);
  }
}

}  // namespace
}  // namespace tidemark::timetravel
