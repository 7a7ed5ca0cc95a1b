#include "storage/history/history.h"

#include <array>
#include <chrono>
#include <future>

#include "base/checked_file.h"
#include "base/digest.h"
#include "storage/history/manifest.h"
#include "tests/unit/storage/history_fixture.h"

namespace tidemark::storage {
namespace {

constexpr Timestamp kStart = Timestamp::from_seconds(1'767'225'600);
constexpr auto kEverything = wal::SequenceNumber{1'000'000};

// A log segment that can be made to fail.
class ImageFile final : public File {
 public:
  explicit ImageFile(std::string bytes) : bytes_(std::move(bytes)) {}
  Result<void> append(std::string_view) override { return fail(Error::io("read only")); }
  Result<std::size_t> read_at(std::uint64_t offset, char* buffer, std::size_t size) const override {
    if (fails) return fail(Error::io("bad sector"));
    if (is_damaged)
      return std::string(bytes_.size(), 'x').copy(buffer, size, static_cast<std::size_t>(offset));
    return bytes_.copy(buffer, size, static_cast<std::size_t>(offset));
  }
  Result<void> sync() override { return {}; }
  Result<void> truncate(std::uint64_t) override { return fail(Error::io("read only")); }
  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
  [[nodiscard]] int descriptor() const override { return -1; }

  bool fails = false;
  bool is_damaged = false;

 private:
  const std::string bytes_;
};

// The real files, but replacing one can fail.
class FullDisk final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open_append(const std::string& path) override {
    return real_.open_append(path);
  }
  Result<std::unique_ptr<File>> open_read(const std::string& path) override { return real_.open_read(path); }
  Result<void> replace(const std::string& path, std::string_view bytes, bool sync) override {
    if (is_full) return fail(Error::no_space("replacing " + path));
    return real_.replace(path, bytes, sync);
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    return real_.rename(from, to);
  }
  Result<void> link(const std::string& from, const std::string& to) override { return real_.link(from, to); }
  Result<void> remove(const std::string& path) override { return real_.remove(path); }
  Result<std::vector<std::string>> list(const std::string& directory) override {
    return real_.list(directory);
  }
  Result<void> create_directories(const std::string& path) override { return real_.create_directories(path); }
  Result<void> sync_directory(const std::string& path) override { return real_.sync_directory(path); }
  bool exists(const std::string& path) override { return real_.exists(path); }

  bool is_full = false;

 private:
  FileSystem& real_ = posix_file_system();
};

struct Undo {
  std::string key;
  std::int64_t micros;  // behind kStart
  std::string image;
  bool operator==(const Undo&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Undo& undo) {
  return out << to_hex(undo.key) << " +" << undo.micros << " '" << undo.image << "'";
}

class HistoryHarness {
 public:
  explicit HistoryHarness(HistoryOptions history_options = {}) : options(std::move(history_options)) {
    options.directory = scratch_.path("history");
    open();
  }

  void open() {
    history.reset();
    auto opened = History::open(options, files);
    if (!opened) FAIL(opened.error().message);
    history = std::move(*opened);
  }

  // One log record with one change; the image is "i<n>" for the n-th record.
  void record(std::uint64_t sequence, const std::string& key, std::int64_t micros) {
    const auto image = "i" + std::to_string(sequence);
    const auto offset = images_.find(image + ".");
    REQUIRE(offset != std::string::npos);
    const std::array changes{HistoryChange{.state_key = key,
                                           .image_offset = offset,
                                           .image_size = static_cast<std::uint32_t>(image.size()),
                                           .image_sum = crc32c(0, image)}};
    history->record({.sequence = wal::SequenceNumber{sequence}, .commit_time = kStart.plus_micros(micros)},
                    segment, 100, changes);
  }

  std::vector<Undo> read(TableId table, std::int64_t after_micros) {
    const auto pin = history->pin(table);
    const KeyRange range = id_range(table);
    return read(*pin, range, after_micros);
  }

  static std::vector<Undo> read(const HistoryPin& pin, const KeyRange& range, std::int64_t after_micros) {
    const auto reader = pin.read(range.begin, range.end, kStart.plus_micros(after_micros));
    std::vector<Undo> undos;
    while (reader->next()) {
      const auto image = reader->image();
      REQUIRE(image);
      undos.push_back(
          {std::string(reader->state_key()), reader->time().micros - kStart.micros, std::string(*image)});
    }
    const auto status = reader->status();
    if (!status) FAIL(status.error().message);
    return undos;
  }

  std::vector<std::string> run_files() {
    std::vector<std::string> runs;
    const auto names = files.list(options.directory);
    REQUIRE(names);
    for (const std::string& name : *names) {
      if (name != kHistoryManifestName) runs.push_back(name);
    }
    return runs;
  }

  // In sealed runs.
  std::uint64_t records() {
    const auto text = read_checked_file(files, path(kHistoryManifestName));
    REQUIRE(text);
    const auto manifest = history_manifest_from_json(*text);
    REQUIRE(manifest);
    std::uint64_t count = 0;
    for (const HistoryRunInfo& run : manifest->runs) count += run.records;
    return count;
  }

  std::string path(const std::string& name) const { return options.directory + '/' + name; }

 private:
  static std::string numbered_images() {
    std::string images;
    for (int i = 1; i <= 200; ++i) images += "i" + std::to_string(i) + ".";
    return images;
  }

  ScratchDirectory scratch_;
  const std::string images_ = numbered_images();

 public:
  FullDisk files;
  HistoryOptions options;
  std::shared_ptr<ImageFile> segment = std::make_shared<ImageFile>(images_);
  std::unique_ptr<History> history;
};

const TableId kTable{1};
const std::string kA = test_key(kTable, 1, "a", "x");
const std::string kB = test_key(kTable, 0x8000, "b", "x");
const std::string kOther = test_key(TableId{2}, 1, "a", "x");

}  // namespace

TEST_CASE("a run is sealed when it is full, old, or asked for") {
  HistoryHarness harness({.directory = {}, .run_log_bytes = 1'000, .run_changes = 3, .run_seconds = 60});
  const auto now = kStart.plus_seconds(1);
  harness.record(1, kA, 10);
  harness.record(2, kB, 20);
  CHECK_FALSE(harness.history->seal_due(now));
  REQUIRE(harness.history->seal(now, kEverything));
  CHECK(harness.run_files().empty());
  CHECK(harness.history->sealed_through() == wal::SequenceNumber{0});

  SECTION("by changes") {
    harness.record(3, kA, 30);
    CHECK(harness.history->seal_due(now));
    REQUIRE(harness.history->seal(now, kEverything));
  }
  SECTION("by age") {
    CHECK(harness.history->seal_due(kStart.plus_seconds(61)));
    REQUIRE(harness.history->seal(kStart.plus_seconds(61), kEverything));
    harness.record(3, kA, 30);
  }
  SECTION("by log bytes") {
    const std::array changes{
        HistoryChange{.state_key = kA, .image_offset = 0, .image_size = 2, .image_sum = crc32c(0, "i1")}};
    harness.history->record({.sequence = wal::SequenceNumber{3}, .commit_time = kStart.plus_micros(30)},
                            harness.segment, 900, changes);
    CHECK(harness.history->seal_due(now));
    REQUIRE(harness.history->seal(now, kEverything));
  }
  SECTION("by request") {
    harness.record(3, kA, 30);
    REQUIRE(harness.history->seal_all(kEverything));
  }
  CHECK(harness.run_files() == std::vector<std::string>{"000001.sst"});
  CHECK(harness.read(kTable, 0) == std::vector<Undo>{{kA, 10, "i1"}, {kB, 20, "i2"}});
  CHECK(harness.read(kTable, 10).front().micros == 30);
}

TEST_CASE("a run is not sealed ahead of the log") {
  HistoryHarness harness;
  harness.record(5, kA, 10);
  harness.record(6, kB, 20);
  REQUIRE(harness.history->seal_all(wal::SequenceNumber{5}));
  CHECK(harness.run_files().empty());
  CHECK(harness.history->sealed_through() == wal::SequenceNumber{4});
  REQUIRE(harness.history->seal_all(wal::SequenceNumber{6}));
  CHECK(harness.run_files().size() == 1);
  CHECK(harness.history->sealed_through() > wal::SequenceNumber{6});
}

TEST_CASE("replay brings back what was not sealed, once") {
  HistoryHarness harness;
  harness.record(1, kA, 10);
  harness.record(2, kB, 20);
  REQUIRE(harness.history->seal_all(kEverything));
  harness.record(3, kA, 30);
  harness.open();
  CHECK(harness.read(kTable, 0) == std::vector<Undo>{{kA, 10, "i1"}, {kB, 20, "i2"}});
  harness.record(1, kA, 10);
  harness.record(2, kB, 20);
  harness.record(3, kA, 30);
  CHECK(harness.history->sealed_through() == wal::SequenceNumber{2});
  CHECK(harness.read(kTable, 10) == std::vector<Undo>{{kA, 30, "i3"}, {kB, 20, "i2"}});
  CHECK(harness.read(TableId{2}, 0).empty());
}

TEST_CASE("keys with many records are skipped to the right one") {
  // One hot key between two others, in one run, in several, and in memory.
  HistoryHarness harness;
  const std::string before = test_key(kTable, 1, "a", "w");
  const std::string behind = test_key(kTable, 1, "a", "y");
  const int runs = GENERATE(1, 3);
  std::uint64_t sequence = 0;
  harness.record(++sequence, before, 1);
  for (int i = 0; i < 150; ++i) {
    harness.record(++sequence, kA, 10 * (i + 1));
    if (i % (150 / runs) == 75 / runs) REQUIRE(harness.history->seal_all(kEverything));
  }
  harness.record(++sequence, behind, 2'000);
  for (const int after : {1, 2, 17, 20, 33, 100, 149}) {
    INFO("after " << after << ", runs " << runs);
    const std::vector<Undo> wanted{{kA, 10 * after + 10, "i" + std::to_string(after + 2)},
                                   {behind, 2'000, "i152"}};
    CHECK(harness.read(kTable, 10 * after) == wanted);
  }
  CHECK(harness.read(kTable, 1'500) == std::vector<Undo>{{behind, 2'000, "i152"}});
  CHECK(harness.read(kTable, 2'000).empty());
}

TEST_CASE("a seal that fails loses nothing and leaves nothing") {
  HistoryHarness harness;
  harness.record(1, kA, 10);
  harness.record(2, kB, 20);
  const std::vector<Undo> wanted{{kA, 10, "i1"}, {kB, 20, "i2"}};
  SECTION("the log cannot be read") {
    harness.segment->fails = true;
    const auto sealed = harness.history->seal_all(kEverything);
    REQUIRE_FALSE(sealed);
    CHECK(sealed.error().code == ErrorCode::kIo);
    harness.segment->fails = false;
  }
  SECTION("the disk is full") {
    harness.files.is_full = true;
    const auto sealed = harness.history->seal_all(kEverything);
    REQUIRE_FALSE(sealed);
    CHECK(sealed.error().code == ErrorCode::kNoSpace);
    harness.files.is_full = false;
  }
  CHECK(harness.run_files().empty());
  CHECK(harness.read(kTable, 0) == wanted);
  REQUIRE(harness.history->seal(kStart, kEverything));
  CHECK(harness.run_files().size() == 1);
  CHECK(harness.read(kTable, 0) == wanted);
}

TEST_CASE("a reader reports an image that cannot be read") {
  HistoryHarness harness;
  harness.record(1, kA, 10);
  const auto pin = harness.history->pin(kTable);
  const auto reader = pin->read(id_range(kTable).begin, id_range(kTable).end, kStart);
  REQUIRE(reader->next());
  harness.segment->fails = true;
  const auto image = reader->image();
  REQUIRE_FALSE(image);
  CHECK(image.error().code == ErrorCode::kIo);
}

TEST_CASE("an image that is damaged in the log is neither shown nor sealed") {
  HistoryHarness harness;
  harness.record(1, kA, 10);
  harness.segment->is_damaged = true;
  const auto pin = harness.history->pin(kTable);
  const auto reader = pin->read(id_range(kTable).begin, id_range(kTable).end, kStart);
  REQUIRE(reader->next());
  const auto image = reader->image();
  REQUIRE_FALSE(image);
  CHECK(image.error().code == ErrorCode::kCorruption);
  const auto sealed = harness.history->seal_all(kEverything);
  REQUIRE_FALSE(sealed);
  CHECK(sealed.error().code == ErrorCode::kCorruption);
  CHECK(harness.run_files().empty());
}

TEST_CASE("a damaged run is corruption, not less history") {
  HistoryHarness harness;
  for (std::uint64_t i = 1; i <= 100; ++i) harness.record(i, kA, static_cast<std::int64_t>(i));
  REQUIRE(harness.history->seal_all(kEverything));
  const std::string path = harness.path(harness.run_files().at(0));
  auto bytes = read_file(posix_file_system(), path);
  REQUIRE(bytes);
  (*bytes)[10] = static_cast<char>((*bytes)[10] ^ 1);
  REQUIRE(posix_file_system().replace(path, *bytes, false));
  const auto pin = harness.history->pin(kTable);
  const auto reader = pin->read(id_range(kTable).begin, id_range(kTable).end, kStart);
  CHECK_FALSE(reader->next());
  REQUIRE_FALSE(reader->status());
  CHECK(reader->status().error().code == ErrorCode::kCorruption);
}

TEST_CASE("open sweeps what the manifest does not list, and misses what it does") {
  HistoryHarness harness;
  harness.record(1, kA, 10);
  REQUIRE(harness.history->seal_all(kEverything));
  REQUIRE(posix_file_system().replace(harness.path("000099.sst"), "half a run", false));
  harness.open();
  CHECK(harness.run_files() == std::vector<std::string>{"000001.sst"});

  harness.history.reset();
  REQUIRE(posix_file_system().remove(harness.path("000001.sst")));
  const auto opened = History::open(harness.options, harness.files);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == ErrorCode::kCorruption);
  CHECK(opened.error().message.find("000001.sst") != std::string::npos);
}

TEST_CASE("consolidation keeps the first record of each key and second") {
  constexpr std::int64_t kSecond = 1'000'000;
  HistoryHarness harness;
  // Two runs of one day; the bucket of a record ends with its second.
  harness.record(1, kA, 1);                // in (0, 1]
  harness.record(2, kA, kSecond - 1);      // dropped
  harness.record(3, kOther, kSecond / 2);  // of a table without a window
  REQUIRE(harness.history->seal_all(kEverything));
  harness.record(4, kA, kSecond);      // still (0, 1]
  harness.record(5, kA, kSecond + 1);  // in (1, 2]
  harness.record(6, kB, kSecond + 2);
  REQUIRE(harness.history->seal_all(kEverything));
  harness.record(7, kB, 3 * kSecond);
  const auto old_pin = harness.history->pin(kTable);

  const Timestamp now = kStart.plus_seconds(2 * 86'400);
  HistoryNeeds needs{{kTable, {.from = kStart, .exact = {}}}};
  const auto decide = [&needs] { return needs; };
  SECTION("not before the day is old enough") {
    REQUIRE(harness.history->consolidate(now.plus_seconds(-2 * 86'400), decide));
    CHECK(harness.run_files() == std::vector<std::string>{"000001.sst", "000002.sst"});
  }
  SECTION("once it is") {
    REQUIRE(harness.history->consolidate(now.plus_seconds(-86'400), decide));
    CHECK(harness.run_files() == std::vector<std::string>{"000001.sst", "000002.sst", "000003.sst"});
    // A pin from before still sees every record, and holds the files.
    const KeyRange range = id_range(kTable);
    CHECK(HistoryHarness::read(*old_pin, range, 1).front().micros == kSecond - 1);

    const std::vector<Undo> at_0{{kA, 1, "i1"}, {kB, kSecond + 2, "i6"}};
    const std::vector<Undo> at_1{{kA, kSecond + 1, "i5"}, {kB, kSecond + 2, "i6"}};
    const std::vector<Undo> at_2{{kB, 3 * kSecond, "i7"}};
    CHECK(harness.read(kTable, 0) == at_0);
    CHECK(harness.read(kTable, kSecond) == at_1);
    CHECK(harness.read(kTable, 2 * kSecond) == at_2);
    // The last record of its second is not dropped with the others: nothing else tells when that was.
    CHECK(harness.read(kTable, 1).front().micros == kSecond);
    CHECK(harness.history->pin(kTable)->exact_from() == kStart.plus_seconds(2));
    CHECK(harness.read(TableId{2}, 0).empty());

    // Again: nothing is left to do.
    REQUIRE(harness.history->consolidate(now.plus_seconds(-86'400), decide));
    CHECK(harness.run_files().back() == "000003.sst");
  }
  SECTION("what was given up is known from then on") {
    REQUIRE(harness.history->consolidate(now.plus_seconds(-86'400), [] {
      return HistoryNeeds{{kTable, {.from = kStart.plus_seconds(1), .exact = {}}}};
    }));
    for (int i = 0; i < 2; ++i) {
      CHECK(harness.read(kTable, 0) == std::vector<Undo>{{kA, kSecond + 1, "i5"}, {kB, kSecond + 2, "i6"}});
      CHECK(harness.history->pin(kTable)->complete_from() == kStart.plus_seconds(1));
      CHECK(harness.history->lost_through(kTable) == kStart.plus_seconds(1));
      CHECK(harness.history->lost_through(TableId{2}) == Timestamp{});
      harness.open();
      harness.record(7, kB, 3 * kSecond);
    }
    // It does not come back, whatever is asked for later.
    REQUIRE(harness.history->seal_all(kEverything));
    REQUIRE(harness.history->consolidate(now.plus_seconds(-86'400), decide));
    CHECK(harness.history->lost_through(kTable) == kStart.plus_seconds(1));
  }
  SECTION("moments that somebody holds stay exact") {
    REQUIRE(harness.history->consolidate(now.plus_seconds(-86'400), [] {
      return HistoryNeeds{
          {kTable,
           {.from = kStart, .exact = {kStart.plus_micros(kSecond - 2), kStart.plus_micros(kSecond - 1)}}}};
    }));
    CHECK(harness.read(kTable, 0).front().micros == 1);
    CHECK(harness.read(kTable, kSecond - 2).front().micros == kSecond - 1);
    CHECK(harness.read(kTable, kSecond - 1).front().micros == kSecond);
  }
  SECTION("nothing is left of tables that nobody needs") {
    REQUIRE(harness.history->consolidate(now.plus_seconds(-86'400), [] { return HistoryNeeds(); }));
    CHECK(harness.read(kTable, 0) == std::vector<Undo>{{kB, 3 * kSecond, "i7"}});
  }
  SECTION("a stop leaves everything as it was") {
    std::stop_source stop;
    stop.request_stop();
    const auto stopped = harness.history->consolidate(now.plus_seconds(-86'400), decide, stop.get_token());
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().code == ErrorCode::kUnavailable);
    CHECK(harness.run_files() == std::vector<std::string>{"000001.sst", "000002.sst"});
  }
  SECTION("a full disk leaves everything as it was") {
    harness.files.is_full = true;
    REQUIRE_FALSE(harness.history->consolidate(now.plus_seconds(-86'400), decide));
    CHECK(harness.run_files() == std::vector<std::string>{"000001.sst", "000002.sst"});
    CHECK(harness.read(kTable, 1).front().micros == kSecond - 1);
  }
}

TEST_CASE("sealing and dropping go on while runs are merged") {
  constexpr std::int64_t kDay = 86'400'000'000;
  HistoryHarness harness;
  harness.record(1, kA, 1);
  REQUIRE(harness.history->seal_all(kEverything));
  HistoryNeeds needs{{kTable, {.from = kStart, .exact = {}}}};
  std::promise<void> begun;
  std::promise<void> go_on;
  auto merged = std::async(std::launch::async, [&] {
    return harness.history->consolidate(kStart.plus_seconds(86'400), [&] {
      begun.set_value();
      go_on.get_future().wait();
      return needs;
    });
  });
  begun.get_future().wait();
  auto others = std::async(std::launch::async, [&] {
    harness.record(2, kA, kDay + 2);  // of a day that is not merged yet
    return harness.history->seal_all(kEverything).has_value() &&
           harness.history->drop_unneeded([&] { return needs; }).has_value();
  });
  const bool waits = others.wait_for(std::chrono::seconds{10}) != std::future_status::ready;
  go_on.set_value();
  CHECK_FALSE(waits);
  CHECK(others.get());
  REQUIRE(merged.get());
  CHECK(harness.run_files() == std::vector<std::string>{"000002.sst", "000003.sst"});
  for (int i = 0; i < 2; ++i) {
    CHECK(harness.read(kTable, 0) == std::vector<Undo>{{kA, 1, "i1"}});
    CHECK(harness.read(kTable, 1) == std::vector<Undo>{{kA, kDay + 2, "i2"}});
    harness.open();
  }
}

TEST_CASE("a day with much history is merged in steps, and each is kept") {
  HistoryHarness harness({.directory = {}, .merge_bytes_max = 1});
  for (std::uint64_t i = 1; i <= 3; ++i) {
    harness.record(i, kA, static_cast<std::int64_t>(i) * 1'000'000);
    REQUIRE(harness.history->seal_all(kEverything));
  }
  int steps = 0;
  std::stop_source stop;
  const auto decide = [&] {
    if (++steps == 2) stop.request_stop();
    return HistoryNeeds{{kTable, {.from = kStart, .exact = {}}}};
  };
  const Timestamp exact_from = kStart.plus_seconds(2 * 86'400);
  REQUIRE_FALSE(harness.history->consolidate(exact_from, decide, stop.get_token()));
  CHECK(harness.run_files() == std::vector<std::string>{"000002.sst", "000003.sst", "000004.sst"});
  harness.open();
  REQUIRE(harness.history->consolidate(exact_from, decide));
  CHECK(steps == 4);
  CHECK(harness.run_files().size() == 3);
  for (std::int64_t i = 1; i <= 3; ++i) {
    CHECK(harness.read(kTable, i * 1'000'000 - 1) ==
          std::vector<Undo>{{kA, i * 1'000'000, "i" + std::to_string(i)}});
  }
}

TEST_CASE("many small runs of a young day become one, which is as exact") {
  HistoryHarness harness({.directory = {}, .small_runs_min = 4});
  HistoryNeeds needs{{kTable, {.from = kStart.plus_micros(1), .exact = {}}}};
  const auto seal = [&](std::uint64_t i) {
    harness.record(i, i % 2 == 0 ? kB : kA, static_cast<std::int64_t>(i));
    REQUIRE(harness.history->seal_all(kEverything));
  };
  const auto merge = [&] { REQUIRE(harness.history->consolidate(kStart, [&] { return needs; })); };
  for (std::uint64_t i = 1; i <= 3; ++i) seal(i);
  merge();
  CHECK(harness.run_files().size() == 3);
  for (std::uint64_t i = 4; i <= 6; ++i) seal(i);
  merge();
  CHECK(harness.run_files() == std::vector<std::string>{"000007.sst"});
  harness.open();
  for (std::int64_t after = 1; after <= 4; ++after) {
    const std::int64_t a = after % 2 == 0 ? after + 1 : after + 2;
    const std::int64_t b = after % 2 == 0 ? after + 2 : after + 1;
    CHECK(harness.read(kTable, after) ==
          std::vector<Undo>{{kA, a, "i" + std::to_string(a)}, {kB, b, "i" + std::to_string(b)}});
  }
  CHECK(harness.history->pin(kTable)->exact_from() == Timestamp{});
}

TEST_CASE("a large table has files of its own, which go with it") {
  const std::string image(1U << 20, 'x');
  auto images = std::make_shared<ImageFile>(image);
  HistoryHarness harness;
  const TableId small{1};
  const TableId large{2};
  const TableId last{3};
  std::uint64_t sequence = 0;
  const auto record = [&](TableId table, int count) {
    for (int i = 0; i < count; ++i) {
      const std::string key = test_key(table, 1, std::to_string(i), "x");
      const std::array changes{HistoryChange{.state_key = key,
                                             .image_offset = 0,
                                             .image_size = static_cast<std::uint32_t>(image.size()),
                                             .image_sum = crc32c(0, image)}};
      ++sequence;
      harness.history->record({.sequence = wal::SequenceNumber{sequence},
                               .commit_time = kStart.plus_micros(static_cast<std::int64_t>(sequence))},
                              images, 100, changes);
    }
  };
  record(small, 1);
  record(large, 20);
  record(last, 1);
  REQUIRE(harness.history->seal_all(kEverything));
  const HistoryNeed need{.from = kStart, .exact = {}};
  REQUIRE(harness.history->consolidate(kStart.plus_seconds(2 * 86'400), [&] {
    return HistoryNeeds{{small, need}, {large, need}, {last, need}};
  }));
  CHECK(harness.run_files().size() == 2);
  REQUIRE(harness.history->drop_unneeded([&] { return HistoryNeeds{{small, need}, {large, need}}; }));
  CHECK(harness.run_files().size() == 1);
  CHECK(harness.read(last, 0).empty());
  CHECK(harness.read(large, 0).size() == 20);
}

TEST_CASE("runs that nobody needs go when their last pin does") {
  HistoryHarness harness;
  harness.record(1, kA, 10);
  REQUIRE(harness.history->seal_all(kEverything));
  harness.record(2, kA, 20);
  const auto needed_from = [](TableId table, Timestamp from) {
    return [=] { return HistoryNeeds{{table, {.from = from, .exact = {}}}}; };
  };
  REQUIRE(harness.history->drop_unneeded(needed_from(kTable, kStart)));
  CHECK(harness.run_files().size() == 1);

  auto pin = harness.history->pin(kTable);
  SECTION("past the time that is needed") {
    REQUIRE(harness.history->drop_unneeded(needed_from(kTable, kStart.plus_seconds(1))));
    CHECK(harness.history->lost_through(kTable) == kStart.plus_seconds(1));
    CHECK(pin->complete_from() == Timestamp{});
  }
  SECTION("of a table that nobody needs") {
    REQUIRE(harness.history->drop_unneeded(needed_from(TableId{2}, Timestamp{})));
  }
  CHECK(harness.run_files().size() == 1);
  CHECK(HistoryHarness::read(*pin, id_range(kTable), 0) == std::vector<Undo>{{kA, 10, "i1"}});
  CHECK(harness.read(kTable, 0) == std::vector<Undo>{{kA, 20, "i2"}});
  pin.reset();
  CHECK(harness.run_files().empty());
}

TEST_CASE("a run is thinned again when less of it is needed") {
  constexpr std::int64_t kSecond = 1'000'000;
  HistoryHarness harness;
  for (std::uint64_t i = 1; i <= 20; ++i) {
    harness.record(2 * i - 1, kA, static_cast<std::int64_t>(i) * kSecond);
    if (i > 10) harness.record(2 * i, kOther, static_cast<std::int64_t>(i) * kSecond + 1);
  }
  REQUIRE(harness.history->seal_all(kEverything));
  const TableId other{2};
  HistoryNeeds needs{{kTable, {.from = kStart, .exact = {}}}, {other, {.from = kStart, .exact = {}}}};
  const auto decide = [&needs] { return needs; };
  REQUIRE(harness.history->consolidate(kStart.plus_seconds(2 * 86'400), decide));
  REQUIRE(harness.records() == 30);

  // Two moments of one table are enough from now on, the other table needs what it needed.
  needs[kTable].exact = {kStart, kStart.plus_micros(10 * kSecond + 5)};
  SECTION("but not while somebody needs the second half") {
    needs[kTable].sparse_before = kStart.plus_seconds(10);
    REQUIRE(harness.history->rewrite_unneeded(decide, {}));
    CHECK(harness.records() == 30);
  }
  SECTION("once nobody does") {
    needs[kTable].sparse_before = kStart.plus_seconds(1'000);
    REQUIRE(harness.history->rewrite_unneeded(decide, {}));
    const auto files = harness.run_files();
    // Each bucket keeps its first and, as these images do not tell when they were written, its last.
    CHECK(harness.records() == 14);
    CHECK(harness.read(kTable, 0) == std::vector<Undo>{{kA, kSecond, "i1"}});
    CHECK(harness.read(kTable, 10 * kSecond + 5) == std::vector<Undo>{{kA, 11 * kSecond, "i21"}});
    CHECK(harness.read(other, 12 * kSecond + 5) == std::vector<Undo>{{kOther, 13 * kSecond + 1, "i26"}});
    // Once is enough, also after a restart.
    REQUIRE(harness.history->rewrite_unneeded(decide, {}));
    CHECK(harness.run_files() == files);
    harness.open();
    REQUIRE(harness.history->rewrite_unneeded(decide, {}));
    CHECK(harness.run_files() == files);
  }
}

TEST_CASE("the manifest reads back, and nothing else does") {
  HistoryManifest manifest;
  manifest.next_file = 12;
  manifest.sealed_through = wal::SequenceNumber{345};
  manifest.runs.push_back(
      {.name = "000007.sst",
       .first_time = kStart,
       .last_time = kStart.plus_seconds(5),
       .first_table = TableId{1},
       .last_table = TableId{0xffff'ffff},
       .records = 9,
       .bytes = 1'234,
       .consolidated = true,
       .tables = {{TableId{1}, 4, 1'000, kStart},
                  {TableId{0xffff'ffff}, 5, 999, kStart.plus_seconds(5), kStart.plus_seconds(9)}}});
  manifest.losses = {{TableId{3}, kStart}, {TableId{0xffff'ffff}, kStart.plus_micros(7)}};
  const std::string text = to_json(manifest);
  const auto read_back = history_manifest_from_json(text);
  REQUIRE(read_back);
  CHECK(*read_back == manifest);

  const auto with = [&text](const std::string& from, const std::string& to) {
    std::string changed = text;
    const auto at = changed.find(from);
    REQUIRE(at != std::string::npos);
    return changed.replace(at, from.size(), to);
  };
  for (const std::string& bad :
       {std::string(), std::string("[]"), text.substr(0, text.size() - 1),
        with("\"format\":4", "\"format\":2"), with("000007.sst", "../secret"), with("000007.sst", "a.sst"),
        with("\"records\":9", "\"records\":-9"),
        with("\"last_table\":4294967295", "\"last_table\":4294967296"),
        with("\"consolidated\":true", "\"consolidated\":1"), with("\"runs\":[", "\"runs\":[7,"),
        with("\"lost\":", "\"found\":"), with("[[1,4,", "[[-1,4,"), with("[[1,4,", "[[1,"),
        with("\"tables\":[", "\"tables\":[5,"), with("\"sparse\":[", "\"sparse\":[5,"), with("[3,", "[-3,"),
        with("[3,", "[3,1,"), with("[[3,", "[[4294967296,")}) {
    INFO(bad);
    const auto result = history_manifest_from_json(bad);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == ErrorCode::kCorruption);
  }
}

}  // namespace tidemark::storage
