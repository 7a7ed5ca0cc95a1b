#include "s3emu/store/object_events.h"

#include <atomic>
#include <thread>

#include "base/check.h"
#include "s3emu/rules/lifecycle_sweeper.h"
#include "tests/support/catch.h"
#include "tests/unit/s3emu/store_fixture.h"

namespace tidemark::s3emu {
namespace {

// A store, and what has been told of it.
struct HeardStore : StoreFixture {
  HeardStore() {
    store.reset();
    listen();
  }
  void listen() {
    store.reset();
    ObjectStore::Options options;
    options.sync = false;
    options.listener = [this](const ObjectEvent& event) { events.push_back(event); };
    auto opened = ObjectStore::open(directory, options, clock, random);
    INVARIANT(opened.has_value());
    store = std::move(*opened);
  }
  // The names of the events since the last call.
  std::string names() {
    std::string out;
    for (const ObjectEvent& event : events) out += (out.empty() ? "" : " ") + event.name;
    events.clear();
    return out;
  }

  std::vector<ObjectEvent> events;
};

}  // namespace

TEST_CASE("what is done to objects is told") {
  HeardStore f;
  REQUIRE(f.store->create_bucket("bucket"));
  CHECK(f.events.empty());

  const auto put = put_bytes(*f.store, "bucket", "k", "hello");
  REQUIRE(put);
  REQUIRE(f.events.size() == 1);
  const ObjectEvent event = f.events.front();
  CHECK(event.bucket->info.name == "bucket");
  CHECK(event.key == "k");
  CHECK(event.size == 5);
  CHECK(event.etag == put->etag);
  CHECK(event.time == put->last_modified);
  CHECK(event.version_id.empty());
  CHECK(event.sequencer.size() == 16);
  CHECK(f.names() == "ObjectCreated:Put");

  REQUIRE(f.store->copy_object({"bucket", "k", {}}, "bucket", "copy", {}));
  CHECK(f.names() == "ObjectCreated:Copy");
  const auto upload = f.store->create_upload("bucket", "big", {}, ChecksumAlgorithm::kNone, {});
  REQUIRE(upload);
  auto part = f.store->put_part("bucket", "big", *upload, 1);
  REQUIRE(part);
  REQUIRE((*part)->write("hello"));
  const auto stored = (*part)->commit();
  REQUIRE(stored);
  CHECK(f.names().empty());
  CompleteRequest complete;
  complete.parts.push_back({1, stored->etag, {}, ChecksumAlgorithm::kNone});
  REQUIRE(f.store->complete_upload("bucket", "big", *upload, complete));
  REQUIRE(f.store->complete_upload("bucket", "big", *upload, complete));  // changes nothing
  CHECK(f.names() == "ObjectCreated:CompleteMultipartUpload");

  REQUIRE(f.store->set_object_tags("bucket", "k", {{"a", "1"}}));
  REQUIRE(f.store->set_object_acl("bucket", "k", "x"));
  CHECK(f.names() == "ObjectTagging:Put ObjectAcl:Put");

  REQUIRE(f.store->delete_objects("bucket", {{.key = "k"}, {.key = "none"}, {.key = "copy"}}));
  REQUIRE(f.events.size() == 2);
  CHECK(f.events[1].key == "copy");
  CHECK(f.events[0].sequencer < f.events[1].sequencer);
  CHECK(f.names() == "ObjectRemoved:Delete ObjectRemoved:Delete");
}

TEST_CASE("nothing is told of what did not happen") {
  HeardStore f;
  REQUIRE(f.store->create_bucket("bucket"));
  CHECK(!put_bytes(*f.store, "bucket", "k", "hello", {}, {.if_match = "*"}));
  CHECK(!put_bytes(*f.store, "none", "k", "hello"));
  CHECK(!f.store->set_object_tags("bucket", "k", {}));
  CHECK(f.store->delete_object("bucket", {.key = "k"}));
  auto writer = f.store->put_object("bucket", "k");
  REQUIRE(writer);
  REQUIRE((*writer)->write("hello"));
  ExpectedDigests expected;
  expected.md5 = std::string(16, '\0');
  CHECK(!(*writer)->commit({}, {}, expected));
  CHECK(f.names().empty());
}

TEST_CASE("versions and delete markers are told") {
  HeardStore f;
  REQUIRE(f.store->create_bucket("bucket"));
  REQUIRE(f.store->set_versioning("bucket", Versioning::kEnabled));
  const auto put = put_bytes(*f.store, "bucket", "k", "hello");
  REQUIRE(put);
  CHECK(f.events.at(0).version_id == put->version_id);
  CHECK(f.names() == "ObjectCreated:Put");
  const auto hidden = f.store->delete_object("bucket", {.key = "k"});
  REQUIRE(hidden);
  CHECK(f.events.at(0).version_id == hidden->version_id);
  CHECK(f.names() == "ObjectRemoved:DeleteMarkerCreated");
  REQUIRE(f.store->delete_object("bucket", {.key = "k", .version = hidden->version_id}));
  REQUIRE(f.store->delete_object("bucket", {.key = "k", .version = put->version_id}));
  CHECK(f.events.at(1).version_id == put->version_id);
  CHECK(f.names() == "ObjectRemoved:Delete ObjectRemoved:Delete");
}

TEST_CASE("an event says on whose behalf") {
  HeardStore f;
  REQUIRE(f.store->create_bucket("bucket"));
  const EventOrigin alice{.is_form_post = true,
                          .is_tag_removal = true,
                          .requester = "alice",
                          .source_ip = "10.0.0.1",
                          .request_id = "R1"};
  const auto writer = f.store->put_object("bucket", "k");
  REQUIRE(writer);
  REQUIRE((*writer)->write("hello"));
  REQUIRE((*writer)->commit({}, {}, {}, alice));
  CHECK(f.events.at(0).requester == "alice");
  CHECK(f.events.at(0).source_ip == "10.0.0.1");
  CHECK(f.events.at(0).request_id == "R1");
  REQUIRE(f.store->set_object_tags("bucket", "k", {}, std::nullopt, alice));
  CHECK(f.events.at(1).requester == "alice");
  REQUIRE(f.store->delete_object("bucket", {.key = "k"}, {.is_lifecycle = true}));
  CHECK(f.names() == "ObjectCreated:Post ObjectTagging:Delete LifecycleExpiration:Delete");
  REQUIRE(put_bytes(*f.store, "bucket", "k", "hello"));
  CHECK(f.events.at(0).requester.empty());
}

TEST_CASE("what expires is told as that") {
  HeardStore f;
  REQUIRE(f.store->create_bucket("bucket"));
  REQUIRE(put_bytes(*f.store, "bucket", "k", "hello"));
  REQUIRE(f.store->set_bucket_setting(
      "bucket", "lifecycle",
      "<LifecycleConfiguration><Rule><Filter/><Status>Enabled</Status><Expiration><Days>1</Days></Expiration>"
      "</Rule></LifecycleConfiguration>"));
  f.clock.advance_seconds(3 * 86'400);
  LifecycleSweeper sweeper(*f.store, f.clock);
  sweeper.sweep();
  CHECK(f.names() == "ObjectCreated:Put LifecycleExpiration:Delete");
}

TEST_CASE("sequencers rise over a restart, and in the order of the commits of many threads") {
  HeardStore f;
  REQUIRE(f.store->create_bucket("bucket"));
  REQUIRE(put_bytes(*f.store, "bucket", "k", "1"));
  f.clock.advance_seconds(1);
  f.listen();
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int round = 0; round < 50; ++round) {
          if (!put_bytes(*f.store, "bucket", "k", std::string(static_cast<std::size_t>(round) + 1, 'x'))) {
            ++failures;
          }
        }
      });
    }
  }
  CHECK(failures == 0);
  REQUIRE(f.events.size() == 201);
  for (std::size_t i = 1; i < f.events.size(); ++i) CHECK(f.events[i - 1].sequencer < f.events[i].sequencer);
  // The last one told is what is there.
  const auto left = f.store->head_object("bucket", "k");
  REQUIRE(left);
  CHECK(left->info.etag == f.events.back().etag);
}

}  // namespace tidemark::s3emu
