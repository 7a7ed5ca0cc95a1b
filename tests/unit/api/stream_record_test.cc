#include "api/streams/stream_record.h"

#include <string>

#include "tests/support/catch.h"

namespace tidemark::api {
namespace {

std::string rendered(const storage::StreamRecord& record, const std::string& view_type) {
  storage::Stream stream;
  stream.arn = "arn:aws:dynamodb:ddblocal:000000000000:table/tab/stream/2026-01-01T00:00:00.000";
  stream.region = "fakeRegion";
  stream.partition_key = "pk";
  stream.view_type = view_type;
  std::string text;
  JsonWriter json(&text);
  render_stream_record(stream, record, json);
  return text;
}

storage::StreamRecord removal(wal::Origin origin) {
  storage::StreamRecord record;
  record.position = {.time = {1'767'225'600'999'999}, .ordinal = 2};
  record.origin = origin;
  record.old_item = model::Item{.text = R"({"a\"b":{"S":"x"},"pk":{"S":"Fred"}})", .size_bytes = 10};
  return record;
}

bool has_identity(const std::string& text) {
  return text.find(R"("userIdentity":{"PrincipalId":"dynamodb.amazonaws.com","Type":"Service"})") !=
         std::string::npos;
}

}  // namespace

TEST_CASE("what the time to live removes is said to be of the service") {
  CHECK(has_identity(rendered(removal(wal::Origin::kTtl), "KEYS_ONLY")));
  CHECK_FALSE(has_identity(rendered(removal(wal::Origin::kClient), "KEYS_ONLY")));
}

TEST_CASE("a removal shows whole seconds, the keys of the old image, and the region of the ARN") {
  const std::string text = rendered(removal(wal::Origin::kClient), "NEW_AND_OLD_IMAGES");
  CHECK(text.find(R"("awsRegion":"ddblocal","dynamodb":{"ApproximateCreationDateTime":1767225600,)"
                  R"("Keys":{"pk":{"S":"Fred"}},"OldImage":{"a\"b":{"S":"x"},"pk":{"S":"Fred"}},)"
                  R"("SequenceNumber":"1767225600999999000002","SizeBytes":16,)"
                  R"("StreamViewType":"NEW_AND_OLD_IMAGES"}})") != std::string::npos);
}

}  // namespace tidemark::api
