#include "s3emu/rest/objects/post_policy.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "base/http_message.h"
#include "base/json.h"
#include "base/text.h"

namespace tidemark::s3emu {
namespace {

using json::Type;

auto invalid(const std::string& why) {
  return fail(S3Error::of(S3Code::kInvalidPolicyDocument, "Invalid Policy: " + why));
}

S3Error not_covered(const std::string& why) {
  return S3Error::of(S3Code::kAccessDenied, "Invalid according to Policy: " + why);
}

std::optional<std::uint64_t> size_of(json::Value value) {
  if (value.type() == Type::kInteger) {
    if (value.integer() < 0) return std::nullopt;
    return static_cast<std::uint64_t>(value.integer());
  }
  if (!value.is_string()) return std::nullopt;
  const std::string_view text = value.string();
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return out;
}

std::string quoted_list(std::string_view operation, std::string_view field, std::string_view value) {
  std::string out = "[\"";
  out.append(operation).append("\", \"$").append(field).append("\", \"").append(value).append("\"]");
  return out;
}

// {"key": "value"}
S3Result<void> read_simple(json::Value object, PostPolicy* policy) {
  if (object.size() != 1) {
    return invalid("Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.");
  }
  std::string_view name;
  json::Value value;
  json::ObjectCursor members = object.members();
  members.next(&name, &value);
  if (!value.is_string()) return invalid("Invalid Simple-Condition: value must be a string.");
  policy->conditions.push_back(
      {false, lower_case(name), std::string(value.string()), quoted_list("eq", name, value.string())});
  return {};
}

// ["eq", "$key", "value"], ["starts-with", "$key", "value"], ["content-length-range", 1, 10]
S3Result<void> read_list(json::Value array, PostPolicy* policy) {
  std::vector<json::Value> items;
  json::ArrayCursor elements = array.elements();
  for (json::Value item; elements.next(&item);) items.push_back(item);
  if (items.size() != 3) return invalid("Invalid Condition: wrong number of arguments.");
  if (!items[0].is_string()) return invalid("Invalid Condition: the operation must be a string.");
  const std::string operation = lower_case(items[0].string());
  if (operation == "content-length-range") {
    const auto min = size_of(items[1]);
    const auto max = size_of(items[2]);
    if (!min || !max) return invalid("Invalid content-length-range: arguments must be sizes.");
    PostPolicy::SizeRange range{*min, *max};
    if (policy->size_range) {
      range.min = std::max(range.min, policy->size_range->min);
      range.max = std::min(range.max, policy->size_range->max);
    }
    policy->size_range = range;
    return {};
  }
  if (operation != "eq" && operation != "starts-with") return invalid("Unknown operation in a condition.");
  if (!items[1].is_string() || !items[2].is_string() || !items[1].string().starts_with('$')) {
    return invalid("Invalid Condition: a field is named with a leading $, and its value is a string.");
  }
  const std::string_view name = items[1].string().substr(1);
  const std::string_view value = items[2].string();
  policy->conditions.push_back(
      {operation != "eq", lower_case(name), std::string(value), quoted_list(operation, name, value)});
  return {};
}

bool exempt(std::string_view field) {
  for (const std::string_view name : {"policy", "signature", "x-amz-signature", "file", "awsaccesskeyid"}) {
    if (field == name) return true;
  }
  return field.starts_with("x-ignore-");
}

// Each of several types must begin so.
bool every_item_starts_with(std::string_view list, std::string_view prefix) {
  while (true) {
    std::string_view item = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), item.size() + 1));
    while (item.starts_with(' ')) item.remove_prefix(1);
    if (!item.starts_with(prefix)) return false;
    if (list.empty()) return true;
  }
}

bool holds(const PostPolicy::Condition& condition, std::string_view value) {
  if (!condition.is_prefix) return value == condition.value;
  if (condition.field == "content-type") return every_item_starts_with(value, condition.value);
  return value.starts_with(condition.value);
}

}  // namespace

S3Result<PostPolicy> parse_post_policy(std::string_view base64) {
  std::string text(base64);
  // Line breaks of an encoder are no part of it.
  std::erase_if(text, [](char c) { return c == '\r' || c == '\n' || c == ' ' || c == '\t'; });
  const auto decoded = base64_decode(text);
  if (!decoded) return invalid("Invalid base64.");
  json::Document document;
  const auto root = document.parse(*decoded);
  if (!root || !root->is_object()) return invalid("Invalid JSON.");
  PostPolicy policy;
  const auto expiration = root->find("expiration");
  if (!expiration || !expiration->is_string()) return invalid("Policy missing expiration.");
  const auto time = parse_iso_time(expiration->string());
  if (!time) return invalid("Invalid 'expiration' value: '" + std::string(expiration->string()) + "'");
  policy.expiration = *time;
  const auto conditions = root->find("conditions");
  if (!conditions || !conditions->is_array()) return invalid("Policy missing conditions.");
  json::ArrayCursor elements = conditions->elements();
  for (json::Value item; elements.next(&item);) {
    if (item.is_object()) {
      RETURN_IF_ERROR(read_simple(item, &policy));
    } else if (item.is_array()) {
      RETURN_IF_ERROR(read_list(item, &policy));
    } else {
      return invalid("Invalid Condition: must be an object or a list.");
    }
  }
  return policy;
}

S3Error policy_expired() { return not_covered("Policy expired."); }

S3Result<void> check_post_policy(const PostPolicy& policy, const NamedValues& fields, Timestamp now) {
  if (policy.expiration < now) return fail(policy_expired());
  for (const PostPolicy::Condition& condition : policy.conditions) {
    const auto field = std::find_if(fields.begin(), fields.end(),
                                    [&](const auto& sent) { return sent.first == condition.field; });
    if (field == fields.end() || !holds(condition, field->second)) {
      return fail(not_covered("Policy Condition failed: " + condition.text));
    }
  }
  std::string extra;
  for (const auto& field : fields) {
    const std::string& name = field.first;
    const bool covered =
        exempt(name) || std::any_of(policy.conditions.begin(), policy.conditions.end(),
                                    [&](const auto& condition) { return condition.field == name; });
    if (!covered) extra.append(extra.empty() ? "" : ", ").append(name);
  }
  if (!extra.empty()) return fail(not_covered("Extra input fields: " + extra));
  return {};
}

}  // namespace tidemark::s3emu
