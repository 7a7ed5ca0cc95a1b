// Bulk loads against a map: duplicates, spills, indexes, errors.
#include "storage/bulk_loader.h"

#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "base/bytes.h"
#include "base/digest.h"
#include "model/item.h"
#include "storage/commit/index_writer.h"
#include "storage/load/load_journal.h"
#include "storage/load/sst_bulk_loader.h"
#include "tests/unit/storage/history_fixture.h"

namespace tidemark::storage {
namespace {

constexpr Timestamp kWriteTime = Timestamp::from_seconds(1'767'225'600);

model::KeySchema keys(const std::string& partition, const std::string& sort) {
  return {{{partition, model::KeyType::kString}}, {{sort, model::KeyType::kNumber}}};
}

// pk (S), sk (N); one index on gpk (S), sk (N) with everything, one on pk, gsk (N) with the keys only.
TablePtr indexed_table() {
  auto table = std::make_shared<Table>();
  table->id = TableId{7};
  table->schema.keys = keys("pk", "sk");
  model::IndexSchema all;
  all.id = TableId{8};
  all.keys = keys("gpk", "sk");
  model::IndexSchema keys_only;
  keys_only.id = TableId{9};
  keys_only.keys = keys("pk", "gsk");
  keys_only.projection.type = model::ProjectionType::kKeysOnly;
  table->schema.indexes = {all, keys_only};
  return table;
}

model::Item make_item(const std::string& pk, int sk, int version, std::optional<int> gpk, int padding) {
  model::AttributeMap attributes;
  attributes["pk"].data = pk;
  attributes["sk"].data = model::Number::from_int(sk);
  attributes["v"].data = model::Number::from_int(version);
  attributes["pad"].data = std::string(static_cast<std::size_t>(padding), 'x');
  if (gpk) attributes["gpk"].data = "g" + std::to_string(*gpk);
  if (gpk && *gpk % 2 == 0) attributes["gsk"].data = model::Number::from_int(*gpk);
  return model::make_item(attributes);
}

using Entries = std::map<std::string, std::pair<std::string, std::uint32_t>>;  // text and size by key

class LoaderFixture {
 public:
  LoaderFixture() {
    auto opened = RocksStore::open({.directory = scratch_.path("state"), .before_flush = {}});
    REQUIRE(opened);
    store = std::move(*opened);
    REQUIRE(sweep_bulk_loads(posix_file_system(), directory(), [](TableId) { return false; }));
  }

  [[nodiscard]] std::string directory() const { return scratch_.path("load"); }

  std::unique_ptr<BulkLoader> loader(const TablePtr& table, const BulkLoadOptions& options) {
    return make_bulk_loader({.store = store.get(),
                             .files = &posix_file_system(),
                             .directory = directory(),
                             .table = table,
                             .write_time = kWriteTime,
                             .ingest = [this](const BulkLoadFiles& load) -> Result<void> {
                               if (ingest_error) return fail(*ingest_error);
                               for (const auto& [id, stats] : load.counters) counters[id] = stats;
                               return store->ingest(load.state, load.index);
                             }},
                            options);
  }

  Entries stored(wal::Space space, TableId id) {
    Entries entries;
    const auto iterator = store->iterate(space, id_range(id));
    for (iterator->seek_to_first(); iterator->valid(); iterator->next()) {
      const auto item = parse_stored(iterator->value());
      REQUIRE(item);
      CHECK(item->write_time == kWriteTime);
      entries[std::string(iterator->key())] = {std::string(item->text), item->size_bytes};
    }
    REQUIRE(iterator->status());
    return entries;
  }

  std::vector<std::string> temporary_files() { return posix_file_system().list(directory()).value(); }

  std::unique_ptr<RocksStore> store;
  std::map<TableId, TableStats> counters;
  std::optional<Error> ingest_error;

 private:
  ScratchDirectory scratch_;
};

TableStats stats_of(const Entries& entries) {
  TableStats stats;
  for (const auto& [key, entry] : entries) {
    ++stats.item_count;
    stats.size_bytes += entry.second;
  }
  return stats;
}

struct Model {
  Entries items;
  std::map<TableId, Entries> indexes;
};

// What the load of `winners` must leave.
Model model_of(const Table& table, const std::vector<model::Item>& winners) {
  Model model;
  for (const model::IndexSchema& index : table.schema.indexes) model.indexes[index.id] = {};
  for (const model::Item& item : winners) {
    const auto key = model::key_of(table.schema.keys, item.text);
    REQUIRE(key);
    model.items[state_key(table.id, *key)] = {item.text, item.size_bytes};
    for (const model::IndexSchema& index : table.schema.indexes) {
      const auto entry = index_entry(table, index, *key, {item.text, item.size_bytes});
      if (entry) model.indexes[index.id][entry->key] = {entry->text, entry->size_bytes};
    }
  }
  return model;
}

}  // namespace

TEST_CASE("a bulk load leaves the last item of each key, its index entries and the counts") {
  struct Case {
    const char* why;
    std::uint64_t memory_bytes_max;
    int items, feeders, merge_threads;
  };
  const auto c = GENERATE(values<Case>({
      {"nothing at all", 1U << 20, 0, 1, 1},
      {"one item", 1U << 20, 1, 1, 1},
      {"everything stays in memory", 64U << 20, 5'000, 3, 2},
      {"some runs spill", 400'000, 5'000, 3, 2},
      {"every few items spill", 20'000, 3'000, 2, 1},
  }));
  INFO(c.why);
  LoaderFixture fixture;
  const TablePtr table = indexed_table();
  auto loader =
      fixture.loader(table, {.memory_bytes_max = c.memory_bytes_max, .merge_threads = c.merge_threads});

  std::mt19937 random(static_cast<unsigned>(c.items));
  const auto below = [&](int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random); };
  std::vector<std::unique_ptr<BulkLoader::Feeder>> feeders;
  for (int i = 0; i < c.feeders; ++i) feeders.push_back(loader->feeder());
  std::map<std::pair<std::string, int>, std::pair<std::uint64_t, model::Item>> latest;
  std::vector<std::uint64_t> orders(static_cast<std::size_t>(c.items));
  for (std::size_t i = 0; i < orders.size(); ++i) orders[i] = i + 1;
  std::shuffle(orders.begin(), orders.end(), random);
  for (const std::uint64_t order : orders) {
    const std::string pk = "p" + std::to_string(below(300));
    const int sk = below(4);
    const auto item = make_item(pk, sk, static_cast<int>(order),
                                below(3) == 0 ? std::nullopt : std::optional(below(50)), below(300));
    const auto key = model::key_of(table->schema.keys, item.text);
    REQUIRE(key);
    auto& [latest_order, latest_item] = latest[{pk, sk}];
    if (order > latest_order) {
      latest_order = order;
      latest_item = item;
    }
    REQUIRE(feeders[static_cast<std::size_t>(below(c.feeders))]->add(*key, item, order));
  }
  for (const auto& feeder : feeders) REQUIRE(feeder->flush());
  const auto result = loader->finish();
  if (!result) FAIL(result.error().message);
  feeders.clear();
  loader.reset();

  std::vector<model::Item> winners;
  for (const auto& [key, item] : latest) winners.push_back(item.second);
  const Model model = model_of(*table, winners);
  CHECK(fixture.stored(wal::Space::kState, table->id) == model.items);
  CHECK(result->items == model.items.size());
  CHECK(static_cast<std::int64_t>(result->size_bytes) == stats_of(model.items).size_bytes);
  CHECK(fixture.counters[table->id].item_count == stats_of(model.items).item_count);
  CHECK(fixture.counters[table->id].size_bytes == stats_of(model.items).size_bytes);
  for (const auto& [id, entries] : model.indexes) {
    INFO("index " << number(id));
    CHECK(fixture.stored(wal::Space::kIndex, id) == entries);
    CHECK(fixture.counters[id].item_count == stats_of(entries).item_count);
    CHECK(fixture.counters[id].size_bytes == stats_of(entries).size_bytes);
  }
  CHECK(fixture.temporary_files().empty());
}

TEST_CASE("feeders work on threads of their own") {
  LoaderFixture fixture;
  const TablePtr table = indexed_table();
  auto loader = fixture.loader(table, {.memory_bytes_max = 200'000, .merge_threads = 3});
  std::vector<std::thread> threads;
  std::atomic<int> failures = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const auto feeder = loader->feeder();
      for (int i = 0; i < 1'000; ++i) {
        // Every thread writes every key; the order decides.
        const auto item = make_item("p" + std::to_string(i), 1, t, i, 100);
        const auto key = model::key_of(table->schema.keys, item.text);
        if (!key || !feeder->add(*key, item, static_cast<std::uint64_t>((t * 7 + i) % 4))) ++failures;
      }
      if (!feeder->flush()) ++failures;
    });
  }
  for (auto& thread : threads) thread.join();
  REQUIRE(failures == 0);
  const auto result = loader->finish();
  REQUIRE(result);
  CHECK(result->items == 1'000);
  std::vector<model::Item> winners;
  for (int i = 0; i < 1'000; ++i) {
    for (int t = 0; t < 4; ++t) {
      if ((t * 7 + i) % 4 == 3) winners.push_back(make_item("p" + std::to_string(i), 1, t, i, 100));
    }
  }
  const Model model = model_of(*table, winners);
  CHECK(fixture.stored(wal::Space::kState, table->id) == model.items);
  CHECK(fixture.stored(wal::Space::kIndex, TableId{8}) == model.indexes.at(TableId{8}));
}

TEST_CASE("a bulk load that does not finish leaves nothing behind") {
  LoaderFixture fixture;
  const TablePtr table = indexed_table();
  auto loader = fixture.loader(table, {.memory_bytes_max = 20'000, .merge_threads = 2});
  auto feeder = loader->feeder();
  for (int i = 0; i < 500; ++i) {
    const auto item = make_item("p" + std::to_string(i), 1, i, i, 100);
    REQUIRE(feeder->add(*model::key_of(table->schema.keys, item.text), item, 1));
  }
  REQUIRE(feeder->flush());
  CHECK_FALSE(fixture.temporary_files().empty());

  SECTION("dropped") {}
  SECTION("refused") {
    fixture.ingest_error = Error::not_found("the table is gone");
    const auto result = loader->finish();
    REQUIRE_FALSE(result);
    CHECK(result.error().code == ErrorCode::kNotFound);
  }
  feeder.reset();
  loader.reset();
  CHECK(fixture.temporary_files().empty());
  CHECK(fixture.stored(wal::Space::kState, table->id).empty());
}

TEST_CASE("what a load that was cut off left is swept") {
  LoaderFixture fixture;
  REQUIRE(posix_file_system().replace(fixture.directory() + "/7-items-1.run", "half", false));
  REQUIRE(posix_file_system().replace(fixture.directory() + "/7-manifest", "half", false));
  REQUIRE(posix_file_system().replace(fixture.directory() + "/7-1.sst", "half", false));
  REQUIRE(posix_file_system().replace(fixture.directory() + "/8-items-1.run", "no manifest", false));
  REQUIRE(posix_file_system().replace(fixture.directory() + "/9-manifest", "its table is gone", false));
  REQUIRE(posix_file_system().replace(fixture.directory() + "/stray", "", false));
  REQUIRE(sweep_bulk_loads(posix_file_system(), fixture.directory(),
                           [](TableId id) { return id != TableId{9}; }));
  CHECK(fixture.temporary_files() == std::vector<std::string>{"7-items-1.run", "7-manifest"});
  REQUIRE(sweep_bulk_loads(posix_file_system(), fixture.directory(), [](TableId) { return false; }));
  CHECK(fixture.temporary_files().empty());
}

// A load with a plan on a table of its own, and what a process after the one that began it makes of it.
class ResumedLoadFixture : public LoaderFixture {
 public:
  ResumedLoadFixture() {
    auto made = std::make_shared<Table>(*indexed_table());
    made->schema.uuid = "00000000-0000-0000-0000-000000000007";
    table = made;
  }

  BulkLoadTarget target() {
    return {.store = store.get(),
            .files = &posix_file_system(),
            .directory = directory(),
            .table = table,
            .write_time = kWriteTime,
            .ingest = [this](const BulkLoadFiles& load) -> Result<void> {
              for (const auto& [id, stats] : load.counters) counters[id] = stats;
              return store->ingest(load.state, load.index);
            }};
  }
  std::unique_ptr<BulkLoader> begin() {
    return make_bulk_loader(target(), {.memory_bytes_max = 20'000, .plan = "the plan"});
  }
  // With the write time that the process has now, which is not that of the load.
  std::optional<ResumedLoad> resume() {
    BulkLoadTarget now = target();
    now.write_time = kWriteTime.plus_seconds(60);
    auto resumed = resume_bulk_load(std::move(now), {.memory_bytes_max = 20'000});
    REQUIRE(resumed);
    return *std::move(resumed);
  }
  void add(BulkLoader::Feeder& feeder, int from, int to, int version) {
    for (int i = from; i < to; ++i) {
      const auto item = make_item("p" + std::to_string(i), 1, version, i, 100);
      REQUIRE(feeder.add(*model::key_of(table->schema.keys, item.text), item, 1));
    }
  }
  // Items [0, 200) are safe, the next hundred are not.
  void leave_unfinished() {
    auto loader = begin();
    auto feeder = loader->feeder();
    add(*feeder, 0, 100, 1);
    REQUIRE(feeder->checkpoint("first"));
    CHECK(feeder->unsaved_bytes() == 0);
    add(*feeder, 100, 200, 1);
    CHECK(feeder->unsaved_bytes() > 0);
    REQUIRE(feeder->checkpoint("second"));
    add(*feeder, 200, 300, 1);
    REQUIRE(feeder->flush());
    feeder.reset();
    loader->suspend();
  }
  std::size_t loaded_items() { return stored(wal::Space::kState, table->id).size(); }

  TablePtr table;
};

TEST_CASE_METHOD(ResumedLoadFixture, "the next process goes on with what the checkpoints cover") {
  leave_unfinished();
  CHECK_FALSE(temporary_files().empty());
  {
    auto resumed = resume();
    REQUIRE(resumed);
    CHECK(resumed->plan == "the plan");
    CHECK(resumed->notes == std::vector<std::string>{"first", "second"});
    const auto feeder = resumed->loader->feeder();
    add(*feeder, 200, 250, 2);
    REQUIRE(feeder->checkpoint("third"));
    REQUIRE(feeder->flush());
    const auto result = resumed->loader->finish();
    REQUIRE(result);
    CHECK(result->items == 250);
  }
  std::vector<model::Item> winners;
  for (int i = 0; i < 250; ++i) {
    winners.push_back(make_item("p" + std::to_string(i), 1, i < 200 ? 1 : 2, i, 100));
  }
  const Model model = model_of(*table, winners);
  CHECK(stored(wal::Space::kState, table->id) == model.items);
  for (const auto& [id, entries] : model.indexes) CHECK(stored(wal::Space::kIndex, id) == entries);
  CHECK(temporary_files().empty());
  CHECK_FALSE(resume());
}

TEST_CASE_METHOD(ResumedLoadFixture, "a resumed load can be suspended, and resumed, again") {
  leave_unfinished();
  {
    auto resumed = resume();
    REQUIRE(resumed);
    auto feeder = resumed->loader->feeder();
    add(*feeder, 200, 300, 2);
    REQUIRE(feeder->checkpoint("third"));
    feeder.reset();
    resumed->loader->suspend();
  }
  auto resumed = resume();
  REQUIRE(resumed);
  CHECK(resumed->notes == std::vector<std::string>{"first", "second", "third"});
  const auto result = resumed->loader->finish();
  REQUIRE(result);
  CHECK(result->items == 300);
}

TEST_CASE_METHOD(ResumedLoadFixture, "what the end of a process cut off in a load does not count") {
  leave_unfinished();
  const std::string manifest = directory() + "/7-manifest";
  SECTION("a checkpoint whose record is cut off") {
    std::filesystem::resize_file(manifest, std::filesystem::file_size(manifest) - 1);
    auto resumed = resume();
    REQUIRE(resumed);
    CHECK(resumed->notes == std::vector<std::string>{"first"});
    REQUIRE(resumed->loader->finish());
    CHECK(loaded_items() == 100);
  }
  SECTION("runs behind the last checkpoint, in a file of their own") {
    REQUIRE(posix_file_system().replace(directory() + "/7-items-9.run", "half a run", false));
    auto resumed = resume();
    REQUIRE(resumed);
    REQUIRE(resumed->loader->finish());
    resumed.reset();
    CHECK(loaded_items() == 200);
    CHECK(temporary_files().empty());
  }
}

TEST_CASE_METHOD(ResumedLoadFixture, "a load that cannot be resumed is as if it had not been") {
  leave_unfinished();
  const std::string manifest = directory() + "/7-manifest";
  const std::string runs = directory() + "/7-items-1.run";
  SECTION("the manifest is of another version") {
    auto text = read_file(posix_file_system(), manifest);
    REQUIRE(text);
    (*text)[8 + std::string("tidemark load ").size()] = '2';
    REQUIRE(posix_file_system().replace(manifest, *text, false));
  }
  SECTION("the file of the runs is too short") { std::filesystem::resize_file(runs, 10); }
  SECTION("the file of the runs is gone") { REQUIRE(posix_file_system().remove(runs)); }
  SECTION("the table is another one under the same id") {
    auto made = std::make_shared<Table>(*table);
    made->schema.uuid = "00000000-0000-0000-0000-000000000008";
    table = made;
  }
  CHECK_FALSE(resume());
  CHECK(temporary_files().empty());
}

TEST_CASE_METHOD(ResumedLoadFixture, "a run that is damaged is noticed before anything is loaded") {
  leave_unfinished();
  const std::string runs = directory() + "/7-items-1.run";
  auto bytes = read_file(posix_file_system(), runs);
  REQUIRE(bytes);
  (*bytes)[bytes->find("xxxx")] = 'y';
  REQUIRE(posix_file_system().replace(runs, *bytes, false));
  auto resumed = resume();
  REQUIRE(resumed);
  const auto result = resumed->loader->finish();
  REQUIRE_FALSE(result);
  CHECK(result.error().code == ErrorCode::kCorruption);
  resumed.reset();
  CHECK(loaded_items() == 0);
  CHECK(temporary_files().empty());
}

// The format that load_journal.h specifies.
TEST_CASE("the manifest of a load") {
  ScratchDirectory scratch;
  FileSystem& files = posix_file_system();
  const std::string path = scratch.path("7-manifest");
  SavedRun run;
  run.file = 3;
  run.starts.fill(1'000);
  for (std::size_t i = 2; i < run.starts.size(); ++i) run.starts[i] = 1'300;
  run.sums[1] = 0x01020304;
  LoadJournal journal(files, scratch.path(""), path,
                      {.table_uuid = "some-uuid", .write_time = Timestamp{5}, .plan = "plan"});
  CHECK_FALSE(files.exists(path));
  REQUIRE(journal.checkpoint({run}, "note"));

  const std::string head =
      std::string("tidemark load 1\nsome-uuid\n") + '\x05' + std::string(7, '\0') + "plan";
  std::string checkpoint = "\x01\x03";       // one run, in file 3
  checkpoint += "\xe8\x07";                  // from 1000 on
  checkpoint += std::string(1, '\0');        // slice 0 is empty
  checkpoint += "\xac\x02\x04\x03\x02\x01";  // slice 1: 300 bytes, and their checksum
  checkpoint += std::string(kSortSlices - 2, '\0') + "note";
  std::string expected;
  for (const std::string& payload : {head, checkpoint}) {
    append_u32_le(&expected, static_cast<std::uint32_t>(payload.size()));
    append_u32_le(&expected, crc32c(0, payload));
    expected += payload;
  }
  CHECK(read_file(files, path).value() == expected);

  const auto read = read_load_journal(files, path);
  REQUIRE(read);
  REQUIRE(*read);
  CHECK((*read)->table_uuid == "some-uuid");
  CHECK((*read)->write_time == Timestamp{5});
  CHECK((*read)->plan == "plan");
  CHECK((*read)->notes == std::vector<std::string>{"note"});
  REQUIRE((*read)->runs.size() == 1);
  CHECK((*read)->runs[0].starts == run.starts);
  CHECK((*read)->runs[0].sums == run.sums);
  CHECK((*read)->size_bytes == expected.size());
}

}  // namespace tidemark::storage
