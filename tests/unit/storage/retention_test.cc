// What stays of history and log, and what goes: by windows, by holds, and by clocks that are wrong.
#include "storage/catalog/retention.h"

#include <filesystem>

#include "model/pitr.h"
#include "tests/support/faulty_file_system.h"
#include "tests/unit/storage/engine_fixture.h"
#include "wal/tail.h"

namespace tidemark::storage {
namespace {

constexpr std::int64_t kDaySeconds = 86'400;
constexpr TableId kTable{7};
constexpr TableId kOther{8};
constexpr Timestamp kNow = Timestamp::from_seconds(1'800'000'000);

TablePtr table_with(TableId id, const model::PitrSettings& pitr) {
  auto table = std::make_shared<Table>();
  table->id = id;
  table->schema.pitr = pitr;
  return table;
}

Hold history_hold(std::string who, TableId table, Timestamp from) {
  return {.who = std::move(who), .table = table, .history_from = from, .log_from = {}, .log_seconds = {}};
}

Hold moment_hold(std::string who, TableId table, Timestamp moment) {
  Hold hold = history_hold(std::move(who), table, moment);
  hold.only_moment = true;
  return hold;
}

TEST_CASE("what must stay of the history") {
  const Timestamp enabled = kNow.plus_seconds(-10 * kDaySeconds).plus_micros(600'000);
  const Timestamp before = enabled.plus_micros(-5);
  const Timestamp after = enabled.plus_micros(5);
  const Timestamp day_ago = kNow.plus_seconds(-kDaySeconds);
  struct Case {
    const char* why;
    std::vector<TablePtr> tables;
    std::vector<Hold> holds;
    HistoryNeeds needs;
  };
  const auto c = GENERATE_COPY(values<Case>({
      {"nothing of a table without a window or a hold", {table_with(kTable, {})}, {}, {}},
      {"the window",
       {table_with(kTable, model::enabled_pitr(enabled))},
       {},
       {{kTable, {enabled, {enabled}}}}},
      {"a short window",
       {table_with(kTable, model::enabled_pitr(enabled, 1))},
       {},
       {{kTable, {day_ago, {enabled}}}}},
      {"what is held of a table without a window",
       {table_with(kTable, {})},
       {history_hold("a", kTable, before)},
       {{kTable, {before, {before}}}}},
      {"of a table that is gone", {}, {history_hold("a", kTable, before)}, {{kTable, {before, {before}}}}},
      {"a hold that reaches back further than the window",
       {table_with(kTable, model::enabled_pitr(enabled))},
       {history_hold("a", kTable, before)},
       {{kTable, {before, {before, enabled}}}}},
      {"holds inside the window",
       {table_with(kTable, model::enabled_pitr(enabled))},
       {history_hold("a", kTable, day_ago), history_hold("b", kTable, after),
        history_hold("c", kTable, after)},
       {{kTable, {enabled, {enabled, after, day_ago}}}}},
      {"moments alone",
       {table_with(kTable, {})},
       {moment_hold("a", kTable, after), moment_hold("b", kTable, before)},
       {{kTable, {before, {before, after}, kFromNowOn}}}},
      {"a moment before the window",
       {table_with(kTable, model::enabled_pitr(enabled))},
       {moment_hold("a", kTable, before)},
       {{kTable, {before, {before, enabled}, enabled}}}},
      {"a moment inside the window",
       {table_with(kTable, model::enabled_pitr(enabled))},
       {moment_hold("a", kTable, after)},
       {{kTable, {enabled, {enabled, after}}}}},
      {"a moment before all that somebody else holds",
       {table_with(kTable, {})},
       {moment_hold("a", kTable, before), history_hold("b", kTable, after)},
       {{kTable, {before, {before, after}, after}}}},
      {"the same in the other order",
       {table_with(kTable, {})},
       {history_hold("a", kTable, after), moment_hold("b", kTable, before)},
       {{kTable, {before, {before, after}, after}}}},
      {"a hold of the log alone is none of the history",
       {table_with(kTable, {})},
       {{.who = "a", .table = kTable, .history_from = {}, .log_from = {}, .log_seconds = kDaySeconds}},
       {}},
      {"tables by themselves",
       {table_with(kTable, model::enabled_pitr(enabled)), table_with(kOther, {})},
       {history_hold("a", kOther, after)},
       {{kTable, {enabled, {enabled}}}, {kOther, {after, {after}}}}},
  }));
  INFO(c.why);
  CHECK(history_needs(c.tables, c.holds, kNow) == c.needs);
}

TEST_CASE("what must stay of the log") {
  const auto seconds = [](std::int64_t count) {
    return Hold{.who = "a", .table = kTable, .history_from = {}, .log_from = {}, .log_seconds = count};
  };
  const wal::SequenceNumber replay_after{42};
  CHECK_FALSE(log_need({history_hold("a", kTable, kNow)}, replay_after, kNow).since);
  const auto need = log_need({seconds(60), seconds(3'600), seconds(5)}, replay_after, kNow);
  CHECK(need.after == replay_after);
  CHECK(need.since == kNow.plus_seconds(-3'600));
}

TEST_CASE("what can be read, and what can be read with all that follows") {
  const HistoryNeed need{
      .from = kNow, .exact = {kNow, kNow.plus_seconds(5)}, .sparse_before = kNow.plus_seconds(9)};
  struct Case {
    std::int64_t seconds;
    bool readable, readable_from;
  };
  const auto c = GENERATE(values<Case>({{-1, false, false},
                                        {0, true, false},
                                        {1, false, false},
                                        {5, true, false},
                                        {8, false, false},
                                        {9, true, true},
                                        {10, true, true}}));
  CHECK(is_readable(need, kNow.plus_seconds(c.seconds)) == c.readable);
  CHECK(is_readable_from(need, kNow.plus_seconds(c.seconds)) == c.readable_from);
}

TEST_CASE("the moment that is shown for one that is asked for") {
  const Timestamp second = kNow;
  const HistoryNeed need{.from = second.plus_seconds(-5),
                         .exact = {second.plus_micros(300), second.plus_micros(700), second.plus_seconds(2)}};
  struct Case {
    Timestamp asked, shown;
  };
  const auto c = GENERATE_COPY(values<Case>({
      {second.plus_micros(-1), second.plus_seconds(-1)},
      {second, second},
      {second.plus_micros(299), second},
      {second.plus_micros(300), second.plus_micros(300)},
      {second.plus_micros(699), second.plus_micros(300)},
      {second.plus_micros(701), second.plus_micros(700)},
      {second.plus_seconds(1).plus_micros(1), second.plus_seconds(1)},
      {second.plus_seconds(9).plus_micros(1), second.plus_seconds(9).plus_micros(1)},  // exact from there on
  }));
  CHECK(readable_moment(need, c.asked, second.plus_seconds(9)) == c.shown);
}

class RetentionFixture : public EngineFixture {
 public:
  RetentionFixture() {
    options.history_segment_seconds = 60;
    options.checkpoint_log_bytes = 1;
  }
  ~RetentionFixture() { engine.reset(); }
  RetentionFixture(const RetentionFixture&) = delete;
  RetentionFixture& operator=(const RetentionFixture&) = delete;

  void create_table() { table = create(schema("t")); }
  void set_pitr(const model::PitrSettings& pitr) {
    change([&pitr](model::TableSchema& changed) { changed.pitr = pitr; });
  }
  void set_stream(bool enabled) {
    change([enabled](model::TableSchema& changed) {
      changed.stream = model::StreamSettings{.view_type = "KEYS_ONLY", .label = "l", .enabled = enabled};
    });
  }
  Timestamp write(std::int64_t value) {
    table = find("t");
    return put(table, "a", 1, {{"v", number_value(value)}});
  }
  static std::string text(std::int64_t value) { return item("a", 1, {{"v", number_value(value)}}).text; }

  Hold hold(Timestamp from, const std::string& who = "test") {
    const auto held = engine->holds().hold(history_hold(who, table->id, from));
    if (!held) FAIL(held.error().message);
    return *held;
  }
  Result<std::vector<std::string>> read_at(Timestamp time, Reach reach, Timestamp* shown = nullptr) {
    ASSIGN_OR_RETURN(const auto snapshot, engine->snapshot_at(table->id, time, reach));
    if (shown != nullptr) *shown = snapshot->time();
    ASSIGN_OR_RETURN(const auto reader, snapshot->read({}));
    std::vector<std::string> texts;
    while (reader->next()) texts.emplace_back(reader->text());
    RETURN_IF_ERROR(reader->status());
    return texts;
  }
  std::vector<std::string> at(Timestamp time, Reach reach = Reach::kHeld) {
    auto texts = read_at(time, reach);
    if (!texts) FAIL(texts.error().message);
    return *std::move(texts);
  }
  bool is_out_of_reach(Timestamp time, Reach reach = Reach::kHeld) {
    const auto texts = read_at(time, reach);
    return !texts && texts.error().code == ErrorCode::kInvalidArgument;
  }

  // Everything that is due, with what is in memory sealed before.
  void maintain() {
    clock.advance_seconds(61);
    REQUIRE(engine->maintain());
  }
  [[nodiscard]] std::size_t files_in(const std::string& room, const std::string& ending) const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(options.directory + room)) {
      if (entry.path().string().ends_with(ending)) ++count;
    }
    return count;
  }
  [[nodiscard]] std::size_t history_runs() const { return files_in("/history", ".sst"); }
  // The old image of the last write in the log, if it has one.
  struct OldImage {
    bool in_log = false;
    bool in_history = false;
  };
  OldImage last_old_image() {
    const auto tail = wal::Tail::open(engine->change_log(), engine->change_log().published());
    REQUIRE(tail);
    REQUIRE((*tail)->next() == true);
    const auto& write = (*tail)->record().writes.at(0);
    return {write.old_value.has_value(), write.in_history};
  }

  TablePtr table;

 private:
  void change(const std::function<void(model::TableSchema&)>& edit) { table = save(table, edit); }
};

TEST_CASE_METHOD(RetentionFixture, "history is kept for a hold, from before it is known") {
  open();
  create_table();
  const Timestamp first = write(1);
  CHECK_FALSE(last_old_image().in_log);
  clock.advance_seconds(10);
  const Hold held = hold(kFromNowOn);
  CHECK(held.history_from == first);
  clock.advance_seconds(10);
  const Timestamp second = write(2);
  CHECK(last_old_image().in_history);
  clock.advance_seconds(10);
  write(3);
  for (int i = 0; i < 3; ++i) {
    CHECK(at(first) == std::vector{text(1)});
    CHECK(at(second.plus_micros(-1)) == std::vector{text(1)});
    CHECK(at(second) == std::vector{text(2)});
    CHECK(is_out_of_reach(first.plus_micros(-1)));
    CHECK(is_out_of_reach(second, Reach::kWindow));
    CHECK(engine->holds().list() == std::vector{held});
    if (i == 0) reopen();
    if (i == 1) maintain();
    table = find("t");
  }
  REQUIRE(engine->holds().release("test"));
  CHECK(is_out_of_reach(second));
  write(4);
  CHECK_FALSE(last_old_image().in_log);
  maintain();
  CHECK(history_runs() == 0);
  CHECK(engine->holds().list().empty());
}

TEST_CASE_METHOD(RetentionFixture, "a write that was prepared before a hold leaves history behind it") {
  open();
  create_table();
  write(1);
  const auto transaction = engine->begin();
  REQUIRE(transaction->lock({{table, key("a", 1)}}));
  REQUIRE(transaction->read(0));
  transaction->put(0, item("a", 1, {{"v", number_value(2)}}));
  const Hold held = hold(kFromNowOn);
  const auto committed = transaction->commit();
  REQUIRE(committed);
  CHECK(at(*held.history_from) == std::vector{text(1)});
  CHECK(at(*committed) == std::vector{text(2)});
}

TEST_CASE_METHOD(RetentionFixture, "a moment that is held stays exact") {
  open();
  create_table();
  set_pitr(model::enabled_pitr(clock.now()));
  clock.turn_to(clock.now().plus_seconds(100).floor_second());
  std::vector<Timestamp> times;
  for (int i = 0; i < 10; ++i) {
    clock.advance_micros(50'000);
    times.push_back(write(i));
  }
  CHECK(hold(times[3]).history_from == times[3]);
  CHECK(hold(times[6].plus_micros(7), "other").history_from == times[6].plus_micros(7));
  const auto check = [&] {
    CHECK(at(times[3]) == std::vector{text(3)});
    CHECK(at(times[6].plus_micros(7)) == std::vector{text(6)});
  };
  check();
  clock.advance_seconds(3 * kDaySeconds);
  maintain();
  check();
  Timestamp shown;
  REQUIRE(read_at(times[5], Reach::kHeld, &shown));
  CHECK(shown == times[3]);
  CHECK(at(times[5]) == std::vector{text(3)});
  REQUIRE(read_at(times[5], Reach::kWindow, &shown));
  CHECK(shown == times[5].floor_second());
  // Too late for another one.
  CHECK(hold(times[8], "late").history_from == times[6].plus_micros(7));
  CHECK(hold(times[2], "later").history_from == times[2].floor_second());
  reopen();
  table = find("t");
  maintain();
  check();
}

TEST_CASE_METHOD(RetentionFixture, "what is held outlives the window, recovery and the table") {
  open();
  create_table();
  set_pitr(model::enabled_pitr(clock.now(), 1));
  const Timestamp first = write(1);
  clock.advance_seconds(10);
  const Timestamp second = write(2);
  hold(first);
  clock.advance_seconds(40 * kDaySeconds);
  maintain();
  CHECK(at(first) == std::vector{text(1)});
  CHECK(is_out_of_reach(first, Reach::kWindow));
  set_pitr({});
  maintain();
  write(3);
  CHECK(at(first) == std::vector{text(1)});
  CHECK(at(second) == std::vector{text(2)});
  drop(table);
  maintain();
  CHECK(history_runs() > 0);
  reopen();
  maintain();
  CHECK(history_runs() > 0);
  REQUIRE(engine->holds().release("test"));
  maintain();
  CHECK(history_runs() == 0);
}

TEST_CASE_METHOD(RetentionFixture, "holds that cannot be are refused, and leave nothing") {
  open();
  create_table();
  const Timestamp first = write(1);
  clock.advance_seconds(10);
  write(2);
  const auto error_of = [&](const Hold& wanted) {
    const auto held = engine->holds().hold(wanted);
    REQUIRE_FALSE(held);
    return held.error().code;
  };
  CHECK(error_of(history_hold("a", TableId{99}, kFromNowOn)) == ErrorCode::kNotFound);
  CHECK(error_of(history_hold("a", table->id, first)) == ErrorCode::kInvalidArgument);
  Hold log_hold{.who = "a", .table = table->id, .history_from = {}, .log_from = {}, .log_seconds = {}};
  log_hold.log_from = wal::SequenceNumber{1'000};
  CHECK(error_of(log_hold) == ErrorCode::kInvalidArgument);
  write(3);
  CHECK_FALSE(last_old_image().in_log);

  set_pitr(model::enabled_pitr(clock.now()));
  CHECK(error_of(history_hold("a", table->id, first)) == ErrorCode::kInvalidArgument);
  CHECK(engine->holds().list().empty());
  hold(kFromNowOn, "a");
  CHECK(error_of(history_hold("a", table->id, kFromNowOn)) == ErrorCode::kAlreadyExists);
  CHECK_FALSE(engine->holds().find("b"));
  REQUIRE(engine->holds().release("b"));
  const auto moved = engine->holds().move_forward("b", kFromNowOn, {});
  REQUIRE_FALSE(moved);
  CHECK(moved.error().code == ErrorCode::kNotFound);
}

TEST_CASE_METHOD(RetentionFixture, "a hold that cannot be written down holds nothing") {
  FaultyFileSystem faulty;
  EngineFixture::files = &faulty;
  open();
  create_table();
  write(1);
  maintain();  // or a late checkpoint would meet the failure
  faulty.fail_operation(1);
  CHECK_FALSE(engine->holds().hold(history_hold("a", table->id, kFromNowOn)));
  CHECK(engine->holds().list().empty());
  write(2);
  CHECK_FALSE(last_old_image().in_log);
  engine.reset();
}

TEST_CASE_METHOD(RetentionFixture, "a hold that moves forward lets go of what is behind") {
  open();
  create_table();
  const Timestamp first = write(1);
  hold(kFromNowOn);
  clock.advance_seconds(10);
  const Timestamp second = write(2);
  clock.advance_seconds(10);
  const Timestamp third = write(3);
  const auto moved = engine->holds().move_forward("test", second, {});
  REQUIRE(moved);
  CHECK(moved->history_from == second);
  CHECK(is_out_of_reach(first));
  CHECK(at(second) == std::vector{text(2)});
  CHECK(engine->holds().move_forward("test", first, {})->history_from == second);  // never back
  maintain();
  CHECK(history_runs() == 1);
  CHECK(engine->holds().move_forward("test", kFromNowOn, {})->history_from >= third);
  maintain();
  CHECK(history_runs() == 0);
  reopen();
  CHECK(engine->holds().find("test")->history_from >= third);
}

TEST_CASE_METHOD(RetentionFixture, "the log stays while it is held, by record or by time") {
  open();
  create_table();
  write(1);
  const wal::SequenceNumber from = engine->change_log().published();
  Hold by_record{
      .who = "record", .table = table->id, .history_from = {}, .log_from = from, .log_seconds = {}};
  Hold by_time{
      .who = "time", .table = table->id, .history_from = {}, .log_from = {}, .log_seconds = kDaySeconds};
  REQUIRE(engine->holds().hold(by_record));
  maintain();
  write(2);
  maintain();
  CHECK(engine->change_log().first_held() <= from);
  reopen();
  CHECK(engine->holds().find("record") == by_record);
  write(3);
  maintain();
  CHECK(engine->change_log().first_held() <= from);

  REQUIRE(engine->holds().hold(by_time));
  REQUIRE(engine->holds().release("record"));
  maintain();
  CHECK(engine->change_log().first_held() <= from);
  clock.advance_seconds(kDaySeconds / 2);
  write(4);
  maintain();
  CHECK(engine->change_log().first_held() <= from);
  clock.advance_seconds(kDaySeconds / 2);
  write(5);
  maintain();
  const wal::SequenceNumber half = engine->change_log().first_held();
  CHECK(half > from);
  CHECK(half < engine->change_log().published());
  REQUIRE(engine->holds().release("time"));
  maintain();
  CHECK(engine->change_log().first_held() > half);
}

TEST_CASE_METHOD(RetentionFixture, "a hold of the log moves forward") {
  open();
  create_table();
  write(1);
  const wal::SequenceNumber from = engine->change_log().published();
  REQUIRE(engine->holds().hold(
      {.who = "a", .table = table->id, .history_from = {}, .log_from = from, .log_seconds = {}}));
  for (int i = 0; i < 3; ++i) {
    write(i);
    maintain();
  }
  CHECK(engine->change_log().first_held() <= from);
  const wal::SequenceNumber later = engine->change_log().published();
  const auto moved = engine->holds().move_forward("a", {}, later);
  REQUIRE(moved);
  CHECK(moved->log_from == later);
  maintain();
  CHECK(engine->change_log().first_held() > from);
  CHECK(engine->change_log().first_held() <= later);
}

TEST_CASE_METHOD(RetentionFixture, "a clock that was set back does not bring back what was dropped") {
  open();
  create_table();
  set_pitr(model::enabled_pitr(clock.now()));
  const Timestamp first = write(1);
  clock.advance_seconds(3'600);
  write(2);
  const Timestamp right = clock.now();
  clock.turn_to(right.plus_seconds(40 * kDaySeconds));
  maintain();
  CHECK(history_runs() == 0);
  clock.turn_to(right);
  // By the clock, the moment is in the window; but the change since then is gone.
  for (int i = 0; i < 2; ++i) {
    CHECK(is_out_of_reach(first, Reach::kWindow));
    const auto held = engine->holds().hold(history_hold("late", table->id, first));
    REQUIRE_FALSE(held);
    CHECK(held.error().code == ErrorCode::kInvalidArgument);
    reopen();
    table = find("t");
  }
}

TEST_CASE_METHOD(RetentionFixture, "what is about to be dropped can no longer be held") {
  options.history_segment_seconds = 100 * kDaySeconds;
  open();
  create_table();
  set_pitr(model::enabled_pitr(clock.now()));
  const Timestamp first = write(1);
  clock.advance_seconds(60);
  const Timestamp right = clock.now();
  clock.turn_to(right.plus_seconds(40 * kDaySeconds));
  // Decides what goes, though there is no file yet that could go.
  REQUIRE(engine->maintain());
  clock.turn_to(right);
  CHECK_FALSE(engine->holds().hold(history_hold("late", table->id, first)));
}

TEST_CASE_METHOD(RetentionFixture, "recovery that is switched off and on within a second begins anew") {
  open();
  create_table();
  set_pitr(model::enabled_pitr(clock.now()));
  write(1);
  const Timestamp second = clock.now().plus_seconds(100).floor_second();
  clock.turn_to(second.plus_micros(100'000));
  write(2);
  clock.turn_to(second.plus_micros(200'000));
  set_pitr({});
  clock.turn_to(second.plus_micros(300'000));
  write(3);  // leaves no history
  clock.turn_to(second.plus_micros(600'000));
  set_pitr(model::enabled_pitr(clock.now()));
  const Timestamp enabled = table->schema.pitr.enabled_at;
  clock.turn_to(second.plus_micros(800'000));
  const Timestamp last = write(4);
  for (int i = 0; i < 2; ++i) {
    CHECK(is_out_of_reach(second, Reach::kWindow));
    CHECK(is_out_of_reach(enabled.plus_micros(-1), Reach::kWindow));
    CHECK(at(enabled, Reach::kWindow) == std::vector{text(3)});
    CHECK(at(last.plus_micros(-1), Reach::kWindow) == std::vector{text(3)});
    // Older history is shown by the second, and the second begins with recovery here.
    CHECK(at(last, Reach::kWindow) == std::vector{text(i == 0 ? 4 : 3)});
    clock.advance_seconds(3 * kDaySeconds);
    maintain();
  }
}

TEST_CASE_METHOD(RetentionFixture, "old images are in the log for a stream, but not in the history") {
  open();
  create_table();
  write(1);
  CHECK_FALSE(last_old_image().in_log);
  set_stream(true);
  write(2);
  CHECK(last_old_image().in_log);
  CHECK_FALSE(last_old_image().in_history);
  maintain();
  CHECK(history_runs() == 0);
  reopen();
  table = find("t");
  write(3);
  CHECK(last_old_image().in_log);
  set_pitr(model::enabled_pitr(clock.now()));
  write(4);
  CHECK(last_old_image().in_history);
  set_stream(false);
  set_pitr({});
  write(5);
  CHECK_FALSE(last_old_image().in_log);
}

TEST_CASE_METHOD(RetentionFixture, "a write that was prepared before a stream carries its old image") {
  open();
  create_table();
  write(1);
  const auto transaction = engine->begin();
  REQUIRE(transaction->lock({{table, key("a", 1)}}));
  REQUIRE(transaction->read(0));
  transaction->remove(0);
  set_stream(true);
  REQUIRE(transaction->commit());
  CHECK(last_old_image().in_log);
}

}  // namespace
}  // namespace tidemark::storage
