#include "transfer/kms_key.h"

#include <algorithm>
#include <cctype>

#include "model/table_schema.h"

namespace tidemark::transfer {
namespace {

constexpr std::string_view kNobodysKey = "00000000-0000-0000-0000-000000000000";
constexpr std::string_view kAliasPrefix = "alias/";
constexpr std::string_view kKeyPrefix = "key/";
constexpr std::string_view kMultiRegionPrefix = "mrk-";
constexpr std::size_t kMultiRegionDigits = 32;
constexpr std::size_t kAccountDigits = 12;

bool is_hex(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }

bool is_uuid(std::string_view text) {
  if (text.size() != kNobodysKey.size()) return false;
  return std::equal(text.begin(), text.end(), kNobodysKey.begin(),
                    [](char c, char shape) { return shape == '-' ? c == '-' : is_hex(c); });
}

bool is_key(std::string_view text) {
  if (!text.starts_with(kMultiRegionPrefix)) return is_uuid(text);
  text.remove_prefix(kMultiRegionPrefix.size());
  return text.size() == kMultiRegionDigits && std::ranges::all_of(text, is_hex);
}

bool is_alias(std::string_view text) {
  if (!text.starts_with(kAliasPrefix) || text.size() == kAliasPrefix.size()) return false;
  return std::ranges::all_of(
      text, [](unsigned char c) { return std::isalnum(c) != 0 || c == '/' || c == '_' || c == '-'; });
}

// Up to the next colon, which goes with it.
std::string_view take_field(std::string_view* rest) {
  const std::size_t colon = rest->find(':');
  const std::string_view field = rest->substr(0, colon);
  rest->remove_prefix(colon == std::string_view::npos ? rest->size() : colon + 1);
  return field;
}

struct KeyArn {
  std::string_view region;
  std::string_view account;
  std::string_view resource;  // `key/…` or `alias/…`
};

// Empty for what is no ARN of KMS.
KeyArn parse_arn(std::string_view text) {
  if (take_field(&text) != "arn" || !take_field(&text).starts_with("aws") || take_field(&text) != "kms") {
    return {};
  }
  KeyArn arn;
  arn.region = take_field(&text);
  arn.account = take_field(&text);
  arn.resource = text;
  return arn;
}

}  // namespace

bool has_kms_key_form(std::string_view key_id) {
  if (!key_id.starts_with("arn:")) return is_key(key_id) || is_alias(key_id);
  const KeyArn arn = parse_arn(key_id);
  const bool is_account =
      arn.account.size() == kAccountDigits &&
      std::ranges::all_of(arn.account, [](unsigned char c) { return std::isdigit(c) != 0; });
  if (arn.region.empty() || !is_account) return false;
  if (arn.resource.starts_with(kKeyPrefix)) return is_key(arn.resource.substr(kKeyPrefix.size()));
  return is_alias(arn.resource);
}

std::string kms_key_arn(const ExportRecord& record) {
  std::string key = record.s3_sse_kms_key_id.value_or("");
  if (key.starts_with("arn:")) return key;
  return "arn:aws:kms:" + std::string(model::arn_region(record.region)) + ':' + record.account_id + ':' +
         (key.starts_with(kAliasPrefix) ? "" : std::string(kKeyPrefix)) + key;
}

bool has_kms_key(const ExportRecord& record) {
  if (!record.s3_sse_kms_key_id) return true;
  const std::string text = kms_key_arn(record);
  const KeyArn arn = parse_arn(text);
  return arn.region == model::arn_region(record.region) && !arn.resource.ends_with(kNobodysKey);
}

}  // namespace tidemark::transfer
