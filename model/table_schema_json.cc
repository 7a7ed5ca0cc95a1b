#include <algorithm>
#include <array>

#include "base/json_fields.h"
#include "base/json_writer.h"
#include "model/table_schema.h"

namespace tidemark::model {
namespace {

constexpr std::array<std::string_view, 3> kProjectionNames = {"ALL", "KEYS_ONLY", "INCLUDE"};
constexpr std::array<std::string_view, 2> kBillingNames = {"PROVISIONED", "PAY_PER_REQUEST"};
constexpr std::array<std::string_view, 3> kIndexKindNames = {"GLOBAL", "LOCAL", "VECTOR"};
constexpr std::array<std::string_view, 3> kDistanceNames = {"COSINE", "EUCLIDEAN", "DOT_PRODUCT"};
constexpr std::array<std::string_view, 4> kStatusNames = {"CREATING", "UPDATING", "DELETING", "ACTIVE"};
constexpr std::array<std::string_view, 3> kTtlStatusNames = {"ENABLING", "ENABLED", "DISABLING"};

template <class Enum, std::size_t kCount>
std::string_view name_in(const std::array<std::string_view, kCount>& names, Enum value) {
  return names[static_cast<std::size_t>(value)];
}

void write(JsonWriter& json, const std::vector<AttributeDefinition>& attributes) {
  json.begin_array();
  for (const AttributeDefinition& attribute : attributes) {
    json.begin_object();
    json.member("name", attribute.name);
    json.member("type", key_type_descriptor(attribute.type));
    json.end_object();
  }
  json.end_array();
}

void write(JsonWriter& json, const KeySchema& keys) {
  json.begin_object();
  json.key("partition_keys");
  write(json, keys.partition_keys);
  json.key("sort_keys");
  write(json, keys.sort_keys);
  json.end_object();
}

void write(JsonWriter& json, const Throughput& throughput) {
  json.begin_object();
  json.member("read_units", throughput.read_units);
  json.member("write_units", throughput.write_units);
  json.end_object();
}

void write(JsonWriter& json, const OnDemandThroughput& throughput) {
  json.begin_object();
  json.member("max_read_units", throughput.max_read_units);
  json.member("max_write_units", throughput.max_write_units);
  json.end_object();
}

void write(JsonWriter& json, Timestamp time) { json.number(time.micros); }

void write(JsonWriter& json, const Projection& projection) {
  json.begin_object();
  json.member("type", name_in(kProjectionNames, projection.type));
  json.key("non_key_attributes");
  json.begin_array();
  for (const std::string& name : projection.non_key_attributes) json.string(name);
  json.end_array();
  json.end_object();
}

void write(JsonWriter& json, const SseSettings& sse) {
  json.begin_object();
  json.member("kms_key_arn", sse.kms_key_arn);
  json.end_object();
}

void write(JsonWriter& json, const StreamSettings& stream) {
  json.begin_object();
  json.member("view_type", stream.view_type);
  json.member("label", stream.label);
  json.member("enabled", stream.enabled);
  json.end_object();
}

void write(JsonWriter& json, const PitrSettings& pitr) {
  json.begin_object();
  json.member("enabled", pitr.enabled);
  json.key("enabled_at");
  write(json, pitr.enabled_at);
  json.member("recovery_period_days", std::int64_t{pitr.recovery_period_days});
  json.end_object();
}

void write(JsonWriter& json, const TtlSettings& ttl) {
  json.begin_object();
  json.member("attribute", ttl.attribute);
  json.member("status", name_in(kTtlStatusNames, ttl.status));
  if (ttl.status_until) {
    json.key("status_until");
    write(json, *ttl.status_until);
  }
  json.member("index", static_cast<std::int64_t>(ttl.index));
  json.member("is_indexed", ttl.is_indexed);
  json.end_object();
}

void write(JsonWriter& json, const ContributorInsights& insights) {
  json.begin_object();
  json.member("enabled", insights.enabled);
  json.member("mode", insights.mode);
  json.key("updated_at");
  write(json, insights.updated_at);
  json.end_object();
}

void write(JsonWriter& json, const KinesisDestination& destination) {
  json.begin_object();
  json.member("stream_arn", destination.stream_arn);
  json.member("is_active", destination.is_active);
  json.member("precision", destination.precision);
  json.end_object();
}

void write(JsonWriter& json, const Tag& tag) {
  json.begin_object();
  json.member("key", tag.key);
  json.member("value", tag.value);
  json.end_object();
}

void write(JsonWriter& json, const VectorSettings& vector) {
  json.begin_object();
  json.member("attribute", vector.attribute);
  json.member("dimensions", std::int64_t{vector.dimensions});
  json.member("distance", name_in(kDistanceNames, vector.distance));
  json.key("filters");
  write(json, vector.filters);
  json.end_object();
}

template <class T>
void write_member(JsonWriter& json, std::string_view name, const T& value) {
  json.key(name);
  write(json, value);
}

template <class T>
void write_optional(JsonWriter& json, std::string_view name, const std::optional<T>& value) {
  if (value) write_member(json, name, *value);
}

void write(JsonWriter& json, const IndexSchema& index) {
  json.begin_object();
  json.member("id", static_cast<std::int64_t>(index.id));
  json.member("name", index.name);
  json.member("kind", name_in(kIndexKindNames, index.kind));
  write_member(json, "keys", index.keys);
  write_optional(json, "vector", index.vector);
  write_member(json, "projection", index.projection);
  write_member(json, "throughput", index.throughput);
  write_optional(json, "on_demand_throughput", index.on_demand_throughput);
  write_optional(json, "warm_throughput", index.warm_throughput);
  write_optional(json, "contributor_insights", index.contributor_insights);
  json.member("status", name_in(kStatusNames, index.status));
  write_optional(json, "status_until", index.status_until);
  json.member("backfilling", index.backfilling);
  json.end_object();
}

template <class T>
void write_list(JsonWriter& json, std::string_view name, const std::vector<T>& values) {
  json.key(name);
  json.begin_array();
  for (const T& value : values) write(json, value);
  json.end_array();
}

constexpr std::array<std::string_view, 3> kKeyTypeNames = {"S", "N", "B"};

void read_attributes(const JsonFields& in, std::string_view name, std::vector<AttributeDefinition>* out) {
  in.for_each_object(name, [out](const JsonFields& element) {
    AttributeDefinition& attribute = out->emplace_back();
    element.read("name", &attribute.name);
    element.read_enum("type", kKeyTypeNames, &attribute.type);
  });
}

void read_object(const JsonFields& in, KeySchema* out) {
  read_attributes(in, "partition_keys", &out->partition_keys);
  read_attributes(in, "sort_keys", &out->sort_keys);
}

void read_object(const JsonFields& in, Throughput* out) {
  in.read("read_units", &out->read_units);
  in.read("write_units", &out->write_units);
}

void read_object(const JsonFields& in, OnDemandThroughput* out) {
  in.read("max_read_units", &out->max_read_units);
  in.read("max_write_units", &out->max_write_units);
}

void read_object(const JsonFields& in, Projection* out) {
  in.read_enum("type", kProjectionNames, &out->type);
  in.for_each("non_key_attributes", json::Type::kString,
              [out](json::Value element) { out->non_key_attributes.emplace_back(element.string()); });
}

void read_object(const JsonFields& in, SseSettings* out) { in.read("kms_key_arn", &out->kms_key_arn); }

void read_object(const JsonFields& in, StreamSettings* out) {
  in.read("view_type", &out->view_type);
  in.read("label", &out->label);
  in.read("enabled", &out->enabled);
}

void read_object(const JsonFields& in, ContributorInsights* out) {
  in.read("enabled", &out->enabled);
  in.read("mode", &out->mode);
  in.read("updated_at", &out->updated_at);
}

void read_object(const JsonFields& in, KinesisDestination* out) {
  in.read("stream_arn", &out->stream_arn);
  in.read("is_active", &out->is_active);
  in.read("precision", &out->precision);
}

void read_object(const JsonFields& in, TtlSettings* out) {
  in.read("attribute", &out->attribute);
  in.read_enum("status", kTtlStatusNames, &out->status);
  in.read("status_until", &out->status_until);
  in.read_number("index", &out->index);
  in.read("is_indexed", &out->is_indexed);
}

void read_object(const JsonFields& in, VectorSettings* out) {
  in.read("attribute", &out->attribute);
  in.read_number("dimensions", &out->dimensions);
  in.read_enum("distance", kDistanceNames, &out->distance);
  read_attributes(in, "filters", &out->filters);
}

// Whether all is there by which entries of the index are made and found.
bool is_whole(const IndexSchema& index) {
  if (index.name.empty()) return false;
  if (index.kind != IndexKind::kVector) return !index.keys.partition_keys.empty();
  return index.vector && index.vector->dimensions > 0 && !index.vector->attribute.empty();
}

void read_object(const JsonFields& in, PitrSettings* out) {
  in.read("enabled", &out->enabled);
  in.read("enabled_at", &out->enabled_at);
  in.read_number("recovery_period_days", &out->recovery_period_days);
}

template <class T>
void read_member(const JsonFields& in, std::string_view name, T* out) {
  if (const auto object = in.object(name)) read_object(*object, out);
}

template <class T>
void read_optional(const JsonFields& in, std::string_view name, std::optional<T>* out) {
  if (const auto object = in.object(name)) read_object(*object, &out->emplace());
}

IndexSchema read_index(const JsonFields& in) {
  IndexSchema index;
  in.read_number("id", &index.id);
  in.read("name", &index.name);
  in.read_enum("kind", kIndexKindNames, &index.kind);
  read_member(in, "keys", &index.keys);
  read_optional(in, "vector", &index.vector);
  read_member(in, "projection", &index.projection);
  read_member(in, "throughput", &index.throughput);
  read_optional(in, "on_demand_throughput", &index.on_demand_throughput);
  read_optional(in, "warm_throughput", &index.warm_throughput);
  read_optional(in, "contributor_insights", &index.contributor_insights);
  in.read_enum("status", kStatusNames, &index.status);
  in.read("status_until", &index.status_until);
  in.read("backfilling", &index.backfilling);
  return index;
}

}  // namespace

std::string to_json(const TableSchema& schema) {
  std::string out;
  JsonWriter json(&out);
  json.begin_object();
  json.member("name", schema.name);
  json.member("uuid", schema.uuid);
  json.member("account_id", schema.account_id);
  json.member("region", schema.region);
  write_member(json, "keys", schema.keys);
  write_member(json, "attribute_definitions", schema.attribute_definitions);
  write_list(json, "indexes", schema.indexes);
  json.member("billing_mode", name_in(kBillingNames, schema.billing_mode));
  write_optional(json, "last_update_to_pay_per_request", schema.last_update_to_pay_per_request);
  write_member(json, "throughput", schema.throughput);
  write_optional(json, "last_throughput_increase", schema.last_throughput_increase);
  write_optional(json, "last_throughput_decrease", schema.last_throughput_decrease);
  write_optional(json, "on_demand_throughput", schema.on_demand_throughput);
  write_optional(json, "warm_throughput", schema.warm_throughput);
  json.member("status", name_in(kStatusNames, schema.status));
  write_optional(json, "status_until", schema.status_until);
  write_member(json, "created_at", schema.created_at);
  json.member("deletion_protection", schema.deletion_protection);
  json.member("table_class", schema.table_class);
  write_optional(json, "table_class_updated_at", schema.table_class_updated_at);
  write_optional(json, "sse", schema.sse);
  write_list(json, "tags", schema.tags);
  write_optional(json, "stream", schema.stream);
  write_optional(json, "ttl", schema.ttl);
  write_optional(json, "contributor_insights", schema.contributor_insights);
  if (!schema.kinesis_destinations.empty()) {
    write_list(json, "kinesis_destinations", schema.kinesis_destinations);
  }
  write_member(json, "pitr", schema.pitr);
  json.member("resource_policy", schema.resource_policy);
  json.end_object();
  return out;
}

Result<TableSchema> table_schema_from_json(json::Value object) {
  bool is_damaged = false;
  const JsonFields in(object, &is_damaged);
  TableSchema schema;
  in.read("name", &schema.name);
  in.read("uuid", &schema.uuid);
  in.read("account_id", &schema.account_id);
  in.read("region", &schema.region);
  read_member(in, "keys", &schema.keys);
  read_attributes(in, "attribute_definitions", &schema.attribute_definitions);
  in.for_each_object("indexes", [&schema](const JsonFields& i) { schema.indexes.push_back(read_index(i)); });
  in.read_enum("billing_mode", kBillingNames, &schema.billing_mode);
  in.read("last_update_to_pay_per_request", &schema.last_update_to_pay_per_request);
  read_member(in, "throughput", &schema.throughput);
  in.read("last_throughput_increase", &schema.last_throughput_increase);
  in.read("last_throughput_decrease", &schema.last_throughput_decrease);
  read_optional(in, "on_demand_throughput", &schema.on_demand_throughput);
  read_optional(in, "warm_throughput", &schema.warm_throughput);
  in.read_enum("status", kStatusNames, &schema.status);
  in.read("status_until", &schema.status_until);
  in.read("created_at", &schema.created_at);
  in.read("deletion_protection", &schema.deletion_protection);
  in.read("table_class", &schema.table_class);
  in.read("table_class_updated_at", &schema.table_class_updated_at);
  read_optional(in, "sse", &schema.sse);
  in.for_each_object("tags", [&schema](const JsonFields& element) {
    Tag& tag = schema.tags.emplace_back();
    element.read("key", &tag.key);
    element.read("value", &tag.value);
  });
  read_optional(in, "stream", &schema.stream);
  read_optional(in, "ttl", &schema.ttl);
  read_optional(in, "contributor_insights", &schema.contributor_insights);
  in.for_each_object("kinesis_destinations", [&schema](const JsonFields& element) {
    read_object(element, &schema.kinesis_destinations.emplace_back());
  });
  read_member(in, "pitr", &schema.pitr);
  in.read("resource_policy", &schema.resource_policy);
  const bool has_broken_index = !std::all_of(schema.indexes.begin(), schema.indexes.end(), is_whole);
  if (is_damaged || schema.name.empty() || schema.keys.partition_keys.empty() || has_broken_index) {
    return fail(Error::corruption("the schema of table '" + schema.name + "' is damaged"));
  }
  return schema;
}

}  // namespace tidemark::model
