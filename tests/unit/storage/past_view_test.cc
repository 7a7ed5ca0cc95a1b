// Views of the past against what was read when it was the present.
#include <algorithm>
#include <map>
#include <random>

#include "model/pitr.h"
#include "tests/unit/storage/engine_fixture.h"

namespace tidemark::storage {
namespace {

using Texts = std::vector<std::string>;

class PastViewFixture : public EngineFixture {
 public:
  // A table with recovery on, and a local index over `l`.
  void create_table() {
    auto with_index = schema("t");
    auto local = index("local", "pk", "l", model::ProjectionType::kAll);
    local.kind = model::IndexKind::kLocal;
    with_index.indexes = {local, index("global", "g", "", model::ProjectionType::kAll)};
    with_index.pitr = model::enabled_pitr(clock.now());
    table = create(with_index);
  }

  std::unique_ptr<ReadView> view_at(Timestamp time) {
    auto view = engine->view_at({table->id}, time);
    INFO((view ? std::string() : view.error().message));
    REQUIRE(view);
    return *std::move(view);
  }

  std::uint64_t pick(std::uint64_t below) { return rng() % below; }

  static ReadOptions options_of(bool reverse, std::optional<std::string> start_after = {}) {
    ReadOptions made;
    made.reverse = reverse;
    made.start_after = std::move(start_after);
    return made;
  }

  TablePtr table;
  std::mt19937_64 rng;
};

Texts read_all(ReadView& view, const Target& target, const KeyRange& range, const ReadOptions& options) {
  Texts texts;
  const auto cursor = view.read(target, range, options);
  while (cursor->next()) texts.emplace_back(cursor->text());
  const auto status = cursor->status();
  INFO((status ? std::string() : status.error().message));
  REQUIRE(status);
  return texts;
}

TEST_CASE_METHOD(PastViewFixture, "an item reads as it was at every microsecond") {
  open();
  create_table();
  clock.advance_micros(10);
  const Timestamp before = clock.now();
  clock.advance_micros(1);
  const Timestamp first = put(table, "a", 1, {{"v", number_value(1)}});
  const Timestamp second = put(table, "a", 1, {{"v", number_value(2)}});
  remove(table, "a", 1);
  clock.advance_micros(1'000);
  const auto read_at = [&](Timestamp time) {
    const auto found = view_at(time)->get(*table, key("a", 1));
    REQUIRE(found);
    return *found ? std::string((*found)->text()) : std::string();
  };
  for (int i = 0; i < 3; ++i) {
    CHECK(read_at(before).empty());
    CHECK(read_at(first) == item("a", 1, {{"v", number_value(1)}}).text);
    CHECK(read_at(second) == item("a", 1, {{"v", number_value(2)}}).text);
    CHECK(read_at(second.plus_micros(1)).empty());
    CHECK(read_at(clock.now()).empty());
    // From memory, from a sealed run, and after a restart.
    if (i == 0) clock.advance_micros(3'600LL * 1'000'000);
    if (i == 0) REQUIRE(engine->maintain());
    if (i == 1) reopen();
  }
}

TEST_CASE_METHOD(PastViewFixture, "what comes after a view does not show in it") {
  open();
  create_table();
  const Timestamp first = put(table, "a", 1, {{"v", number_value(1)}});
  const auto now = engine->view();
  const auto then = view_at(first);
  put(table, "a", 1, {{"v", number_value(2)}, {"l", text_value("x")}});
  put(table, "a", 2);
  const Texts wanted = {item("a", 1, {{"v", number_value(1)}}).text};
  const Target target{table};
  for (ReadView* view : {now.get(), then.get()}) {
    CHECK(read_all(*view, target, segment_range(target, 0, 1), {}) == wanted);
    CHECK(read_all(*view, target, segment_range(target, 0, 1), options_of(true)) == wanted);
    const Target local = index_of(table, "local");
    CHECK(read_all(*view, local, segment_range(local, 0, 1), {}).empty());
  }
}

TEST_CASE_METHOD(PastViewFixture, "a moment out of reach is refused in a sentence") {
  open();
  create_table();
  put(table, "a", 1);
  const auto refusal = [this](Timestamp time) {
    const auto view = engine->view_at({table->id}, time);
    REQUIRE_FALSE(view);
    CHECK(view.error().code == ErrorCode::kInvalidArgument);
    return view.error().message;
  };
  CHECK(refusal(clock.now().plus_seconds(5)) == "2027-01-15T08:00:05.000000Z is in the future: it is " +
                                                    format_iso_micros(*engine->last_commit_time()));
  CHECK(refusal(clock.now().plus_seconds(-5)) ==
        "2027-01-15T07:59:55.000000Z is before the history of the table, which begins at "
        "2027-01-15T08:00:00.000000Z");
  save(table, [](model::TableSchema& schema) { schema.pitr = {}; });
  CHECK(refusal(clock.now()) == "no history of the table is kept: point-in-time recovery is off");
  drop(table);
  const auto gone = engine->view_at({table->id}, clock.now());
  REQUIRE_FALSE(gone);
  CHECK(gone.error().code == ErrorCode::kNotFound);
}

TEST_CASE_METHOD(PastViewFixture, "a global index has no past") {
  open();
  create_table();
  put(table, "a", 1, {{"g", text_value("x")}});
  const Target global = index_of(table, "global");
  const auto view = view_at(clock.now());
  const auto cursor = view->read(global, segment_range(global, 0, 1), {});
  CHECK_FALSE(cursor->next());
  REQUIRE_FALSE(cursor->status());
  CHECK(cursor->status().error().code == ErrorCode::kInvalidArgument);
}

TEST_CASE_METHOD(PastViewFixture, "a collection that is larger than what is sorted at a time") {
  open();
  create_table();
  // 15 MB in the collection `b`, in another order than that of the table; items of several sizes.
  const auto rank_of = [](std::int64_t sk) { return text_value("r" + std::to_string(100 + sk * 37 % 60)); };
  std::map<std::string, std::string> by_rank;
  for (std::int64_t sk = 0; sk < 60; ++sk) {
    const auto attributes = [&](char fill) {
      const std::size_t size = sk % 3 == 0 ? 10'000 : 370'000;
      return model::AttributeMap{{"l", rank_of(sk)}, {"fat", text_value(std::string(size, fill))}};
    };
    put(table, "b", sk, attributes('x'));
    by_rank[std::to_string(100 + sk * 37 % 60)] = item("b", sk, attributes('x')).text;
  }
  put(table, "a", 1, {{"l", text_value("r1")}});
  const Timestamp then = put(table, "c", 1, {{"l", text_value("r1")}});
  clock.advance_micros(1'000);
  for (std::int64_t sk = 0; sk < 60; sk += 2) remove(table, "b", sk);
  const Target local = index_of(table, "local");
  const Texts live = read_all(*engine->view(), local, segment_range(local, 0, 1), {});
  REQUIRE(live.size() == 32);
  Texts wanted;
  for (const auto& [rank, text] : by_rank) wanted.push_back(text);
  const auto view = view_at(then);
  for (const bool reverse : {false, true}) {
    Texts found = read_all(*view, local, segment_range(local, 0, 1), options_of(reverse));
    CHECK(found.size() == 62);
    std::erase_if(found, [](const std::string& text) { return text.size() < 1'000; });
    CHECK((found == wanted));  // without printing 15 MB
    std::reverse(wanted.begin(), wanted.end());
  }
}

// The property test: what each kind of read said at some moments, and says of them later.
class RandomPast : public PastViewFixture {
 public:
  struct Moment {
    Timestamp time;
    std::vector<Texts> reads;
  };

  void change_something() {
    const std::string pk(1, static_cast<char>('a' + pick(4)));
    const auto sk = static_cast<std::int64_t>(pick(40));
    if (pick(4) == 0) {
      remove(table, pk, sk);
      return;
    }
    model::AttributeMap more{{"v", number_value(static_cast<std::int64_t>(pick(1'000)))}};
    if (pick(3) != 0) more["l"] = text_value(std::string(1 + pick(2), static_cast<char>('p' + pick(4))));
    put(table, pk, sk, std::move(more));
  }

  // The same reads each time.
  std::vector<Texts> read_everything(ReadView& view) {
    std::vector<Texts> reads;
    for (const Target& target : {Target{table}, index_of(table, "local")}) {
      const KeyRange all = segment_range(target, 0, 1);
      reads.push_back(read_all(view, target, all, {}));
      reads.push_back(read_all(view, target, segment_range(target, 1, 3), {}));
      for (const bool reverse : {false, true}) {
        const KeyRange one = query_range(target, {model::key_part_of(text_value("b"))}, {});
        reads.push_back(read_all(view, target, one, options_of(reverse)));
        const KeyRange narrow{one.begin + "\x01", one.end};
        reads.push_back(read_all(view, target, narrow, options_of(reverse)));
        // A page goes on behind a position that need not have an item.
        const model::Key table_key = key("b", 17);
        const model::Key index_key{{model::key_part_of(text_value("b"))},
                                   {model::key_part_of(text_value("q"))}};
        const auto position = encoded_position(target, index_key, table_key);
        reads.push_back(read_all(view, target, one, options_of(reverse, position)));
        if (!reverse) reads.push_back(read_all(view, target, all, options_of(false, position)));
      }
    }
    Texts items;
    for (std::int64_t sk = 0; sk < 40; ++sk) {
      const auto found = view.get(*table, key("c", sk));
      REQUIRE(found);
      items.push_back(*found ? std::string((*found)->text()) : std::string());
    }
    reads.push_back(std::move(items));
    return reads;
  }

  void remember(Timestamp time) { moments.push_back({time, read_everything(*engine->view())}); }

  void check_moment(const Moment& moment) {
    INFO("at " << format_iso_micros(moment.time));
    const auto view = view_at(moment.time);
    const auto reads = read_everything(*view);
    for (std::size_t i = 0; i < reads.size(); ++i) {
      INFO("read " << i);
      REQUIRE(reads[i] == moment.reads[i]);
    }
  }

  std::vector<Moment> moments;
};

TEST_CASE_METHOD(RandomPast, "views of the past show what was there") {
  const auto seed = GENERATE(range(1, 3));
  const bool is_thinned = GENERATE(false, true);
  INFO("seed " << seed << ", thinned " << is_thinned);
  rng.seed(static_cast<std::uint64_t>(seed));
  options.history_segment_changes = 700;  // more than a chunk of a run in memory
  options.exact_history_seconds = is_thinned ? 0 : 30LL * 86'400;
  open();
  create_table();
  constexpr int kSteps = 1'500;
  constexpr std::int64_t kStepMicros = 3LL * 86'400 * 1'000'000 / kSteps;
  for (int step = 0; step < kSteps; ++step) {
    change_something();
    if (pick(20) == 0) {
      clock.advance_micros(kStepMicros * 20);
      if (pick(4) == 0) {
        clock.advance_micros(1'000'000 - clock.now().micros % 1'000'000);
        remember(clock.now());
        clock.advance_micros(1);  // a commit at that very moment would be a part of it
      }
    }
    if (!is_thinned && pick(100) == 0) remember(*engine->last_commit_time());
    if (pick(60) == 0) REQUIRE(engine->maintain());
    if (pick(1'000) == 0) {
      options.checkpoint_at_close = pick(2) == 0;
      reopen();
    }
    if (!moments.empty() && pick(50) == 0) check_moment(moments[pick(moments.size())]);
  }
  for (const Moment& moment : moments) check_moment(moment);
}

}  // namespace
}  // namespace tidemark::storage
