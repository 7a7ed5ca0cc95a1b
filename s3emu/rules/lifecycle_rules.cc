#include "s3emu/rules/lifecycle_rules.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "base/bytes.h"
#include "base/digest.h"
#include "s3emu/rules/lifecycle_transitions.h"
#include "s3emu/rules/rule_id.h"

namespace tidemark::s3emu {
namespace {

constexpr std::size_t kRulesMax = 1000;

constexpr std::string_view kStates[] = {"Enabled", "Disabled"};
constexpr std::string_view kStorageClasses[] = {
    "GLACIER", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "DEEP_ARCHIVE", "GLACIER_IR"};

constexpr XmlElement kTag[] = {{.name = "Key", .min = 1}, {.name = "Value", .min = 1}};
constexpr XmlElement kAnd[] = {
    {.name = "Prefix"},
    {.name = "Tag", .kind = XmlKind::kGroup, .max = kXmlMany, .children = kTag},
    {.name = "ObjectSizeGreaterThan", .kind = XmlKind::kLong},
    {.name = "ObjectSizeLessThan", .kind = XmlKind::kLong},
};
constexpr XmlElement kFilter[] = {
    {.name = "Prefix"},
    {.name = "Tag", .kind = XmlKind::kGroup, .children = kTag},
    {.name = "ObjectSizeGreaterThan", .kind = XmlKind::kLong},
    {.name = "ObjectSizeLessThan", .kind = XmlKind::kLong},
    {.name = "And", .kind = XmlKind::kGroup, .children = kAnd},
};
constexpr XmlElement kExpiration[] = {
    {.name = "Date", .kind = XmlKind::kDate},
    {.name = "Days", .kind = XmlKind::kInteger},
    {.name = "ExpiredObjectDeleteMarker", .kind = XmlKind::kBoolean},
};
constexpr XmlElement kTransition[] = {
    {.name = "Date", .kind = XmlKind::kDate},
    {.name = "Days", .kind = XmlKind::kInteger},
    {.name = "StorageClass", .min = 1, .words = kStorageClasses},
};
constexpr XmlElement kNoncurrentTransition[] = {
    {.name = "NoncurrentDays", .kind = XmlKind::kInteger, .min = 1},
    {.name = "NewerNoncurrentVersions", .kind = XmlKind::kInteger},
    {.name = "StorageClass", .min = 1, .words = kStorageClasses},
};
constexpr XmlElement kNoncurrentExpiration[] = {
    {.name = "NoncurrentDays", .kind = XmlKind::kInteger, .min = 1},
    {.name = "NewerNoncurrentVersions", .kind = XmlKind::kInteger},
};
constexpr XmlElement kAbort[] = {{.name = "DaysAfterInitiation", .kind = XmlKind::kInteger, .min = 1}};
constexpr XmlElement kRule[] = {
    {.name = "ID"},
    {.name = "Prefix"},
    {.name = "Filter", .kind = XmlKind::kGroup, .children = kFilter},
    {.name = "Status", .min = 1, .words = kStates},
    {.name = "Transition", .kind = XmlKind::kGroup, .max = kXmlMany, .children = kTransition},
    {.name = "NoncurrentVersionTransition",
     .kind = XmlKind::kGroup,
     .max = kXmlMany,
     .children = kNoncurrentTransition},
    {.name = "Expiration", .kind = XmlKind::kGroup, .children = kExpiration},
    {.name = "NoncurrentVersionExpiration", .kind = XmlKind::kGroup, .children = kNoncurrentExpiration},
    {.name = "AbortIncompleteMultipartUpload", .kind = XmlKind::kGroup, .children = kAbort},
};
constexpr XmlElement kConfiguration[] = {
    {.name = "Rule", .kind = XmlKind::kGroup, .min = 1, .max = kXmlMany, .children = kRule},
};

auto malformed() { return fail(S3Error::of(S3Code::kMalformedXml)); }
auto invalid_argument(std::string message) {
  return fail(S3Error::of(S3Code::kInvalidArgument, std::move(message)));
}
auto invalid_request(std::string message) {
  return fail(S3Error::of(S3Code::kInvalidRequest, std::move(message)));
}

std::size_t count_elements(pugi::xml_node node) {
  std::size_t count = 0;
  for (pugi::xml_node child = node.first_child(); child; child = child.next_sibling()) {
    if (child.type() == pugi::node_element) ++count;
  }
  return count;
}

S3Result<std::optional<std::uint64_t>> size_bound(pugi::xml_node node, const char* name) {
  const auto value = child_number(node, name);
  if (!value) return std::nullopt;
  if (*value < 0) return invalid_argument("'" + std::string(name) + "' must be a non-negative number");
  return static_cast<std::uint64_t>(*value);
}

// The conditions in a Filter or in its And.
S3Result<LifecycleFilter> parse_conditions(pugi::xml_node node) {
  LifecycleFilter filter;
  filter.prefix = child_text(node, "Prefix").value_or("");
  for (const pugi::xml_node tag : child_elements(node, "Tag")) {
    filter.tags.emplace_back(child_text(tag, "Key").value_or(""), child_text(tag, "Value").value_or(""));
  }
  ASSIGN_OR_RETURN(filter.size_above, size_bound(node, "ObjectSizeGreaterThan"));
  ASSIGN_OR_RETURN(filter.size_below, size_bound(node, "ObjectSizeLessThan"));
  std::set<std::string_view> keys;
  for (const auto& [key, value] : filter.tags) {
    if (!keys.insert(key).second) return invalid_request("Duplicate Tag Keys are not allowed.");
  }
  if (filter.size_above && filter.size_below && *filter.size_above >= *filter.size_below) {
    return invalid_request("'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.");
  }
  return filter;
}

S3Result<LifecycleFilter> parse_filter(pugi::xml_node rule) {
  const pugi::xml_node filter = child_element(rule, "Filter");
  const auto prefix = child_text(rule, "Prefix");
  if (static_cast<bool>(filter) == prefix.has_value()) return malformed();
  LifecycleFilter parsed;
  if (prefix) {
    parsed.prefix = *prefix;
  } else if (const pugi::xml_node all = child_element(filter, "And")) {
    if (count_elements(filter) > 1 || count_elements(all) < 2) return malformed();
    ASSIGN_OR_RETURN(parsed, parse_conditions(all));
  } else {
    if (count_elements(filter) > 1) return malformed();
    ASSIGN_OR_RETURN(parsed, parse_conditions(filter));
  }
  if (parsed.prefix.size() > kKeySizeMax) return invalid_request("The maximum size of a prefix is 1024");
  return parsed;
}

auto not_positive(const char* days, const char* action) {
  return invalid_argument("'" + std::string(days) + "' for " + action + " action must be a positive integer");
}

S3Result<void> parse_expiration(pugi::xml_node node, LifecycleRule* rule) {
  if (!node) return {};
  if (count_elements(node) != 1) return malformed();
  rule->expire_days = child_number(node, "Days");
  rule->expire_date = child_date(node, "Date");
  const auto marker = child_text(node, "ExpiredObjectDeleteMarker");
  rule->expire_lone_marker = marker == "true";
  if (rule->expire_days && *rule->expire_days <= 0) return not_positive("Days", "Expiration");
  if (rule->expire_date) RETURN_IF_ERROR(check_lifecycle_date(*rule->expire_date));
  if (marker && !rule->filter.tags.empty()) {
    return invalid_request("ExpiredObjectDeleteMarker cannot be specified with Tags.");
  }
  return {};
}

S3Result<void> parse_noncurrent(pugi::xml_node node, LifecycleRule* rule) {
  if (!node) return {};
  rule->noncurrent_days = child_number(node, "NoncurrentDays");
  rule->newer_noncurrent = child_number(node, "NewerNoncurrentVersions").value_or(0);
  if (rule->noncurrent_days.value_or(0) <= 0) {
    return not_positive("NoncurrentDays", "NoncurrentVersionExpiration");
  }
  return check_newer_noncurrent(node, "NoncurrentVersionExpiration");
}

S3Result<void> parse_abort(pugi::xml_node node, LifecycleRule* rule) {
  if (!node) return {};
  rule->abort_days = child_number(node, "DaysAfterInitiation");
  if (rule->abort_days.value_or(0) <= 0) {
    return not_positive("DaysAfterInitiation", "AbortIncompleteMultipartUpload");
  }
  if (!rule->filter.tags.empty()) {
    return invalid_request("AbortIncompleteMultipartUpload cannot be specified with Tags.");
  }
  if (rule->filter.size_above || rule->filter.size_below) {
    return invalid_request("AbortIncompleteMultipartUpload cannot be specified with Object Size.");
  }
  return {};
}

S3Result<LifecycleRule> parse_rule(pugi::xml_node node) {
  LifecycleRule rule;
  rule.id = child_text(node, "ID").value_or("");
  if (rule.id.size() > kRuleIdSizeMax) return invalid_argument(kRuleIdTooLong);
  rule.enabled = child_text(node, "Status") == "Enabled";
  ASSIGN_OR_RETURN(rule.filter, parse_filter(node));
  const bool acts = std::any_of(std::begin(kRule), std::end(kRule), [&](const XmlElement& element) {
    return element.kind == XmlKind::kGroup && element.name != "Filter" && child_element(node, element.name);
  });
  if (!acts) return invalid_request("At least one action needs to be specified in a rule");
  RETURN_IF_ERROR(parse_expiration(child_element(node, "Expiration"), &rule));
  RETURN_IF_ERROR(parse_noncurrent(child_element(node, "NoncurrentVersionExpiration"), &rule));
  RETURN_IF_ERROR(parse_abort(child_element(node, "AbortIncompleteMultipartUpload"), &rule));
  RETURN_IF_ERROR(check_transitions(node, rule));
  return rule;
}

bool fits_but_for_tags(const LifecycleFilter& filter, std::string_view key, std::uint64_t size) {
  return key.starts_with(filter.prefix) && (!filter.size_above || size > *filter.size_above) &&
         (!filter.size_below || size < *filter.size_below);
}

bool fits(const LifecycleFilter& filter, const LifecycleObject& object) {
  if (!fits_but_for_tags(filter, object.key, object.size)) return false;
  if (filter.tags.empty()) return true;
  if (object.tags == nullptr) return false;
  return std::all_of(filter.tags.begin(), filter.tags.end(), [&](const auto& tag) {
    return std::find(object.tags->begin(), object.tags->end(), tag) != object.tags->end();
  });
}

void keep_earliest(std::optional<LifecycleDue>* earliest, Timestamp when, const LifecycleRule& rule) {
  if (!*earliest || when < (*earliest)->when) *earliest = LifecycleDue{when, &rule};
}

}  // namespace

constinit const XmlElement kLifecycleShape = {
    .name = "LifecycleConfiguration", .kind = XmlKind::kGroup, .children = kConfiguration};

S3Result<LifecycleRules> parse_lifecycle(const std::string& document) {
  pugi::xml_document parsed;
  ASSIGN_OR_RETURN(const pugi::xml_node root, parse_xml(&parsed, document, kLifecycleShape.name));
  LifecycleRules rules;
  std::set<std::string> ids;
  for (const pugi::xml_node node : child_elements(root, "Rule")) {
    if (rules.size() == kRulesMax) return malformed();
    ASSIGN_OR_RETURN(LifecycleRule rule, parse_rule(node));
    if (!rule.id.empty() && !ids.insert(rule.id).second) {
      return invalid_argument("Rule ID must be unique. Found same ID for more than one rule");
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

std::string with_rule_ids(const std::string& document) {
  pugi::xml_document parsed;
  const auto root = parse_xml(&parsed, document, kLifecycleShape.name);
  if (!root) return document;
  std::size_t number = 0;
  for (const pugi::xml_node node : child_elements(*root, "Rule")) {
    ++number;
    if (const auto id = child_text(node, "ID"); id && !id->empty()) continue;
    pugi::xml_node rule = node;
    rule.remove_child("ID");
    const std::string digest = digest_of(DigestAlgorithm::kSha256, std::to_string(number) + document);
    rule.prepend_child("ID").text().set(base64_encode(digest.substr(0, 27)).c_str());
  }
  std::ostringstream text;
  parsed.save(text, "", pugi::format_raw | pugi::format_no_declaration, pugi::encoding_utf8);
  const auto fitting = conform(kLifecycleShape, text.str());
  return fitting ? *fitting : document;
}

Timestamp lifecycle_due(Timestamp from, std::int64_t days) {
  constexpr std::int64_t kLatestSeconds =
      253'402'214'400;  // 9999-12-31, the last that dates can be written of
  const std::int64_t number = from.seconds() / kLifecycleDaySeconds + days + 1;
  return Timestamp::from_seconds(std::min(number, kLatestSeconds / kLifecycleDaySeconds) *
                                 kLifecycleDaySeconds);
}

bool depends_on_tags(const LifecycleRules& rules, std::string_view key, std::uint64_t size) {
  return std::any_of(rules.begin(), rules.end(), [&](const LifecycleRule& rule) {
    return rule.enabled && !rule.filter.tags.empty() && fits_but_for_tags(rule.filter, key, size);
  });
}

std::optional<LifecycleDue> expiration_of(const LifecycleRules& rules, const LifecycleObject& object) {
  std::optional<LifecycleDue> earliest;
  for (const LifecycleRule& rule : rules) {
    if (!rule.enabled || (!rule.expire_days && !rule.expire_date) || !fits(rule.filter, object)) continue;
    keep_earliest(&earliest,
                  rule.expire_date ? *rule.expire_date : lifecycle_due(object.modified, *rule.expire_days),
                  rule);
  }
  return earliest;
}

std::optional<LifecycleDue> noncurrent_expiration_of(const LifecycleRules& rules,
                                                     const LifecycleObject& object, Timestamp since,
                                                     std::int64_t newer) {
  std::optional<LifecycleDue> earliest;
  for (const LifecycleRule& rule : rules) {
    if (!rule.enabled || !rule.noncurrent_days || newer < rule.newer_noncurrent ||
        !fits(rule.filter, object)) {
      continue;
    }
    keep_earliest(&earliest, lifecycle_due(since, *rule.noncurrent_days), rule);
  }
  return earliest;
}

std::optional<LifecycleDue> marker_expiration_of(const LifecycleRules& rules, std::string_view key,
                                                 Timestamp modified) {
  std::optional<LifecycleDue> earliest;
  for (const LifecycleRule& rule : rules) {
    const LifecycleFilter& filter = rule.filter;
    if (!rule.enabled || !filter.tags.empty() || filter.size_above || filter.size_below ||
        !key.starts_with(filter.prefix)) {
      continue;
    }
    if (rule.expire_lone_marker) keep_earliest(&earliest, lifecycle_due(modified, 0), rule);
    if (rule.expire_days) keep_earliest(&earliest, lifecycle_due(modified, *rule.expire_days), rule);
    if (rule.expire_date) keep_earliest(&earliest, *rule.expire_date, rule);
  }
  return earliest;
}

std::optional<LifecycleDue> abort_of(const LifecycleRules& rules, std::string_view key, Timestamp initiated) {
  std::optional<LifecycleDue> earliest;
  for (const LifecycleRule& rule : rules) {
    if (!rule.enabled || !rule.abort_days || !key.starts_with(rule.filter.prefix)) continue;
    keep_earliest(&earliest, lifecycle_due(initiated, *rule.abort_days), rule);
  }
  return earliest;
}

}  // namespace tidemark::s3emu
