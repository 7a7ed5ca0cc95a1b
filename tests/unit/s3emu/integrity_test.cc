// Data that rots on disk: whoever reads it gets an error, never other bytes than were written.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "s3emu/store/block_sums.h"
#include "s3emu/store/metadata_db.h"
#include "s3emu/store/object_records.h"
#include "tests/support/catch.h"
#include "tests/unit/s3emu/store_fixture.h"

namespace tidemark::s3emu {
namespace {

constexpr std::size_t kSize = 5 << 20;

// No two blocks are alike.
std::string pattern(std::size_t size, unsigned seed) {
  std::string bytes(size, '\0');
  std::uint32_t state = seed;
  for (char& c : bytes) {
    state = state * 1664525 + 1013904223;
    c = static_cast<char>(state >> 24);
  }
  return bytes;
}

std::vector<std::filesystem::path> data_files(const std::string& directory) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory + "/data")) {
    if (entry.is_regular_file()) paths.push_back(entry.path());
  }
  return paths;
}

void flip(const std::filesystem::path& path, std::size_t offset) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(offset));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(offset));
  file.put(static_cast<char>(byte ^ 1));
  REQUIRE(file.good());
}

// The bytes, or the error's code; the object is read in steps of `step`.
std::string read(const File& data, std::uint64_t offset, std::size_t size, std::size_t step) {
  std::string bytes(size, '\0');
  for (std::size_t done = 0; done < size;) {
    const auto got = data.read_at(offset + done, bytes.data() + done, std::min(step, size - done));
    if (!got) return "damaged";
    if (*got == 0) return "short";
    done += *got;
  }
  return bytes;
}

std::string complete(ObjectStore& store, const std::vector<std::string>& parts) {
  const auto id = store.create_upload("bucket", "m", {}, ChecksumAlgorithm::kNone, ChecksumType::kFullObject);
  CompleteRequest request;
  std::string whole;
  for (const std::string& bytes : parts) {
    const auto writer = store.put_part("bucket", "m", *id, static_cast<int>(request.parts.size()) + 1);
    REQUIRE((*writer)->write(bytes));
    const auto part = (*writer)->commit();
    REQUIRE(part);
    request.parts.push_back({part->number, part->etag, std::nullopt, ChecksumAlgorithm::kNone});
    whole += bytes;
  }
  REQUIRE(store.complete_upload("bucket", "m", *id, request));
  return whole;
}

}  // namespace

TEST_CASE("the sums of a file do not depend on how it came in") {
  const std::string bytes = pattern(3 * kSumBlockSize + 17, 1);
  BlockSummer whole;
  whole.update(bytes);
  const std::string expected = whole.value();
  const auto decoded = decode_block_sums(expected);
  REQUIRE(decoded);
  CHECK((*decoded)->size == bytes.size());
  for (const std::size_t step : {std::size_t{1}, std::size_t{1000}, kSumBlockSize, kSumBlockSize + 1}) {
    BlockSummer pieces;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      pieces.update(std::string_view(bytes).substr(at, step));
    }
    CHECK(pieces.value() == expected);
  }
  CHECK(!decode_block_sums("")->has_value());
  CHECK(!decode_block_sums("\2"));
  CHECK(!decode_block_sums(expected.substr(0, expected.size() - 1)));
  CHECK(!decode_block_sums(expected + "abcd"));
}

TEST_CASE("a damaged object is not read") {
  struct Case {
    const char* why;
    std::function<void(const std::filesystem::path&)> damage;
    bool spares_middle;  // whether a range in the middle is still good
  };
  const auto c = GENERATE(values<Case>({
      {"flipped at the start", [](const auto& path) { flip(path, 0); }, true},
      {"flipped in the middle", [](const auto& path) { flip(path, kSize / 2); }, false},
      {"flipped at the end", [](const auto& path) { flip(path, kSize - 1); }, true},
      {"a byte short", [](const auto& path) { std::filesystem::resize_file(path, kSize - 1); }, false},
      {"a byte long", [](const auto& path) { std::filesystem::resize_file(path, kSize + 1); }, false},
      {"empty", [](const auto& path) { std::filesystem::resize_file(path, 0); }, false},
      {"missing", [](const auto& path) { std::filesystem::remove(path); }, false},
  }));
  const std::string kind = GENERATE("plain", "multipart", "copy", "copied part");
  INFO(c.why << ", " << kind);
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  std::string bytes = pattern(kSize, 7);
  std::string key = "k";
  if (kind == "multipart") {
    bytes = complete(*f.store, {bytes, "tail"});
    key = "m";
  } else {
    REQUIRE(put_bytes(*f.store, "bucket", "k", bytes));
  }
  if (kind == "copy") {
    REQUIRE(f.store->copy_object({"bucket", "k", {}, {}}, "bucket", "c", {}));
    REQUIRE(f.store->delete_object("bucket", {.key = "k"}));
    key = "c";
  }
  if (kind == "copied part") {
    const auto id =
        f.store->create_upload("bucket", "p", {}, ChecksumAlgorithm::kNone, ChecksumType::kFullObject);
    const auto part = f.store->copy_part(
        {"bucket", "k", {}, {}}, std::pair<std::uint64_t, std::uint64_t>{0, kSize}, "bucket", "p", *id, 1);
    REQUIRE(part);
    CompleteRequest request;
    request.parts = {{1, part->etag, std::nullopt, ChecksumAlgorithm::kNone}};
    REQUIRE(f.store->complete_upload("bucket", "p", *id, request));
    REQUIRE(f.store->delete_object("bucket", {.key = "k"}));
    key = "p";
  }
  const std::size_t step = GENERATE(as<std::size_t>(), 512 << 10, 100'001);
  {
    const auto whole = f.store->open_object("bucket", key);
    REQUIRE(whole);
    CHECK(read(*whole->data, 0, bytes.size(), step) == bytes);
  }
  const auto files = data_files(f.directory);
  REQUIRE(files.size() == 1);
  c.damage(files[0]);
  f.open();
  const auto open = f.store->open_object("bucket", key);
  if (!open) {
    CHECK(open.error().code == "InternalError");
    return;
  }
  CHECK(read(*open->data, 0, bytes.size(), step) == "damaged");
  CHECK(read(*open->data, 0, 1, step) ==
        (std::string(c.why) == "flipped at the end" || std::string(c.why) == "flipped in the middle"
             ? bytes.substr(0, 1)
             : "damaged"));
  CHECK(read(*open->data, kSize / 2 - 5, 10, step) ==
        (c.spares_middle ? bytes.substr(kSize / 2 - 5, 10) : "damaged"));
  // A copy with another checksum reads it all.
  CopyRequest reread;
  reread.checksum = ChecksumAlgorithm::kSha256;
  CHECK(f.store->copy_object({"bucket", key, {}, {}}, "bucket", "x", reread).error().code == "InternalError");
  CHECK(f.store->head_object("bucket", "x").error().code == "NoSuchKey");
}

TEST_CASE("a copy by reference does not carry damage on") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  REQUIRE(put_bytes(*f.store, "bucket", "k", pattern(kSize, 7)));
  const auto id =
      f.store->create_upload("bucket", "p", {}, ChecksumAlgorithm::kNone, ChecksumType::kFullObject);
  REQUIRE(id);
  flip(data_files(f.directory).at(0), kSize / 2);
  CHECK(f.store->copy_object({"bucket", "k", {}, {}}, "bucket", "c", {}).error().code == "InternalError");
  CHECK(f.store->head_object("bucket", "c").error().code == "NoSuchKey");
  CHECK(f.store->copy_part({"bucket", "k", {}, {}}, std::nullopt, "bucket", "p", *id, 1).error().code ==
        "InternalError");
  CHECK(f.store->list_parts("bucket", "p", *id, 0, 10)->parts.empty());
  CHECK(f.data_file_count() == 1);
}

TEST_CASE("files of stores from before there were sums are read as they are") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  const std::string bytes = pattern(100'000, 3);
  REQUIRE(put_bytes(*f.store, "bucket", "k", bytes));
  f.store.reset();
  {
    auto db = MetadataDb::open(f.directory + "/meta", false);
    REQUIRE(db);
    Batch batch;
    for (const auto rows = (*db)->cursor("i"); rows->valid(); rows->next()) {
      batch.put(std::string(rows->key()), {});
    }
    REQUIRE(batch.rows.size() == 1);
    REQUIRE((*db)->write(batch));
  }
  f.open();
  CHECK(get_bytes(*f.store, "bucket", "k").value() == bytes);
  REQUIRE(f.store->copy_object({"bucket", "k", {}, {}}, "bucket", "c", {}));
  CHECK(get_bytes(*f.store, "bucket", "c").value() == bytes);
  std::filesystem::resize_file(data_files(f.directory)[0], 99'999);
  CHECK(get_bytes(*f.store, "bucket", "k").error().code == "InternalError");
}

TEST_CASE("damaged metadata is an error, not a crash and not another object") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  constexpr int kObjects = 600;  // enough for the memory table to be written out
  const auto bytes_of = [](int i) { return pattern(kInlineSizeMax, static_cast<unsigned>(i)); };
  for (int i = 0; i < kObjects; ++i) REQUIRE(put_bytes(*f.store, "bucket", std::to_string(i), bytes_of(i)));
  f.store.reset();
  int damaged_files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(f.directory + "/meta")) {
    if (entry.path().extension() != ".sst") continue;
    flip(entry.path(), entry.file_size() / 2);
    ++damaged_files;
  }
  REQUIRE(damaged_files > 0);
  f.open();
  int refused = 0;
  for (int i = 0; i < kObjects; ++i) {
    const auto got = get_bytes(*f.store, "bucket", std::to_string(i));
    if (got) {
      CHECK(*got == bytes_of(i));
    } else {
      CHECK(got.error().status == 500);
      ++refused;
    }
  }
  CHECK(refused > 0);
  CHECK(refused < kObjects);
}

TEST_CASE("what is read without waiting for the disk is checked as well") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  const std::string bytes = pattern(300'000, 9);
  REQUIRE(put_bytes(*f.store, "bucket", "k", bytes));
  const auto data = f.store->open_object("bucket", "k")->data;
  std::string out;
  while (out.size() < bytes.size()) {
    char buffer[100'000];
    const auto cached = data->read_cached(out.size(), buffer, sizeof(buffer));
    REQUIRE(cached.has_value());
    // The file system may not be able to tell.
    const auto got = *cached ? **cached : data->read_at(out.size(), buffer, sizeof(buffer)).value();
    REQUIRE(got > 0);
    out.append(buffer, got);
  }
  CHECK(out == bytes);

  flip(data_files(f.directory)[0], 150'000);
  char buffer[100'000];
  const auto cached = data->read_cached(100'000, buffer, sizeof(buffer));
  CHECK((!cached || cached->value_or(0) == 0));
}

}  // namespace tidemark::s3emu
