#include "s3emu/rules/event_records.h"

#include <cstdint>

#include "base/bytes.h"
#include "base/http_message.h"
#include "base/json_writer.h"

namespace tidemark::s3emu {
namespace {

// The rule that a bucket without a configuration is said to have.
constexpr const char* kEverything = "webhook";

bool is_creation(const ObjectEvent& event) { return event.name.starts_with("ObjectCreated:"); }

// Later additions to the events of S3 have a later version.
const char* event_version(const ObjectEvent& event) {
  return is_creation(event) || event.name.starts_with("ObjectRemoved:") ? "2.1" : "2.3";
}

// "<name>":{"<member>":"<value>"}
void write_single(std::string_view name, std::string_view member, std::string_view value, JsonWriter* json) {
  json->key(name);
  json->begin_object();
  json->member(member, value);
  json->end_object();
}

void write_request(const ObjectEvent& event, const std::string& owner_id, JsonWriter* json) {
  write_single("userIdentity", "principalId", event.requester.empty() ? owner_id : event.requester, json);
  write_single("requestParameters", "sourceIPAddress",
               event.source_ip.empty() ? "127.0.0.1" : event.source_ip, json);
  json->key("responseElements");
  json->begin_object();
  json->member("x-amz-request-id", event.request_id.empty() ? event.sequencer : event.request_id);
  json->member("x-amz-id-2", base64_encode(event.request_id + event.request_id));
  json->end_object();
}

void write_bucket(const BucketInfo& bucket, const std::string& owner_id, JsonWriter* json) {
  json->begin_object();
  json->member("name", bucket.name);
  write_single("ownerIdentity", "principalId", bucket.owner.id.empty() ? owner_id : bucket.owner.id, json);
  json->member("arn", "arn:aws:s3:::" + bucket.name);
  json->end_object();
}

void write_object(const ObjectEvent& event, JsonWriter* json) {
  json->begin_object();
  json->member("key", http::percent_encode_key(event.key));
  if (is_creation(event)) json->member("size", static_cast<std::int64_t>(event.size));
  if (!event.etag.empty()) json->member("eTag", event.etag);
  if (!event.version_id.empty()) json->member("versionId", event.version_id);
  json->member("sequencer", event.sequencer);
  json->end_object();
}

}  // namespace

std::string EventRecords::document(const ObjectEvent& event, const std::string& rule_id) const {
  const BucketInfo& bucket = event.bucket->info;
  std::string text;
  JsonWriter json(&text);
  json.begin_object();
  json.key("Records");
  json.begin_array();
  json.begin_object();
  json.member("eventVersion", event_version(event));
  json.member("eventSource", "aws:s3");
  json.member("awsRegion", bucket.region.empty() ? region_ : bucket.region);
  json.member("eventTime", format_iso_millis(event.time));
  json.member("eventName", event.name);
  write_request(event, owner_id_, &json);
  json.key("s3");
  json.begin_object();
  json.member("s3SchemaVersion", "1.0");
  json.member("configurationId", rule_id);
  json.key("bucket");
  write_bucket(bucket, owner_id_, &json);
  json.key("object");
  write_object(event, &json);
  json.end_object();
  json.end_object();
  json.end_array();
  json.end_object();
  return text;
}

std::vector<std::string> EventRecords::of(const ObjectEvent& event) {
  if (event.bucket->setting("notification") == nullptr) return {document(event, kEverything)};
  const auto rules = rules_.of(*event.bucket);
  if (rules == nullptr) return {};
  std::vector<std::string> documents;
  for (const std::string& id : matching_notifications(*rules, event.name, event.key)) {
    documents.push_back(document(event, id.empty() ? "EventBridge" : id));
  }
  return documents;
}

}  // namespace tidemark::s3emu
