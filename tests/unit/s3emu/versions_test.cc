// Versioning: one behaviour at a time, then many random operations against a simple model.
#include <algorithm>
#include <atomic>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "s3emu/store/metadata_db.h"
#include "s3emu/store/object_records.h"
#include "tests/support/catch.h"
#include "tests/unit/s3emu/store_fixture.h"

namespace tidemark::s3emu {
namespace {

constexpr auto kEnabled = Versioning::kEnabled;
constexpr auto kSuspended = Versioning::kSuspended;

std::string header(const S3Error& error, std::string_view name) {
  for (const auto& [own, value] : error.headers) {
    if (own == name) return value;
  }
  return "(none)";
}

// What a listing says, a line for each version: key, id, `L` for the latest, `M` for a marker.
std::vector<std::string> lines_of(const ListVersionsResult& result) {
  std::vector<std::string> lines;
  for (const auto& version : result.versions) {
    lines.push_back(version.info.key + " " + version.info.version_id + (version.is_latest ? " L" : "") +
                    (version.info.is_delete_marker ? " M" : ""));
  }
  return lines;
}

std::vector<std::string> all_lines(ObjectStore& store, ListVersionsRequest request = {}) {
  std::vector<std::string> lines;
  for (;;) {
    const auto page = store.list_versions("bucket", request);
    REQUIRE(page);
    for (auto& line : lines_of(*page)) lines.push_back(std::move(line));
    if (!page->truncated) return lines;
    REQUIRE(page->versions.size() + page->common_prefixes.size() == request.items_max);
    request.key_marker = page->next_key;
    request.version_marker.reset();
    if (!page->next_version.empty()) request.version_marker = page->next_version;
  }
}

std::string put(StoreFixture& f, const std::string& key, const std::string& bytes) {
  f.clock.advance_seconds(1);
  const auto made = put_bytes(*f.store, "bucket", key, bytes);
  REQUIRE(made);
  return made->version_id;
}

std::string get(StoreFixture& f, const std::string& key, const VersionChoice& version = std::nullopt) {
  const auto open = f.store->open_object("bucket", key, version);
  if (!open) return open.error().code;
  std::string bytes(open->details.info.size, '\0');
  REQUIRE(open->data->read_at(0, bytes.data(), bytes.size()).value() == bytes.size());
  return bytes;
}

}  // namespace

TEST_CASE("a bucket without versioning gives no ids and knows the version null") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  CHECK(put(f, "k", "1").empty());
  CHECK(f.store->head_object("bucket", "k")->info.version_id.empty());
  CHECK(get(f, "k", "null") == "1");
  CHECK(all_lines(*f.store) == std::vector<std::string>{"k null L"});
  const auto gone = f.store->delete_object("bucket", {.key = "k", .version = "null"});
  REQUIRE(gone);
  CHECK(gone->version_id.empty());
  CHECK(get(f, "k") == "NoSuchKey");
  CHECK(get(f, "k", "null") == "NoSuchVersion");
}

TEST_CASE("an id names its version, and nothing else does") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  REQUIRE(f.store->set_versioning("bucket", kEnabled));
  const std::string one = put(f, "k", "1");
  const std::string two = put(f, "k", "2");
  CHECK(one.size() == 32);
  CHECK(one != two);
  f.open();
  CHECK(get(f, "k") == "2");
  CHECK(get(f, "k", one) == "1");
  CHECK(get(f, "k", two) == "2");
  CHECK(get(f, "other", one) == "NoSuchVersion");
  CHECK(get(f, "k", "null") == "NoSuchVersion");
  std::string unknown = one;
  unknown.back() = unknown.back() == 'A' ? 'B' : 'A';
  CHECK(get(f, "k", unknown) == "NoSuchVersion");
  for (const std::string& malformed : {std::string(), std::string("x"), one + "A", std::string(32, '+'),
                                       std::string(32, '='), std::string(32, '\0'), std::string("nul")}) {
    CHECK(get(f, "k", malformed) == "InvalidArgument");
    CHECK(f.store->delete_object("bucket", {.key = "k", .version = malformed}).error().code ==
          "InvalidArgument");
  }
  CHECK(f.store->delete_object("bucket", {.key = "k", .version = unknown}));
  CHECK(f.store->delete_bucket("bucket").error().code == "BucketNotEmpty");
}

TEST_CASE("a deletion hides the key, removing the marker brings it back") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  const std::string before = put(f, "k", "old");
  CHECK(before.empty());
  REQUIRE(f.store->set_versioning("bucket", kEnabled));
  CHECK(f.store->head_object("bucket", "k")->info.version_id == "null");
  const std::string one = put(f, "k", "1");
  const auto marker = f.store->delete_object("bucket", {.key = "k"});
  REQUIRE(marker);
  CHECK(marker->delete_marker);
  CHECK(all_lines(*f.store) ==
        std::vector<std::string>{"k " + marker->version_id + " L M", "k " + one, "k null"});
  CHECK(f.store->list_objects("bucket", {})->objects.empty());

  const auto hidden = f.store->head_object("bucket", "k");
  CHECK(hidden.error().code == "NoSuchKey");
  CHECK(header(hidden.error(), "x-amz-delete-marker") == "true");
  CHECK(header(hidden.error(), "x-amz-version-id") == marker->version_id);
  const auto named = f.store->head_object("bucket", "k", marker->version_id);
  CHECK(named.error().code == "MethodNotAllowed");
  CHECK(header(named.error(), "x-amz-delete-marker") == "true");
  CHECK(header(named.error(), "Last-Modified") == format_http_date(f.clock.now()));
  CHECK(get(f, "k", "null") == "old");
  CHECK(f.store->copy_object({"bucket", "k", {}, {}}, "bucket", "c", {}).error().code == "NoSuchKey");
  CHECK(f.store->copy_object({"bucket", "k", {}, one}, "bucket", "c", {}));
  CHECK(get(f, "c") == "1");

  // A marker counts as absent for conditional writes.
  CHECK(put_bytes(*f.store, "bucket", "k", "x", {}, {.if_absent = false, .if_match = "*"}).error().code ==
        "NoSuchKey");
  const auto removed = f.store->delete_object("bucket", {.key = "k", .version = marker->version_id});
  REQUIRE(removed);
  CHECK(removed->delete_marker);
  CHECK(removed->version_id == marker->version_id);
  CHECK(get(f, "k") == "1");
  REQUIRE(f.store->delete_object("bucket", {.key = "k", .version = one}));
  CHECK(get(f, "k") == "old");
  REQUIRE(f.store->delete_object("bucket", {.key = "k"}));
  REQUIRE(f.store->delete_object("bucket", {.key = "k"}));
  CHECK(all_lines(*f.store).size() == 4);
  CHECK(put_bytes(*f.store, "bucket", "k", "x", {}, {.if_absent = true, .if_match = {}}));
}

TEST_CASE("while versioning is suspended the version null is replaced") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  put(f, "k", std::string(20000, 'o'));
  REQUIRE(f.store->set_versioning("bucket", kEnabled));
  const std::string one = put(f, "k", std::string(20000, '1'));
  CHECK(f.data_file_count() == 2);
  REQUIRE(f.store->set_versioning("bucket", kSuspended));
  CHECK(put(f, "k", "2") == "null");
  CHECK(f.data_file_count() == 1);
  CHECK(all_lines(*f.store) == std::vector<std::string>{"k null L", "k " + one});
  CHECK(put(f, "k", "3") == "null");
  CHECK(get(f, "k", "null") == "3");
  const auto marker = f.store->delete_object("bucket", {.key = "k"});
  CHECK(marker->version_id == "null");
  CHECK(all_lines(*f.store) == std::vector<std::string>{"k null L M", "k " + one});
  CHECK(get(f, "k", "null") == "MethodNotAllowed");
  REQUIRE(f.store->delete_object("bucket", {.key = "k"}));
  CHECK(all_lines(*f.store).size() == 2);
  REQUIRE(f.store->set_versioning("bucket", kEnabled));
  const std::string four = put(f, "k", "4");
  CHECK(all_lines(*f.store) == std::vector<std::string>{"k " + four + " L", "k null M", "k " + one});
}

TEST_CASE("versions made within one microsecond, or while the clock goes back, keep their order") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  REQUIRE(f.store->set_versioning("bucket", kEnabled));
  std::vector<std::string> expected;
  for (int i = 0; i < 5; ++i) {
    f.clock.advance_seconds(i == 3 ? -1000 : 0);
    const auto made = put_bytes(*f.store, "bucket", "k", std::to_string(i));
    expected.insert(expected.begin(), "k " + made->version_id);
  }
  expected.front() += " L";
  CHECK(all_lines(*f.store) == expected);
}

TEST_CASE("a version that goes while pages are read is not missed") {
  // What a tool does that empties a bucket: list a page, delete it, go on behind it.
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  for (const char* key : {"a", "b"}) put(f, key, "old");
  REQUIRE(f.store->set_versioning("bucket", kEnabled));
  for (int i = 0; i < 3; ++i) {
    for (const char* key : {"a", "b"}) put(f, key, "x");
  }
  REQUIRE(f.store->set_versioning("bucket", kSuspended));
  REQUIRE(f.store->delete_object("bucket", {.key = "a"}));
  REQUIRE(f.store->set_versioning("bucket", kEnabled));
  put(f, "a", "y");
  ListVersionsRequest request;
  request.items_max = GENERATE(1, 2, 3, 4);
  for (;;) {
    const auto page = f.store->list_versions("bucket", request);
    REQUIRE(page);
    std::vector<Deletion> deletions;
    for (const auto& version : page->versions) {
      deletions.push_back({.key = version.info.key, .version = version.info.version_id});
    }
    const auto deleted = f.store->delete_objects("bucket", deletions);
    REQUIRE(deleted);
    for (const auto& result : *deleted) CHECK(result);
    if (!page->truncated) break;
    request.key_marker = page->next_key;
    request.version_marker = page->next_version;
  }
  CHECK(f.store->delete_bucket("bucket"));
}

TEST_CASE("listing versions with prefix, delimiter and markers") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  REQUIRE(f.store->set_versioning("bucket", kEnabled));
  std::map<std::string, std::string> names;  // id -> key and number
  for (const char* key : {"a", "a/1", "a/2", "b", "c/1"}) {
    for (int i = 1; i <= 2; ++i) names[put(f, key, "x")] = key + std::string(":") + std::to_string(i);
  }
  const auto id_of = [&](const std::string& name) {
    for (const auto& [id, own] : names) {
      if (own == name) return id;
    }
    return std::string();
  };
  struct Case {
    const char* why;
    std::string prefix, delimiter, key_marker, version_marker;
    std::size_t items_max;
    std::string versions, prefixes;
    bool truncated;
  };
  const auto c = GENERATE(values<Case>({
      {"all", "", "", "", "", 99, "a:2 a:1 a/1:2 a/1:1 a/2:2 a/2:1 b:2 b:1 c/1:2 c/1:1", "", false},
      {"grouped", "", "/", "", "", 99, "a:2 a:1 b:2 b:1", "a/ c/", false},
      {"inside a prefix", "a/", "/", "", "", 99, "a/1:2 a/1:1 a/2:2 a/2:1", "", false},
      {"behind a key", "", "", "a/2", "", 99, "b:2 b:1 c/1:2 c/1:1", "", false},
      {"behind a key that is not there", "", "", "a/11", "", 99, "a/2:2 a/2:1 b:2 b:1 c/1:2 c/1:1", "",
       false},
      {"behind a version", "", "", "b", "b:2", 99, "b:1 c/1:2 c/1:1", "", false},
      {"behind the last version", "", "", "b", "b:1", 99, "c/1:2 c/1:1", "", false},
      {"behind a group", "", "/", "a/", "", 99, "b:2 b:1", "c/", false},
      {"a page", "", "/", "", "", 3, "a:2 a:1", "a/", true},
      {"the version of another key", "", "", "b", "c/1:2", 99, "b:2 b:1 c/1:2 c/1:1", "", false},
      {"nothing asked", "", "", "", "", 0, "", "", false},
  }));
  INFO(c.why);
  ListVersionsRequest request{c.prefix, c.delimiter, c.key_marker, std::nullopt, c.items_max};
  if (!c.version_marker.empty()) request.version_marker = id_of(c.version_marker);
  const auto result = f.store->list_versions("bucket", request);
  REQUIRE(result);
  std::string versions, prefixes;
  for (const auto& version : result->versions) {
    versions += (versions.empty() ? "" : " ") + names[version.info.version_id];
    CHECK(version.is_latest == names[version.info.version_id].ends_with(":2"));
  }
  for (const auto& prefix : result->common_prefixes) prefixes += (prefixes.empty() ? "" : " ") + prefix;
  CHECK(versions == c.versions);
  CHECK(prefixes == c.prefixes);
  CHECK(result->truncated == c.truncated);
  request.version_marker = "no id";
  CHECK(f.store->list_versions("bucket", request).error().code == "InvalidArgument");
}

TEST_CASE("what is said about a version is changed alone") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  REQUIRE(f.store->set_versioning("bucket", kEnabled));
  ObjectMetadata metadata;
  metadata.owner = {"id", "name"};
  metadata.acl = "acl";
  metadata.tags = {{"a", "b"}};
  const auto first = put_bytes(*f.store, "bucket", "k", "1", metadata);
  const auto second = put_bytes(*f.store, "bucket", "k", "2");
  CHECK(first->owner == metadata.owner);
  REQUIRE(f.store->set_object_tags("bucket", "k", {{"x", "y"}}, first->version_id));
  REQUIRE(f.store->set_object_acl("bucket", "k", "other"));
  CHECK(f.store->set_object_acl("bucket", "k", "other", "null").error().code == "NoSuchVersion");
  f.open();
  const auto old = f.store->head_object("bucket", "k", first->version_id);
  CHECK(old->metadata.tags == NamedValues{{"x", "y"}});
  CHECK(old->metadata.acl == "acl");
  CHECK(old->metadata.owner == metadata.owner);
  const auto current = f.store->head_object("bucket", "k");
  CHECK(current->info.version_id == second->version_id);
  CHECK(current->metadata.acl == "other");
  CHECK(current->metadata.tags.empty());
  CHECK(get(f, "k", first->version_id) == "1");

  const auto copy = f.store->copy_object({"bucket", "k", {}, first->version_id}, "bucket", "c", {});
  REQUIRE(copy);
  const auto copied = f.store->head_object("bucket", "c");
  CHECK(copied->metadata.tags == old->metadata.tags);
  CHECK(copied->metadata.acl.empty());
  CHECK(copied->metadata.owner == ObjectOwner{});
}

TEST_CASE("locked versions stay") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("plain"));
  REQUIRE(f.store->create_bucket("bucket", {.object_lock = true}));
  CHECK((*f.store->bucket("bucket"))->info.versioning == kEnabled);
  CHECK(f.store->set_versioning("bucket", kSuspended).error().code == "InvalidBucketState");
  CHECK(f.store->enable_object_lock("plain").error().code == "InvalidBucketState");
  const Timestamp later = f.clock.now().plus_seconds(100);
  ObjectMetadata locked;
  locked.lock = {LockMode::kGovernance, later, false};
  CHECK(put_bytes(*f.store, "plain", "k", "x", locked).error().code == "InvalidRequest");
  const std::string id = put_bytes(*f.store, "bucket", "k", "x", locked)->version_id;
  const auto remove = [&](bool bypass) {
    const auto gone =
        f.store->delete_object("bucket", {.key = "k", .version = id, .bypass_governance = bypass});
    return gone ? std::string("gone") : gone.error().code;
  };
  const auto retain = [&](LockMode mode, Timestamp until, bool bypass) {
    const auto set = f.store->set_object_retention("bucket", "k", mode, until, bypass, id);
    return set ? std::string("set") : set.error().code;
  };
  CHECK(remove(false) == "AccessDenied");
  CHECK(f.store->delete_object("bucket", {.key = "k"}));  // a marker does not remove it
  CHECK(retain(LockMode::kGovernance, later.plus_seconds(-1), false) == "AccessDenied");
  CHECK(retain(LockMode::kNone, {}, false) == "AccessDenied");
  CHECK(retain(LockMode::kGovernance, later.plus_seconds(1), false) == "set");
  CHECK(retain(LockMode::kGovernance, later, true) == "set");
  REQUIRE(f.store->set_object_legal_hold("bucket", "k", true, id));
  CHECK(remove(true) == "AccessDenied");
  REQUIRE(f.store->set_object_legal_hold("bucket", "k", false, id));
  CHECK(retain(LockMode::kCompliance, later, false) == "AccessDenied");
  CHECK(retain(LockMode::kCompliance, later, true) == "set");
  CHECK(retain(LockMode::kGovernance, later, true) == "AccessDenied");
  CHECK(retain(LockMode::kNone, {}, true) == "AccessDenied");
  f.open();
  CHECK(remove(true) == "AccessDenied");
  f.clock.advance_seconds(101);
  CHECK(remove(false) == "gone");
}

TEST_CASE("buckets: owners and settings last, revisions change") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket", {.owner = {"me", "Me"}, .settings = {{"cors", "a"}}}));
  CHECK(f.store->create_bucket("bucket", {.owner = {"me", ""}}).error().code == "BucketAlreadyOwnedByYou");
  CHECK(f.store->create_bucket("bucket", {.owner = {"you", ""}}).error().code == "BucketAlreadyExists");
  const auto first = *f.store->bucket("bucket");
  CHECK(*f.store->bucket("bucket") == first);
  REQUIRE(f.store->set_bucket_setting("bucket", "policy", std::string(1000, 'p')));
  REQUIRE(f.store->set_bucket_setting("bucket", "cors", std::nullopt));
  CHECK((*f.store->bucket("bucket"))->revision != first->revision);
  CHECK(*first->setting("cors") == "a");
  f.open();
  const auto again = *f.store->bucket("bucket");
  CHECK(again->info.owner == ObjectOwner{"me", "Me"});
  CHECK(again->setting("cors") == nullptr);
  CHECK(*again->setting("policy") == std::string(1000, 'p'));
  CHECK(f.store->set_bucket_setting("none", "cors", "x").error().code == "NoSuchBucket");
  REQUIRE(f.store->delete_bucket("bucket"));
  REQUIRE(f.store->create_bucket("bucket"));
  f.open();
  CHECK((*f.store->bucket("bucket"))->settings.empty());
}

TEST_CASE("a bucket can be changed while others write without a pause") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket"));
  std::atomic<bool> stop{false};
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([&, i] {
      while (!stop) {
        if (!put_bytes(*f.store, "bucket", std::to_string(i), "x")) return;
      }
    });
  }
  for (int i = 0; i < 20; ++i) {
    CHECK(f.store->set_bucket_setting("bucket", "s", std::to_string(i)));
    CHECK(f.store->set_versioning("bucket", i % 2 == 0 ? kEnabled : kSuspended));
  }
  stop = true;
  for (auto& writer : writers) writer.join();
  CHECK(*(*f.store->bucket("bucket"))->setting("s") == "19");
  for (const std::string& line : all_lines(*f.store)) {
    CHECK(f.store->delete_object(
        "bucket", {.key = line.substr(0, 1), .version = line.substr(2, line.find(' ', 2) - 2)}));
  }
  CHECK(f.store->delete_bucket("bucket"));
}

TEST_CASE("one request deletes many, each on its own terms") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket", {.object_lock = true}));
  ObjectMetadata held;
  held.lock.legal_hold = true;
  const std::string one = put(f, "k", "1");
  const std::string two = put(f, "k", "2");
  const std::string kept = put_bytes(*f.store, "bucket", "held", "h", held)->version_id;
  const auto results = f.store->delete_objects("bucket", {{.key = "k", .version = two},
                                                          {.key = "held", .version = kept},
                                                          {.key = "k", .version = one},
                                                          {.key = "none"},
                                                          {.key = "k", .version = "bad"},
                                                          {.key = "held", .if_match = "00"},
                                                          {.key = std::string(2000, 'k')},
                                                          {.key = "held"},
                                                          {.key = "k", .version = "null"}});
  REQUIRE(results);
  std::string outcomes;
  for (const auto& result : *results) {
    outcomes += (result ? std::string(result->delete_marker ? "marker" : "gone") : result.error().code) + " ";
  }
  CHECK(outcomes ==
        "gone AccessDenied gone marker InvalidArgument PreconditionFailed KeyTooLongError marker gone ");
  CHECK(all_lines(*f.store) == std::vector<std::string>{"held " + (*results)[7]->version_id + " L M",
                                                        "held " + kept,
                                                        "none " + (*results)[3]->version_id + " L M"});
  CHECK(f.store->delete_objects("none", {{.key = "k"}}).error().code == "NoSuchBucket");
}

namespace {

// The simplest store with versions there is.
struct Model {
  struct Version {
    std::string id;
    std::string bytes;
    bool is_marker = false;
  };

  Versioning state = Versioning::kNever;
  std::map<std::string, std::vector<Version>> keys;  // newest first

  void add(const std::string& key, Version version) {
    auto& versions = keys[key];
    if (state == Versioning::kNever || version.id == "null") {
      std::erase_if(versions, [](const Version& v) { return v.id == "null"; });
    }
    versions.insert(versions.begin(), std::move(version));
  }
  void remove(const std::string& key, const std::string& id) {
    auto& versions = keys[key];
    std::erase_if(versions, [&](const Version& v) { return v.id == id; });
    if (versions.empty()) keys.erase(key);
  }
  [[nodiscard]] std::vector<std::string> lines(const std::string& prefix) const {
    std::vector<std::string> out;
    for (const auto& [key, versions] : keys) {
      for (std::size_t i = 0; i < versions.size() && key.starts_with(prefix); ++i) {
        out.push_back(key + " " + versions[i].id + (i == 0 ? " L" : "") +
                      (versions[i].is_marker ? " M" : ""));
      }
    }
    return out;
  }
};

// All data rows are referred to once, and nothing refers to what is not there.
void check_references(const std::string& directory) {
  auto opened = MetadataDb::open(directory + "/meta", false);
  REQUIRE(opened);
  std::set<std::string> referred;
  for (const char* family : {"o", "v"}) {
    for (const auto rows = (*opened)->cursor(family); rows->valid(); rows->next()) {
      const auto record = decode_object("", rows->value());
      REQUIRE(record);
      for (const Segment& segment : record->segments) {
        const auto row = segment.is_inline ? inline_row(segment.data_id) : file_row(segment.data_id);
        CHECK(referred.insert(row).second);
      }
    }
  }
  std::set<std::string> present;
  for (const char* family : {"d", "i"}) {
    for (const auto rows = (*opened)->cursor(family); rows->valid(); rows->next()) {
      present.emplace(rows->key());
    }
  }
  CHECK(referred == present);
}

class RandomRun {
 public:
  explicit RandomRun(unsigned seed) : random_(seed) { REQUIRE(fixture_.store->create_bucket("bucket")); }

  void step() {
    const std::string key = keys_[pick(keys_.size())];
    fixture_.clock.advance_micros(static_cast<std::int64_t>(pick(3)) * 500'000 - 500'000);
    switch (pick(12)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return put(key);
      case 4:
        return copy(key);
      case 5:
        return remove({deletion(key, false)});
      case 6:
      case 7:
        return remove({deletion(key, true)});
      case 8:
        return remove({deletion(key, true), deletion(keys_[pick(keys_.size())], pick(2) == 0),
                       deletion(key, true), deletion(key, pick(2) == 0)});
      case 9:
        if (pick(4) == 0) return fixture_.open();
        return tag(key);
      case 10:
        if (pick(3) > 0) return;
        model_.state = model_.state == Versioning::kEnabled ? Versioning::kSuspended : Versioning::kEnabled;
        REQUIRE(fixture_.store->set_versioning("bucket", model_.state));
        return;
      default:
        return check();
    }
  }

  void check() {
    ListVersionsRequest request;
    request.items_max = 1 + pick(7);
    if (pick(2) == 0) request.prefix = "k/";
    CHECK(all_lines(*fixture_.store, request) == model_.lines(request.prefix));
    std::size_t files = 0;
    std::set<std::string> live;
    for (const auto& [key, versions] : model_.keys) {
      for (const auto& version : versions) {
        if (version.bytes.size() > kInlineSizeMax) ++files;
        CHECK(get(fixture_, key, version.id) == (version.is_marker ? "MethodNotAllowed" : version.bytes));
      }
      CHECK(get(fixture_, key) == (versions[0].is_marker ? "NoSuchKey" : versions[0].bytes));
      if (!versions[0].is_marker) live.insert(key);
    }
    CHECK(fixture_.data_file_count() == files);
    std::set<std::string> listed;
    const auto page = fixture_.store->list_objects("bucket", {});
    REQUIRE(page);
    for (const auto& object : page->objects) listed.insert(object.key);
    CHECK(listed == live);
  }

  void finish() {
    check();
    fixture_.store.reset();
    check_references(fixture_.directory);
  }

 private:
  std::size_t pick(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_);
  }

  std::string id_or_null(const std::string& id) {
    CHECK(id.empty() == (model_.state == Versioning::kNever));
    CHECK((id == "null") == (model_.state == Versioning::kSuspended));
    return id.empty() ? "null" : id;
  }

  void put(const std::string& key) {
    std::string bytes = std::to_string(random_());
    if (pick(3) == 0) bytes.resize(kInlineSizeMax + 1 + pick(1000), 'x');
    const bool if_absent = pick(4) == 0;
    const auto made = put_bytes(*fixture_.store, "bucket", key, bytes, {},
                                {.if_absent = if_absent, .if_match = std::nullopt});
    const auto known = model_.keys.find(key);
    const bool exists = known != model_.keys.end() && !known->second[0].is_marker;
    REQUIRE(made.has_value() == !(if_absent && exists));
    if (made) model_.add(key, {id_or_null(made->version_id), bytes, false});
  }

  void copy(const std::string& to) {
    const std::string from = keys_[pick(keys_.size())];
    const auto known = model_.keys.find(from);
    if (known == model_.keys.end()) return;
    const auto source = known->second[pick(known->second.size())];
    const auto made = fixture_.store->copy_object({"bucket", from, {}, source.id}, "bucket", to, {});
    REQUIRE(made.has_value() == !source.is_marker);
    if (made) model_.add(to, {id_or_null(made->version_id), source.bytes, false});
  }

  void tag(const std::string& key) {
    const auto known = model_.keys.find(key);
    if (known == model_.keys.end()) return;
    const auto& version = known->second[pick(known->second.size())];
    const auto tagged = fixture_.store->set_object_tags("bucket", key, {{"t", "v"}}, version.id);
    REQUIRE(tagged.has_value() == !version.is_marker);
  }

  Deletion deletion(const std::string& key, bool by_id) {
    if (!by_id) return {.key = key};
    const auto known = model_.keys.find(key);
    if (known == model_.keys.end() || pick(5) == 0) return {.key = key, .version = "null"};
    return {.key = key, .version = known->second[pick(known->second.size())].id};
  }

  void remove(const std::vector<Deletion>& deletions) {
    const auto results = fixture_.store->delete_objects("bucket", deletions);
    REQUIRE(results);
    for (std::size_t i = 0; i < deletions.size(); ++i) {
      REQUIRE((*results)[i]);
      const Deletion& asked = deletions[i];
      const bool hides = !asked.version && model_.state != Versioning::kNever;
      if (hides) {
        model_.add(asked.key, {id_or_null((*results)[i]->version_id), "", true});
      } else {
        model_.remove(asked.key, asked.version.value_or("null"));
      }
    }
  }

  const std::vector<std::string> keys_ = {"a", "k/1", "k/2", "z"};
  StoreFixture fixture_;
  Model model_;
  std::mt19937 random_;
};

TEST_CASE("a discarded bucket leaves nothing, not even what is locked") {
  StoreFixture f;
  REQUIRE(f.store->create_bucket("bucket", {.object_lock = true}));
  REQUIRE(f.store->create_bucket("other"));
  ObjectMetadata locked;
  locked.lock = {.mode = LockMode::kCompliance,
                 .retain_until = Timestamp::from_seconds(4'000'000'000),
                 .legal_hold = true};
  const std::string large(40'000, 'x');
  // More than a step takes.
  for (int i = 0; i < 1'100; ++i) {
    REQUIRE(put_bytes(*f.store, "bucket", "k" + std::to_string(i), std::to_string(i), locked));
  }
  for (int i = 0; i < 3; ++i) REQUIRE(put_bytes(*f.store, "bucket", "large", large, locked));
  REQUIRE(f.store->delete_object("bucket", {.key = "large", .version = {}}));
  const auto id =
      f.store->create_upload("bucket", "parts", {}, ChecksumAlgorithm::kNone, ChecksumType::kFullObject);
  REQUIRE(id);
  const auto part = f.store->put_part("bucket", "parts", *id, 1);
  REQUIRE((*part)->write(large));
  REQUIRE((*part)->commit());
  REQUIRE(put_bytes(*f.store, "other", "k", large));

  REQUIRE(f.store->discard_bucket("bucket"));
  CHECK(f.store->discard_bucket("bucket").error().code == "NoSuchBucket");
  CHECK(f.data_file_count() == 1);
  CHECK(get_bytes(*f.store, "other", "k").value() == large);
  f.open();  // nothing comes back with a bucket of the same name
  REQUIRE(f.store->create_bucket("bucket"));
  CHECK(f.store->list_versions("bucket", {})->versions.empty());
  CHECK(f.store->list_uploads("bucket", {})->uploads.empty());
  CHECK(f.store->head_bucket("bucket")->versioning == Versioning::kNever);
  CHECK(f.data_file_count() == 1);
}

}  // namespace

TEST_CASE("random operations on versions agree with a simple model") {
  const unsigned seed = GENERATE(range(1U, 9U));
  INFO("seed " << seed);
  RandomRun run(seed);
  for (int i = 0; i < 400; ++i) run.step();
  run.finish();
}

}  // namespace tidemark::s3emu
