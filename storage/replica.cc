#include "storage/replica.h"

#include "base/json_fields.h"
#include "base/json_writer.h"

namespace tidemark::storage {
namespace {

constexpr std::array<std::string_view, 2> kVersions{"2017.11.29", "2019.11.21"};

std::optional<std::int64_t> read_optional(std::string_view name, const JsonFields& in) {
  constexpr std::int64_t kAbsent = -1;
  std::int64_t number = kAbsent;
  in.read(name, &number);
  return number == kAbsent ? std::nullopt : std::optional(number);
}

IndexOverride read_index_override(const JsonFields& in) {
  IndexOverride index;
  in.read("index_name", &index.index_name);
  index.read_units = read_optional("read_units", in);
  index.max_read_units = read_optional("max_read_units", in);
  return index;
}

void write_optional(std::string_view name, const std::optional<std::int64_t>& number, JsonWriter& json) {
  if (number) json.member(name, *number);
}

}  // namespace

std::string_view global_table_version_name(GlobalTableVersion version) {
  return kVersions[static_cast<std::size_t>(version)];
}

std::string to_json(const Replica& replica) {
  std::string out;
  JsonWriter json(&out);
  json.begin_object();
  json.member("group", static_cast<std::int64_t>(replica.group));
  json.member("version", global_table_version_name(replica.version));
  json.member("consistency", kRegionConsistencies[static_cast<std::size_t>(replica.consistency)]);
  if (!replica.witness_region.empty()) json.member("witness_region", replica.witness_region);
  json.member("united_at", replica.united_at.micros);
  if (replica.is_filling) json.member("is_filling", true);
  if (replica.sourced_at) json.member("sourced_at", replica.sourced_at->micros);
  write_optional("read_units", replica.read_units, json);
  write_optional("max_read_units", replica.max_read_units, json);
  if (replica.has_own_class) json.member("has_own_class", true);
  if (!replica.indexes.empty()) {
    json.key("indexes");
    json.begin_array();
    for (const IndexOverride& index : replica.indexes) {
      json.begin_object();
      json.member("index_name", index.index_name);
      write_optional("read_units", index.read_units, json);
      write_optional("max_read_units", index.max_read_units, json);
      json.end_object();
    }
    json.end_array();
  }
  if (!replica.auto_scaling.empty()) {
    json.key("auto_scaling");
    json.begin_array();
    for (const auto& [what, settings] : replica.auto_scaling) {
      json.begin_object();
      json.member("what", what);
      json.member("settings", settings);
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
  return out;
}

Replica replica_from_json(json::Value object, bool* is_damaged) {
  const JsonFields in(object, is_damaged);
  Replica replica;
  in.read_number("group", &replica.group);
  in.read_enum("version", kVersions, &replica.version);
  in.read_enum("consistency", kRegionConsistencies, &replica.consistency);
  in.read("witness_region", &replica.witness_region);
  in.read("united_at", &replica.united_at);
  in.read("is_filling", &replica.is_filling);
  in.read("sourced_at", &replica.sourced_at);
  replica.read_units = read_optional("read_units", in);
  replica.max_read_units = read_optional("max_read_units", in);
  in.read("has_own_class", &replica.has_own_class);
  in.for_each_object("indexes",
                     [&replica](const JsonFields& i) { replica.indexes.push_back(read_index_override(i)); });
  in.for_each_object("auto_scaling", [&replica](const JsonFields& i) {
    std::string what;
    i.read("what", &what);
    i.read("settings", &replica.auto_scaling[what]);
  });
  if (replica.group == model::TableId{}) *is_damaged = true;
  return replica;
}

}  // namespace tidemark::storage
