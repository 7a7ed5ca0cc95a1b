#include "s3emu/rest/settings/lifecycle.h"

#include "s3emu/rest/core/settings_cache.h"
#include "s3emu/rest/settings/bucket_setting.h"

namespace tidemark::s3emu {
namespace {

constexpr std::string_view kMinimumSizes[] = {"all_storage_classes_128K", "varies_by_storage_class"};

S3Result<void> check(SettingChange* change) {
  RETURN_IF_ERROR(parse_lifecycle(change->document));
  change->document = with_rule_ids(change->document);
  return {};
}

void tell_of_new_rules(const S3Options& options) {
  if (options.lifecycle_changed) options.lifecycle_changed();
}

std::shared_ptr<const LifecycleRules> rules_of(S3Context& context, const std::string& bucket) {
  const auto found = context.store.bucket(bucket);
  return found ? context.cache.lifecycle.of(**found) : nullptr;
}

}  // namespace

constinit const BucketSetting kLifecycleSetting = {
    .param = "lifecycle",
    .get = {"GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"},
    .put = {"PutBucketLifecycleConfiguration", "s3:PutLifecycleConfiguration"},
    .remove = {"DeleteBucketLifecycle", "s3:PutLifecycleConfiguration"},
    .shape = &kLifecycleShape,
    .unset = is_missing<S3Code::kNoSuchLifecycleConfiguration>,
    .check = check,
    .changed = tell_of_new_rules,
    .needs_digest = true,
    .header = {"x-amz-transition-default-minimum-object-size", kMinimumSizes},
};

void add_expiration_header(S3Context& context, const std::string& bucket, const ObjectInfo& object,
                           const NamedValues* tags, http::Response* response) {
  const auto rules = rules_of(context, bucket);
  if (!rules) return;
  ObjectDetails details;
  if (tags == nullptr && depends_on_tags(*rules, object.key, object.size)) {
    VersionChoice version;
    if (!object.version_id.empty()) version = object.version_id;
    auto found = context.store.head_object(bucket, object.key, version);
    if (!found) return;
    details = std::move(*found);
    tags = &details.metadata.tags;
  }
  const auto due = expiration_of(*rules, {object.key, object.size, object.last_modified, tags});
  if (!due) return;
  response->headers.add("x-amz-expiration",
                        "expiry-date=\"" + format_http_date(due->when) + "\", rule-id=\"" +
                            http::percent_encode(due->rule->id, http::Slash::kEncoded) + "\"");
}

void add_abort_headers(S3Context& context, const std::string& bucket, const std::string& key,
                       Timestamp initiated, http::Response* response) {
  const auto rules = rules_of(context, bucket);
  if (!rules) return;
  const auto due = abort_of(*rules, key, initiated);
  if (!due) return;
  response->headers.add("x-amz-abort-date", format_http_date(due->when));
  response->headers.add("x-amz-abort-rule-id", http::percent_encode(due->rule->id, http::Slash::kEncoded));
}

}  // namespace tidemark::s3emu
