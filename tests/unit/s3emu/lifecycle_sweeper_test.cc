#include "s3emu/rules/lifecycle_sweeper.h"

#include "base/service_clock.h"
#include "s3emu/store/metadata_db.h"
#include "s3emu/store/object_records.h"
#include "tests/support/captured_log.h"
#include "tests/support/catch.h"
#include "tests/unit/s3emu/rest/rest_fixture.h"

namespace tidemark::s3emu {
namespace {

constexpr std::int64_t kDay = 86'400;

class SweepFixture : public RestFixture {
 public:
  SweepFixture() { make_bucket(); }

  void set_rules(const std::string& rules) {
    const Answer put = send("PUT", "/bucket?lifecycle", {},
                            "<LifecycleConfiguration>" + rules + "</LifecycleConfiguration>");
    INFO(put.body);
    REQUIRE(put.status == 200);
  }
  void put(const std::string& key, const std::string& bytes = "v", const NamedValues& headers = {}) {
    REQUIRE(send("PUT", "/bucket/" + key, headers, bytes).status == 200);
  }
  std::string keys() {
    std::string out;
    ListRequest request;
    while (true) {
      const auto page = store->list_objects("bucket", request);
      REQUIRE(page.has_value());
      for (const ObjectInfo& object : page->objects) out += object.key + " ";
      if (!page->truncated) return out;
      request.start_after = page->next;
    }
  }
  // `key*` for a delete marker.
  std::string versions() {
    std::string out;
    const auto page = store->list_versions("bucket", {});
    REQUIRE(page.has_value());
    for (const ListedVersion& version : page->versions) {
      out += version.info.key + (version.info.is_delete_marker ? "* " : " ");
    }
    return out;
  }
  void pass_days(int days) { clock.advance_seconds(days * kDay); }

  LifecycleSweeper sweeper{*store, clock};
};

std::string rule(const std::string& actions, const std::string& filter = "<Filter/>") {
  return "<Rule><Status>Enabled</Status>" + filter + actions + "</Rule>";
}
std::string expire(int days) { return "<Expiration><Days>" + std::to_string(days) + "</Days></Expiration>"; }

TEST_CASE("objects expire at the midnight after their days") {
  SweepFixture f;
  f.set_rules(rule(expire(2), "<Filter><Prefix>old/</Prefix></Filter>"));
  f.put("old/a");
  f.put("other");
  CHECK(f.sweeper.sweep() == LifecycleCounts{});
  f.pass_days(1);
  f.put("old/b");
  f.pass_days(1);
  CHECK(f.sweeper.sweep() == LifecycleCounts{});  // the two days are over, the third is not
  f.pass_days(1);
  CHECK(f.sweeper.sweep() == LifecycleCounts{.objects = 1});
  CHECK(f.keys() == "old/b other ");
  f.pass_days(1);
  CHECK(f.sweeper.sweep() == LifecycleCounts{.objects = 1});
  CHECK(f.keys() == "other ");
}

TEST_CASE("dates, tags, sizes and states decide") {
  SweepFixture f;
  f.set_rules(
      rule("<Expiration><Date>2020-01-01</Date></Expiration>", "<Filter><Prefix>dated/</Prefix></Filter>") +
      rule("<Expiration><Date>2020-01-01</Date></Expiration>",
           "<Filter><Tag><Key>keep</Key><Value>no</Value></Tag></Filter>") +
      rule("<Expiration><Date>2020-01-01</Date></Expiration>",
           "<Filter><ObjectSizeGreaterThan>100</ObjectSizeGreaterThan></Filter>") +
      "<Rule><Status>Disabled</Status><Prefix/><Expiration><Date>2020-01-01</Date></Expiration></Rule>" +
      rule("<Expiration><Date>2099-01-01</Date></Expiration>") +
      rule("<Transition><Days>0</Days><StorageClass>GLACIER</StorageClass></Transition>"));
  f.put("dated/a");
  f.put("large", std::string(101, 'l'));
  f.put("small", std::string(100, 's'));
  f.put("tagged", "v", {{"x-amz-tagging", "keep=no&other=1"}});
  f.put("kept", "v", {{"x-amz-tagging", "keep=yes"}});
  CHECK(f.sweeper.sweep() == LifecycleCounts{.objects = 3});
  CHECK(f.keys() == "kept small ");
  CHECK(f.send("HEAD", "/bucket/small").header("x-amz-storage-class") == "(none)");
}

TEST_CASE("more objects than a page expire in one sweep") {
  SweepFixture f;
  for (int i = 0; i < 1100; ++i) {
    REQUIRE(put_bytes(*f.store, "bucket", "k" + std::to_string(i), "v").has_value());
  }
  f.put("stays", "vv");
  f.set_rules(rule("<Expiration><Date>2020-01-01</Date></Expiration>",
                   "<Filter><ObjectSizeLessThan>2</ObjectSizeLessThan></Filter>"));
  CHECK(f.sweeper.sweep() == LifecycleCounts{.objects = 1100});
  CHECK(f.keys() == "stays ");
}

TEST_CASE("nothing is walked again before the day or the rules change") {
  SweepFixture f;
  f.set_rules(
      rule("<Expiration><Date>2020-01-01</Date></Expiration>", "<Filter><Prefix>a</Prefix></Filter>"));
  CHECK(f.sweeper.sweep() == LifecycleCounts{});
  f.put("a");
  f.put("b");
  CHECK(f.sweeper.sweep() == LifecycleCounts{});
  f.set_rules(
      rule("<Expiration><Date>2020-01-01</Date></Expiration>", "<Filter><Prefix>b</Prefix></Filter>"));
  CHECK(f.sweeper.sweep() == LifecycleCounts{.objects = 1});
  CHECK(f.keys() == "a ");
  f.put("b");
  f.pass_days(1);
  CHECK(f.sweeper.sweep() == LifecycleCounts{.objects = 1});
}

TEST_CASE("with versions, current ones are hidden and noncurrent ones removed") {
  SweepFixture f;
  REQUIRE(f.store->set_versioning("bucket", Versioning::kEnabled).has_value());
  f.set_rules(rule(expire(1), "<Filter><Prefix>x</Prefix></Filter>") +
              rule("<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays><NewerNoncurrentVersions>1"
                   "</NewerNoncurrentVersions></NoncurrentVersionExpiration>",
                   "<Filter><Prefix>n</Prefix></Filter>"));
  f.put("x");
  for (int i = 0; i < 4; ++i) f.put("n");
  f.pass_days(2);
  CHECK(f.sweeper.sweep() == LifecycleCounts{.objects = 1, .versions = 2});
  CHECK(f.versions() == "n n x* x ");
  CHECK(f.send("GET", "/bucket/x").status == 404);
}

TEST_CASE("a version is noncurrent since the next one came") {
  SweepFixture f;
  REQUIRE(f.store->set_versioning("bucket", Versioning::kEnabled).has_value());
  f.set_rules(
      rule("<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration>"));
  f.put("k");
  f.pass_days(10);
  f.put("k");
  CHECK(f.sweeper.sweep() == LifecycleCounts{});
  f.pass_days(2);
  CHECK(f.sweeper.sweep() == LifecycleCounts{.versions = 1});
  CHECK(f.versions() == "k ");
}

TEST_CASE("a delete marker that stands alone goes") {
  SweepFixture f;
  REQUIRE(f.store->set_versioning("bucket", Versioning::kEnabled).has_value());
  f.set_rules(
      rule("<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>"
           "<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration>"));
  f.put("k");
  REQUIRE(f.send("DELETE", "/bucket/k").status == 204);
  REQUIRE(f.send("DELETE", "/bucket/never").status == 204);
  CHECK(f.versions() == "k* k never* ");
  f.pass_days(1);
  CHECK(f.sweeper.sweep() == LifecycleCounts{.markers = 1});
  CHECK(f.versions() == "k* k ");
  f.pass_days(1);
  CHECK(f.sweeper.sweep() == LifecycleCounts{.versions = 1});
  f.pass_days(1);
  CHECK(f.sweeper.sweep() == LifecycleCounts{.markers = 1});
  CHECK(f.versions().empty());
}

TEST_CASE("unfinished uploads are aborted") {
  SweepFixture f;
  f.set_rules(
      rule("<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation>"
           "</AbortIncompleteMultipartUpload>",
           "<Filter><Prefix>u/</Prefix></Filter>"));
  const Answer begun = f.send("POST", "/bucket/u/k?uploads");
  CHECK(begun.header("x-amz-abort-date") == format_http_date(lifecycle_due(f.clock.now(), 1)));
  CHECK(begun.header("x-amz-abort-rule-id") != "(none)");
  const std::string target = "/bucket/u/k?uploadId=" + begun.element("UploadId");
  CHECK(f.send("GET", target).header("x-amz-abort-date") == begun.header("x-amz-abort-date"));
  REQUIRE(f.send("PUT", target + "&partNumber=1", {}, std::string(20'000, 'p')).status == 200);
  CHECK(f.send("POST", "/bucket/other?uploads").header("x-amz-abort-date") == "(none)");
  CHECK(f.sweeper.sweep() == LifecycleCounts{});
  f.pass_days(2);
  CHECK(f.sweeper.sweep() == LifecycleCounts{.uploads = 1});
  CHECK(f.send("GET", target).element("Code") == "NoSuchUpload");
  CHECK(f.data_file_count() == 0);
}

TEST_CASE("what object lock protects stays") {
  SweepFixture f;
  REQUIRE(f.store->set_versioning("bucket", Versioning::kEnabled).has_value());
  REQUIRE(f.store->enable_object_lock("bucket").has_value());
  f.set_rules(
      rule("<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration>"));
  f.put("held", "v", {{"x-amz-object-lock-legal-hold", "ON"}});
  f.put("held");
  f.put("free");
  f.put("free");
  f.pass_days(2);
  CHECK(f.sweeper.sweep() == LifecycleCounts{.versions = 1});
  CHECK(f.versions() == "free held held ");
}

TEST_CASE("answers tell when an object expires") {
  SweepFixture f;
  f.set_rules(
      "<Rule><ID>my "
      "rule</ID><Status>Enabled</Status><Filter><Tag><Key>a</Key><Value>1</Value></Tag></Filter>" +
      expire(3) + "</Rule>");
  const std::string due = format_http_date(lifecycle_due(f.clock.now(), 3));
  const std::string expected = "expiry-date=\"" + due + "\", rule-id=\"my%20rule\"";
  const NamedValues tags = {{"x-amz-tagging", "a=1"}};
  CHECK(f.send("PUT", "/bucket/k", tags, "v").header("x-amz-expiration") == expected);
  CHECK(f.send("GET", "/bucket/k").header("x-amz-expiration") == expected);
  CHECK(f.send("HEAD", "/bucket/k").header("x-amz-expiration") == expected);
  CHECK(f.send("PUT", "/bucket/c", {{"x-amz-copy-source", "bucket/k"}}).header("x-amz-expiration") ==
        expected);
  CHECK(f.send("PUT", "/bucket/plain", {}, "v").header("x-amz-expiration") == "(none)");
  const std::string id = f.send("POST", "/bucket/m?uploads", tags).element("UploadId");
  const Answer part = f.send("PUT", "/bucket/m?partNumber=1&uploadId=" + id, {}, "part");
  CHECK(f.send("POST", "/bucket/m?uploadId=" + id, {},
               "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" + part.header("ETag") +
                   "</ETag></Part></CompleteMultipartUpload>")
            .header("x-amz-expiration") == expected);
}

TEST_CASE("the sweeper's thread sweeps at its start, when it is woken, and every midnight") {
  SweepFixture f;
  Schedule schedule(f.clock);
  f.put("k");
  f.set_rules(rule("<Expiration><Date>2020-01-01</Date></Expiration>"));
  LifecycleSweeper sweeper(*f.store, f.clock);
  sweeper.start(schedule);
  while (!f.keys().empty()) std::this_thread::yield();

  f.put("k");
  f.set_rules(rule("<Expiration><Date>2020-01-02</Date></Expiration>"));
  sweeper.wake();
  while (!f.keys().empty()) std::this_thread::yield();

  f.set_rules(rule(expire(1)));
  f.put("k");
  f.pass_days(1);
  schedule.run_due();  // returns when the sweep is done
  CHECK(f.keys() == "k ");
  f.pass_days(1);
  schedule.run_due();
  CHECK(f.keys().empty());
}

TEST_CASE("a day that the machine's clock has leapt to counts once it is believed") {
  const CapturedLog log;
  StoreFixture f;
  ManualClock& wall = f.clock;
  ManualClock steady{Timestamp::from_seconds(1)};
  ServiceClock clock(wall, steady);
  Schedule schedule(clock);
  LifecycleSweeper sweeper(*f.store, clock);
  sweeper.start(schedule);
  REQUIRE(f.store->create_bucket("bucket"));
  REQUIRE(put_bytes(*f.store, "bucket", "k", "v"));
  REQUIRE(f.store->set_bucket_setting(
      "bucket", "lifecycle", "<LifecycleConfiguration>" + rule(expire(3)) + "</LifecycleConfiguration>"));
  const auto is_left = [&] { return f.store->head_object("bucket", "k").has_value(); };
  const auto pass = [&](std::int64_t seconds) {
    wall.advance_seconds(seconds);
    steady.advance_seconds(seconds);
    clock.look();
    schedule.run_due();
  };
  wall.advance_seconds(40 * kDay);
  pass(1);
  CHECK(is_left());
  SECTION("it was right") {
    pass(3'600);
    pass(3'600);
    CHECK_FALSE(is_left());
  }
  SECTION("it was set back before") {
    pass(25);
    wall.turn_to(wall.now().plus_seconds(-40 * kDay));
    for (int hour = 0; hour < 48; ++hour) pass(3'600);
    CHECK(is_left());
  }
}

// A store with rows that cannot be read, and what the log says of its bucket.
class BrokenFixture : public StoreFixture {
 public:
  BrokenFixture() { REQUIRE(store->create_bucket("bucket")); }

  void set_rules(const std::string& rules) { set_document(document_of(rules)); }
  void set_document(const std::string& document) {
    REQUIRE(store->set_bucket_setting("bucket", "lifecycle", document));
  }
  void break_row(const std::string& row) {
    store.reset();
    {
      auto db = MetadataDb::open(directory + "/meta", false);
      REQUIRE(db);
      Batch batch;
      batch.put(row, "\x7f");
      REQUIRE((*db)->write(batch));
    }
    open();
  }
  void fill(int count) {
    for (int i = 0; i < count; ++i) REQUIRE(put_bytes(*store, "bucket", std::to_string(i), "v"));
  }
  [[nodiscard]] int failures_told() const {
    constexpr std::string_view kLine = "lifecycle rules not applied";
    const std::string text = log.text();
    int count = 0;
    for (auto at = text.find(kLine); at != std::string::npos; at = text.find(kLine, at + 1)) ++count;
    return count;
  }

  static std::string document_of(const std::string& rules) {
    return "<LifecycleConfiguration>" + rules + "</LifecycleConfiguration>";
  }

  const CapturedLog log;
};

std::string dated() { return rule("<Expiration><Date>2020-01-01</Date></Expiration>"); }

TEST_CASE("a bucket that cannot be walked is tried again, and told of once a day or change of its rules") {
  BrokenFixture f;
  f.set_rules(dated());
  f.break_row(object_row("bucket", "zzz"));
  LifecycleSweeper sweeper(*f.store, f.clock);
  // The broken row is on the second page: who walks removes the first.
  const auto is_walked = [&] {
    f.fill(1100);
    return sweeper.sweep() == LifecycleCounts{.objects = 1000};
  };
  CHECK(is_walked());
  CHECK(f.failures_told() == 1);
  CHECK(is_walked());
  f.clock.advance_seconds(3'600);
  CHECK(is_walked());
  CHECK(f.failures_told() == 1);
  f.clock.advance_seconds(kDay);
  CHECK(is_walked());
  CHECK(is_walked());
  CHECK(f.failures_told() == 2);
  f.set_rules(dated() + rule(expire(1), "<Filter><Prefix>x</Prefix></Filter>"));
  CHECK(is_walked());
  CHECK(is_walked());
  CHECK(f.failures_told() == 3);
}

TEST_CASE("an upload that cannot be aborted keeps nothing else, and is tried again") {
  BrokenFixture f;
  f.set_rules(dated() + rule("<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation>"
                             "</AbortIncompleteMultipartUpload>"));
  const auto broken =
      f.store->create_upload("bucket", "a", {}, ChecksumAlgorithm::kNone, ChecksumType::kFullObject);
  REQUIRE(broken);
  REQUIRE(f.store->create_upload("bucket", "b", {}, ChecksumAlgorithm::kNone, ChecksumType::kFullObject));
  f.break_row(part_row(*broken, 1));
  f.fill(3);
  f.clock.advance_seconds(2 * kDay);
  LifecycleSweeper sweeper(*f.store, f.clock);
  CHECK(sweeper.sweep() == LifecycleCounts{.objects = 3, .uploads = 1});
  CHECK(f.failures_told() == 1);
  f.fill(2);
  CHECK(sweeper.sweep() == LifecycleCounts{.objects = 2});
  CHECK(f.failures_told() == 1);
}

TEST_CASE("rules that cannot be read are told of once a day, until they can") {
  BrokenFixture f;
  f.fill(1);
  f.set_document("<LifecycleConfiguration>");
  LifecycleSweeper sweeper(*f.store, f.clock);
  for (int look = 0; look < 3; ++look) {
    CHECK(sweeper.sweep() == LifecycleCounts{});
    f.clock.advance_seconds(60);
  }
  CHECK(f.failures_told() == 1);
  f.clock.advance_seconds(kDay);
  sweeper.sweep();
  CHECK(f.failures_told() == 2);
  f.set_rules(dated());
  CHECK(sweeper.sweep() == LifecycleCounts{.objects = 1});
  f.fill(1);
  CHECK(sweeper.sweep() == LifecycleCounts{});  // done for the day
  CHECK(f.failures_told() == 2);
}

}  // namespace
}  // namespace tidemark::s3emu
