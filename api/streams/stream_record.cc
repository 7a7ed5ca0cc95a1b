// Source: DynamoDB Streams API reference, Record and StreamRecord; sizes as measured: the keys count again
// although they are in the images.
#include "api/streams/stream_record.h"

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/check.h"
#include "base/xxhash.h"
#include "model/item.h"
#include "model/table_schema.h"

namespace tidemark::api {
namespace {

struct Keys {
  std::string text;
  std::int64_t size_bytes = 0;
};

void add_key(std::string_view item_text, const std::string& name, Keys* keys) {
  const auto value = model::find_attribute(item_text, name);
  INVARIANT(value);
  if (!keys->text.empty()) keys->text += ',';
  append_json_string(&keys->text, name);
  keys->text += ':';
  keys->text += *value;
  keys->size_bytes += static_cast<std::int64_t>(name.size() + model::value_text_size_bytes(*value));
}

Keys keys_of(const storage::Stream& stream, const storage::StreamRecord& record) {
  const std::string& text = record.new_item ? record.new_item->text : record.old_item->text;
  Keys keys;
  add_key(text, stream.partition_key, &keys);
  if (!stream.sort_key.empty()) add_key(text, stream.sort_key, &keys);
  keys.text = '{' + keys.text + '}';
  return keys;
}

std::string_view event_name(const storage::StreamRecord& record) {
  if (!record.old_item) return "INSERT";
  return record.new_item ? "MODIFY" : "REMOVE";
}

// The same whenever the record is read.
std::string event_id(const storage::Stream& stream, std::string_view sequence) {
  XxHash hash(XxHashAlgorithm::kXxh128);
  hash.update(stream.arn);
  hash.update(sequence);
  return to_hex(hash.finish());
}

void render_change(const storage::Stream& stream, const storage::StreamRecord& record,
                   std::string_view sequence, JsonWriter& json) {
  const StreamView view = stream_view(stream.view_type);
  const Keys keys = keys_of(stream, record);
  std::int64_t size_bytes = keys.size_bytes;
  json.begin_object();
  json.member("ApproximateCreationDateTime", record.position.time.seconds());
  json.key("Keys");
  json.raw(keys.text);
  const auto render_image = [&](std::string_view name, const std::optional<model::Item>& item) {
    if (!item) return;
    json.key(name);
    json.raw(item->text);
    size_bytes += item->size_bytes;
  };
  if (view.has_new_image) render_image("NewImage", record.new_item);
  if (view.has_old_image) render_image("OldImage", record.old_item);
  json.member("SequenceNumber", sequence);
  json.member("SizeBytes", size_bytes);
  json.member("StreamViewType", stream.view_type);
  json.end_object();
}

}  // namespace

StreamView stream_view(std::string_view view_type) {
  const bool has_both = view_type == "NEW_AND_OLD_IMAGES";
  return {.has_old_image = has_both || view_type == "OLD_IMAGE",
          .has_new_image = has_both || view_type == "NEW_IMAGE"};
}

void render_stream_record(const storage::Stream& stream, const storage::StreamRecord& record,
                          JsonWriter& json) {
  const std::string sequence = storage::sequence_number(record.position);
  json.begin_object();
  json.member("eventID", event_id(stream, sequence));
  json.member("eventName", event_name(record));
  json.member("eventVersion", "1.1");
  json.member("eventSource", "aws:dynamodb");
  json.member("awsRegion", model::arn_region(stream.region));
  json.key("dynamodb");
  render_change(stream, record, sequence, json);
  if (record.origin == wal::Origin::kTtl) {
    json.key("userIdentity");
    json.begin_object();
    json.member("PrincipalId", "dynamodb.amazonaws.com");
    json.member("Type", "Service");
    json.end_object();
  }
  json.end_object();
}

}  // namespace tidemark::api
