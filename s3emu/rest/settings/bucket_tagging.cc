// ?tagging of a bucket.
#include "s3emu/rest/core/tags.h"
#include "s3emu/rest/settings/bucket_setting.h"

namespace tidemark::s3emu {
namespace {

S3Result<void> check(SettingChange* change) {
  const NamedValues tags = tags_below(child_element(change->root, "TagSet"));
  if (tags.empty()) change->document.clear();
  return check_tags(tags, kBucketTags);
}

}  // namespace

constinit const BucketSetting kTaggingSetting = {
    .param = "tagging",
    .get = {"GetBucketTagging", "s3:GetBucketTagging"},
    .put = {"PutBucketTagging", "s3:PutBucketTagging"},
    .remove = {"DeleteBucketTagging", "s3:PutBucketTagging"},
    .shape = &kBucketTaggingShape,
    .unset = is_missing<S3Code::kNoSuchTagSet>,
    .check = check,
    .needs_digest = true,
    .put_status = 204,
};

}  // namespace tidemark::s3emu
