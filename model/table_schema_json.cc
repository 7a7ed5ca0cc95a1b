// The on-disk form of a table schema: one JSON object whose members are named as the fields are. Optional
// fields that are not set are left out; enumerations are written by name, times as microseconds.
#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/json_writer.h"
#include "model/table_schema.h"

namespace tidemark::model {
namespace {

constexpr std::array<std::string_view, 3> kProjectionNames = {"ALL", "KEYS_ONLY", "INCLUDE"};
constexpr std::array<std::string_view, 2> kBillingNames = {"PROVISIONED", "PAY_PER_REQUEST"};
constexpr std::array<std::string_view, 2> kIndexKindNames = {"GLOBAL", "LOCAL"};
constexpr std::array<std::string_view, 4> kStatusNames = {"CREATING", "UPDATING", "DELETING", "ACTIVE"};

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

void write(JsonWriter& json, const Tag& tag) {
  json.begin_object();
  json.member("key", tag.key);
  json.member("value", tag.value);
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
  json.member("name", index.name);
  json.member("kind", name_in(kIndexKindNames, index.kind));
  write_member(json, "keys", index.keys);
  write_member(json, "projection", index.projection);
  write_member(json, "throughput", index.throughput);
  write_optional(json, "on_demand_throughput", index.on_demand_throughput);
  write_optional(json, "warm_throughput", index.warm_throughput);
  json.member("status", name_in(kStatusNames, index.status));
  json.end_object();
}

template <class T>
void write_list(JsonWriter& json, std::string_view name, const std::vector<T>& values) {
  json.key(name);
  json.begin_array();
  for (const T& value : values) write(json, value);
  json.end_array();
}

// Reads the members of one object. A member that is missing leaves the field as it is, for older versions did
// not write all of them; one with the wrong type or an unknown name is noted in `*is_damaged`.
class Reader {
 public:
  Reader(json::Value object, bool* is_damaged) : object_(object), is_damaged_(*is_damaged) {}

  void read(std::string_view name, std::string* out) const {
    if (const auto value = find(name, json::Type::kString)) *out = value->string();
  }
  void read(std::string_view name, bool* out) const {
    if (const auto value = find(name, json::Type::kBool)) *out = value->boolean();
  }
  void read(std::string_view name, std::int64_t* out) const {
    if (const auto value = find(name, json::Type::kInteger)) *out = value->integer();
  }
  void read(std::string_view name, int* out) const {
    std::int64_t wide = *out;
    read(name, &wide);
    *out = static_cast<int>(wide);
    if (*out != wide) is_damaged_ = true;
  }
  void read(std::string_view name, Timestamp* out) const { read(name, &out->micros); }
  void read(std::string_view name, std::optional<Timestamp>* out) const {
    if (const auto value = find(name, json::Type::kInteger)) *out = Timestamp{value->integer()};
  }
  template <class Enum, std::size_t kCount>
  void read_enum(std::string_view name, const std::array<std::string_view, kCount>& names, Enum* out) const {
    const auto value = find(name, json::Type::kString);
    if (!value) return;
    const auto* const found = std::find(names.begin(), names.end(), value->string());
    if (found == names.end()) {
      is_damaged_ = true;
    } else {
      *out = static_cast<Enum>(found - names.begin());
    }
  }

  [[nodiscard]] std::optional<Reader> object(std::string_view name) const {
    const auto value = find(name, json::Type::kObject);
    if (!value) return std::nullopt;
    return Reader(*value, &is_damaged_);
  }
  // Calls `visit` with each element of the array `name`, all of which must be of `type`.
  template <class Visit>
  void for_each(std::string_view name, json::Type type, Visit visit) const {
    const auto array = find(name, json::Type::kArray);
    if (!array) return;
    json::Value element;
    for (json::ArrayCursor cursor = array->elements(); cursor.next(&element);) {
      if (element.type() == type) {
        visit(element);
      } else {
        is_damaged_ = true;
      }
    }
  }
  template <class Visit>
  void for_each_object(std::string_view name, Visit visit) const {
    for_each(name, json::Type::kObject,
             [this, &visit](json::Value element) { visit(Reader(element, &is_damaged_)); });
  }

 private:
  [[nodiscard]] std::optional<json::Value> find(std::string_view name, json::Type type) const {
    auto value = object_.find(name);
    if (value && value->type() != type) {
      is_damaged_ = true;
      value.reset();
    }
    return value;
  }

  json::Value object_;
  bool& is_damaged_;
};

constexpr std::array<std::string_view, 3> kKeyTypeNames = {"S", "N", "B"};

void read_attributes(const Reader& in, std::string_view name, std::vector<AttributeDefinition>* out) {
  in.for_each_object(name, [out](const Reader& element) {
    AttributeDefinition& attribute = out->emplace_back();
    element.read("name", &attribute.name);
    element.read_enum("type", kKeyTypeNames, &attribute.type);
  });
}

void read_object(const Reader& in, KeySchema* out) {
  read_attributes(in, "partition_keys", &out->partition_keys);
  read_attributes(in, "sort_keys", &out->sort_keys);
}

void read_object(const Reader& in, Throughput* out) {
  in.read("read_units", &out->read_units);
  in.read("write_units", &out->write_units);
}

void read_object(const Reader& in, OnDemandThroughput* out) {
  in.read("max_read_units", &out->max_read_units);
  in.read("max_write_units", &out->max_write_units);
}

void read_object(const Reader& in, Projection* out) {
  in.read_enum("type", kProjectionNames, &out->type);
  in.for_each("non_key_attributes", json::Type::kString,
              [out](json::Value element) { out->non_key_attributes.emplace_back(element.string()); });
}

void read_object(const Reader& in, SseSettings* out) { in.read("kms_key_arn", &out->kms_key_arn); }

void read_object(const Reader& in, StreamSettings* out) {
  in.read("view_type", &out->view_type);
  in.read("label", &out->label);
  in.read("enabled", &out->enabled);
}

void read_object(const Reader& in, PitrSettings* out) {
  in.read("enabled", &out->enabled);
  in.read("enabled_at", &out->enabled_at);
  in.read("recovery_period_days", &out->recovery_period_days);
}

template <class T>
void read_member(const Reader& in, std::string_view name, T* out) {
  if (const auto object = in.object(name)) read_object(*object, out);
}

template <class T>
void read_optional(const Reader& in, std::string_view name, std::optional<T>* out) {
  if (const auto object = in.object(name)) read_object(*object, &out->emplace());
}

IndexSchema read_index(const Reader& in) {
  IndexSchema index;
  in.read("name", &index.name);
  in.read_enum("kind", kIndexKindNames, &index.kind);
  read_member(in, "keys", &index.keys);
  read_member(in, "projection", &index.projection);
  read_member(in, "throughput", &index.throughput);
  read_optional(in, "on_demand_throughput", &index.on_demand_throughput);
  read_optional(in, "warm_throughput", &index.warm_throughput);
  in.read_enum("status", kStatusNames, &index.status);
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
  write_member(json, "created_at", schema.created_at);
  json.member("deletion_protection", schema.deletion_protection);
  json.member("table_class", schema.table_class);
  write_optional(json, "table_class_updated_at", schema.table_class_updated_at);
  write_optional(json, "sse", schema.sse);
  write_list(json, "tags", schema.tags);
  write_optional(json, "stream", schema.stream);
  write_member(json, "pitr", schema.pitr);
  json.member("resource_policy", schema.resource_policy);
  json.member("partition_count", std::int64_t{schema.partition_count});
  json.end_object();
  return out;
}

Result<TableSchema> table_schema_from_json(std::string_view text) {
  json::Document document;
  const auto parsed = document.parse(text);
  if (!parsed.has_value() || !parsed->is_object()) {
    return fail(Error::corruption("table schema is not a JSON object"));
  }
  bool is_damaged = false;
  const Reader in(*parsed, &is_damaged);
  TableSchema schema;
  in.read("name", &schema.name);
  in.read("uuid", &schema.uuid);
  in.read("account_id", &schema.account_id);
  in.read("region", &schema.region);
  read_member(in, "keys", &schema.keys);
  read_attributes(in, "attribute_definitions", &schema.attribute_definitions);
  in.for_each_object("indexes", [&schema](const Reader& i) { schema.indexes.push_back(read_index(i)); });
  in.read_enum("billing_mode", kBillingNames, &schema.billing_mode);
  in.read("last_update_to_pay_per_request", &schema.last_update_to_pay_per_request);
  read_member(in, "throughput", &schema.throughput);
  in.read("last_throughput_increase", &schema.last_throughput_increase);
  in.read("last_throughput_decrease", &schema.last_throughput_decrease);
  read_optional(in, "on_demand_throughput", &schema.on_demand_throughput);
  read_optional(in, "warm_throughput", &schema.warm_throughput);
  in.read_enum("status", kStatusNames, &schema.status);
  in.read("created_at", &schema.created_at);
  in.read("deletion_protection", &schema.deletion_protection);
  in.read("table_class", &schema.table_class);
  in.read("table_class_updated_at", &schema.table_class_updated_at);
  read_optional(in, "sse", &schema.sse);
  in.for_each_object("tags", [&schema](const Reader& element) {
    Tag& tag = schema.tags.emplace_back();
    element.read("key", &tag.key);
    element.read("value", &tag.value);
  });
  read_optional(in, "stream", &schema.stream);
  read_member(in, "pitr", &schema.pitr);
  in.read("resource_policy", &schema.resource_policy);
  in.read("partition_count", &schema.partition_count);
  const bool has_nameless_index = std::any_of(
      schema.indexes.begin(), schema.indexes.end(),
      [](const IndexSchema& index) { return index.name.empty() || index.keys.partition_keys.empty(); });
  if (is_damaged || schema.name.empty() || schema.keys.partition_keys.empty() || has_nameless_index) {
    return fail(Error::corruption("table schema is damaged: " + std::string(text.substr(0, 200))));
  }
  return schema;
}

}  // namespace tidemark::model
