// The lifecycle configuration of a bucket: what becomes of objects, versions and uploads with time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "s3emu/store/object_store.h"
#include "s3emu/xml/schema.h"

namespace tidemark::s3emu {

extern const XmlElement kLifecycleShape;

struct LifecycleFilter {
  std::string prefix;
  NamedValues tags;  // all of them
  std::optional<std::uint64_t> size_above;
  std::optional<std::uint64_t> size_below;
};

// Transitions are kept in the document and have no effect.
struct LifecycleRule {
  std::string id;
  bool enabled = false;
  LifecycleFilter filter;
  std::optional<std::int64_t> expire_days;
  std::optional<Timestamp> expire_date;
  bool expire_lone_marker = false;
  std::optional<std::int64_t> noncurrent_days;
  std::int64_t newer_noncurrent = 0;  // so many of the newest noncurrent versions stay
  std::optional<std::int64_t> abort_days;
};
using LifecycleRules = std::vector<LifecycleRule>;

// Errors: MalformedXML, InvalidArgument, InvalidRequest. `document` fits the shape.
S3Result<LifecycleRules> parse_lifecycle(const std::string& document);
// The document with an id for each rule that has none; the same rules get the same ids.
std::string with_rule_ids(const std::string& document);

inline constexpr std::int64_t kLifecycleDaySeconds = 86'400;
// Rules count in days and take effect at midnight UTC: the first one after `days` have passed.
Timestamp lifecycle_due(Timestamp from, std::int64_t days);

struct LifecycleDue {
  Timestamp when;
  const LifecycleRule* rule = nullptr;
};

// Tags are asked for only when a rule with tags would otherwise match.
struct LifecycleObject {
  std::string_view key;
  std::uint64_t size = 0;
  Timestamp modified;
  const NamedValues* tags = nullptr;  // nullptr: not known, rules with tags do not match
};

// Whether a rule with tags, and nothing but its tags, decides about this object.
bool depends_on_tags(const LifecycleRules& rules, std::string_view key, std::uint64_t size);
// When the current version expires: by the earliest of the enabled rules.
std::optional<LifecycleDue> expiration_of(const LifecycleRules& rules, const LifecycleObject& object);
// When a version that became noncurrent at `since`, with `newer` noncurrent versions above it, expires.
std::optional<LifecycleDue> noncurrent_expiration_of(const LifecycleRules& rules,
                                                     const LifecycleObject& object, Timestamp since,
                                                     std::int64_t newer);
// When a delete marker goes that is all there is of its key.
std::optional<LifecycleDue> marker_expiration_of(const LifecycleRules& rules, std::string_view key,
                                                 Timestamp modified);
// When an unfinished upload is aborted.
std::optional<LifecycleDue> abort_of(const LifecycleRules& rules, std::string_view key, Timestamp initiated);

}  // namespace tidemark::s3emu
