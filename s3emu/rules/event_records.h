// Object events in the form in which S3 tells them: JSON documents with `Records`.
#pragma once

#include <string>
#include <vector>

#include "s3emu/rules/notification_rules.h"
#include "s3emu/rules/parsed_setting.h"
#include "s3emu/store/object_events.h"

namespace tidemark::s3emu {

// Thread-safety: may be called concurrently.
class EventRecords {
 public:
  // `region` is that of buckets without one, `owner_id` of what has no owner.
  EventRecords(std::string region, std::string owner_id)
      : region_(std::move(region)), owner_id_(std::move(owner_id)) {}

  // One document with one record for each rule of the bucket's notification configuration that selects the
  // event; for a bucket without a configuration always one. A configuration that cannot be read selects
  // nothing.
  std::vector<std::string> of(const ObjectEvent& event);

 private:
  [[nodiscard]] std::string document(const ObjectEvent& event, const std::string& rule_id) const;

  const std::string region_;
  const std::string owner_id_;
  // Not parsed for each event: a document may be large.
  ParsedSetting<NotificationRules> rules_{"notification", parse_notification};
};

}  // namespace tidemark::s3emu
