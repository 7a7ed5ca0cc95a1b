#include "storage/history/manifest.h"

#include <algorithm>
#include <optional>

#include "base/json.h"
#include "base/json_writer.h"

namespace tidemark::storage {
namespace {

constexpr std::int64_t kFormat = 4;
constexpr std::int64_t kFormatWithoutOrigins = 3;

Error damaged(std::string_view what) { return Error::corruption("history/MANIFEST: " + std::string(what)); }

Result<std::int64_t> integer_of(const json::Value& object, std::string_view name) {
  const auto member = object.find(name);
  if (!member || member->type() != json::Type::kInteger || member->integer() < 0) {
    return fail(damaged("no valid " + std::string(name)));
  }
  return member->integer();
}

Result<TableId> table_of(const json::Value& object, std::string_view name) {
  ASSIGN_OR_RETURN(const std::int64_t id, integer_of(object, name));
  if (id > 0xffff'ffff) return fail(damaged("no valid " + std::string(name)));
  return static_cast<TableId>(id);
}

// Names end up in paths: nothing but digits and the suffix.
bool is_run_name(std::string_view name) {
  return name.size() > 4 && name.ends_with(".sst") &&
         name.substr(0, name.size() - 4).find_first_not_of("0123456789") == std::string_view::npos;
}

// The numbers of an array of exactly `count` numbers that are not negative.
std::optional<std::vector<std::int64_t>> numbers_of(const json::Value& array, std::size_t count) {
  if (!array.is_array() || array.size() != count) return std::nullopt;
  std::vector<std::int64_t> numbers;
  auto elements = array.elements();
  json::Value element;
  while (elements.next(&element)) {
    if (element.type() != json::Type::kInteger || element.integer() < 0) return std::nullopt;
    numbers.push_back(element.integer());
  }
  return numbers;
}

Result<std::vector<HistoryTableShare>> shares_of(const json::Value& run) {
  std::vector<HistoryTableShare> shares;
  const auto list = run.find("tables");
  if (!list) return shares;
  if (!list->is_array()) return fail(damaged("no valid tables"));
  auto elements = list->elements();
  json::Value element;
  while (elements.next(&element)) {
    const auto numbers = numbers_of(element, 4);
    if (!numbers || (*numbers)[0] > 0xffff'ffff) return fail(damaged("no valid tables"));
    shares.push_back({.table = static_cast<TableId>((*numbers)[0]),
                      .records = static_cast<std::uint64_t>((*numbers)[1]),
                      .bytes = static_cast<std::uint64_t>((*numbers)[2]),
                      .last_time = {(*numbers)[3]},
                      .sparse_before = {}});
  }
  return shares;
}

// Into the shares of the tables.
Result<void> read_sparse(const json::Value& run, std::vector<HistoryTableShare>* shares) {
  const auto list = run.find("sparse");
  if (!list) return {};
  if (!list->is_array()) return fail(damaged("no valid sparse"));
  auto elements = list->elements();
  json::Value element;
  while (elements.next(&element)) {
    const auto numbers = numbers_of(element, 2);
    if (!numbers) return fail(damaged("no valid sparse"));
    for (HistoryTableShare& share : *shares) {
      if (number(share.table) == (*numbers)[0]) share.sparse_before = Timestamp{(*numbers)[1]};
    }
  }
  return {};
}

Result<bool> bool_of(const json::Value& object, std::string_view name) {
  const auto member = object.find(name);
  if (!member || member->type() != json::Type::kBool) return fail(damaged("no valid " + std::string(name)));
  return member->boolean();
}

Result<HistoryRunInfo> run_of(const json::Value& object, std::int64_t format) {
  if (!object.is_object()) return fail(damaged("a run is not an object"));
  HistoryRunInfo run;
  const auto name = object.find("file");
  if (!name || !name->is_string() || !is_run_name(name->string())) return fail(damaged("no valid file"));
  run.name = name->string();
  ASSIGN_OR_RETURN(run.first_time.micros, integer_of(object, "first_us"));
  ASSIGN_OR_RETURN(run.last_time.micros, integer_of(object, "last_us"));
  ASSIGN_OR_RETURN(run.first_table, table_of(object, "first_table"));
  ASSIGN_OR_RETURN(run.last_table, table_of(object, "last_table"));
  ASSIGN_OR_RETURN(const std::int64_t records, integer_of(object, "records"));
  ASSIGN_OR_RETURN(const std::int64_t bytes, integer_of(object, "bytes"));
  run.records = static_cast<std::uint64_t>(records);
  run.bytes = static_cast<std::uint64_t>(bytes);
  ASSIGN_OR_RETURN(run.consolidated, bool_of(object, "consolidated"));
  run.has_origins = false;
  if (format != kFormatWithoutOrigins) {
    ASSIGN_OR_RETURN(run.has_origins, bool_of(object, "origins"));
  }
  ASSIGN_OR_RETURN(run.tables, shares_of(object));
  RETURN_IF_ERROR(read_sparse(object, &run.tables));
  return run;
}

void append_share(const HistoryTableShare& share, JsonWriter* json) {
  json->begin_array();
  json->number(number(share.table));
  json->number(static_cast<std::int64_t>(share.records));
  json->number(static_cast<std::int64_t>(share.bytes));
  json->number(share.last_time.micros);
  json->end_array();
}

void append_moment(TableId table, Timestamp time, JsonWriter* json) {
  json->begin_array();
  json->number(number(table));
  json->number(time.micros);
  json->end_array();
}

void append_sparse(const std::vector<HistoryTableShare>& shares, JsonWriter* json) {
  const auto is_sparse = [](const HistoryTableShare& share) { return share.sparse_before.has_value(); };
  if (std::ranges::none_of(shares, is_sparse)) return;
  json->key("sparse");
  json->begin_array();
  for (const HistoryTableShare& share : shares) {
    if (is_sparse(share)) append_moment(share.table, *share.sparse_before, json);
  }
  json->end_array();
}

void append_run(const HistoryRunInfo& run, JsonWriter* json) {
  json->begin_object();
  json->member("file", run.name);
  json->member("first_us", run.first_time.micros);
  json->member("last_us", run.last_time.micros);
  json->member("first_table", static_cast<std::int64_t>(run.first_table));
  json->member("last_table", static_cast<std::int64_t>(run.last_table));
  json->member("records", static_cast<std::int64_t>(run.records));
  json->member("bytes", static_cast<std::int64_t>(run.bytes));
  json->member("consolidated", run.consolidated);
  json->member("origins", run.has_origins);
  json->key("tables");
  json->begin_array();
  for (const HistoryTableShare& share : run.tables) append_share(share, json);
  json->end_array();
  append_sparse(run.tables, json);
  json->end_object();
}

Result<HistoryLosses> losses_of(const json::Value& root) {
  const auto list = root.find("lost");
  if (!list || !list->is_array()) return fail(damaged("no valid lost"));
  HistoryLosses losses;
  auto elements = list->elements();
  json::Value element;
  while (elements.next(&element)) {
    if (!element.is_array() || element.size() != 2) return fail(damaged("no valid lost"));
    auto parts = element.elements();
    json::Value table;
    json::Value through;
    parts.next(&table);
    parts.next(&through);
    if (table.type() != json::Type::kInteger || table.integer() < 0 || table.integer() > 0xffff'ffff ||
        through.type() != json::Type::kInteger) {
      return fail(damaged("no valid lost"));
    }
    losses[static_cast<TableId>(table.integer())] = {through.integer()};
  }
  return losses;
}

}  // namespace

std::string to_json(const HistoryManifest& manifest) {
  std::string text;
  JsonWriter json(&text);
  json.begin_object();
  json.member("format", kFormat);
  json.member("next_file", static_cast<std::int64_t>(manifest.next_file));
  json.member("sealed_through", static_cast<std::int64_t>(manifest.sealed_through));
  json.key("runs");
  json.begin_array();
  for (const HistoryRunInfo& run : manifest.runs) append_run(run, &json);
  json.end_array();
  json.key("lost");
  json.begin_array();
  for (const auto& [table, through] : manifest.losses) append_moment(table, through, &json);
  json.end_array();
  json.end_object();
  return text;
}

Result<HistoryManifest> history_manifest_from_json(std::string_view text) {
  json::Document document;
  const auto root = document.parse(text);
  if (!root || !root->is_object()) return fail(damaged("not a JSON object"));
  ASSIGN_OR_RETURN(const std::int64_t format, integer_of(*root, "format"));
  if (format != kFormat && format != kFormatWithoutOrigins)
    return fail(damaged("unknown format " + std::to_string(format)));

  HistoryManifest manifest;
  ASSIGN_OR_RETURN(const std::int64_t next_file, integer_of(*root, "next_file"));
  ASSIGN_OR_RETURN(const std::int64_t sealed_through, integer_of(*root, "sealed_through"));
  manifest.next_file = static_cast<std::uint64_t>(next_file);
  manifest.sealed_through = static_cast<wal::SequenceNumber>(sealed_through);
  const auto runs = root->find("runs");
  if (!runs || !runs->is_array()) return fail(damaged("no valid runs"));
  auto elements = runs->elements();
  json::Value element;
  while (elements.next(&element)) {
    ASSIGN_OR_RETURN(HistoryRunInfo run, run_of(element, format));
    manifest.runs.push_back(std::move(run));
  }
  ASSIGN_OR_RETURN(manifest.losses, losses_of(*root));
  return manifest;
}

}  // namespace tidemark::storage
