#include "s3emu/rules/event_records.h"

#include <memory>
#include <string>

#include "tests/support/catch.h"

namespace tidemark::s3emu {
namespace {

ObjectEvent event_of(const std::string& key) {
  Bucket bucket;
  bucket.info.name = "bucket";
  ObjectEvent event;
  event.name = "ObjectCreated:Put";
  event.bucket = std::make_shared<const Bucket>(bucket);
  event.key = key;
  event.size = 5;
  event.etag = "abc";
  event.time = Timestamp::from_seconds(1'790'000'000);
  event.sequencer = "00";
  return event;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_CASE("records look as those of S3") {
  ObjectEvent event = event_of("a b/\xC3\xA4+&.txt");
  event.requester = "alice";
  event.source_ip = "10.0.0.1";
  event.request_id = "R1";
  EventRecords records("eu-west-1", "owner");
  const auto documents = records.of(event);
  REQUIRE(documents.size() == 1);
  CHECK(documents[0] ==
        "{\"Records\":[{\"eventVersion\":\"2.1\",\"eventSource\":\"aws:s3\",\"awsRegion\":\"eu-west-1\","
        "\"eventTime\":\"2026-09-21T14:13:20.000Z\",\"eventName\":\"ObjectCreated:Put\","
        "\"userIdentity\":{\"principalId\":\"alice\"},"
        "\"requestParameters\":{\"sourceIPAddress\":\"10.0.0.1\"},"
        "\"responseElements\":{\"x-amz-request-id\":\"R1\",\"x-amz-id-2\":\"UjFSMQ==\"},"
        "\"s3\":{\"s3SchemaVersion\":\"1.0\",\"configurationId\":\"webhook\","
        "\"bucket\":{\"name\":\"bucket\",\"ownerIdentity\":{\"principalId\":\"owner\"},"
        "\"arn\":\"arn:aws:s3:::bucket\"},"
        "\"object\":{\"key\":\"a+b/%C3%A4%2B%26.txt\",\"size\":5,\"eTag\":\"abc\",\"sequencer\":\"00\"}}}]}");

  event.name = "ObjectRemoved:DeleteMarkerCreated";
  event.etag.clear();
  event.version_id = "v1";
  const std::string removed = records.of(event).at(0);
  CHECK(has(removed, "\"versionId\":\"v1\",\"sequencer\""));
  CHECK(!has(removed, "\"size\""));
  CHECK(!has(removed, "eTag"));
}

TEST_CASE("a configuration selects, one record a rule") {
  Bucket bucket;
  bucket.info.name = "bucket";
  bucket.settings["notification"] =
      "<NotificationConfiguration><QueueConfiguration><Id>texts</Id><Queue>arn:aws:sqs:::q</Queue>"
      "<Event>s3:ObjectCreated:*</Event><Filter><S3Key><FilterRule><Name>suffix</Name><Value>.txt</Value>"
      "</FilterRule></S3Key></Filter></QueueConfiguration><EventBridgeConfiguration/>"
      "</NotificationConfiguration>";
  ObjectEvent event = event_of("a.txt");
  event.bucket = std::make_shared<const Bucket>(bucket);
  EventRecords records("r", "o");
  const auto both = records.of(event);
  REQUIRE(both.size() == 2);
  CHECK(has(both[0], "\"configurationId\":\"texts\""));
  event.key = "a.bin";
  CHECK(records.of(event).size() == 1);

  // Parsed once for each state of the bucket.
  bucket.settings["notification"] = "<NotificationConfiguration/>";
  event.bucket = std::make_shared<const Bucket>(bucket);
  CHECK(records.of(event).size() == 1);
  bucket.revision = 1;
  event.bucket = std::make_shared<const Bucket>(bucket);
  CHECK(records.of(event).empty());
}

}  // namespace
}  // namespace tidemark::s3emu
