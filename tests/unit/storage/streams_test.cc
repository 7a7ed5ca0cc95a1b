// Streams as their readers see them: what is in them, when they begin and end, what survives.
#include "storage/streams.h"

#include <set>

#include "storage/catalog/stream_book.h"
#include "storage/store/stream_index.h"
#include "tests/unit/storage/engine_fixture.h"

namespace tidemark::storage {
namespace {

constexpr std::int64_t kHour = 3'600;

class StreamFixture : public EngineFixture {
 public:
  StreamFixture() {
    options.checkpoint_at_close = false;  // as kill -9 would leave it
    open();
  }

  TablePtr create_with_stream(const std::string& name = "t", bool on_demand = false) {
    auto with_stream = schema(name);
    with_stream.stream =
        model::StreamSettings{.view_type = "NEW_AND_OLD_IMAGES", .label = {}, .enabled = true};
    if (on_demand) with_stream.billing_mode = model::BillingMode::kPayPerRequest;
    return create(std::move(with_stream));
  }
  TablePtr set_stream(const TablePtr& table, bool enabled) {
    TableChange change = hold(table);
    auto& stream = change.settings().stream;
    if (enabled) {
      stream = model::StreamSettings{.view_type = "NEW_AND_OLD_IMAGES", .label = {}, .enabled = true};
    } else {
      stream->enabled = false;
    }
    const auto begun = engine->table_states().begin_update(std::move(change));
    REQUIRE(begun);
    return find(table->schema.name);
  }
  Stream stream_of(const TablePtr& table) {
    const auto stream =
        engine->streams().find(table->schema.arn() + "/stream/" + table->schema.stream->label);
    REQUIRE(stream);
    return *stream;
  }
  std::vector<Shard> shards(const Stream& stream) {
    auto shards = engine->streams().shards(stream);
    REQUIRE(shards);
    return *std::move(shards);
  }

  // Everything in the shard, in pages of `records_max`.
  std::vector<StreamRecord> read(const Stream& stream, const Shard& shard, std::size_t records_max = 1'000) {
    std::vector<StreamRecord> records;
    StreamPosition position{.time = shard.begin};
    for (;;) {
      auto page = engine->streams().read(stream, shard, position, {.records_max = records_max});
      if (!page) FAIL(page.error().message);
      for (StreamRecord& record : page->records) records.push_back(std::move(record));
      if (page->is_last || page->records.empty()) return records;
      position = page->next;
    }
  }
  std::vector<StreamRecord> read_all(const Stream& stream, std::size_t records_max = 1'000) {
    std::vector<StreamRecord> records;
    for (const Shard& shard : shards(stream)) {
      for (StreamRecord& record : read(stream, shard, records_max)) records.push_back(std::move(record));
    }
    return records;
  }

  // `INSERT {new}`, `MODIFY {old} {new}`, `REMOVE {old}`
  static std::string told(const StreamRecord& record) {
    const std::string old_text = record.old_item ? ' ' + record.old_item->text : "";
    const std::string new_text = record.new_item ? ' ' + record.new_item->text : "";
    if (!record.old_item) return "INSERT" + new_text;
    return record.new_item ? "MODIFY" + old_text + new_text : "REMOVE" + old_text;
  }
  static std::vector<std::string> told(const std::vector<StreamRecord>& records) {
    std::vector<std::string> texts;
    texts.reserve(records.size());
    for (const StreamRecord& record : records) texts.push_back(told(record));
    return texts;
  }
  static std::string text(const std::string& pk, std::int64_t sk, model::AttributeMap more = {}) {
    return item(pk, sk, std::move(more)).text;
  }
};

}  // namespace

TEST_CASE("the bytes of the index and of what the log says for it") {
  CHECK(stream_key(PartitionId{9}, {0x0102}, 3) ==
        std::string("\0\0\0\x09\0\0\0\0\0\0\x01\x02\0\0\0\x03", 16));
  CHECK(stream_value({.sequence = wal::SequenceNumber{0x0102}, .payload_offset = 24, .payload_bytes = 5}) ==
        std::string("\x02\x01\0\0\0\0\0\0\x18\0\0\0\0\0\0\0\x05\0\0\0", 20));
  CHECK(stream_mark_key(PartitionId{9}) == std::string("\0\0\0\x09", 4));
  CHECK(stream_mark_value(3) == std::string("\0\0\0\x03", 4));
  CHECK_FALSE(parse_stream_entry("short", "short"));
  CHECK_FALSE(parse_stream_mark("short", ""));
}

TEST_CASE_METHOD(StreamFixture, "a stream tells what was made, changed and removed, and nothing else") {
  const auto table = create_with_stream();
  put(table, "a", 1);
  put(table, "a", 1);  // as it was
  put(table, "a", 1, {{"v", text_value("new")}});
  remove(table, "a", 1);
  remove(table, "a", 1);  // nothing there
  put(create(schema("other")), "b", 2);
  const auto records = read_all(stream_of(table));
  CHECK(told(records) == std::vector<std::string>{
                             "INSERT " + text("a", 1),
                             "MODIFY " + text("a", 1) + ' ' + text("a", 1, {{"v", text_value("new")}}),
                             "REMOVE " + text("a", 1, {{"v", text_value("new")}}),
                         });
  for (const StreamRecord& record : records) CHECK(record.origin == wal::Origin::kClient);
  CHECK(records[0].new_item->size_bytes > 0);
}

TEST_CASE_METHOD(StreamFixture, "the writes of one commit are records of their own") {
  const auto table = create_with_stream();
  const auto transaction = engine->begin();
  REQUIRE(transaction->lock({{table, key("a", 1)}, {table, key("a", 2)}, {table, key("a", 3)}}));
  for (std::size_t i = 0; i < 3; ++i) {
    REQUIRE(transaction->read(i));
    transaction->put(i, item("a", static_cast<std::int64_t>(i) + 1));
  }
  REQUIRE(transaction->commit());
  const std::size_t page = GENERATE(1, 2, 1'000);
  CHECK(told(read_all(stream_of(table), page)) == std::vector<std::string>{"INSERT " + text("a", 1),
                                                                           "INSERT " + text("a", 2),
                                                                           "INSERT " + text("a", 3)});
}

TEST_CASE_METHOD(StreamFixture, "each item's changes are in the line of its partition, in their order") {
  const auto table = create_with_stream("t", true);
  REQUIRE(table->partitions.size() == 4);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 40; ++i) put(table, "p" + std::to_string(i), 1, {{"n", number_value(round)}});
  }
  const Stream stream = stream_of(table);
  const auto lines = shards(stream);
  REQUIRE(lines.size() == 4);
  std::size_t total = 0;
  std::set<std::string> items;
  for (const Shard& shard : lines) {
    const auto records = read(stream, shard, 7);
    CHECK(records.size() > 0);
    std::map<std::string, int> rounds;
    for (const StreamRecord& record : records) {
      const std::string pk(*model::find_attribute(record.new_item->text, "pk"));
      const std::string round(*model::find_attribute(record.new_item->text, "n"));
      CHECK(round == "{\"N\":\"" + std::to_string(rounds[pk]++) + "\"}");
    }
    for (const auto& [pk, count] : rounds) {
      CHECK(count == 3);
      CHECK(items.insert(pk).second);
    }
    total += records.size();
  }
  CHECK(total == 120);
}

TEST_CASE_METHOD(StreamFixture, "nothing is lost and nothing comes twice when the process ends at any time") {
  const auto table = create_with_stream();
  std::vector<std::string> expected;
  const bool checkpoints = GENERATE(false, true);
  options.checkpoint_log_bytes = checkpoints ? 1 : 1U << 30;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 5; ++i) {
      put(find("t"), "a", round * 10 + i);
      expected.push_back("INSERT " + text("a", round * 10 + i));
    }
    if (checkpoints) REQUIRE(engine->maintain());
    reopen();
    CHECK(told(read_all(stream_of(find("t")))) == expected);
  }
}

TEST_CASE_METHOD(StreamFixture, "the log stays as long as the stream can be read") {
  options.checkpoint_log_bytes = 1;
  reopen();
  const auto table = create_with_stream();
  put(table, "a", 1);
  for (int i = 0; i < 5; ++i) {
    clock.advance_seconds(4 * kHour);
    put(table, "b", i);
    REQUIRE(engine->maintain());
  }
  CHECK(told(read_all(stream_of(table))).size() == 6);
  clock.advance_seconds(5 * kHour);  // the first is 25 hours old
  REQUIRE(engine->maintain());
  CHECK(told(read_all(stream_of(table))).front() == "INSERT " + text("b", 0));
  clock.advance_seconds(30 * kHour);
  REQUIRE(engine->maintain());
  put(table, "c", 1);
  REQUIRE(engine->maintain());
  CHECK(told(read_all(stream_of(table))) == std::vector<std::string>{"INSERT " + text("c", 1)});
  // Nothing else holds the log.
  CHECK(engine->change_log().first_held() > wal::SequenceNumber{6});
}

TEST_CASE_METHOD(StreamFixture, "shards roll with the clock, and a closed one gets no more records") {
  const auto table = create_with_stream();
  const Stream stream = stream_of(table);
  put(table, "a", 1);
  clock.advance_seconds(4 * kHour);
  const auto lines = shards(stream);
  REQUIRE(lines.size() == 2);
  CHECK(told(read(stream, lines[0])) == std::vector<std::string>{"INSERT " + text("a", 1)});
  // Not even when the clock does not remember, after the end of the process, how late it was.
  engine.reset();
  clock.set(stream.created_at);
  open();
  put(find("t"), "a", 2);
  CHECK(told(read(stream, lines[0])) == std::vector<std::string>{"INSERT " + text("a", 1)});
  CHECK(told(read(stream, lines[1])) == std::vector<std::string>{"INSERT " + text("a", 2)});
}

TEST_CASE_METHOD(StreamFixture, "a page of a closed shard says that it is the last one") {
  const auto table = create_with_stream();
  const Stream stream = stream_of(table);
  for (int i = 0; i < 4; ++i) put(table, "a", i);
  const auto page_at = [&](const Shard& shard, StreamPosition from, std::size_t count) {
    const auto page = engine->streams().read(stream, shard, from, {.records_max = count});
    REQUIRE(page);
    return *page;
  };
  const Shard open_shard = shards(stream)[0];
  CHECK_FALSE(page_at(open_shard, {.time = open_shard.begin}, 4).is_last);
  clock.advance_seconds(4 * kHour);
  const Shard closed = shards(stream)[0];
  const auto first = page_at(closed, {.time = closed.begin}, 3);
  CHECK(first.records.size() == 3);
  CHECK_FALSE(first.is_last);
  const auto second = page_at(closed, first.next, 3);
  CHECK(second.records.size() == 1);
  CHECK(second.is_last);
  CHECK(page_at(closed, {.time = closed.begin}, 4).is_last);
}

TEST_CASE_METHOD(StreamFixture, "a page ends with the record that fills it") {
  const auto table = create_with_stream();
  for (int i = 0; i < 3; ++i) put(table, "a", i, {{"v", text_value(std::string(1'000, 'x'))}});
  const Stream stream = stream_of(table);
  const Shard shard = shards(stream)[0];
  struct Case {
    const char* why;
    StreamPageLimits limits;
    std::size_t records;
  };
  const auto c = GENERATE(values<Case>({
      {"by size", {.bytes_max = 1'500}, 2},
      {"one always", {.bytes_max = 1}, 1},
      {"what is not shown does not count", {.bytes_max = 1'500, .counts_new_images = false}, 3},
  }));
  INFO(c.why);
  const auto page = engine->streams().read(stream, shard, {.time = shard.begin}, c.limits);
  REQUIRE(page);
  CHECK(page->records.size() == c.records);
}

TEST_CASE_METHOD(StreamFixture, "a stream that is switched on again has none of the records before") {
  const auto table = create_with_stream();
  const Stream first = stream_of(table);
  put(table, "a", 1);
  auto now = set_stream(table, false);
  put(now, "a", 2);
  now = set_stream(now, true);
  put(now, "a", 3);
  const Stream second = stream_of(now);
  CHECK(first.arn != second.arn);
  const bool again = GENERATE(false, true);
  if (again) reopen();
  const auto ended = engine->streams().find(first.arn);
  REQUIRE(ended);
  REQUIRE(ended->ended_at);
  CHECK(told(read_all(*ended)) == std::vector<std::string>{"INSERT " + text("a", 1)});
  CHECK(told(read_all(second)) == std::vector<std::string>{"INSERT " + text("a", 3)});
  CHECK(engine->streams().list().size() == 2);
}

TEST_CASE_METHOD(StreamFixture, "the stream of a table that is gone can be read for a day") {
  options.checkpoint_log_bytes = 1;
  reopen();
  const auto table = create_with_stream();
  const Stream stream = stream_of(table);
  put(table, "a", 1);
  drop(table);
  REQUIRE(engine->maintain());
  reopen();
  const auto ended = engine->streams().find(stream.arn);
  REQUIRE(ended);
  REQUIRE(ended->ended_at);
  CHECK(told(read_all(*ended)) == std::vector<std::string>{"INSERT " + text("a", 1)});
  clock.advance_seconds(24 * kHour + 1);
  CHECK_FALSE(engine->streams().find(stream.arn));
  CHECK(engine->streams().list().empty());
  REQUIRE(engine->maintain());
  CHECK(engine->catalog().list_documents("stream").empty());
  CHECK(engine->holds().list().empty());
}

TEST_CASE_METHOD(StreamFixture, "the newest position is behind every record, and before the next one") {
  const auto table = create_with_stream();
  put(table, "a", 1);
  const Stream stream = stream_of(table);
  const auto newest = engine->streams().newest(stream, shards(stream)[0]);
  REQUIRE(newest);
  put(table, "a", 2);
  const auto page = engine->streams().read(stream, shards(stream)[0], *newest, {});
  REQUIRE(page);
  CHECK(told(page->records) == std::vector<std::string>{"INSERT " + text("a", 2)});
}

TEST_CASE("the document of a stream reads back, and pins its bytes") {
  Stream stream;
  stream.arn = "arn";
  stream.label = "2026-01-01T00:00:00.000";
  stream.table = TableId{1};
  stream.table_name = "t";
  stream.account_id = "000000000000";
  stream.region = "us-east-1";
  stream.partition_key = "pk";
  stream.sort_key = "sk";
  stream.view_type = "KEYS_ONLY";
  stream.created_at = {1'767'225'600'000'000};
  stream.ended_at = Timestamp{1'767'225'600'000'001};
  stream.partitions = {PartitionId{9}, PartitionId{10}};
  const std::string text = stream_document(stream);
  CHECK(text ==
        R"({"label":"2026-01-01T00:00:00.000","table":1,"table_name":"t","account_id":"000000000000",)"
        R"("region":"us-east-1","partition_key":"pk","sort_key":"sk","view_type":"KEYS_ONLY",)"
        R"("created_at":1767225600000000,"ended_at":1767225600000001,"partitions":[9,10]})");
  const auto read = parse_stream_document("arn", text);
  REQUIRE(read);
  CHECK(stream_document(*read) == text);
  CHECK(read->arn == "arn");
  for (const char* const damaged : {"", "[]", "{}", R"({"label":"l","partitions":[]})", R"({"label":1})"}) {
    CHECK_FALSE(parse_stream_document("arn", damaged));
  }
}

TEST_CASE_METHOD(StreamFixture, "a stream that does not parse is refused at start") {
  REQUIRE(engine->catalog().put_document("stream", "arn:1", "{}"));
  engine.reset();
  const auto refused = Engine::open(options, *files, clock, schedule);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kCorruption);
  CHECK(refused.error().message.find("arn:1") != std::string::npos);
}

TEST_CASE_METHOD(StreamFixture, "a stream costs the history nothing, and both work together") {
  auto both = schema("t");
  both.pitr = {.enabled = true, .enabled_at = clock.now(), .recovery_period_days = 35};
  both.stream = model::StreamSettings{.view_type = "KEYS_ONLY", .label = {}, .enabled = true};
  const auto table = create(std::move(both));
  put(table, "a", 1);
  put(table, "a", 1, {{"v", text_value("new")}});
  reopen();
  CHECK(read_all(stream_of(find("t"))).size() == 2);
  CHECK(engine->snapshot_at(find("t")->id, clock.now()));
}

}  // namespace tidemark::storage
