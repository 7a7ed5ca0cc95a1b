#include "s3emu/rest/objects/object_lock.h"

#include "s3emu/rest/objects/handlers.h"
#include "s3emu/rest/settings/bucket_setting.h"
#include "s3emu/store/checks.h"

namespace tidemark::s3emu {
namespace {

constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::int64_t kRetentionDaysMax = 36'500;
constexpr std::int64_t kRetentionYearsMax = 100;
constexpr std::int64_t kYearDays = 365;

constexpr std::string_view kEnabled[] = {"Enabled"};
constexpr std::string_view kModes[] = {"GOVERNANCE", "COMPLIANCE"};
constexpr std::string_view kHolds[] = {"ON", "OFF"};
constexpr XmlElement kDefaultRetention[] = {
    {.name = "Mode", .min = 1, .words = kModes},
    {.name = "Days", .kind = XmlKind::kInteger},
    {.name = "Years", .kind = XmlKind::kInteger},
};
constexpr XmlElement kRule[] = {
    {.name = "DefaultRetention", .kind = XmlKind::kGroup, .min = 1, .children = kDefaultRetention},
};
constexpr XmlElement kConfiguration[] = {
    {.name = "ObjectLockEnabled", .min = 1, .words = kEnabled},
    {.name = "Rule", .kind = XmlKind::kGroup, .children = kRule},
};
constexpr XmlElement kConfigurationShape = {
    .name = "ObjectLockConfiguration", .kind = XmlKind::kGroup, .children = kConfiguration};
constexpr XmlElement kRetention[] = {
    {.name = "Mode", .words = kModes},
    {.name = "RetainUntilDate", .kind = XmlKind::kDate},
};
constexpr XmlElement kRetentionShape = {.name = "Retention", .kind = XmlKind::kGroup, .children = kRetention};
constexpr XmlElement kLegalHold[] = {{.name = "Status", .min = 1, .words = kHolds}};
constexpr XmlElement kLegalHoldShape = {.name = "LegalHold", .kind = XmlKind::kGroup, .children = kLegalHold};

auto invalid_argument(std::string message) {
  return fail(S3Error::of(S3Code::kInvalidArgument, std::move(message)));
}

LockMode parse_mode(std::string_view name) {
  if (name == "GOVERNANCE") return LockMode::kGovernance;
  return name == "COMPLIANCE" ? LockMode::kCompliance : LockMode::kNone;
}

std::string_view mode_name(LockMode mode) {
  return mode == LockMode::kGovernance ? "GOVERNANCE" : "COMPLIANCE";
}

pugi::xml_node default_retention(pugi::xml_node configuration) {
  return child_element(child_element(configuration, "Rule"), "DefaultRetention");
}

std::optional<std::int64_t> period_days(pugi::xml_node retention) {
  if (const auto days = child_number(retention, "Days")) return days;
  const auto years = child_number(retention, "Years");
  if (!years || *years > kRetentionYearsMax) return std::nullopt;
  return *years * kYearDays;
}

S3Result<void> check_period(pugi::xml_node retention) {
  const auto days = child_number(retention, "Days");
  const auto years = child_number(retention, "Years");
  if (days.has_value() == years.has_value()) return fail(S3Error::of(S3Code::kMalformedXml));
  if (days.value_or(1) <= 0 || years.value_or(1) <= 0) {
    return invalid_argument("Default retention period must be a positive integer value.");
  }
  if (days.value_or(1) > kRetentionDaysMax || years.value_or(1) > kRetentionYearsMax) {
    return invalid_argument("Default retention period too large.");
  }
  return {};
}

// Turns object lock on, where the bucket allows it.
S3Result<void> check_configuration(SettingChange* change) {
  if (const pugi::xml_node rule = child_element(change->root, "Rule")) {
    RETURN_IF_ERROR(check_period(child_element(rule, "DefaultRetention")));
  } else {
    change->document.clear();
  }
  if (change->bucket.info.object_lock) return {};
  return change->context.store.enable_object_lock(change->bucket.info.name);
}

S3Result<std::string> without_rule(const Bucket& bucket) {
  if (!bucket.info.object_lock) return is_missing<S3Code::kObjectLockConfigurationNotFoundError>(bucket);
  XmlWriter xml(kConfigurationShape.name);
  xml.text("ObjectLockEnabled", "Enabled");
  return xml.take();
}

S3Result<void> require_lock(const Bucket& bucket) {
  if (bucket.info.object_lock) return {};
  return fail(no_object_lock());
}

// The default of the bucket; no mode when it has none.
ObjectLock default_lock(const Bucket& bucket, Timestamp now) {
  ObjectLock lock;
  const std::string* const document = bucket.setting(kObjectLockSetting.param);
  if (!bucket.info.object_lock || document == nullptr) return lock;
  pugi::xml_document parsed;
  const auto root = parse_xml(&parsed, *document, kConfigurationShape.name);
  if (!root) return lock;
  const pugi::xml_node retention = default_retention(*root);
  lock.mode = parse_mode(child_text(retention, "Mode").value_or(""));
  lock.retain_until = now.plus_seconds(period_days(retention).value_or(0) * kDaySeconds);
  return lock;
}

S3Result<void> check_future(Timestamp date, Timestamp now) {
  if (date > now) return {};
  return invalid_argument("The retain until date must be in the future!");
}

// A document of that shape, as it is read from.
S3Result<pugi::xml_node> parse_shaped(const XmlElement& shape, const std::string& body,
                                      pugi::xml_document* parsed) {
  ASSIGN_OR_RETURN(const std::string document, conform(shape, body));
  return parse_xml(parsed, document, shape.name);
}

void add_key(const char* key, std::optional<std::string> value, BodyKeys* keys) {
  if (value) keys->others.emplace_back(key, std::move(*value));
}

constexpr std::string_view kConfigurationKeyNames[] = {"object-lock-mode",
                                                       "object-lock-remaining-retention-days"};

BodyKeys lock_configuration_keys(const std::string& body) {
  BodyKeys keys;
  pugi::xml_document parsed;
  const auto root = parse_shaped(kConfigurationShape, body, &parsed);
  if (!root) return keys;
  const pugi::xml_node retention = default_retention(*root);
  add_key("object-lock-mode", child_text(retention, "Mode"), &keys);
  if (const auto days = period_days(retention)) {
    add_key("object-lock-remaining-retention-days", std::to_string(*days), &keys);
  }
  return keys;
}

constexpr BodyKeyReader kConfigurationKeys = {.names = kConfigurationKeyNames,
                                              .read = lock_configuration_keys};

constexpr std::string_view kRetentionKeyNames[] = {"object-lock-mode", "object-lock-retain-until-date",
                                                   "object-lock-remaining-retention-days"};

BodyKeys retention_keys(const std::string& body) {
  BodyKeys keys;
  pugi::xml_document parsed;
  const auto root = parse_shaped(kRetentionShape, body, &parsed);
  if (!root) return keys;
  add_key("object-lock-mode", child_text(*root, "Mode"), &keys);
  add_key("object-lock-retain-until-date", child_text(*root, "RetainUntilDate"), &keys);
  return keys;
}

constexpr std::string_view kLegalHoldKeyNames[] = {"object-lock-legal-hold"};

BodyKeys legal_hold_keys(const std::string& body) {
  BodyKeys keys;
  pugi::xml_document parsed;
  const auto root = parse_shaped(kLegalHoldShape, body, &parsed);
  if (root) add_key("object-lock-legal-hold", child_text(*root, "Status"), &keys);
  return keys;
}

VersionChoice version_of(const S3Request& request) {
  const auto version = request.param("versionId");
  return version ? VersionChoice(std::string(*version)) : std::nullopt;
}

// An object whose bucket has object lock.
S3Result<ObjectDetails> lockable_object(S3Context& context, const S3Request& request) {
  ASSIGN_OR_RETURN(const auto bucket, context.store.bucket(request.bucket));
  RETURN_IF_ERROR(require_lock(*bucket));
  return context.store.head_object(request.bucket, request.key, version_of(request));
}

auto no_lock() { return fail(S3Error::of(S3Code::kNoSuchObjectLockConfiguration)); }

http::Response lock_changed(const ObjectInfo& object) {
  http::Response response = empty_answer(200);
  if (!object.version_id.empty()) response.headers.add("x-amz-version-id", object.version_id);
  return response;
}

}  // namespace

constinit const BodyKeyReader kRetentionKeys = {.names = kRetentionKeyNames, .read = retention_keys};
constinit const BodyKeyReader kLegalHoldKeys = {.names = kLegalHoldKeyNames, .read = legal_hold_keys};

constinit const BucketSetting kObjectLockSetting = {
    .param = "object-lock",
    .get = {"GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration"},
    .put = {"PutObjectLockConfiguration", "s3:PutBucketObjectLockConfiguration"},
    .remove = {},
    .shape = &kConfigurationShape,
    .unset = without_rule,
    .check = check_configuration,
    .body_keys = &kConfigurationKeys,
};

bool names_lock(const S3Request& request) {
  return request.header("x-amz-object-lock-mode") || request.header("x-amz-object-lock-legal-hold");
}

S3Result<ObjectLock> lock_of(S3Context& context, const S3Request& request) {
  ASSIGN_OR_RETURN(const auto bucket, context.store.bucket(request.bucket));
  const Timestamp now = context.clock.now();
  const auto mode = request.header("x-amz-object-lock-mode");
  const auto until = request.header("x-amz-object-lock-retain-until-date");
  const auto hold = request.header("x-amz-object-lock-legal-hold");
  if (mode || until || hold) RETURN_IF_ERROR(require_lock(*bucket));
  if (mode.has_value() != until.has_value()) {
    return invalid_argument(
        "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied");
  }
  ObjectLock lock = default_lock(*bucket, now);
  if (mode) {
    lock.mode = parse_mode(*mode);
    if (lock.mode == LockMode::kNone) return invalid_argument("Unknown wormMode directive.");
    const auto date = parse_iso_time(*until);
    if (!date) return invalid_argument("The retain until date must be provided in ISO 8601 format");
    RETURN_IF_ERROR(check_future(*date, now));
    lock.retain_until = *date;
  }
  if (hold && *hold != "ON" && *hold != "OFF") {
    return invalid_argument("Legal Hold must be either of 'ON' or 'OFF'");
  }
  lock.legal_hold = hold == "ON";
  return lock;
}

void add_lock_headers(http::Response* response, const ObjectLock& lock) {
  if (lock.mode != LockMode::kNone) {
    response->headers.add("x-amz-object-lock-mode", std::string(mode_name(lock.mode)));
    response->headers.add("x-amz-object-lock-retain-until-date", format_iso_millis(lock.retain_until));
  }
  if (lock.legal_hold) response->headers.add("x-amz-object-lock-legal-hold", "ON");
}

bool bypasses_governance(const S3Request& request) {
  const auto value = request.header("x-amz-bypass-governance-retention");
  return value && http::equal_ignoring_case(*value, "true");
}

S3Result<http::Response> get_object_retention(S3Context& context, const S3Request& request,
                                              const std::string& /*body*/) {
  ASSIGN_OR_RETURN(const ObjectDetails object, lockable_object(context, request));
  const ObjectLock& lock = object.metadata.lock;
  if (lock.mode == LockMode::kNone) return no_lock();
  XmlWriter xml("Retention");
  xml.text("Mode", mode_name(lock.mode));
  xml.text("RetainUntilDate", format_iso_millis(lock.retain_until));
  return xml_answer(xml);
}

S3Result<http::Response> put_object_retention(S3Context& context, const S3Request& request,
                                              const std::string& body) {
  RETURN_IF_ERROR(lockable_object(context, request));
  pugi::xml_document parsed;
  ASSIGN_OR_RETURN(const pugi::xml_node root, parse_shaped(kRetentionShape, body, &parsed));
  const LockMode mode = parse_mode(child_text(root, "Mode").value_or(""));
  const auto until = child_date(root, "RetainUntilDate");
  // Neither of them takes the retention away.
  if ((mode != LockMode::kNone) != until.has_value()) return fail(S3Error::of(S3Code::kMalformedXml));
  if (until) RETURN_IF_ERROR(check_future(*until, context.clock.now()));
  ASSIGN_OR_RETURN(
      const ObjectInfo object,
      context.store.set_object_retention(request.bucket, request.key, mode, until.value_or(Timestamp{}),
                                         bypasses_governance(request), version_of(request)));
  return lock_changed(object);
}

S3Result<http::Response> get_object_legal_hold(S3Context& context, const S3Request& request,
                                               const std::string& /*body*/) {
  ASSIGN_OR_RETURN(const ObjectDetails object, lockable_object(context, request));
  XmlWriter xml("LegalHold");
  xml.text("Status", object.metadata.lock.legal_hold ? "ON" : "OFF");
  return xml_answer(xml);
}

S3Result<http::Response> put_object_legal_hold(S3Context& context, const S3Request& request,
                                               const std::string& body) {
  RETURN_IF_ERROR(lockable_object(context, request));
  pugi::xml_document parsed;
  ASSIGN_OR_RETURN(const pugi::xml_node root, parse_shaped(kLegalHoldShape, body, &parsed));
  ASSIGN_OR_RETURN(const ObjectInfo object,
                   context.store.set_object_legal_hold(
                       request.bucket, request.key, child_text(root, "Status") == "ON", version_of(request)));
  return lock_changed(object);
}

}  // namespace tidemark::s3emu
