#include "server/load_command.h"

#include <algorithm>
#include <optional>
#include <random>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "base/json_writer.h"
#include "model/item.h"
#include "server/mask.h"
#include "server/stored_export.h"
#include "server/table_writer.h"

namespace tidemark::server {
namespace {

constexpr std::size_t kKeyAttributesMax = 2;
constexpr int kMaskKeyWords = 8;  // of 32 bits
constexpr std::string_view kKeyTypes[] = {"S", "N", "B"};

struct KeyAttribute {
  std::string name;
  std::string type;  // `S`

  bool operator==(const KeyAttribute&) const = default;
};
using Keys = std::vector<KeyAttribute>;  // the partition key, perhaps the sort key

std::string text_of(const Keys& keys) {
  std::string text;
  for (const KeyAttribute& key : keys) text += (text.empty() ? "" : ",") + key.name + ":" + key.type;
  return text;
}

// `pk:S,sk:N`
Result<Keys> parse_keys(std::string_view text) {
  Keys keys;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view item = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(item.size() + 1, rest.size()));
    const std::size_t colon = std::min(item.rfind(':'), item.size());
    const std::string_view type = item.substr(std::min(colon + 1, item.size()));
    const bool is_type = std::find(std::begin(kKeyTypes), std::end(kKeyTypes), type) != std::end(kKeyTypes);
    if (colon == 0 || !is_type) keys.clear();
    if (colon == 0 || !is_type || keys.size() == kKeyAttributesMax) {
      return fail(
          Error::invalid_argument("--key: '" + std::string(text) + "' is not a key like pk:S or pk:S,sk:N"));
    }
    keys.push_back({std::string(item.substr(0, colon)), std::string(type)});
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
    if (keys && keys->is_object() && !keys_) keys_ = keys_of(*keys);
    if (mask_.is_empty()) return Change{.is_put = is_put, .text = std::move(canonical->text)};
    ASSIGN_OR_RETURN(model::AttributeMap attributes, model::parse_item(canonical->text));
    mask_.apply(&attributes);
    Change change{.is_put = is_put, .text = {}};
    model::append_attributes(&change.text, attributes);
    return change;
  }

  // Of the first record of an increment; nothing before.
  [[nodiscard]] const std::optional<Keys>& keys() const { return keys_; }

 private:
  static tl::unexpected<Error> broken(std::string_view line) {
    return fail(Error::corruption("a record cannot be read: " + std::string(line.substr(0, 200))));
  }

  static std::optional<Keys> keys_of(json::Value object) {
    const auto canonical = model::item_from_json(object);
    if (!canonical) return std::nullopt;
    const auto attributes = model::parse_item(canonical->text);
    if (!attributes) return std::nullopt;
    Keys keys;
    for (const auto& [name, value] : *attributes) {
      keys.push_back({name, std::string(model::type_descriptor(value.type()))});
    }
    return keys;
  }

  const bool is_incremental_;
  const Mask& mask_;
  json::Document document_;
  std::optional<Keys> keys_;
};

// The full export first, then the increments by their windows.
Result<void> put_in_order(std::vector<StoredExport>* exports) {
  const auto place = [](const StoredExport& one) {
    return std::make_pair(one.summary().is_incremental, one.summary().from_time);
  };
  std::sort(exports->begin(), exports->end(),
            [&](const StoredExport& a, const StoredExport& b) { return place(a) < place(b); });
  std::string until;  // what is loaded by then
  for (const StoredExport& one : *exports) {
    const ExportSummary& summary = one.summary();
    if (!summary.is_incremental && !until.empty()) {
      return fail(Error::invalid_argument("there are two full exports, of which one is enough"));
    }
    // Times are written alike, so that their texts are in their order.
    if (summary.is_incremental && !until.empty() && summary.from_time > until) {
      return fail(Error::invalid_argument("there is a gap between " + until + " and " + summary.from_time));
    }
    until = std::max(until, summary.is_incremental ? summary.to_time : summary.export_time);
  }
  return {};
}

// What CreateTable is asked for.
std::string table_request(const std::string& table, const Keys& keys) {
  std::string body;
  JsonWriter json(&body);
  json.begin_object();
  json.member("TableName", table);
  json.member("BillingMode", "PAY_PER_REQUEST");
  json.key("AttributeDefinitions");
  json.begin_array();
  for (const KeyAttribute& key : keys) {
    json.begin_object();
    json.member("AttributeName", key.name);
    json.member("AttributeType", key.type);
    json.end_object();
  }
  json.end_array();
  json.key("KeySchema");
  json.begin_array();
  for (const KeyAttribute& key : keys) {
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
    ASSIGN_OR_RETURN(Keys keys, parse_keys(config_.key));
    for (const std::string& source : config_.sources) {
      ASSIGN_OR_RETURN(StoredExport one, StoredExport::open(source, client_, files_, config_.elsewhere,
                                                            ManifestSums::kChecked));
      exports_.push_back(std::move(one));
    }
    RETURN_IF_ERROR(put_in_order(&exports_));
    RETURN_IF_ERROR(check_all());
    Loaded loaded;
    if (!config_.into_existing) {
      ASSIGN_OR_RETURN(keys, settle_keys(std::move(keys)));
      RETURN_IF_ERROR(create_table(keys));
      loaded.key = text_of(keys);
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

  Result<void> check_all() {
    for (StoredExport& one : exports_) {
      LoadedRecord record(one.summary().is_incremental, mask_);
      RETURN_IF_ERROR(one.check([&](std::string_view line) -> Result<void> {
        auto change = record.parse(line);
        if (!change) return fail(std::move(change).error());
        return {};
      }));
      if (record.keys()) found_ = record.keys();
    }
    return {};
  }

  // The given key, or that of the increments.
  [[nodiscard]] Result<Keys> settle_keys(Keys given) const {
    if (given.empty() && !found_) {
      return fail(
          Error::invalid_argument("a full export does not say what the key is: give --key pk:S,sk:N"));
    }
    if (given.empty() && found_->size() > 1) {
      return fail(Error::invalid_argument("the key is made of " + text_of(*found_) +
                                          ", the partition key first: confirm or turn it with --key " +
                                          text_of(*found_)));
    }
    if (given.empty()) given = *found_;
    for (const KeyAttribute& key : given) {
      const bool is_known = !found_ || std::find(found_->begin(), found_->end(), key) != found_->end();
      if (!is_known || (found_ && found_->size() != given.size())) {
        return fail(
            Error::invalid_argument("--key: the items of the increments have the key " + text_of(*found_)));
      }
      if (mask_.drops(key.name)) {
        return fail(Error::invalid_argument("--mask: " + key.name + " is part of the key; `hash` may be"));
      }
    }
    return given;
  }

  [[nodiscard]] Result<void> create_table(const Keys& keys) const {
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
  std::optional<Keys> found_;  // in the increments, by name
};

}  // namespace

Result<Loaded> load_exports(const LoadConfig& config, FileSystem& files) {
  return Loader(config, files).run();
}

Result<void> run_load(const LoadConfig& config, std::FILE* out) {
  ASSIGN_OR_RETURN(const Loaded loaded, load_exports(config, posix_file_system()));
  const std::string key = loaded.key.empty() ? "" : " (" + loaded.key + ")";
  std::fprintf(out, "%s%s: %llu items put, %llu deleted\n", config.table.c_str(), key.c_str(),
               static_cast<unsigned long long>(loaded.puts), static_cast<unsigned long long>(loaded.deletes));
  return {};
}

}  // namespace tidemark::server
