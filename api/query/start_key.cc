#include "api/query/start_key.h"

#include <set>

#include "api/items/key_checks.h"
#include "base/check.h"
#include "base/json_writer.h"
#include "model/item.h"
#include "model/key.h"

namespace tidemark::api {
namespace {

constexpr std::string_view kInvalid = "The provided starting key is invalid";

ApiError invalid(const ApiError& reason) { return validation(std::string(kInvalid) + ": " + reason.message); }

// Complaints about numbers and about duplicates stand alone.
bool stands_alone(model::ValueDefect defect) {
  switch (defect) {
    case model::ValueDefect::kSerialization:
    case model::ValueDefect::kNotANumber:
    case model::ValueDefect::kNumberOverflow:
    case model::ValueDefect::kNumberUnderflow:
    case model::ValueDefect::kNumberTooManyDigits:
    case model::ValueDefect::kDuplicateInStringSet:
    case model::ValueDefect::kDuplicateInNumberSet:
    case model::ValueDefect::kDuplicateInBinarySet:
      return true;
    default:
      return false;
  }
}

void add_names(const model::KeySchema& schema, std::set<std::string, std::less<>>* names) {
  for (const auto& attribute : schema.partition_keys) names->insert(attribute.name);
  for (const auto& attribute : schema.sort_keys) names->insert(attribute.name);
}

// In canonical order.
std::set<std::string, std::less<>> key_attribute_names(const storage::Target& target) {
  std::set<std::string, std::less<>> names;
  add_names(target.table->schema.keys, &names);
  add_names(target.keys(), &names);
  return names;
}

bool has_exactly(const std::set<std::string, std::less<>>& names, std::string_view key_text) {
  std::size_t count = 0;
  std::string_view raw_name, value;
  for (model::AttributeCursor cursor(key_text); cursor.next(&raw_name, &value);) ++count;
  if (count != names.size()) return false;
  for (const std::string& name : names) {
    if (!model::find_attribute(key_text, name)) return false;
  }
  return true;
}

}  // namespace

ApiResult<std::string> start_key_text(json::Value object, model::Wording wording) {
  std::string text;
  const auto size = model::canonicalize(object, &text);
  if (size) return text;
  const ApiError error = value_error(size.error(), wording);
  return fail(stands_alone(size.error().defect) ? error : invalid(error));
}

ApiResult<std::string> start_position(const storage::Target& target, std::string_view key_text,
                                      ReadKind kind) {
  if (!has_exactly(key_attribute_names(target), key_text)) {
    const bool is_plain = kind == ReadKind::kQuery || target.index != nullptr;
    return fail(is_plain ? validation(std::string(kInvalid)) : invalid(key_schema_mismatch()));
  }
  auto table_key = key_of_batch_item(target.table->schema.keys, key_text);
  if (!table_key) return fail(invalid(table_key.error()));
  if (target.index == nullptr) return storage::encoded_position(target, {}, *table_key);
  const auto index_key = key_of_batch_item(target.keys(), key_text);
  if (!index_key) return fail(invalid(index_key.error()));
  return storage::encoded_position(target, *index_key, *table_key);
}

std::string last_evaluated_key(const storage::Target& target, std::string_view item_text) {
  std::string text = "{";
  for (const std::string& name : key_attribute_names(target)) {
    const auto value = model::find_attribute(item_text, name);
    INVARIANT(value.has_value());  // every entry carries its keys
    if (text.size() > 1) text += ',';
    append_json_string(&text, name);
    text += ':';
    text += *value;
  }
  text += '}';
  return text;
}

}  // namespace tidemark::api
