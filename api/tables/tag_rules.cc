#include "api/tables/tag_rules.h"

#include <algorithm>
#include <set>

#include "model/words/constraints.h"

namespace tidemark::api {
namespace {

constexpr std::string_view kReservedPrefix = "aws:";

bool is_reserved(std::string_view key) {
  const auto equal_in_lower_case = [](char lower, char c) {
    return lower == (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  };
  return key.size() >= kReservedPrefix.size() &&
         std::equal(kReservedPrefix.begin(), kReservedPrefix.end(), key.begin(), equal_in_lower_case);
}

tl::unexpected<ApiError> invalid(std::string_view text) {
  return fail(validation(words::invalid_parameter(text)));
}

}  // namespace

Shape tag_key() { return string().length(1, 128); }

Shape tags() {
  return list_of(structure("Tag", {{"Key", tag_key(), Presence::kRequired},
                                   {"Value", string().length(0, 256), Presence::kRequired}}));
}

// No source has the service's words for these two and for too many tags.
ApiResult<void> check_tag_key(std::string_view key) {
  if (!is_reserved(key)) return {};
  return invalid("Tag keys that begin with aws: are reserved: " + std::string(key));
}

ApiResult<void> check_tag_count(std::size_t count) {
  if (count <= kTagsMax) return {};
  return invalid("Number of tags exceeds the limit of " + std::to_string(kTagsMax) + " for each resource");
}

ApiResult<std::vector<model::Tag>> read_tags(const Input& input) {
  std::vector<model::Tag> tags;
  const auto list = input.list("Tags");
  if (!list) return tags;
  RETURN_IF_ERROR(check_tag_count(list->size()));
  std::set<std::string_view> keys;
  json::Value value;
  for (json::ArrayCursor cursor = list->elements(); cursor.next(&value);) {
    const Input tag(value);
    const std::string_view key = tag.string("Key").value_or("");
    RETURN_IF_ERROR(check_tag_key(key));
    if (!keys.insert(key).second) return invalid("Duplicate tag key: " + std::string(key));
    tags.push_back({.key = std::string(key), .value = tag.required_string("Value")});
  }
  return tags;
}

}  // namespace tidemark::api
