// ?notification of a bucket. A webhook (--s3-webhook) hears the events; the destinations themselves do not
// exist here, and are only kept and given back.
#include "s3emu/rest/settings/bucket_setting.h"
#include "s3emu/rules/notification_rules.h"

namespace tidemark::s3emu {
namespace {

S3Result<void> check(SettingChange* change) {
  ASSIGN_OR_RETURN(const NotificationRules rules, parse_notification(change->document));
  // To store nothing is to turn notifications off.
  change->document = rules.empty() ? std::string() : with_notification_ids(change->document);
  return {};
}

S3Result<std::string> off(const Bucket& /*bucket*/) { return XmlWriter(kNotificationShape.name).take(); }

}  // namespace

constinit const BucketSetting kNotificationSetting = {
    .param = "notification",
    .get = {"GetBucketNotificationConfiguration", "s3:GetBucketNotification"},
    .put = {"PutBucketNotificationConfiguration", "s3:PutBucketNotification"},
    .remove = {},
    .shape = &kNotificationShape,
    .unset = off,
    .check = check,
};

}  // namespace tidemark::s3emu
