// The notification configuration of a bucket: which events go where.
#pragma once

#include <bitset>
#include <string>
#include <string_view>
#include <vector>

#include "s3emu/store/object_store.h"
#include "s3emu/xml/schema.h"

namespace tidemark::s3emu {

extern const XmlElement kNotificationShape;

// A set of the events that rules can name, by their places in the table of notification_rules.cc.
using NotificationEvents = std::bitset<27>;

struct NotificationRule {
  std::string id;
  NotificationEvents events;  // with those that `s3:ObjectCreated:*` takes in
  std::string prefix;
  std::string suffix;
};

struct NotificationRules {
  std::vector<NotificationRule> rules;  // of topics, queues and functions
  bool event_bridge = false;            // takes every event

  [[nodiscard]] bool empty() const { return rules.empty() && !event_bridge; }
};

// `document` fits the shape. Errors: InvalidArgument for events that do not exist, filters and ids that are
// wrong, and for two rules that would both take an event of one object.
S3Result<NotificationRules> parse_notification(const std::string& document);
// The document with an id for each rule that has none; the same rules get the same ids.
std::string with_notification_ids(const std::string& document);

// The ids of the rules that take an event, `ObjectCreated:Put`, of a key. That of EventBridge is empty.
std::vector<std::string> matching_notifications(const NotificationRules& rules, std::string_view event,
                                                std::string_view key);

}  // namespace tidemark::s3emu
