// ?accelerate and ?requestPayment: kept and given back, for nothing is accelerated or paid here.
#include "s3emu/rest/settings/bucket_setting.h"

namespace tidemark::s3emu {
namespace {

constexpr std::string_view kStates[] = {"Enabled", "Suspended"};
constexpr std::string_view kPayers[] = {"BucketOwner", "Requester"};
constexpr XmlElement kAccelerate[] = {{.name = "Status", .min = 1, .words = kStates}};
constexpr XmlElement kPayment[] = {{.name = "Payer", .min = 1, .words = kPayers}};
constexpr XmlElement kAccelerateShape = {
    .name = "AccelerateConfiguration", .kind = XmlKind::kGroup, .children = kAccelerate};
constexpr XmlElement kPaymentShape = {
    .name = "RequestPaymentConfiguration", .kind = XmlKind::kGroup, .children = kPayment};

S3Result<std::string> not_accelerated(const Bucket& /*bucket*/) {
  return XmlWriter(kAccelerateShape.name).take();
}

S3Result<void> check_accelerate(SettingChange* change) {
  if (change->bucket.info.name.find('.') == std::string::npos) return {};
  return fail(
      S3Error::of(S3Code::kInvalidRequest,
                  "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names"));
}

S3Result<std::string> owner_pays(const Bucket& /*bucket*/) {
  XmlWriter xml(kPaymentShape.name);
  xml.text("Payer", "BucketOwner");
  return xml.take();
}

}  // namespace

constinit const BucketSetting kAccelerateSetting = {
    .param = "accelerate",
    .get = {"GetBucketAccelerateConfiguration", "s3:GetAccelerateConfiguration"},
    .put = {"PutBucketAccelerateConfiguration", "s3:PutAccelerateConfiguration"},
    .remove = {},
    .shape = &kAccelerateShape,
    .unset = not_accelerated,
    .check = check_accelerate,
};

constinit const BucketSetting kPaymentSetting = {
    .param = "requestPayment",
    .get = {"GetBucketRequestPayment", "s3:GetBucketRequestPayment"},
    .put = {"PutBucketRequestPayment", "s3:PutBucketRequestPayment"},
    .remove = {},
    .shape = &kPaymentShape,
    .unset = owner_pays,
};

}  // namespace tidemark::s3emu
