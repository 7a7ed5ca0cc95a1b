// A setting of a bucket: one XML document that is judged when it comes, kept, and given back.
//
// To add one: a file with its shape and, if need be, its check; a line below; a line in bucket_setting.cc.
#pragma once

#include <span>

#include "s3emu/rest/core/operation.h"
#include "s3emu/xml/schema.h"

namespace tidemark::s3emu {

// What the table of operations calls one of the three requests, and what a policy does.
struct SettingOperation {
  std::string_view name;  // empty: there is no such operation
  std::string_view action;
};

// A document on its way in.
struct SettingChange {
  S3Context& context;
  const Bucket& bucket;
  pugi::xml_node root;   // of the document, which fits the shape
  std::string document;  // what will be kept; a check may put another one there, an empty one for none
};

// A header that belongs to a setting: PUT takes it, and both PUT and GET tell it.
struct SettingHeader {
  std::string_view name = {};                    // empty: there is none
  std::span<const std::string_view> words = {};  // the values there are; the first when it is left out
};

struct BucketSetting {
  std::string_view param;  // the query parameter, and the name under which the store keeps it
  SettingOperation get;
  SettingOperation put;
  SettingOperation remove;
  const XmlElement* shape = nullptr;
  // The document of a bucket where it was never set, or the error that says there is none.
  S3Result<std::string> (*unset)(const Bucket& bucket) = nullptr;
  // What the shape cannot say; nullptr: nothing. Errors: S3's own.
  S3Result<void> (*check)(SettingChange* change) = nullptr;
  // Called when a document was kept or removed; nullptr: nobody needs to know.
  void (*changed)(const S3Options& options) = nullptr;
  bool needs_digest = false;                 // PUT must bring a Content-MD5 or a checksum
  const BodyKeyReader* body_keys = nullptr;  // as S3Operation.body_keys, of PUT
  int put_status = 200;
  SettingHeader header = {};
};

// All of them (bucket_setting.cc).
std::span<const BucketSetting* const> bucket_settings();

// For BucketSetting.unset.
template <S3Code kCode>
S3Result<std::string> is_missing(const Bucket& bucket) {
  return fail(S3Error::of(kCode).with("BucketName", bucket.info.name));
}

// The document that is kept or stands for none. Errors: those of `unset`.
S3Result<std::string> setting_document(const BucketSetting& setting, const Bucket& bucket);
// What will be kept of `body`. Errors: MissingRequestBodyError, MalformedXML, those of the check.
S3Result<std::string> judge_setting(const BucketSetting& setting, S3Context& context, const Bucket& bucket,
                                    const std::string& body);

extern const BucketSetting kAccelerateSetting;    // transfer_settings.cc
extern const BucketSetting kCorsSetting;          // cors.cc
extern const BucketSetting kEncryptionSetting;    // encryption.cc
extern const BucketSetting kLifecycleSetting;     // lifecycle.cc
extern const BucketSetting kLoggingSetting;       // logging.cc
extern const BucketSetting kNotificationSetting;  // notification.cc
extern const BucketSetting kObjectLockSetting;    // object_lock.cc
extern const BucketSetting kReplicationSetting;   // replication.cc
extern const BucketSetting kPaymentSetting;       // transfer_settings.cc
extern const BucketSetting kTaggingSetting;       // bucket_tagging.cc
extern const BucketSetting kWebsiteSetting;       // website.cc

}  // namespace tidemark::s3emu
