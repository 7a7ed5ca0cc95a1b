#include "s3emu/rules/notification_rules.h"

#include <algorithm>
#include <array>
#include <set>
#include <sstream>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/http_message.h"

namespace tidemark::s3emu {
namespace {

constexpr std::size_t kRulesMax = 100;
constexpr std::size_t kIdSizeMax = 255;

constexpr XmlElement kFilterRule[] = {{.name = "Name", .min = 1}, {.name = "Value", .min = 1}};
constexpr XmlElement kKeyFilter[] = {
    {.name = "FilterRule", .kind = XmlKind::kGroup, .max = kXmlMany, .children = kFilterRule}};
constexpr XmlElement kFilter[] = {{.name = "S3Key", .kind = XmlKind::kGroup, .children = kKeyFilter}};
constexpr XmlElement kTopic[] = {
    {.name = "Id"},
    {.name = "Topic", .min = 1},
    {.name = "Event", .min = 1, .max = kXmlMany},
    {.name = "Filter", .kind = XmlKind::kGroup, .children = kFilter},
};
constexpr XmlElement kQueue[] = {
    {.name = "Id"},
    {.name = "Queue", .min = 1},
    {.name = "Event", .min = 1, .max = kXmlMany},
    {.name = "Filter", .kind = XmlKind::kGroup, .children = kFilter},
};
constexpr XmlElement kFunction[] = {
    {.name = "Id"},
    {.name = "CloudFunction", .min = 1},
    {.name = "Event", .min = 1, .max = kXmlMany},
    {.name = "Filter", .kind = XmlKind::kGroup, .children = kFilter},
};
constexpr XmlElement kConfiguration[] = {
    {.name = "TopicConfiguration", .kind = XmlKind::kGroup, .max = kXmlMany, .children = kTopic},
    {.name = "QueueConfiguration", .kind = XmlKind::kGroup, .max = kXmlMany, .children = kQueue},
    {.name = "CloudFunctionConfiguration", .kind = XmlKind::kGroup, .max = kXmlMany, .children = kFunction},
    {.name = "EventBridgeConfiguration", .kind = XmlKind::kGroup},
};

// A kind of destination: its element, and the one that names the destination.
struct Destination {
  const char* element;
  const char* arn;
};
constexpr Destination kDestinations[] = {
    {"TopicConfiguration", "Topic"},
    {"QueueConfiguration", "Queue"},
    {"CloudFunctionConfiguration", "CloudFunction"},
};

constexpr std::array<std::string_view, NotificationEvents().size()> kEvents = {
    "s3:ReducedRedundancyLostObject",
    "s3:ObjectCreated:*",
    "s3:ObjectCreated:Put",
    "s3:ObjectCreated:Post",
    "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:CompleteMultipartUpload",
    "s3:ObjectRemoved:*",
    "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated",
    "s3:ObjectRestore:*",
    "s3:ObjectRestore:Post",
    "s3:ObjectRestore:Completed",
    "s3:ObjectRestore:Delete",
    "s3:Replication:*",
    "s3:Replication:OperationFailedReplication",
    "s3:Replication:OperationNotTracked",
    "s3:Replication:OperationMissedThreshold",
    "s3:Replication:OperationReplicatedAfterThreshold",
    "s3:LifecycleTransition",
    "s3:IntelligentTiering",
    "s3:ObjectAcl:Put",
    "s3:LifecycleExpiration:*",
    "s3:LifecycleExpiration:Delete",
    "s3:LifecycleExpiration:DeleteMarkerCreated",
    "s3:ObjectTagging:*",
    "s3:ObjectTagging:Put",
    "s3:ObjectTagging:Delete",
};

auto invalid(std::string message, const char* name, const std::string& value) {
  return fail(S3Error::of(S3Code::kInvalidArgument, std::move(message))
                  .with("ArgumentName", name)
                  .with("ArgumentValue", value));
}

// What an event that rules name takes in: itself, and those below `:*`. Nothing for what is no event.
NotificationEvents events_of(std::string_view pattern) {
  NotificationEvents events;
  if (std::find(kEvents.begin(), kEvents.end(), pattern) == kEvents.end()) return events;
  const bool is_family = pattern.ends_with(":*");
  for (std::size_t i = 0; i < kEvents.size(); ++i) {
    events[i] =
        is_family ? kEvents[i].starts_with(pattern.substr(0, pattern.size() - 1)) : kEvents[i] == pattern;
  }
  return events;
}

S3Result<void> read_filter(pugi::xml_node configuration, NotificationRule* rule) {
  std::set<std::string> seen;
  const pugi::xml_node keys = child_element(child_element(configuration, "Filter"), "S3Key");
  for (const pugi::xml_node node : child_elements(keys, "FilterRule")) {
    const std::string name = child_text(node, "Name").value_or("");
    const std::string value = child_text(node, "Value").value_or("");
    const bool is_prefix = http::equal_ignoring_case(name, "prefix");
    if (!is_prefix && !http::equal_ignoring_case(name, "suffix")) {
      return invalid("filter rule name must be either prefix or suffix", "FilterRule.Name", name);
    }
    if (!seen.insert(is_prefix ? "prefix" : "suffix").second) {
      return invalid("Cannot specify more than one " + std::string(is_prefix ? "prefix" : "suffix") +
                         " rule in a filter.",
                     "FilterRule.Name", name);
    }
    if (value.size() > kKeySizeMax) {
      return invalid("Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation",
                     "FilterRule.Value", value);
    }
    (is_prefix ? rule->prefix : rule->suffix) = value;
  }
  return {};
}

S3Result<NotificationRule> read_rule(pugi::xml_node node, const Destination& destination) {
  NotificationRule rule;
  rule.id = child_text(node, "Id").value_or("");
  if (rule.id.size() > kIdSizeMax) return invalid("The Id is too long", "Id", rule.id);
  const std::string arn = child_text(node, destination.arn).value_or("");
  if (!arn.starts_with("arn:")) return invalid("The ARN is not well formed", destination.arn, arn);
  for (const std::string& event : child_texts(node, "Event")) {
    const NotificationEvents named = events_of(event);
    if (named.none()) return invalid("The event is not supported for notifications", "Event", event);
    rule.events |= named;
  }
  RETURN_IF_ERROR(read_filter(node, &rule));
  return rule;
}

// Whether some key fits both.
bool filters_overlap(const NotificationRule& a, const NotificationRule& b) {
  const bool prefixes = a.prefix.starts_with(b.prefix) || b.prefix.starts_with(a.prefix);
  const bool suffixes = a.suffix.ends_with(b.suffix) || b.suffix.ends_with(a.suffix);
  return prefixes && suffixes;
}

S3Result<void> check_pairs(const std::vector<NotificationRule>& rules) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (!rules[i].id.empty() && rules[i].id == rules[j].id) {
        return invalid("Same ID used for multiple configurations. IDs must be unique", "Id", rules[i].id);
      }
      if ((rules[i].events & rules[j].events).any() && filters_overlap(rules[i], rules[j])) {
        return fail(S3Error::of(S3Code::kInvalidArgument,
                                "Configurations overlap. Configurations on the same bucket cannot share a "
                                "common event type."));
      }
    }
  }
  return {};
}

}  // namespace

constinit const XmlElement kNotificationShape = {
    .name = "NotificationConfiguration", .kind = XmlKind::kGroup, .children = kConfiguration};

S3Result<NotificationRules> parse_notification(const std::string& document) {
  pugi::xml_document parsed;
  ASSIGN_OR_RETURN(const pugi::xml_node root, parse_xml(&parsed, document, kNotificationShape.name));
  NotificationRules out;
  for (const Destination& destination : kDestinations) {
    for (const pugi::xml_node node : child_elements(root, destination.element)) {
      ASSIGN_OR_RETURN(NotificationRule rule, read_rule(node, destination));
      out.rules.push_back(std::move(rule));
      if (out.rules.size() > kRulesMax) {
        return fail(S3Error::of(S3Code::kInvalidArgument, "Too many notification configurations."));
      }
    }
  }
  RETURN_IF_ERROR(check_pairs(out.rules));
  out.event_bridge = static_cast<bool>(child_element(root, "EventBridgeConfiguration"));
  return out;
}

std::string with_notification_ids(const std::string& document) {
  pugi::xml_document parsed;
  const auto root = parse_xml(&parsed, document, kNotificationShape.name);
  if (!root) return document;
  const std::string whole = digest_of(DigestAlgorithm::kSha256, document);
  std::size_t number = 0;
  for (const Destination& destination : kDestinations) {
    for (pugi::xml_node node : child_elements(*root, destination.element)) {
      ++number;
      if (const auto id = child_text(node, "Id"); id && !id->empty()) continue;
      node.remove_child("Id");
      const std::string digest = digest_of(DigestAlgorithm::kSha256, std::to_string(number) + whole);
      node.prepend_child("Id").text().set(base64_encode(digest.substr(0, 27)).c_str());
    }
  }
  std::ostringstream text;
  parsed.save(text, "", pugi::format_raw | pugi::format_no_declaration, pugi::encoding_utf8);
  const auto fitting = conform(kNotificationShape, text.str());
  return fitting ? *fitting : document;
}

std::vector<std::string> matching_notifications(const NotificationRules& rules, std::string_view event,
                                                std::string_view key) {
  std::vector<std::string> ids;
  const NotificationEvents wanted = events_of("s3:" + std::string(event));
  for (const NotificationRule& rule : rules.rules) {
    if ((rule.events & wanted).any() && key.starts_with(rule.prefix) && key.ends_with(rule.suffix)) {
      ids.push_back(rule.id);
    }
  }
  if (rules.event_bridge) ids.emplace_back();
  return ids;
}

}  // namespace tidemark::s3emu
