#include "transfer/format/csv_writer.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/bytes.h"
#include "base/check.h"
#include "base/json_writer.h"
#include "model/item.h"

namespace tidemark::transfer::format {
namespace {

// Quotes what would be read as something else without them.
void append_field(std::string* out, std::string_view text) {
  const bool is_plain = !text.empty() && text.find_first_of(",\"\r\n") == std::string_view::npos &&
                        text.front() != ' ' && text.back() != ' ';
  if (is_plain) {
    *out += text;
    return;
  }
  *out += '"';
  for (const char character : text) {
    if (character == '"') *out += '"';
    *out += character;
  }
  *out += '"';
}

void append_json(const model::AttributeValue& value, JsonWriter& json);

struct JsonAppender {
  JsonWriter& json;

  void operator()(const std::string& text) const { json.string(text); }
  void operator()(const model::Number& number) const { json.raw(number.to_string()); }
  void operator()(const model::Binary& binary) const { json.string(base64_encode(binary.bytes)); }
  void operator()(bool value) const { json.boolean(value); }
  void operator()(model::Null /*null*/) const { json.null(); }
  void operator()(const model::StringSet& set) const {
    json.begin_array();
    for (const std::string& member : set.members) json.string(member);
    json.end_array();
  }
  void operator()(const model::NumberSet& set) const {
    json.begin_array();
    for (const model::Number& member : set.members) json.raw(member.to_string());
    json.end_array();
  }
  void operator()(const model::BinarySet& set) const {
    json.begin_array();
    for (const std::string& member : set.members) json.string(base64_encode(member));
    json.end_array();
  }
  void operator()(const model::List& list) const {
    json.begin_array();
    for (const model::AttributeValue& element : list) append_json(element, json);
    json.end_array();
  }
  void operator()(const model::AttributeMap& map) const {
    json.begin_object();
    for (const auto& [name, element] : map) {
      json.key(name);
      append_json(element, json);
    }
    json.end_object();
  }
};

void append_json(const model::AttributeValue& value, JsonWriter& json) {
  std::visit(JsonAppender{json}, value.data);
}

void append_value(const model::AttributeValue& value, std::string* out) {
  switch (value.type()) {
    case model::AttributeType::kString:
      return append_field(out, *value.string());
    case model::AttributeType::kNumber:
      *out += value.number()->to_string();
      return;
    case model::AttributeType::kBinary:
      // An empty one in quotes, like an empty text.
      return append_field(out, base64_encode(value.binary()->bytes));
    case model::AttributeType::kBool:
      *out += std::get<bool>(value.data) ? "true" : "false";
      return;
    case model::AttributeType::kNull:
      return;
    default:
      break;
  }
  std::string text;
  JsonWriter json(&text);
  append_json(value, json);
  append_field(out, text);
}

class CsvWriter final : public RecordWriter {
 public:
  explicit CsvWriter(std::vector<std::string> columns) : columns_(std::move(columns)) {}

  void append_head(std::string* out) override {
    for (const std::string& name : columns_) {
      if (&name != &columns_.front()) *out += ',';
      append_field(out, name);
    }
    *out += "\r\n";
  }

  void append_item(std::string_view item_text, std::string* out) override {
    const auto item = model::parse_item(item_text);
    INVARIANT(item);
    for (const std::string& name : columns_) {
      if (&name != &columns_.front()) *out += ',';
      if (const auto found = item->find(name); found != item->end()) append_value(found->second, out);
    }
    *out += "\r\n";
  }

  void append_change(const ChangeRecord& /*change*/, std::string* /*out*/) override {
    INVARIANT(false);  // refused when the export was asked for
  }

 private:
  const std::vector<std::string> columns_;
};

}  // namespace

Result<void> CsvColumns::add_item(std::string_view item_text) {
  const auto item = model::parse_item(item_text);
  INVARIANT(item);
  for (const auto& [name, value] : *item) {
    if (!names_.contains(name)) RETURN_IF_ERROR(add_name(name));
  }
  return {};
}

Result<void> CsvColumns::add(const CsvColumns& others) {
  for (const std::string& name : others.names_) {
    if (!names_.contains(name)) RETURN_IF_ERROR(add_name(name));
  }
  return {};
}

Result<void> CsvColumns::add_name(std::string name) {
  if (std::find(key_names_.begin(), key_names_.end(), name) != key_names_.end()) return {};
  names_bytes_ += name.size();
  names_.insert(std::move(name));
  if (names_.size() <= kColumnsMax && names_bytes_ <= kNamesBytesMax) return {};
  return fail(Error::invalid_argument("The items have more than " + std::to_string(kColumnsMax) +
                                      " different attributes, which is too many for columns."));
}

std::vector<std::string> CsvColumns::names() const {
  std::vector<std::string> names = key_names_;
  names.insert(names.end(), names_.begin(), names_.end());
  return names;
}

std::unique_ptr<RecordWriter> csv_writer(const std::vector<std::string>& columns) {
  return std::make_unique<CsvWriter>(columns);
}

}  // namespace tidemark::transfer::format
