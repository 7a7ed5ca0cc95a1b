// The whole machine against a naive model: writes, time to live, recovery on and off, indexes, backups,
// tables that come and go, clock jumps, restarts and ends of the process; and at random moments everything
// that shows the past, compared with the list of all versions.
//
// Every seed is a life of its own. TIDEMARK_TEST_SEED says which is the first one, TIDEMARK_MODEL_SEEDS how
// many there are, and TIDEMARK_MODEL_OPERATIONS how long each is; `script/test model` lives a million.
#include <cstdlib>
#include <random>
#include <set>
#include <string_view>
#include <thread>

#include "base/log.h"
#include "model/pitr.h"
#include "storage/store/item_codec.h"
#include "storage/store/keys.h"
#include "tests/unit/timetravel/past_model.h"
#include "tests/unit/timetravel/time_travel_fixture.h"
#include "wal/tail.h"

namespace tidemark::timetravel {
namespace {

using namespace std::chrono_literals;
using storage::TablePtr;

constexpr std::int64_t kExactSeconds = 24 * 3'600;
constexpr std::size_t kTables = 3;
constexpr std::int64_t kSortKeys = 30;
const std::vector<std::string> kPartitionKeys = {"a", std::string("a\0b", 3), "\xc3\xbf"};

class TimeMachine : public TimeTravelFixture {
 public:
  TimeMachine() {
    close_all();
    files = &posix_file_system();
    options.history_segment_changes = 300;
    options.checkpoint_log_bytes = 200'000;
    options.write_buffer_bytes = 256U << 10;
    open_all();
  }

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
    REQUIRE(transaction->lock(std::move(refs)));
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
    REQUIRE(engine->table_states().begin_update(std::move(update), indexes));
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

  // The rule of docs/time-travel.md, once more.

  // Nothing while recovery is off.
  std::optional<Timestamp> window_begin(const Living& living) const {
    const model::PitrSettings& pitr = living.table->schema.pitr;
    if (!pitr.enabled) return std::nullopt;
    const Timestamp oldest = clock.now().plus_seconds(-86'400LL * pitr.recovery_period_days).floor_second();
    return std::max(pitr.enabled_at, oldest);
  }
  // A moment of the window.
  std::optional<Timestamp> any_moment(const Living& living) {
    const auto begin = window_begin(living);
    if (!begin) return std::nullopt;
    const Timestamp now = std::max(clock.now(), *engine->last_commit_time());
    Timestamp moment = *begin;
    const auto dice = pick(8);
    if (dice < 4) {
      moment =
          commit_times_[pick(std::size(commit_times_))].plus_micros(static_cast<std::int64_t>(pick(3)) - 1);
    } else if (dice < 7) {
      const Timestamp from = one_in(2) ? *begin : std::max(*begin, now.plus_seconds(-kExactSeconds));
      moment = from.plus_micros(
          static_cast<std::int64_t>(pick(static_cast<std::uint64_t>((now - from).count()) + 1)));
    }
    if (one_in(4)) moment = moment.floor_second();
    return std::clamp(moment, *begin, now);
  }
  // Which moment is shown for it. `with_backups`: their moments stay exact.
  Timestamp shown(const Living& living, Timestamp moment, bool with_backups) const {
    if (moment >= clock.now().plus_seconds(-kExactSeconds)) return moment;
    Timestamp best = moment.floor_second();
    const auto take = [&](Timestamp exact) {
      if (exact <= moment) best = std::max(best, exact);
    };
    take(living.table->schema.pitr.enabled_at);
    if (!with_backups) return best;
    for (const Kept& kept : kept_) {
      if (kept.backup->table == living.table->id) take(kept.backup->moment);
    }
    return best;
  }

  // Comparisons.

  static std::vector<std::string> texts_of(const Contents& contents) {
    std::vector<std::string> texts;
    for (const auto& [at, content] : contents) texts.push_back(content.text(at));
    return texts;
  }
  static void require_same(const std::vector<std::string>& seen, const std::vector<std::string>& wanted) {
    if (seen == wanted) return;
    CHECK(seen == wanted);
    FAIL("what was read is not what was there");
  }

  void check_live(std::size_t slot) {
    const Living& living = tables_[slot];
    const Contents contents = living.past->now();
    INFO("table " << living.table->schema.name);
    require_same(scan({living.table, nullptr}), texts_of(contents));
    for (const model::IndexSchema& index : living.table->schema.indexes) {
      INFO("index " << index.name);
      auto seen = scan({living.table, &index});
      std::vector<std::string> wanted;
      for (const auto& [at, content] : contents) {
        const bool has_entry = index.name == "local" ? content.l().has_value()
                                                     : content.g().has_value() && !content.has_wrong_g();
        if (has_entry) wanted.push_back(content.text(at));
      }
      std::sort(seen.begin(), seen.end());
      std::sort(wanted.begin(), wanted.end());
      require_same(seen, wanted);
      CHECK(engine->stats(index.id).item_count == static_cast<std::int64_t>(wanted.size()));
    }
    CHECK(engine->stats(living.table->id).item_count == static_cast<std::int64_t>(contents.size()));
    ++operations_;
  }

  std::vector<std::string> read_view(storage::ReadView& view, const storage::Target& target,
                                     const storage::KeyRange& range, const storage::ReadOptions& how,
                                     std::size_t limit) {
    std::vector<std::string> texts;
    const auto cursor = view.read(target, range, how);
    while (texts.size() < limit && cursor->next()) texts.emplace_back(cursor->text());
    const auto status = cursor->status();
    INFO((status ? std::string() : status.error().message));
    REQUIRE(status);
    return texts;
  }

  // GetItem, Query and Scan as of a moment: both directions, pages, the local index.
  void check_view(std::size_t slot) {
    const Living& living = tables_[slot];
    const auto moment = any_moment(living);
    if (!moment) return check_refusal(living);
    const Timestamp then = shown(living, *moment, true);
    INFO("table " << living.table->schema.name << " as of " << format_iso_micros(*moment) << ", that is "
                  << format_iso_micros(then) << ", now " << format_iso_micros(clock.now()));
    auto view = engine->view_at({living.table->id}, *moment);
    INFO((view ? std::string() : view.error().message));
    REQUIRE(view);
    ++operations_;
    if (one_in(2)) return check_get(living, **view, then);
    const storage::Target target{living.table};
    if (one_in(8)) {
      return require_same(read_view(**view, target, storage::segment_range(target, 0, 1), {}, SIZE_MAX),
                          texts_of(living.past->at(then)));
    }
    check_query(living, **view, then);
  }
  void check_get(const Living& living, storage::ReadView& view, Timestamp then) {
    for (int i = 0; i < 5; ++i) {
      const Position at = any_position();
      const auto found = view.get(*living.table, at.key());
      REQUIRE(found);
      const auto wanted = living.past->at(at, then);
      REQUIRE(found->has_value() == wanted.has_value());
      if (wanted) REQUIRE((*found)->text() == wanted->text(at));
    }
  }
  void check_query(const Living& living, storage::ReadView& view, Timestamp then) {
    const std::string& pk = kPartitionKeys[pick(kPartitionKeys.size())];
    const bool is_local = one_in(3);
    const storage::Target target =
        is_local ? index_of(living.table, "local") : storage::Target{living.table, nullptr};
    using Place = std::pair<std::string, std::int64_t>;  // in the collection
    std::vector<std::pair<Place, std::string>> entries;
    for (const auto& [at, content] : living.past->at(then)) {
      if (at.pk != pk || (is_local && !content.l())) continue;
      entries.push_back({{is_local ? *content.l() : std::string(), at.sk}, content.text(at)});
    }
    std::sort(entries.begin(), entries.end());
    storage::ReadOptions how;
    how.reverse = one_in(2);
    if (how.reverse) std::reverse(entries.begin(), entries.end());
    if (one_in(2)) {
      const Place place{is_local ? std::string(1, static_cast<char>('p' + pick(5))) : std::string(),
                        static_cast<std::int64_t>(pick(kSortKeys))};
      const model::Key index_key{{model::key_part_of(storage::text_value(pk))},
                                 {model::key_part_of(storage::text_value(place.first))}};
      how.start_after = storage::encoded_position(target, index_key, key(pk, place.second));
      std::erase_if(entries, [&](const auto& entry) {
        return how.reverse ? entry.first >= place : entry.first <= place;
      });
    }
    const std::size_t limit = one_in(2) ? SIZE_MAX : 1 + pick(10);
    std::vector<std::string> wanted;
    for (const auto& entry : entries) {
      if (wanted.size() < limit) wanted.push_back(entry.second);
    }
    INFO((is_local ? "local index" : "table") << (how.reverse ? ", backwards" : ""));
    const auto range = storage::query_range(target, {model::key_part_of(storage::text_value(pk))}, {});
    require_same(read_view(view, target, range, how, limit), wanted);
  }
  // Without recovery, and before the window, there is nothing to be seen.
  void check_refusal(const Living& living) {
    const auto begin = window_begin(living);
    const Timestamp moment = begin ? begin->plus_seconds(-1) : clock.now();
    const auto refused = engine->snapshot_at(living.table->id, moment, storage::Reach::kWindow);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::kInvalidArgument);
    ++operations_;
  }

  std::vector<std::string> read_snapshot(storage::TableSnapshot& snapshot) {
    std::vector<std::string> texts;
    for (const auto& partition : snapshot.partitions()) {
      const auto reader = snapshot.read(partition.hashes);
      REQUIRE(reader);
      while ((*reader)->next()) texts.emplace_back((*reader)->text());
      REQUIRE((*reader)->status());
    }
    return texts;
  }
  // What a full export reads.
  void check_snapshot(std::size_t slot) {
    const Living& living = tables_[slot];
    const auto moment = any_moment(living);
    if (!moment || one_in(10)) return check_refusal(living);
    INFO("table " << living.table->schema.name << " at " << format_iso_micros(*moment));
    const auto snapshot = engine->snapshot_at(living.table->id, *moment);
    REQUIRE(snapshot);
    REQUIRE((*snapshot)->time() == shown(living, *moment, false));
    require_same(read_snapshot(**snapshot), texts_of(living.past->at((*snapshot)->time())));
    ++operations_;
  }

  // What an incremental export and a diff read.
  void check_changes(std::size_t slot) {
    const Living& living = tables_[slot];
    const auto some = any_moment(living);
    const auto other = any_moment(living);
    if (!some || !other) return check_refusal(living);
    check_changes(living, std::min(*some, *other), std::max(*some, *other), nullptr);
  }
  // Applies what changed to `contents` where that is given.
  void check_changes(const Living& living, Timestamp from, Timestamp to, Contents* contents) {
    INFO("table " << living.table->schema.name << " from " << format_iso_micros(from) << " to "
                  << format_iso_micros(to) << ", now " << format_iso_micros(clock.now()));
    const auto changes = engine->changes(living.table->id, from, to);
    REQUIRE(changes);
    REQUIRE((*changes)->from() == shown(living, from, false));
    REQUIRE((*changes)->to() == shown(living, to, false));
    const auto wanted = living.past->between((*changes)->from(), (*changes)->to());
    auto next = wanted.begin();
    for (const auto& partition : (*changes)->partitions()) {
      const auto reader = (*changes)->read(partition.hashes);
      REQUIRE(reader);
      for (; (*reader)->next(); ++next) {
        if (next == wanted.end()) FAIL("a change that was none");
        check_change(living, next->first, next->second, **reader);
        if (contents != nullptr) apply(next->first, **reader, contents);
      }
      REQUIRE((*reader)->status());
    }
    if (next != wanted.end()) FAIL("a change is missing: " << next->first.pk << '/' << next->first.sk);
    ++operations_;
  }
  void check_change(const Living&, const Position& at, const Difference& wanted,
                    const storage::ChangeReader& change) {
    INFO("item " << at.pk << '/' << at.sk);
    REQUIRE(change.old_image().has_value() == wanted.before.has_value());
    REQUIRE(change.new_image().has_value() == wanted.after.has_value());
    if (wanted.before) REQUIRE(change.old_image()->text == wanted.before->text(at));
    if (wanted.after) REQUIRE(change.new_image()->text == wanted.after->text(at));
    REQUIRE(change.write_time() == wanted.last_write);
    if (wanted.last_write >= clock.now().plus_seconds(-kExactSeconds)) {
      REQUIRE(change.origin() == wanted.last_origin);
    }
  }
  // As a consumer of increments does: by what they say, not by what the model knows.
  void apply(const Position& at, const storage::ChangeReader& change, Contents* contents) {
    const auto known = contents->find(at);
    REQUIRE(change.old_image().has_value() == (known != contents->end()));
    contents->erase(at);
    if (!change.new_image()) return;
    Content content;
    const auto number = change.new_image()->text.find("\"v\":{\"N\":\"");
    content.v = std::strtoll(change.new_image()->text.data() + number + 10, nullptr, 10);
    if (const auto ttl = change.new_image()->text.find("\"ttl\":{\"N\":\""); ttl != std::string_view::npos) {
      content.expires_at = std::strtoll(change.new_image()->text.data() + ttl + 12, nullptr, 10);
    }
    contents->emplace(at, content);
  }
  // Any chain of windows on top of the state at its start is the state at its end.
  void check_chain(std::size_t slot) {
    const Living& living = tables_[slot];
    std::set<Timestamp> ends;
    for (auto count = 2 + pick(4); count > 0; --count) {
      if (const auto moment = any_moment(living)) ends.insert(*moment);
    }
    if (ends.size() < 2) return check_refusal(living);
    Contents contents = living.past->at(shown(living, *ends.begin(), false));
    for (auto end = std::next(ends.begin()); end != ends.end(); ++end) {
      check_changes(living, *std::prev(end), *end, &contents);
    }
    const auto snapshot = engine->snapshot_at(living.table->id, *ends.rbegin());
    REQUIRE(snapshot);
    require_same(texts_of(contents), read_snapshot(**snapshot));
  }

  // All versions of an item: exact where the history is; before that, at each second what was there then.
  void check_item(std::size_t slot) {
    const Living& living = tables_[slot];
    const auto begin = window_begin(living);
    if (!begin) return;
    const Position at = any_position();
    INFO("table " << living.table->schema.name << ", item " << at.pk << '/' << at.sk << ", window from "
                  << format_iso_micros(*begin) << ", now " << format_iso_micros(clock.now()));
    const auto seen = read_item_history(living, at);
    const auto seen_at = [&seen](Timestamp time) -> std::optional<std::string> {
      const auto later = std::upper_bound(seen.begin(), seen.end(), time,
                                          [](Timestamp t, const Seen& version) { return t < version.time; });
      return later == seen.begin() ? std::nullopt : std::prev(later)->text;
    };
    const Timestamp exact_from = clock.now().plus_seconds(-kExactSeconds);
    for (const Version& version : living.past->versions(at)) {
      if (version.time <= *begin) continue;
      INFO("version of " << format_iso_micros(version.time));
      if (version.time > exact_from) {
        const auto same = std::ranges::find(seen, version.time, &Seen::time);
        REQUIRE(same != seen.end());
        REQUIRE(same->text == text_of(at, version.content));
        REQUIRE(same->origin == version.origin);
      }
      const Timestamp second = version.time.plus_micros(-1).floor_second().plus_seconds(1);
      REQUIRE(seen_at(second) == text_of(at, living.past->at(at, second)));
    }
    ++operations_;
  }
  struct Seen {
    Timestamp time;
    std::optional<std::string> text;
    wal::Origin origin;
  };
  std::vector<Seen> read_item_history(const Living& living, const Position& at) {
    const auto history = engine->item_history(living.table->id, at.key());
    REQUIRE(history);
    std::vector<Seen> seen;
    for (;;) {
      const auto revision = (*history)->next();
      REQUIRE(revision);
      if (!*revision) return seen;
      Seen version{.time = (*revision)->time, .text = std::nullopt, .origin = (*revision)->origin};
      if ((*revision)->item) version.text = std::string((*revision)->item->text());
      REQUIRE((seen.empty() || seen.back().time < version.time));
      seen.push_back(std::move(version));
    }
  }
  static std::optional<std::string> text_of(const Position& at, const std::optional<Content>& content) {
    return content ? std::optional(content->text(at)) : std::nullopt;
  }

  void check_everything(std::size_t slot) {
    check_live(slot);
    for (int i = 0; i < 20; ++i) {
      check_snapshot(slot);
      check_changes(slot);
      check_item(slot);
      check_view(slot);
    }
    check_chain(slot);
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
