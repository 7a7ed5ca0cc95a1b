#include "server/seed/seed_items.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <string_view>

#include "base/file.h"
#include "base/json.h"
#include "base/yaml.h"
#include "model/item.h"
#include "transfer/format/record_reader.h"

namespace tidemark::server {
namespace {

constexpr std::array<std::string_view, 10> kTypes = {"S", "N", "B",  "BOOL", "NULL",
                                                     "M", "L", "SS", "NS",   "BS"};

bool is_attribute_value(json::Value value) {
  if (!value.is_object() || value.size() != 1) return false;
  std::string_view name;
  json::Value inner;
  json::ObjectCursor members = value.members();
  members.next(&name, &inner);
  return std::find(kTypes.begin(), kTypes.end(), name) != kTypes.end();
}

// The item of a line: an attribute of the name Item is one, too.
json::Value unwrapped(json::Value value) {
  const auto item = value.size() == 1 ? value.find("Item") : std::nullopt;
  return item && item->is_object() && !is_attribute_value(*item) ? *item : value;
}

// Says which attribute is none, with an example of what it could be.
std::optional<std::string> plain_attribute(json::Value item) {
  std::string_view name;
  json::Value value;
  for (json::ObjectCursor members = item.members(); members.next(&name, &value);) {
    if (is_attribute_value(value)) continue;
    return "this is not DynamoDB JSON: the attribute '" + std::string(name) +
           R"(' must be like {"S":"text"} or {"N":"1"})";
  }
  return std::nullopt;
}

Result<std::string> canonical_item(json::Value value, const std::string& path, std::size_t line) {
  if (!value.is_object()) return fail(yaml::error_at(path, line, "an item must be a JSON object"));
  const json::Value item = unwrapped(value);
  if (const auto problem = plain_attribute(item)) return fail(yaml::error_at(path, line, *problem));
  auto canonical = model::item_from_json(item);
  if (!canonical)
    return fail(yaml::error_at(path, line, "this is no item: an attribute has a value that cannot be"));
  return std::move(canonical->text);
}

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

// What Scan answers. The lines of its items are those of a file that is printed as the AWS CLI does.
Result<void> visit_scan(json::Value items, const std::string& path, const VisitItem& visit) {
  json::Value element;
  std::size_t number = 0;
  for (json::ArrayCursor cursor = items.elements(); cursor.next(&element);) {
    ++number;
    auto item = canonical_item(element, path, 1);
    if (!item) {
      return fail(Error::invalid_argument(path + ": Items[" + std::to_string(number - 1) +
                                          "]: " + item.error().message.substr(path.size() + 4)));
    }
    RETURN_IF_ERROR(visit(number, *item));
  }
  return {};
}

// A file of one JSON object, read as a whole; nothing when it is none, as one of lines is not.
Result<std::optional<std::string>> whole_object(const std::string& path) {
  constexpr std::size_t kWholeMax = 64U << 20;
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return fail(Error::io("cannot read " + path));
  if (file.tellg() > static_cast<std::streamoff>(kWholeMax)) return std::optional<std::string>();
  ASSIGN_OR_RETURN(std::string text, read_file(posix_file_system(), path));
  json::Document document;
  const auto root = document.parse(text);
  if (!root || !root->is_object()) return std::optional<std::string>();
  return std::optional(std::move(text));
}

}  // namespace

Result<void> visit_json_items(const std::string& path, const VisitItem& visit) {
  json::Document document;
  ASSIGN_OR_RETURN(const auto whole, whole_object(path));
  if (whole) {
    const json::Value root = *document.parse(*whole);
    const auto items = root.find("Items");
    if (items && items->is_array()) return visit_scan(*items, path, visit);
    ASSIGN_OR_RETURN(const std::string item, canonical_item(root, path, 1));
    return visit(1, item);
  }
  std::ifstream file(path);
  if (!file) return fail(Error::io("cannot read " + path));
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    if (is_blank(line)) continue;
    const auto root = document.parse(line);
    if (!root) return fail(yaml::error_at(path, number, "this is not JSON"));
    ASSIGN_OR_RETURN(const std::string item, canonical_item(*root, path, number));
    RETURN_IF_ERROR(visit(number, item));
  }
  return {};
}

Result<void> visit_csv_items(const std::string& path, const std::vector<model::AttributeDefinition>& typed,
                             const VisitItem& visit) {
  using Outcome = transfer::format::RecordReader::Outcome;
  std::ifstream file(path);
  if (!file) return fail(Error::io("cannot read " + path));
  const auto reader = transfer::format::csv_reader({}, typed);
  model::Item item;
  std::string message;
  std::size_t number = 0;
  const auto take = [&]() -> Result<void> {
    for (;;) {
      const Outcome outcome = reader->next(&item, &message);
      if (outcome == Outcome::kNeedMore) return {};
      if (outcome != Outcome::kItem) return fail(yaml::error_at(path, number, message));
      RETURN_IF_ERROR(visit(number, item.text));
    }
  };
  // The reader asks before it is fed.
  RETURN_IF_ERROR(take());
  // Line by line, so that a row that is wrong is known by its line.
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (!file.eof()) line += '\n';
    reader->feed(line);
    RETURN_IF_ERROR(take());
  }
  reader->end();
  return take();
}

}  // namespace tidemark::server
