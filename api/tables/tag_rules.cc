#include "api/tables/tag_rules.h"

#include <algorithm>
#include <set>

#include "api/tables/tag_text.h"
#include "base/utf8.h"

namespace tidemark::api {
namespace {

constexpr std::int64_t kKeyLengthMax = 128;
constexpr std::int64_t kValueLengthMax = 256;
constexpr std::string_view kReservedPrefix = "aws:";

bool is_reserved(std::string_view key) {
  const auto equal_in_lower_case = [](char lower, char c) {
    return lower == (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  };
  return key.size() >= kReservedPrefix.size() &&
         std::equal(kReservedPrefix.begin(), kReservedPrefix.end(), key.begin(), equal_in_lower_case);
}

tl::unexpected<ApiError> invalid(std::string_view what, std::optional<std::string_view> text) {
  return fail(validation(std::string(what) + std::string(text.value_or("null"))));
}

ApiResult<void> check_tag_value(std::optional<std::string_view> value) {
  if (value && utf16_length(*value) <= kValueLengthMax && is_tag_text(*value)) return {};
  return invalid("The Tag Value provided is invalid, Value: ", value);
}

}  // namespace

Shape tags() { return list_of(structure("Tag", {{"Key", string()}, {"Value", string()}})); }

ApiResult<void> check_tag_key(std::optional<std::string_view> key) {
  if (!key || key->empty() || utf16_length(*key) > kKeyLengthMax || !is_tag_text(*key)) {
    return invalid("The Tag Key provided is invalid, Key: ", key);
  }
  if (is_reserved(*key)) return invalid("Tag Key cannot be prefixed with aws:, Key: ", key);
  return {};
}

ApiResult<void> check_tag_count(std::size_t count) {
  if (count <= kTagsMax) return {};
  return fail(validation("Number of Tags exceed the current limit for the provided ResourceArn"));
}

ApiResult<std::vector<model::Tag>> read_tags(const Input& input) {
  std::vector<model::Tag> tags;
  const auto list = input.list("Tags");
  if (!list) return tags;
  std::set<std::string_view> keys;
  std::optional<std::string_view> repeated;
  json::Value value;
  for (json::ArrayCursor cursor = list->elements(); cursor.next(&value);) {
    const Input tag(value);
    const auto key = tag.string("Key");
    RETURN_IF_ERROR(check_tag_key(key));
    RETURN_IF_ERROR(check_tag_value(tag.string("Value")));
    if (!keys.insert(*key).second && !repeated) repeated = key;
    tags.push_back({.key = std::string(*key), .value = tag.required_string("Value")});
  }
  if (repeated) return invalid("Duplicate Tag Keys provided as input: Duplicate Tag Key found ", repeated);
  RETURN_IF_ERROR(check_tag_count(tags.size()));
  return tags;
}

}  // namespace tidemark::api
