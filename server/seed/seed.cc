#include "server/seed/seed.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

#include "base/json.h"
#include "base/json_copy.h"
#include "base/json_writer.h"
#include "model/item.h"
#include "server/client/stored_export.h"
#include "server/seed/seed_items.h"

namespace tidemark::server {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSeedingTag = "tidemark:seeding";
constexpr std::string_view kManifest = "manifest-summary.json";
constexpr std::size_t kBatchMax = 25;  // of BatchWriteItem
constexpr std::size_t kBatchBytesMax = 4U << 20;
constexpr std::size_t kDefinitionBytesMax = 16U << 20;

std::string json_text(std::string_view text) {
  std::string out;
  append_json_string(&out, text);
  return out;
}

std::string table_body(std::string_view table) { return "{\"TableName\":" + json_text(table) + "}"; }

// What the sources have.
struct ItemSource {
  enum class Kind { kJson, kCsv, kExport };
  Kind kind = Kind::kJson;
  std::string path;
  std::string table;  // its name, or its logical id
};
struct Sources {
  std::vector<TemplateTable> tables;
  std::map<std::string, std::string> origins;  // of the tables, by name: `file:7`
  std::vector<ItemSource> items;
};

// Reads the sources, which are looked at and not written anywhere yet.
class SourceReader {
 public:
  SourceReader(const SeedRequest& request, FileSystem& files) : request_(request), files_(files) {}

  Result<Sources> read() {
    for (const std::string& source : request_.sources) {
      std::error_code error;
      if (fs::is_directory(source, error)) {
        RETURN_IF_ERROR(read_folder(source, {}));
      } else if (fs::is_regular_file(source, error)) {
        RETURN_IF_ERROR(read_file_of(source, {}));
      } else {
        return fail(Error::not_found("there is no file and no folder " + source));
      }
    }
    return std::move(found_);
  }

 private:
  // `table` is the folder right below the source in which this is; empty there.
  Result<void> read_folder(const fs::path& folder, const std::string& table) {
    std::error_code error;
    std::vector<fs::path> entries;
    for (const auto& entry : fs::directory_iterator(folder, error)) entries.push_back(entry.path());
    if (error) return fail(Error::io("cannot read " + folder.string() + ": " + error.message()));
    std::sort(entries.begin(), entries.end());
    const bool is_export = std::any_of(entries.begin(), entries.end(),
                                       [](const fs::path& path) { return path.filename() == kManifest; });
    if (is_export) {
      if (table.empty()) {
        return fail(Error::invalid_argument(folder.string() +
                                            ": an export must be in a folder that is named as its table"));
      }
      found_.items.push_back({ItemSource::Kind::kExport, folder.string(), table});
      return {};
    }
    for (const fs::path& path : entries) {
      const std::string name = path.filename().string();
      if (name.starts_with('.')) continue;
      if (fs::is_directory(path, error)) {
        RETURN_IF_ERROR(read_folder(path, table.empty() ? name : table));
      } else {
        RETURN_IF_ERROR(read_file_of(path, table));
      }
    }
    return {};
  }

  Result<void> read_file_of(const fs::path& path, const std::string& table) {
    const std::string ending = path.extension().string();
    const std::string of_table = table.empty() ? path.stem().string() : table;
    if (ending == ".jsonl" || ending == ".ndjson") {
      found_.items.push_back({ItemSource::Kind::kJson, path.string(), of_table});
    } else if (ending == ".csv") {
      found_.items.push_back({ItemSource::Kind::kCsv, path.string(), of_table});
    } else if (ending == ".yaml" || ending == ".yml" || ending == ".template") {
      ASSIGN_OR_RETURN(const std::string text, definition_text(path));
      return read_template(path.string(), text);
    } else if (ending == ".json") {
      return read_json(path, of_table);
    }
    return {};
  }

  Result<std::string> definition_text(const fs::path& path) {
    std::error_code error;
    if (fs::file_size(path, error) > kDefinitionBytesMax) {
      return fail(Error::invalid_argument(path.string() + " is too large for a template"));
    }
    return read_file(files_, path.string());
  }

  Result<void> read_template(const std::string& path, const std::string& text) {
    ASSIGN_OR_RETURN(const yaml::Node root, yaml::parse(text, path));
    if (!is_template(root)) {
      return fail(yaml::error_at(path, root.line, "this is no template: it has no Resources"));
    }
    ASSIGN_OR_RETURN(auto tables, tables_of_template(root, path, request_.values));
    for (TemplateTable& table : tables) {
      const std::string origin = path + ":" + std::to_string(table.line);
      RETURN_IF_ERROR(add_table(std::move(table), origin));
    }
    return {};
  }

  // A definition by what it has; anything else is items.
  Result<void> read_json(const fs::path& path, const std::string& of_table) {
    std::error_code error;
    const auto size = fs::file_size(path, error);
    json::Document document;
    std::optional<json::Value> root;
    std::string text;
    if (!error && size <= kDefinitionBytesMax) {
      ASSIGN_OR_RETURN(text, read_file(files_, path.string()));
      if (auto parsed = document.parse(text); parsed && parsed->is_object()) root = *parsed;
    }
    if (root && (root->find("Resources") || root->find("resources")))
      return read_template(path.string(), text);
    const auto described = root ? root->find("Table") : std::nullopt;
    if (described && described->is_object() && described->find("KeySchema")) {
      return add_definition(path.string(), *described, request_of_description(*described));
    }
    if (root && root->find("TableName") && root->find("KeySchema")) {
      return add_definition(path.string(), *root, std::move(text));
    }
    found_.items.push_back({ItemSource::Kind::kJson, path.string(), of_table});
    return {};
  }

  Result<void> add_definition(const std::string& path, json::Value definition, std::string request) {
    const auto name = definition.find("TableName");
    if (!name || !name->is_string()) return fail(yaml::error_at(path, 1, "TableName must be a string"));
    TemplateTable table{.logical_id = std::string(name->string()),
                        .name = std::string(name->string()),
                        .create_table = std::move(request),
                        .ttl_attribute = {},
                        .recovery = {}};
    return add_table(std::move(table), path + ":1");
  }

  Result<void> add_table(TemplateTable table, const std::string& origin) {
    const auto [earlier, is_first] = found_.origins.emplace(table.name, origin);
    if (!is_first) {
      return fail(Error::invalid_argument(origin + ": the table " + table.name + " is made in " +
                                          earlier->second + " already"));
    }
    found_.tables.push_back(std::move(table));
    return {};
  }

  // What of an answer of DescribeTable makes a table like it.
  static std::string request_of_description(json::Value table);

  const SeedRequest& request_;
  FileSystem& files_;
  Sources found_;
};

void write_indexes(json::Value indexes, JsonWriter& json) {
  json.begin_array();
  json::Value index;
  for (json::ArrayCursor cursor = indexes.elements(); cursor.next(&index);) {
    if (!index.is_object()) continue;
    json.begin_object();
    for (const std::string_view name : {"IndexName", "KeySchema", "Projection"}) {
      const auto member = index.find(name);
      if (!member) continue;
      json.key(name);
      write_value(*member, json);
    }
    json.end_object();
  }
  json.end_array();
}

std::string SourceReader::request_of_description(json::Value table) {
  std::string text;
  JsonWriter json(&text);
  json.begin_object();
  for (const std::string_view name :
       {"TableName", "AttributeDefinitions", "KeySchema", "StreamSpecification"}) {
    const auto member = table.find(name);
    if (!member) continue;
    json.key(name);
    write_value(*member, json);
  }
  for (const std::string_view name : {"GlobalSecondaryIndexes", "LocalSecondaryIndexes"}) {
    const auto member = table.find(name);
    if (!member || !member->is_array()) continue;
    json.key(name);
    write_indexes(*member, json);
  }
  json.member("BillingMode", "PAY_PER_REQUEST");
  json.end_object();
  return text;
}

// A table of the server, as it is filled.
struct Target {
  std::string arn;
  std::vector<model::AttributeDefinition> attributes;
  bool is_seeding = false;  // it has the tag
};

// Puts items in batches, and finds out which one is wrong.
class ItemWriter {
 public:
  ItemWriter(const CallDynamoDb& call, std::string table, std::string path)
      : call_(call), table_(std::move(table)), path_(std::move(path)) {}

  Result<void> add(std::size_t line, const std::string& item) {
    bytes_ += item.size();
    batch_.emplace_back(line, item);
    return batch_.size() == kBatchMax || bytes_ >= kBatchBytesMax ? flush() : Result<void>();
  }

  Result<void> flush() {
    if (batch_.empty()) return {};
    std::string body = "{\"RequestItems\":{" + json_text(table_) + ":[";
    for (const auto& [line, item] : batch_) {
      body += (body.ends_with('[') ? "" : ",") + std::string("{\"PutRequest\":{\"Item\":") + item + "}}";
    }
    const auto answer = call_("BatchWriteItem", body + "]}}");
    // Two items of one key, or one that is wrong: each by itself, so that it is known which.
    if (!answer) RETURN_IF_ERROR(put_each());
    json::Document document;
    const auto root = document.parse(answer ? *answer : "{}");
    const auto left = root && root->is_object() ? root->find("UnprocessedItems") : std::nullopt;
    if (left && left->is_object() && left->size() > 0) RETURN_IF_ERROR(put_each());
    items_ += batch_.size();
    batch_.clear();
    bytes_ = 0;
    return {};
  }

  [[nodiscard]] std::uint64_t items() const { return items_; }

 private:
  Result<void> put_each() {
    for (const auto& [line, item] : batch_) {
      const auto put = call_("PutItem", "{\"TableName\":" + json_text(table_) + ",\"Item\":" + item + "}");
      if (put) continue;
      if (put.error().code != ErrorCode::kInvalidArgument) return fail(put.error());
      return fail(yaml::error_at(path_, line, put.error().message));
    }
    return {};
  }

  const CallDynamoDb& call_;
  const std::string table_;
  const std::string path_;
  std::vector<std::pair<std::size_t, std::string>> batch_;
  std::size_t bytes_ = 0;
  std::uint64_t items_ = 0;
};

std::string member_text(json::Value object, std::string_view name) {
  const auto member = object.find(name);
  return member && member->is_string() ? std::string(member->string()) : std::string();
}

// Carries a seed out. Used once.
class Sower {
 public:
  Sower(const SeedRequest& request, const CallDynamoDb& call, FileSystem& files)
      : request_(request), call_(call), files_(files) {}

  Result<std::vector<SeededTable>> run() {
    ASSIGN_OR_RETURN(const Sources sources, SourceReader(request_, files_).read());
    for (const TemplateTable& table : sources.tables) {
      names_.emplace(table.logical_id, table.name);
      names_.insert_or_assign(table.name, table.name);
    }
    for (const TemplateTable& table : sources.tables) {
      RETURN_IF_ERROR(settle(table, sources.origins.find(table.name)->second));
    }
    for (const ItemSource& source : sources.items) RETURN_IF_ERROR(fill(source));
    std::vector<SeededTable> seeded;
    for (auto& [name, table] : seeded_) {
      if (table.is_new) RETURN_IF_ERROR(untag(targets_.at(name)));
      seeded.push_back(std::move(table));
    }
    return seeded;
  }

 private:
  // The table is there behind this, and it is known whether it is new.
  Result<void> settle(const TemplateTable& table, const std::string& origin) {
    ASSIGN_OR_RETURN(std::optional<Target> there, look_at(table.name));
    if (there && there->is_seeding) {
      RETURN_IF_ERROR(remove(table.name));
      RETURN_IF_ERROR(wait(table.name, [](const std::optional<Target>& target) { return !target; }));
      there.reset();
    }
    SeededTable& seeded = seeded_[table.name];
    seeded.name = table.name;
    if (!there) {
      RETURN_IF_ERROR(make(table, origin));
      seeded.is_new = true;
    }
    ASSIGN_OR_RETURN(there, look_at(table.name));
    if (!there) return fail(Error::unavailable("the table " + table.name + " went away meanwhile"));
    targets_[table.name] = *std::move(there);
    return {};
  }

  // What an earlier seed left, perhaps with deletion protection.
  Result<void> remove(const std::string& name) {
    if (call_("DeleteTable", table_body(name))) return {};
    RETURN_IF_ERROR(
        call_("UpdateTable", "{\"TableName\":" + json_text(name) + ",\"DeletionProtectionEnabled\":false}"));
    RETURN_IF_ERROR(wait(name, [](const std::optional<Target>& target) { return target.has_value(); }));
    RETURN_IF_ERROR(call_("DeleteTable", table_body(name)));
    return {};
  }

  Result<void> make(const TemplateTable& table, const std::string& origin) {
    const auto refused = [&origin](const Error& error) {
      if (error.code != ErrorCode::kInvalidArgument) return error;
      return Error::invalid_argument(origin + ": " + error.message);
    };
    ASSIGN_OR_RETURN(const std::string request, tagged(table.create_table, origin));
    if (const auto made = call_("CreateTable", request); !made) return fail(refused(made.error()));
    RETURN_IF_ERROR(wait(table.name, [](const std::optional<Target>& target) { return target.has_value(); }));
    const std::string begin = "{\"TableName\":" + json_text(table.name);
    if (table.ttl_attribute) {
      const auto enabled = call_("UpdateTimeToLive", begin +
                                                         ",\"TimeToLiveSpecification\":{\"Enabled\":true,"
                                                         "\"AttributeName\":" +
                                                         json_text(*table.ttl_attribute) + "}}");
      if (!enabled) return fail(refused(enabled.error()));
    }
    if (table.recovery) {
      const auto enabled = call_("UpdateContinuousBackups",
                                 begin + ",\"PointInTimeRecoverySpecification\":" + *table.recovery + "}");
      if (!enabled) return fail(refused(enabled.error()));
    }
    return {};
  }

  // The request with one more tag. Of two members of a name the last one counts.
  static Result<std::string> tagged(const std::string& request, const std::string& origin) {
    json::Document document;
    const auto root = document.parse(request);
    const std::size_t end = request.rfind('}');
    if (!root || !root->is_object() || end == std::string::npos) {
      return fail(Error::invalid_argument(origin + ": this is no request of CreateTable"));
    }
    std::string tags;
    JsonWriter json(&tags);
    json.begin_array();
    json::Value tag;
    if (const auto given = root->find("Tags"); given && given->is_array()) {
      for (json::ArrayCursor cursor = given->elements(); cursor.next(&tag);) write_value(tag, json);
    }
    json.begin_object();
    json.member("Key", kSeedingTag);
    json.member("Value", "");
    json.end_object();
    json.end_array();
    return request.substr(0, end) + ",\"Tags\":" + tags + "}";
  }

  Result<void> untag(const Target& target) {
    const std::string keys = "[" + json_text(kSeedingTag) + "]";
    RETURN_IF_ERROR(
        call_("UntagResource", "{\"ResourceArn\":" + json_text(target.arn) + ",\"TagKeys\":" + keys + "}"));
    return {};
  }

  // Nothing: there is no such table. One that is not ready is as good as none for wait() alone.
  Result<std::optional<Target>> look_at(const std::string& name, bool needs_active = false) {
    const auto answer = call_("DescribeTable", table_body(name));
    if (!answer) {
      if (answer.error().message.starts_with("ResourceNotFoundException")) return std::optional<Target>();
      return fail(answer.error());
    }
    json::Document document;
    const auto root = document.parse(*answer);
    const auto table = root && root->is_object() ? root->find("Table") : std::nullopt;
    if (!table || !table->is_object())
      return fail(Error::unavailable("the server's answer is not understood"));
    if (needs_active && member_text(*table, "TableStatus") != "ACTIVE") return std::optional<Target>();
    Target target{.arn = member_text(*table, "TableArn"), .attributes = {}};
    json::Value definition;
    if (const auto list = table->find("AttributeDefinitions"); list && list->is_array()) {
      for (json::ArrayCursor cursor = list->elements(); cursor.next(&definition);) {
        const std::string type = member_text(definition, "AttributeType");
        target.attributes.push_back({.name = member_text(definition, "AttributeName"),
                                     .type = type == "N"   ? model::KeyType::kNumber
                                             : type == "B" ? model::KeyType::kBinary
                                                           : model::KeyType::kString});
      }
    }
    ASSIGN_OR_RETURN(target.is_seeding, has_seeding_tag(target.arn));
    return std::optional(std::move(target));
  }

  Result<bool> has_seeding_tag(const std::string& arn) {
    ASSIGN_OR_RETURN(const std::string answer,
                     call_("ListTagsOfResource", "{\"ResourceArn\":" + json_text(arn) + "}"));
    return answer.find(json_text(kSeedingTag)) != std::string::npos;
  }

  // Tables take their time to come and go with --delay-transient-statuses.
  Result<void> wait(const std::string& name,
                    const std::function<bool(const std::optional<Target>&)>& is_there) {
    constexpr std::chrono::milliseconds kPause{20};
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(5);
    for (;;) {
      const bool comes = is_there(Target{});
      ASSIGN_OR_RETURN(const auto target, look_at(name, comes));
      if (is_there(target)) return {};
      if (std::chrono::steady_clock::now() > deadline) {
        return fail(Error::unavailable("the table " + name + " is not ready after five minutes"));
      }
      std::this_thread::sleep_for(kPause);
    }
  }

  Result<void> fill(const ItemSource& source) {
    const auto named = names_.find(source.table);
    const std::string name = named == names_.end() ? source.table : named->second;
    if (!seeded_.contains(name)) {
      ASSIGN_OR_RETURN(auto there, look_at(name));
      if (!there) {
        return fail(
            Error::invalid_argument(source.path + ": there is no table " + name +
                                    ": the seed must have a template or a request of CreateTable for it"));
      }
      targets_[name] = *std::move(there);
      seeded_[name].name = name;
    }
    SeededTable& table = seeded_.at(name);
    if (!table.is_new && !request_.into_existing) return {};
    ItemWriter writer(call_, name, source.path);
    const VisitItem add = [&writer](std::size_t line, const std::string& item) {
      return writer.add(line, item);
    };
    switch (source.kind) {
      case ItemSource::Kind::kJson:
        RETURN_IF_ERROR(visit_json_items(source.path, add));
        break;
      case ItemSource::Kind::kCsv:
        RETURN_IF_ERROR(visit_csv_items(source.path, targets_.at(name).attributes, add));
        break;
      case ItemSource::Kind::kExport:
        RETURN_IF_ERROR(visit_export(source.path, add));
        break;
    }
    RETURN_IF_ERROR(writer.flush());
    table.items += writer.items();
    return {};
  }

  Result<void> visit_export(const std::string& path, const VisitItem& visit) {
    const SignedClient nobody({}, {});  // for exports in buckets, which these are not
    ASSIGN_OR_RETURN(StoredExport stored,
                     StoredExport::open(path, nobody, files_, std::nullopt, ManifestSums::kChecked));
    if (stored.summary().is_incremental || stored.summary().output_format != "DYNAMODB_JSON") {
      return fail(Error::invalid_argument(path + ": only a full export in DYNAMODB_JSON can be a seed; "
                                                 "`tidemark load` takes increments, ImportTable Ion"));
    }
    json::Document document;
    std::size_t number = 0;
    return stored.visit([&](std::string_view line) -> Result<void> {
      ++number;
      const auto root = document.parse(line);
      const auto item = root && root->is_object() ? root->find("Item") : std::nullopt;
      std::string text;
      if (!item || !item->is_object() || !model::canonicalize(*item, &text)) {
        return fail(Error::corruption(path + ": record " + std::to_string(number) + " cannot be read"));
      }
      return visit(number, text);
    });
  }

  const SeedRequest& request_;
  const CallDynamoDb& call_;
  FileSystem& files_;
  std::map<std::string, std::string> names_;  // of tables, by name and by logical id
  std::map<std::string, Target> targets_;     // by name, as the next
  std::map<std::string, SeededTable> seeded_;
};

}  // namespace

Result<std::vector<SeededTable>> seed(const SeedRequest& request, const CallDynamoDb& call,
                                      FileSystem& files) {
  return Sower(request, call, files).run();
}

std::string line_of(const SeededTable& table) {
  const std::string items = std::to_string(table.items) + (table.items == 1 ? " item" : " items");
  if (table.is_new) return table.name + ": made, " + items;
  if (table.items > 0) return table.name + ": was there, " + items + " put";
  return table.name + ": is there already, left as it is";
}

}  // namespace tidemark::server
