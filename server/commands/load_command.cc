#include "server/commands/load_command.h"

#include <algorithm>
#include <optional>
#include <random>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "base/json_writer.h"
#include "model/item.h"
#include "server/client/stored_export.h"
#include "server/client/table_writer.h"
#include "server/client/target_table.h"
#include "server/commands/export_chain.h"
#include "server/commands/mask.h"

namespace tidemark::server {
namespace {

constexpr std::size_t kKeyAttributesMax = 2;
constexpr int kMaskKeyWords = 8;  // of 32 bits

// `pk:S,sk:N`
Result<KeyAttributes> parse_keys(std::string_view text) {
  KeyAttributes keys;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view item = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(item.size() + 1, rest.size()));
    const std::size_t colon = std::min(item.rfind(':'), item.size());
    const auto type = model::parse_key_type(item.substr(std::min(colon + 1, item.size())));
    if (colon == 0 || !type || keys.size() == kKeyAttributesMax) {
      return fail(
          Error::invalid_argument("--key: '" + std::string(text) + "' is not a key like pk:S or pk:S,sk:N"));
    }
    keys.push_back({std::string(item.substr(0, colon)), *type});
  }
  return keys;
}

// Reads the records of full exports and increments.
class LoadedRecord {
 public:
  LoadedRecord(bool is_incremental, const Mask& mask) : is_incremental_(is_incremental), mask_(mask) {}

  Result<Change> parse(std::string_view line) {
    const auto record = document_.parse(line);
    const bool is_object = record && record->is_object();
    const auto keys = is_object && is_incremental_ ? record->find("Keys") : std::nullopt;
    auto item = is_object ? record->find(is_incremental_ ? "NewImage" : "Item") : std::nullopt;
    if (is_incremental_ && !keys) return broken(line);
    const bool is_put = item.has_value();
    if (!is_put) item = keys;
    if (!item || !item->is_object()) return broken(line);
    auto canonical = model::item_from_json(*item);
    if (!canonical) return broken(line);
    if (keys && !keys_) {
      keys_ = keys_of(*keys);
      if (!keys_) return broken(line);
    }
    if (!mask_.is_empty()) {
      ASSIGN_OR_RETURN(model::AttributeMap attributes, model::parse_item(canonical->text));
      mask_.apply(&attributes);
      *canonical = model::make_item(attributes);
    }
    return Change{.is_put = is_put, .text = std::move(canonical->text), .size_bytes = canonical->size_bytes};
  }

  // The key attributes that the first record of an increment has, by name; nothing before
  // one was read.
  [[nodiscard]] const std::optional<KeyAttributes>& keys() const { return keys_; }

 private:
  static tl::unexpected<Error> broken(std::string_view line) {
    return fail(Error::corruption("a record cannot be read: " + std::string(line.substr(0, 200))));
  }

  // Nothing when these cannot be the attributes of a key.
  static std::optional<KeyAttributes> keys_of(json::Value object) {
    if (!object.is_object()) return std::nullopt;
    const auto canonical = model::item_from_json(object);
    if (!canonical) return std::nullopt;
    const auto attributes = model::parse_item(canonical->text);
    if (!attributes || attributes->empty() || attributes->size() > kKeyAttributesMax) return std::nullopt;
    KeyAttributes keys;
    for (const auto& [name, value] : *attributes) {
      const auto type = model::parse_key_type(model::type_descriptor(value.type()));
      if (!type) return std::nullopt;
      keys.push_back({name, *type});
    }
    return keys;
  }

  const bool is_incremental_;
  const Mask& mask_;
  json::Document document_;
  std::optional<KeyAttributes> keys_;
};

// What CreateTable is asked for.
std::string table_request(const std::string& table, const KeyAttributes& keys) {
  std::string body;
  JsonWriter json(&body);
  json.begin_object();
  json.member("TableName", table);
  json.member("BillingMode", "PAY_PER_REQUEST");
  json.key("AttributeDefinitions");
  json.begin_array();
  for (const model::AttributeDefinition& key : keys) {
    json.begin_object();
    json.member("AttributeName", key.name);
    json.member("AttributeType", model::key_type_descriptor(key.type));
    json.end_object();
  }
  json.end_array();
  json.key("KeySchema");
  json.begin_array();
  for (const model::AttributeDefinition& key : keys) {
    json.begin_object();
    json.member("AttributeName", key.name);
    json.member("KeyType", &key == &keys.front() ? "HASH" : "RANGE");
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return body;
}

// Loads what was asked for. Used once.
class Loader {
 public:
  Loader(const LoadConfig& config, FileSystem& files)
      : config_(config), files_(files), client_(config.server, config.identity) {}

  Result<Loaded> run() {
    ASSIGN_OR_RETURN(mask_, Mask::parse(config_.mask, mask_key()));
    ASSIGN_OR_RETURN(const KeyAttributes asked, parse_keys(config_.key));
    std::vector<StoredExport> exports;
    for (const std::string& source : config_.sources) {
      ASSIGN_OR_RETURN(StoredExport one, StoredExport::open(source, client_, files_, config_.elsewhere,
                                                            ManifestSums::kChecked));
      exports.push_back(std::move(one));
    }
    ASSIGN_OR_RETURN(ExportChain chain, chain_of(std::move(exports)));
    exports_ = std::move(chain.exports);
    ASSIGN_OR_RETURN(const KeyAttributes key, check_all(asked));
    Loaded loaded;
    loaded.left_out = std::move(chain.left_out);
    if (!config_.into_existing) {
      RETURN_IF_ERROR(create_table(key));
      loaded.key = text_of(key);
    }
    TableWriter writer(client_, config_.table);
    for (StoredExport& one : exports_) {
      LoadedRecord record(one.summary().is_incremental, mask_);
      RETURN_IF_ERROR(one.visit([&](std::string_view line) -> Result<void> {
        ASSIGN_OR_RETURN(const Change change, record.parse(line));
        return writer.add(change);
      }));
      // The next export may have the same items.
      RETURN_IF_ERROR(writer.flush());
    }
    loaded.puts = writer.puts();
    loaded.deletes = writer.deletes();
    return loaded;
  }

 private:
  // A new one is a secret of this run that nobody keeps.
  [[nodiscard]] std::string mask_key() const {
    if (!config_.mask_key.empty()) return config_.mask_key;
    std::random_device device;
    std::string key;
    for (int i = 0; i < kMaskKeyWords; ++i) key += std::to_string(device()) + ' ';
    return key;
  }

  // Reads everything and makes sure that the table will take it. Returns the key of the table.
  Result<KeyAttributes> check_all(const KeyAttributes& asked) {
    model::TableSchema schema;
    if (config_.into_existing) {
      ASSIGN_OR_RETURN(schema, schema_on_server(client_, config_.table));
    }
    for (StoredExport& one : exports_) {
      if (one.summary().is_incremental) RETURN_IF_ERROR(find_keys(one));
    }
    KeyAttributes key = config_.into_existing ? key_of(schema) : asked;
    if (config_.into_existing) {
      RETURN_IF_ERROR(check_existing(key, asked));
    } else {
      ASSIGN_OR_RETURN(key, settle_keys(asked));
      schema = schema_of(key);
    }
    for (const model::AttributeDefinition& attribute : key) {
      if (!mask_.drops(attribute.name)) continue;
      return fail(
          Error::invalid_argument("--mask: " + attribute.name + " is part of the key; `hash` may be"));
    }
    for (StoredExport& one : exports_) {
      LoadedRecord record(one.summary().is_incremental, mask_);
      RETURN_IF_ERROR(one.check([&](std::string_view line) -> Result<void> {
        ASSIGN_OR_RETURN(const Change change, record.parse(line));
        return check_change(schema, change);
      }));
    }
    return key;
  }

  // Reads no further than to the first record.
  Result<void> find_keys(StoredExport& increment) {
    LoadedRecord record(true, mask_);
    auto read = increment.check([&](std::string_view line) -> Result<void> {
      ASSIGN_OR_RETURN(const Change first, record.parse(line));
      return fail(Error::unavailable("nothing else is wanted: " + first.text));
    });
    if (!record.keys()) return read;
    found_ = record.keys();
    return {};
  }

  // The given key, or that of the increments.
  [[nodiscard]] Result<KeyAttributes> settle_keys(const KeyAttributes& asked) const {
    if (asked.empty() && !found_) {
      return fail(
          Error::invalid_argument("a full export does not say what the key is: give --key pk:S,sk:N"));
    }
    if (asked.empty() && found_->size() > 1) {
      return fail(Error::invalid_argument("the key is made of " + text_of(*found_) +
                                          ", the partition key first: confirm or turn it with --key " +
                                          text_of(*found_)));
    }
    if (asked.empty()) return *found_;
    if (found_ && !are_same(asked, *found_)) {
      return fail(
          Error::invalid_argument("--key: the items of the increments have the key " + text_of(*found_)));
    }
    return asked;
  }

  [[nodiscard]] Result<void> check_existing(const KeyAttributes& key, const KeyAttributes& asked) const {
    if (!asked.empty() && asked != key) {
      return fail(Error::invalid_argument("--key: the table has the key " + text_of(key)));
    }
    if (found_ && !are_same(key, *found_)) {
      return fail(Error::invalid_argument("the table has the key " + text_of(key) +
                                          ", the items of the increments " + text_of(*found_)));
    }
    return {};
  }

  // In whatever order.
  static bool are_same(const KeyAttributes& a, const KeyAttributes& b) {
    return std::is_permutation(a.begin(), a.end(), b.begin(), b.end());
  }

  [[nodiscard]] Result<void> create_table(const KeyAttributes& keys) const {
    const auto created = client_.call("CreateTable", table_request(config_.table, keys));
    if (created) return {};
    if (created.error().message.starts_with("ResourceInUseException")) {
      return fail(Error::already_exists("there is a table " + config_.table +
                                        " already: give another name, or --into-existing"));
    }
    return fail(created.error());
  }

  const LoadConfig& config_;
  FileSystem& files_;
  const SignedClient client_;
  Mask mask_;
  std::vector<StoredExport> exports_;
  std::optional<KeyAttributes> found_;  // in the increments, by name
};

}  // namespace

Result<Loaded> load_exports(const LoadConfig& config, FileSystem& files) {
  return Loader(config, files).run();
}

Result<void> run_load(const LoadConfig& config, std::FILE* out) {
  ASSIGN_OR_RETURN(const Loaded loaded, load_exports(config, posix_file_system()));
  for (const std::string& sentence : loaded.left_out) std::fprintf(out, "%s\n", sentence.c_str());
  const std::string key = loaded.key.empty() ? "" : " (" + loaded.key + ")";
  std::fprintf(out, "%s%s: %llu items put, %llu deleted\n", config.table.c_str(), key.c_str(),
               static_cast<unsigned long long>(loaded.puts), static_cast<unsigned long long>(loaded.deletes));
  return {};
}

}  // namespace tidemark::server
