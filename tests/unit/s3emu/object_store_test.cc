#include "s3emu/store/object_store.h"
#include "s3emu/store/checks.h"

#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

#include "base/bytes.h"
#include "s3emu/store/metadata_db.h"
#include "s3emu/store/object_records.h"
#include "tests/support/catch.h"
#include "tests/unit/s3emu/store_fixture.h"

namespace tidemark::s3emu {
namespace {

std::string big(char fill, std::size_t size = 40'000) { return std::string(size, fill); }

std::string upload(ObjectStore& store, const std::vector<std::pair<int, std::string>>& parts,
                   ChecksumAlgorithm algorithm, ChecksumType type, CompleteRequest* request) {
  const auto id = store.create_upload("bucket", "key", {}, algorithm, type);
  REQUIRE(id);
  WriterOptions options;
  if (algorithm != ChecksumAlgorithm::kNone) options.checksum = algorithm;
  for (const auto& [number, bytes] : parts) {
    const auto writer = store.put_part("bucket", "key", *id, number, options);
    REQUIRE(writer);
    REQUIRE((*writer)->write(bytes));
    const auto part = (*writer)->commit();
    REQUIRE(part);
    CompletedPart completed{number, part->etag, std::nullopt, ChecksumAlgorithm::kNone};
    if (algorithm != ChecksumAlgorithm::kNone) {
      completed.checksum = part->checksum.value;
      completed.checksum_algorithm = algorithm;
    }
    request->parts.push_back(completed);
  }
  return *id;
}

std::vector<std::string> keys_of(const ListResult& result) {
  std::vector<std::string> keys;
  keys.reserve(result.objects.size());
  for (const auto& object : result.objects) keys.push_back(object.key);
  return keys;
}

}  // namespace

TEST_CASE("an object is what was put, small or large, also after reopening") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket", {.region = "eu-west-1"}));
  const std::size_t size = GENERATE(0, 1, 16384, 16385, 300000);
  ObjectMetadata metadata;
  metadata.headers = {{"content-type", "text/plain"}, {"x-amz-meta-a", "\xc3\xa4"}};
  metadata.tags = {{"t", "v"}};
  metadata.storage_class = "GLACIER";
  const auto put = put_bytes(*f.store, "bucket", "k", big('x', size), metadata);
  REQUIRE(put);
  CHECK(put->size == size);
  f.open();
  CHECK(get_bytes(*f.store, "bucket", "k").value() == big('x', size));
  const auto head = f.store->head_object("bucket", "k");
  REQUIRE(head);
  CHECK(head->info.etag == to_hex(digest_of(DigestAlgorithm::kMd5, big('x', size))));
  CHECK(head->info.last_modified == f.clock.now());
  CHECK(head->info.checksum.algorithm == ChecksumAlgorithm::kCrc64Nvme);
  CHECK(head->metadata.headers == metadata.headers);
  CHECK(head->metadata.tags == metadata.tags);
  CHECK(head->metadata.storage_class == "GLACIER");
  CHECK(f.store->head_bucket("bucket")->region == "eu-west-1");
  CHECK(f.data_file_count() == (size > 16384 ? 1 : 0));
}

TEST_CASE("a writer that is dropped, or whose digest is wrong, leaves nothing") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  {
    const auto writer = f.store->put_object("bucket", "k");
    REQUIRE((*writer)->write(big('a')));
    CHECK(f.data_file_count() == 1);
  }
  {
    const auto writer = f.store->put_object("bucket", "k");
    REQUIRE((*writer)->write(big('a')));
    ExpectedDigests expected;
    expected.md5 = std::string(16, '\0');
    CHECK((*writer)->commit({}, {}, expected).error().code == "BadDigest");
  }
  CHECK(f.data_file_count() == 0);
  CHECK(f.store->head_object("bucket", "k").error().code == "NoSuchKey");
}

TEST_CASE("errors name what is missing") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  CHECK(f.store->head_object("none", "k").error().code == "NoSuchBucket");
  CHECK(f.store->put_object("none", "k").error().code == "NoSuchBucket");
  CHECK(f.store->list_objects("none", {}).error().code == "NoSuchBucket");
  CHECK(f.store->delete_object("none", {.key = "k"}).error().code == "NoSuchBucket");
  CHECK(f.store->delete_object("bucket", {.key = "k"}));
  CHECK(f.store->put_object("bucket", std::string(1025, 'k')).error().code == "KeyTooLongError");
  CHECK(f.store->put_object("bucket", "a\xff").error().code == "InvalidURI");
  CHECK(f.store->put_object("bucket", std::string("a\0b", 3)).error().code == "InvalidArgument");
  CHECK(f.store->put_object("bucket", "").error().code == "InvalidArgument");
  CHECK(f.store->create_bucket("bucket").error().code == "BucketAlreadyOwnedByYou");
  REQUIRE(put_bytes(*f.store, "bucket", "k", "v"));
  CHECK(f.store->delete_bucket("bucket").error().code == "BucketNotEmpty");
  REQUIRE(f.store->delete_object("bucket", {.key = "k"}));
  REQUIRE(f.store->create_upload("bucket", "k", {}, ChecksumAlgorithm::kNone, ChecksumType::kFullObject));
  CHECK(f.store->delete_bucket("bucket"));
  CHECK(f.store->head_bucket("bucket").error().code == "NoSuchBucket");
}

TEST_CASE("bucket names") {
  struct Case {
    const char* name;
    bool valid;
  };
  const auto c = GENERATE(values<Case>({{"abc", true},
                                        {"a.b-c.1", true},
                                        {"ab", false},
                                        {"Abc", false},
                                        {"a_b", false},
                                        {"-abc", false},
                                        {"abc.", false},
                                        {"a..b", false},
                                        {"127.0.0.1", false},
                                        {"1.2.3", true},
                                        {"xn--abc", false},
                                        {"abc-s3alias", false},
                                        {"../..", false},
                                        {"", false}}));
  INFO(c.name);
  CHECK(check_bucket_name(c.name).has_value() == c.valid);
  CHECK(!check_bucket_name(std::string(64, 'a')));
}

TEST_CASE("conditions are decided with the commit") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  CHECK(put_bytes(*f.store, "bucket", "k", "1", {}, {.if_absent = false, .if_match = "*"}).error().code ==
        "NoSuchKey");
  const auto first = put_bytes(*f.store, "bucket", "k", "1", {}, {.if_absent = true, .if_match = {}});
  REQUIRE(first);
  CHECK(put_bytes(*f.store, "bucket", "k", "2", {}, {.if_absent = true, .if_match = {}}).error().code ==
        "PreconditionFailed");
  CHECK(put_bytes(*f.store, "bucket", "k", "2", {}, {.if_absent = false, .if_match = "00"}).error().code ==
        "PreconditionFailed");
  CHECK(put_bytes(*f.store, "bucket", "k", "2", {}, {.if_absent = false, .if_match = first->etag}));
  CHECK(f.store->delete_object("bucket", {.key = "k", .if_match = first->etag}).error().code ==
        "PreconditionFailed");
  CHECK(f.store->delete_object("bucket", {.key = "k", .if_match = "*"}));
  CHECK(f.store->delete_object("bucket", {.key = "k", .if_match = "*"}).error().code == "PreconditionFailed");
}

TEST_CASE("of many writers that want to be first, one is") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  std::atomic<int> winners{0};
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      const auto put = put_bytes(*f.store, "bucket", "k", big(static_cast<char>('a' + i)), {},
                                 {.if_absent = true, .if_match = {}});
      if (put) ++winners;
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(winners == 1);
  CHECK(f.data_file_count() == 1);
}

TEST_CASE("a reader finishes the old bytes") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  const std::size_t size = GENERATE(10, 40000);
  REQUIRE(put_bytes(*f.store, "bucket", "k", big('o', size)));
  const auto open = f.store->open_object("bucket", "k");
  REQUIRE(open);
  REQUIRE(put_bytes(*f.store, "bucket", "k", big('n', size)));
  REQUIRE(f.store->delete_object("bucket", {.key = "k"}));
  std::string read(size, '\0');
  CHECK(open->data->read_at(0, read.data(), size).value() == size);
  CHECK(read == big('o', size));
  CHECK(f.data_file_count() == 0);
}

TEST_CASE("a reader of a multipart object keeps all of its files") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  CompleteRequest request;
  const std::string one = big('1', kPartSizeMin);
  const std::string two = big('2', 20000);
  const std::string id = upload(*f.store, {{2, one}, {7, two}, {9, "tail"}}, ChecksumAlgorithm::kNone,
                                ChecksumType::kFullObject, &request);
  request.parts.erase(request.parts.begin() + 1);  // 7 is not taken
  const auto done = f.store->complete_upload("bucket", "key", id, request);
  REQUIRE(done);
  CHECK(done->size == one.size() + 4);
  CHECK(f.data_file_count() == 1);
  CHECK(get_bytes(*f.store, "bucket", "key").value() == one + "tail");
  CHECK(done->checksum.algorithm == ChecksumAlgorithm::kCrc64Nvme);
  ChecksumState whole(ChecksumAlgorithm::kCrc64Nvme);
  whole.update(one + "tail");
  CHECK(done->checksum.value == whole.finish());

  auto open = f.store->open_object("bucket", "key");
  REQUIRE(open);
  REQUIRE(f.store->delete_object("bucket", {.key = "key"}));
  CHECK(f.data_file_count() == 1);
  std::string read(8, '\0');
  CHECK(open->data->read_at(one.size() - 4, read.data(), 8).value() == 8);
  CHECK(read == "1111tail");
  open = fail(S3Error::of(S3Code::kNoSuchKey));
  CHECK(f.data_file_count() == 0);
}

TEST_CASE("repeating a complete answers the same object") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  CompleteRequest request;
  const std::string id =
      upload(*f.store, {{1, "x"}}, ChecksumAlgorithm::kNone, ChecksumType::kFullObject, &request);
  const auto first = f.store->complete_upload("bucket", "key", id, request);
  REQUIRE(first);
  f.open();
  const auto again = f.store->complete_upload("bucket", "key", id, request);
  REQUIRE(again);
  CHECK(again->etag == first->etag);
  CHECK(f.store->complete_upload("bucket", "other", id, request).error().code == "NoSuchUpload");
  CHECK(f.store->abort_upload("bucket", "key", id).error().code == "NoSuchUpload");
  f.clock.advance_seconds(2 * 24 * 3600);
  CHECK(f.store->complete_upload("bucket", "key", id, request).error().code == "NoSuchUpload");
}

TEST_CASE("what nobody asks for any more is forgotten without another upload") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  CompleteRequest request;
  const std::string id =
      upload(*f.store, {{1, "x"}}, ChecksumAlgorithm::kNone, ChecksumType::kFullObject, &request);
  REQUIRE(f.store->complete_upload("bucket", "key", id, request));
  CompleteRequest unused;
  const std::string open_id =
      upload(*f.store, {{1, big('o')}}, ChecksumAlgorithm::kNone, ChecksumType::kFullObject, &unused);
  const std::string lost_id = upload(*f.store, {{1, big('p')}, {2, "small"}}, ChecksumAlgorithm::kNone,
                                     ChecksumType::kFullObject, &unused);
  f.store.reset();
  const auto count = [&](const std::string& family) {
    auto db = MetadataDb::open(f.directory + "/meta", false);
    REQUIRE(db);
    int rows = 0;
    for (const auto cursor = (*db)->cursor(family); cursor->valid(); cursor->next()) ++rows;
    return rows;
  };
  {
    auto db = MetadataDb::open(f.directory + "/meta", false);
    Batch batch;
    batch.erase(upload_row("bucket", "key", lost_id));
    REQUIRE((*db)->write(batch));
  }
  CHECK(count("p") == 3);
  CHECK(count("f") == 1);
  CHECK(f.data_file_count() == 2);
  f.clock.advance_seconds(2 * 24 * 3600);
  f.open();
  f.clock.advance_seconds(3'600);
  f.schedule.run_due();  // returns when the hourly look is done
  f.store.reset();
  CHECK(count("f") == 0);
  CHECK(count("p") == 1);
  CHECK(count("i") == 1);
  CHECK(count("d") == 1);
  CHECK(f.data_file_count() == 1);
  f.open();
  CHECK(f.store->list_parts("bucket", "key", open_id, 0, 10)->parts.size() == 1);
}

TEST_CASE("ETags and checksums of small multipart uploads") {
  // One part only may be small, so the vectors of two parts are checked where the digests are made.
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  CompleteRequest request;
  const std::string id =
      upload(*f.store, {{1, "hello"}}, ChecksumAlgorithm::kCrc32, ChecksumType::kComposite, &request);
  const auto done = f.store->complete_upload("bucket", "key", id, request);
  REQUIRE(done);
  CHECK(done->etag.ends_with("-1"));
  CHECK(done->checksum.type == ChecksumType::kComposite);
  CHECK(done->checksum.text().ends_with("==-1"));
  const auto copy = f.store->copy_object({"bucket", "key", {}}, "bucket", "copy", {});
  REQUIRE(copy);
  CHECK(copy->etag == "5d41402abc4b2a76b9719d911017c592");
  CHECK(copy->checksum.text() == "NhCmhg==");
}

TEST_CASE("what complete refuses") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  CompleteRequest request;
  const std::string id = upload(*f.store, {{1, "hello"}, {2, "world"}}, ChecksumAlgorithm::kCrc32,
                                ChecksumType::kComposite, &request);
  const auto code = [&](const CompleteRequest& r) {
    return f.store->complete_upload("bucket", "key", id, r).error().code;
  };
  CHECK(code(request) == "EntityTooSmall");
  CompleteRequest one = request;
  one.parts.pop_back();
  CompleteRequest wrong = one;
  wrong.parts[0].etag = "00";
  CHECK(code(wrong) == "InvalidPart");
  wrong = one;
  wrong.parts[0].number = 3;
  CHECK(code(wrong) == "InvalidPart");
  wrong = one;
  wrong.parts[0].checksum = "xxxx";
  CHECK(code(wrong) == "InvalidPart");
  wrong = one;
  wrong.parts[0].checksum.reset();
  CHECK(code(wrong) == "InvalidRequest");
  wrong = one;
  wrong.object_size = 6;
  CHECK(code(wrong) == "InvalidRequest");
  wrong = one;
  wrong.checksum = "xxxx";
  CHECK(code(wrong) == "BadDigest");
  wrong = one;
  wrong.checksum_type = ChecksumType::kFullObject;
  CHECK(code(wrong) == "InvalidRequest");
  wrong = request;
  std::swap(wrong.parts[0], wrong.parts[1]);
  CHECK(code(wrong) == "InvalidPartOrder");
  wrong = one;
  wrong.parts.push_back(one.parts[0]);
  CHECK(code(wrong) == "InvalidPartOrder");
  CHECK(code({}) == "MalformedXML");
  CHECK(f.store->complete_upload("bucket", "key", id, one));
}

TEST_CASE("parts are listed in order and replaced by number; abort removes them") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  CompleteRequest request;
  const std::string id = upload(*f.store, {{10000, big('a')}, {3, big('b')}, {3, big('c')}},
                                ChecksumAlgorithm::kNone, ChecksumType::kFullObject, &request);
  CHECK(f.data_file_count() == 2);
  f.open();
  const auto all = f.store->list_parts("bucket", "key", id, 0, 1000);
  REQUIRE(all);
  REQUIRE(all->parts.size() == 2);
  CHECK(all->parts[0].number == 3);
  CHECK(all->parts[0].etag == to_hex(digest_of(DigestAlgorithm::kMd5, big('c'))));
  const auto page = f.store->list_parts("bucket", "key", id, 0, 1);
  CHECK(page->truncated);
  CHECK(f.store->list_parts("bucket", "key", id, 3, 1)->parts[0].number == 10000);
  CHECK(f.store->put_part("bucket", "key", id, 0).error().code == "InvalidArgument");
  CHECK(f.store->put_part("bucket", "key", id, 10001).error().code == "InvalidArgument");
  CHECK(f.store->put_part("bucket", "key", "no", 1).error().code == "NoSuchUpload");
  const auto late = f.store->put_part("bucket", "key", id, 4);
  REQUIRE((*late)->write(big('z')));
  REQUIRE(f.store->abort_upload("bucket", "key", id));
  CHECK((*late)->commit().error().code == "NoSuchUpload");
  CHECK(f.data_file_count() == 0);
  CHECK(f.store->list_parts("bucket", "key", id, 0, 1).error().code == "NoSuchUpload");
}

TEST_CASE("copies share the data and live on their own") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  const std::size_t size = GENERATE(10, 40000);
  ObjectMetadata metadata;
  metadata.headers = {{"content-type", "a/b"}};
  const auto source = put_bytes(*f.store, "bucket", "a", big('s', size), metadata);
  const auto copy = f.store->copy_object({"bucket", "a", source->etag}, "bucket", "b", {});
  REQUIRE(copy);
  CHECK(copy->etag == source->etag);
  CHECK(copy->checksum.value == source->checksum.value);
  CHECK(f.store->head_object("bucket", "b")->metadata.headers == metadata.headers);
  REQUIRE(f.store->delete_object("bucket", {.key = "a"}));
  CHECK(get_bytes(*f.store, "bucket", "b").value() == big('s', size));
  CopyRequest replace;
  replace.metadata = ObjectMetadata{};
  replace.checksum = ChecksumAlgorithm::kSha256;
  const auto self = f.store->copy_object({"bucket", "b", {}}, "bucket", "b", replace);
  REQUIRE(self);
  CHECK(self->etag == source->etag);
  CHECK(self->checksum.value == digest_of(DigestAlgorithm::kSha256, big('s', size)));
  CHECK(get_bytes(*f.store, "bucket", "b").value() == big('s', size));
  CHECK(f.data_file_count() == (size > 16384 ? 1 : 0));
  CHECK(f.store->copy_object({"bucket", "b", "00"}, "bucket", "c", {}).error().code == "PreconditionFailed");
  CHECK(f.store->copy_object({"bucket", "none", {}}, "bucket", "c", {}).error().code == "NoSuchKey");

  const auto id =
      f.store->create_upload("bucket", "m", {}, ChecksumAlgorithm::kNone, ChecksumType::kFullObject);
  const auto part = f.store->copy_part({"bucket", "b", {}}, std::pair<std::uint64_t, std::uint64_t>{2, 5},
                                       "bucket", "m", *id, 1);
  REQUIRE(part);
  CHECK(part->etag == to_hex(digest_of(DigestAlgorithm::kMd5, "sssss")));
  CHECK(f.store
            ->copy_part({"bucket", "b", {}}, std::pair<std::uint64_t, std::uint64_t>{size, 1}, "bucket", "m",
                        *id, 2)
            .error()
            .code == "InvalidArgument");
  REQUIRE(f.store->delete_object("bucket", {.key = "b"}));
  CompleteRequest request;
  request.parts = {{1, part->etag, std::nullopt, ChecksumAlgorithm::kNone}};
  REQUIRE(f.store->complete_upload("bucket", "m", *id, request));
  CHECK(get_bytes(*f.store, "bucket", "m").value() == "sssss");
}

TEST_CASE("keys are opaque bytes in bytewise order") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  REQUIRE(f.store->create_bucket("bucket2"));
  const std::vector<std::string> keys = {"\x01",
                                         "%2F",
                                         "..a",
                                         "a/../b",
                                         "/",
                                         "/a",
                                         "A",
                                         "a",
                                         "a//b",
                                         "a/",
                                         "a/b",
                                         "a\\b",
                                         "con",
                                         "e\xcc\x81",
                                         std::string(1024, 'z'),
                                         "\xc3\xa9",
                                         "\xf0\x9f\x98\x80"};
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
    REQUIRE(put_bytes(*f.store, "bucket", *key, *key + big('x')));
  }
  REQUIRE(put_bytes(*f.store, "bucket2", "other", ""));
  auto sorted = keys;
  std::sort(sorted.begin(), sorted.end());
  ListRequest request;
  CHECK(keys_of(*f.store->list_objects("bucket", request)) == sorted);
  for (const auto& key : keys) CHECK(get_bytes(*f.store, "bucket", key).value() == key + big('x'));

  // Any page size walks the same keys.
  request.items_max = GENERATE(1, 2, 5);
  std::vector<std::string> walked;
  for (;;) {
    const auto page = f.store->list_objects("bucket", request);
    REQUIRE(page);
    for (const auto& key : keys_of(*page)) walked.push_back(key);
    if (!page->truncated) break;
    request.start_after = page->next;
  }
  CHECK(walked == sorted);
}

TEST_CASE("listing with prefix, delimiter and marker") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  for (const char* key : {"a", "a/1", "a/2", "a/b/3", "a0", "b/x", "b::y", "c"}) {
    REQUIRE(put_bytes(*f.store, "bucket", key, ""));
  }
  struct Case {
    const char* why;
    ListRequest request;
    std::string keys;  // joined with blanks
    std::string prefixes;
    bool truncated;
  };
  const auto c = GENERATE(values<Case>({
      {"all", {"", "", "", 1000}, "a a/1 a/2 a/b/3 a0 b/x b::y c", "", false},
      {"grouped", {"", "/", "", 1000}, "a a0 b::y c", "a/ b/", false},
      {"inside a prefix", {"a/", "/", "", 1000}, "a/1 a/2", "a/b/", false},
      {"delimiter of two characters", {"", "::", "", 1000}, "a a/1 a/2 a/b/3 a0 b/x c", "b::", false},
      {"a page ends after a group", {"", "/", "", 2}, "a", "a/", true},
      {"and the next skips the whole group", {"", "/", "a/", 2}, "a0", "b/", true},
      {"marker inside a group keeps the rest of it", {"", "/", "a/1", 1}, "", "a/", true},
      {"marker before the prefix", {"b", "", "a", 1000}, "b/x b::y", "", false},
      {"marker behind the prefix", {"a", "", "b", 1000}, "", "", false},
      {"marker that is not there", {"", "", "a/2x", 1000}, "a/b/3 a0 b/x b::y c", "", false},
      {"nothing asked", {"", "", "", 0}, "", "", false},
      {"exactly all", {"c", "", "", 1}, "c", "", false},
  }));
  INFO(c.why);
  const auto result = f.store->list_objects("bucket", c.request);
  REQUIRE(result);
  const auto joined = [](const std::vector<std::string>& texts) {
    std::string out;
    for (const auto& text : texts) out += (out.empty() ? "" : " ") + text;
    return out;
  };
  CHECK(joined(keys_of(*result)) == c.keys);
  CHECK(joined(result->common_prefixes) == c.prefixes);
  CHECK(result->truncated == c.truncated);
}

TEST_CASE("uploads are listed by key, then initiation") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  std::vector<std::string> ids;
  for (const char* key : {"b", "a", "a", "d/1", "d/2"}) {
    f.clock.advance_seconds(1);
    ids.push_back(
        *f.store->create_upload("bucket", key, {}, ChecksumAlgorithm::kNone, ChecksumType::kFullObject));
  }
  ListUploadsRequest request;
  request.delimiter = "/";
  request.items_max = 1;
  std::vector<std::string> seen;
  for (;;) {
    const auto page = f.store->list_uploads("bucket", request);
    REQUIRE(page);
    for (const auto& upload : page->uploads) seen.push_back(upload.id);
    for (const auto& prefix : page->common_prefixes) seen.push_back(prefix);
    if (!page->truncated) break;
    request.key_marker = page->next_key;
    request.id_marker = page->next_id;
  }
  CHECK(seen == std::vector<std::string>{ids[1], ids[2], ids[0], "d/"});
}

TEST_CASE("data that nothing refers to is removed after a crash, the rest stays") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  REQUIRE(put_bytes(*f.store, "bucket", "k", big('k')));
  CompleteRequest request;
  const std::string id =
      upload(*f.store, {{1, big('p')}}, ChecksumAlgorithm::kNone, ChecksumType::kFullObject, &request);
  f.store.reset();
  std::filesystem::create_directories(f.directory + "/data/ff");
  std::ofstream(f.directory + "/data/ff/" + std::string(38, '0') + "ff") << "half an object";
  CHECK(f.data_file_count() == 3);
  f.open();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (f.data_file_count() != 2 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  CHECK(f.data_file_count() == 2);
  CHECK(get_bytes(*f.store, "bucket", "k").value() == big('k'));
  REQUIRE(f.store->complete_upload("bucket", "key", id, request));
  CHECK(get_bytes(*f.store, "bucket", "key").value() == big('p'));
}

TEST_CASE("a deletion can insist on when its target was modified") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket").has_value());
  const auto versioning = GENERATE(Versioning::kNever, Versioning::kEnabled, Versioning::kSuspended);
  if (versioning != Versioning::kNever) REQUIRE(f.store->set_versioning("bucket", versioning).has_value());
  const auto first = put_bytes(*f.store, "bucket", "k", "v");
  REQUIRE(first.has_value());
  f.clock.advance_seconds(1);
  const auto second = put_bytes(*f.store, "bucket", "k", "v");  // the same bytes, so the same ETag
  REQUIRE(second.has_value());
  const auto stale = f.store->delete_object("bucket", {.key = "k", .if_modified = first->last_modified});
  REQUIRE_FALSE(stale.has_value());
  CHECK(stale.error().id == S3Code::kPreconditionFailed);
  CHECK(get_bytes(*f.store, "bucket", "k") == "v");
  const auto gone = f.store->delete_object("bucket", {.key = "none", .if_modified = first->last_modified});
  CHECK_FALSE(gone.has_value());
  CHECK(f.store->delete_object("bucket", {.key = "k", .if_modified = second->last_modified}).has_value());
  CHECK_FALSE(get_bytes(*f.store, "bucket", "k").has_value());
}

TEST_CASE("what is on its way into a bucket does not land in the next one of that name") {
  StoreFixture f;
  const std::string bytes(GENERATE(as<std::size_t>(), 5, 100'000), 'x');
  REQUIRE(f.store->create_bucket("bucket", {.owner = {"a", "a"}}));
  const auto writer = f.store->put_object("bucket", "key");
  REQUIRE(writer);
  REQUIRE((*writer)->write(bytes));
  REQUIRE(f.store->delete_bucket("bucket"));
  REQUIRE(f.store->create_bucket("bucket", {.owner = {"b", "b"}}));
  CHECK((*writer)->commit({}).error().code == "NoSuchBucket");
  CHECK(f.store->head_object("bucket", "key").error().code == "NoSuchKey");
  CHECK(f.data_file_count() == 0);

  // A change of the bucket makes it no other one.
  const auto next = f.store->put_object("bucket", "key");
  REQUIRE(next);
  REQUIRE((*next)->write(bytes));
  REQUIRE(f.store->set_bucket_setting("bucket", "cors", "x"));
  CHECK((*next)->commit({}));
}

TEST_CASE("a small object is written quickly, whatever versions there are") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  CHECK((*f.store->put_object("bucket", "key"))->is_quick());
  REQUIRE(f.store->set_versioning("bucket", Versioning::kEnabled));
  CHECK((*f.store->put_object("bucket", "key"))->is_quick());
  REQUIRE(f.store->set_versioning("bucket", Versioning::kSuspended));
  CHECK((*f.store->put_object("bucket", "key"))->is_quick());
}

TEST_CASE("another list of parts does not get the answer of a finished upload") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  CompleteRequest request;
  const std::string id =
      upload(*f.store, {{1, "x"}}, ChecksumAlgorithm::kNone, ChecksumType::kFullObject, &request);
  REQUIRE(f.store->complete_upload("bucket", "key", id, request));
  CompleteRequest other = request;
  other.parts[0].number = 2;
  CHECK(f.store->complete_upload("bucket", "key", id, other).error().code == "NoSuchUpload");
  other = request;
  other.parts[0].etag = std::string(32, '0');
  CHECK(f.store->complete_upload("bucket", "key", id, other).error().code == "NoSuchUpload");
  other = request;
  other.parts.push_back({2, request.parts[0].etag, std::nullopt, ChecksumAlgorithm::kNone});
  CHECK(f.store->complete_upload("bucket", "key", id, other).error().code == "NoSuchUpload");
  CHECK(f.store->complete_upload("bucket", "key", id, request));
}

}  // namespace tidemark::s3emu
