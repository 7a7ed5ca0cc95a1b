#include "storage/catalog/table_entry.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/json_fields.h"
#include "base/json_writer.h"

namespace tidemark::storage {
namespace {

void write_partition(JsonWriter& json, const Partition& partition) {
  json.begin_object();
  json.member("id", static_cast<std::int64_t>(partition.id));
  json.member("first_hash", std::int64_t{partition.hashes.first});
  json.member("last_hash", std::int64_t{partition.hashes.last});
  json.member("created_at", partition.created_at.micros);
  if (partition.parent) json.member("parent", static_cast<std::int64_t>(*partition.parent));
  json.end_object();
}

Partition read_partition(const JsonFields& in) {
  Partition partition;
  in.read_number("id", &partition.id);
  in.read_number("first_hash", &partition.hashes.first);
  in.read_number("last_hash", &partition.hashes.last);
  in.read("created_at", &partition.created_at);
  PartitionId parent{};
  in.read_number("parent", &parent);
  if (parent != PartitionId{}) partition.parent = parent;
  return partition;
}

bool cover_all_hashes(const std::vector<Partition>& partitions) {
  std::uint32_t next = 0;
  for (const Partition& partition : partitions) {
    if (partition.hashes.first != next || partition.hashes.last < partition.hashes.first) return false;
    next = partition.hashes.last + 1U;
  }
  return next == kHashes;
}

bool have_ids(const Table& table) {
  const auto& indexes = table.schema.indexes;
  const auto& partitions = table.partitions;
  return std::all_of(indexes.begin(), indexes.end(), [](const auto& i) { return i.id != TableId{}; }) &&
         std::all_of(partitions.begin(), partitions.end(),
                     [](const auto& p) { return p.id != PartitionId{}; });
}

}  // namespace

std::string table_entry(const Table& table) {
  std::string out;
  JsonWriter json(&out);
  json.begin_object();
  json.member("format", kTableEntryFormat);
  json.key("schema");
  json.raw(model::to_json(table.schema));
  json.key("partitions");
  json.begin_array();
  for (const Partition& partition : table.partitions) write_partition(json, partition);
  json.end_array();
  if (table.filled_by) {
    json.key("filled_by");
    json.begin_object();
    json.member("kind", table.filled_by->kind);
    json.member("key", table.filled_by->key);
    json.end_object();
  }
  if (table.replica) {
    json.key("replica");
    json.raw(to_json(*table.replica));
  }
  json.end_object();
  return out;
}

Result<Table> parse_table_entry(TableId id, std::string_view text) {
  const auto broken = [id](std::string_view what) {
    return fail(
        Error::corruption("catalog entry of table " + std::to_string(number(id)) + ": " + std::string(what)));
  };
  json::Document document;
  const auto root = document.parse(text);
  if (!root || !root->is_object()) return broken("it is not a JSON object");
  bool is_damaged = false;
  const JsonFields in(*root, &is_damaged);
  std::int64_t format = 1;
  in.read("format", &format);
  if (format != kTableEntryFormat) {
    return broken("it has format " + std::to_string(format) + ", this version of Tidemark reads format " +
                  std::to_string(kTableEntryFormat) + " only");
  }
  const auto schema = in.object("schema");
  if (!schema) return broken("it has no schema");

  Table table;
  table.id = id;
  ASSIGN_OR_RETURN(table.schema, model::table_schema_from_json(schema->value()));
  in.for_each_object("partitions",
                     [&table](const JsonFields& i) { table.partitions.push_back(read_partition(i)); });
  if (const auto filled_by = in.object("filled_by")) {
    table.filled_by.emplace();
    filled_by->read("kind", &table.filled_by->kind);
    filled_by->read("key", &table.filled_by->key);
  }
  if (const auto replica = in.object("replica")) {
    table.replica = replica_from_json(replica->value(), &is_damaged);
  }
  if (is_damaged || !have_ids(table)) return broken("a member is missing or has the wrong type");
  if (!cover_all_hashes(table.partitions)) return broken("its partitions do not cover the hash space");
  return table;
}

}  // namespace tidemark::storage
