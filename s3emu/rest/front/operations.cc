// The table of operations: a line or two for each.
#include "s3emu/rest/objects/handlers.h"
#include "s3emu/rest/settings/bucket_setting.h"
#include "s3emu/rest/settings/handlers.h"
#include "s3emu/rest/settings/listed_configuration.h"

namespace tidemark::s3emu {
namespace {

constexpr std::size_t kXmlMax = 1 << 20;
constexpr std::size_t kConfigurationMax = 16 << 10;
constexpr std::size_t kKeyListMax = 4 << 20;  // DeleteObjects, CompleteMultipartUpload

// A row under construction: `row(...).with_version("s3:...").quick()`.
struct Row : S3Operation {
  Row with_second(std::string_view value) {
    second_param = value;
    return *this;
  }
  // The action when the request names a version.
  Row with_version(std::string_view value) {
    version_action = value;
    return *this;
  }
  Row quick() {
    is_quick = true;
    return *this;
  }
  Row heavy() {
    is_heavy = true;
    return *this;
  }
  Row quick_if(bool (*check)(S3Context& context, const S3Request& request)) {
    is_quick_for = check;
    return quick();
  }
  Row making_object() {
    makes_object = true;
    return *this;
  }
  Row copy() {
    is_copy = true;
    return *this;
  }
  Row with_digest() {
    needs_digest = true;
    return *this;
  }
  Row with_body(std::size_t bytes_max) {
    body_max = bytes_max;
    return *this;
  }
  Row judged_by(const BodyKeyReader* keys) {
    body_keys = keys;
    return *this;
  }
  // What must be allowed as well; the second when the request names a version.
  Row also(std::string_view action_too, std::string_view version_action_too) {
    also_action = action_too;
    also_version_action = version_action_too;
    return *this;
  }
};

Row row(std::string_view method, Level level, std::string_view param, std::string_view name,
        std::string_view action, Handler handle) {
  Row out;
  out.method = method;
  out.level = level;
  out.param = param;
  out.name = name;
  out.action = action;
  out.handle = handle;
  return out;
}

Row stream_row(std::string_view method, Level level, std::string_view param, std::string_view name,
               std::string_view action, StreamHandler stream) {
  Row out = row(method, level, param, name, action, nullptr);
  out.stream = stream;
  return out;
}

constexpr auto kBucket = Level::kBucket;
constexpr auto kObject = Level::kObject;

void add_bucket_operations(std::vector<S3Operation>* table) {
  for (const Row& operation : {
           row("GET", Level::kService, "", "ListBuckets", "s3:ListAllMyBuckets", list_buckets).quick(),
           row("GET", kBucket, "location", "GetBucketLocation", "s3:GetBucketLocation", get_bucket_location)
               .quick(),
           row("GET", kBucket, "uploads", "ListMultipartUploads", "s3:ListBucketMultipartUploads",
               list_uploads),
           row("GET", kBucket, "versioning", "GetBucketVersioning", "s3:GetBucketVersioning",
               get_bucket_versioning)
               .quick(),
           row("PUT", kBucket, "versioning", "PutBucketVersioning", "s3:PutBucketVersioning",
               put_bucket_versioning)
               .with_body(kXmlMax),
           row("GET", kBucket, "versions", "ListObjectVersions", "s3:ListBucketVersions",
               list_object_versions)
               .heavy(),
           row("GET", kBucket, "list-type", "ListObjectsV2", "s3:ListBucket", list_objects_v2),
           row("GET", kBucket, "", "ListObjects", "s3:ListBucket", list_objects_v1),
           row("HEAD", kBucket, "", "HeadBucket", "s3:ListBucket", head_bucket).quick(),
           row("PUT", kBucket, "", "CreateBucket", "s3:CreateBucket", create_bucket).with_body(kXmlMax),
           row("DELETE", kBucket, "", "DeleteBucket", "s3:DeleteBucket", delete_bucket),
           // Judged when the fields of the form are known.
           stream_row("POST", kBucket, "", "PostObject", "", post_object),
           // Judged key by key.
           row("POST", kBucket, "delete", "DeleteObjects", "", delete_objects)
               .with_digest()
               .with_body(kKeyListMax),
       }) {
    table->push_back(operation);
  }
}

void add_stored_settings(std::vector<S3Operation>* table) {
  for (const BucketSetting* const setting : bucket_settings()) {
    const auto add = [&](std::string_view method, const SettingOperation& operation, Handler handle) {
      Row made = row(method, kBucket, setting->param, operation.name, operation.action, handle);
      if (method == "GET") made.is_quick = true;
      if (method == "PUT") {
        made = made.with_body(kXmlMax).judged_by(setting->body_keys);
        made.needs_digest = setting->needs_digest;
      }
      if (!operation.name.empty()) table->push_back(made);
    };
    add("GET", setting->get, get_setting);
    add("PUT", setting->put, put_setting);
    add("DELETE", setting->remove, delete_setting);
  }
  for (const ListedConfiguration& configuration : listed_configurations()) {
    const auto made = [&](std::string_view method, const SettingOperation& operation, Handler handle) {
      return row(method, kBucket, configuration.param, operation.name, operation.action, handle);
    };
    table->push_back(made("GET", configuration.get, get_configuration).with_second("id").quick());
    table->push_back(made("GET", configuration.list, list_configurations).quick());
    table->push_back(made("PUT", configuration.put, put_configuration).with_body(kConfigurationMax));
    table->push_back(made("DELETE", configuration.remove, delete_configuration));
  }
}

void add_access_operations(std::vector<S3Operation>* table) {
  for (const Row& operation : {
           row("GET", kBucket, "acl", "GetBucketAcl", "s3:GetBucketAcl", get_acl).quick(),
           row("PUT", kBucket, "acl", "PutBucketAcl", "s3:PutBucketAcl", put_acl).with_body(kXmlMax),
           row("GET", kBucket, "policy", "GetBucketPolicy", "s3:GetBucketPolicy", get_bucket_policy).quick(),
           row("PUT", kBucket, "policy", "PutBucketPolicy", "s3:PutBucketPolicy", put_bucket_policy)
               .with_body(kXmlMax),
           row("DELETE", kBucket, "policy", "DeleteBucketPolicy", "s3:DeleteBucketPolicy",
               delete_bucket_policy),
           row("GET", kBucket, "policyStatus", "GetBucketPolicyStatus", "s3:GetBucketPolicyStatus",
               get_bucket_policy_status)
               .quick(),
           row("GET", kBucket, "publicAccessBlock", "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock",
               get_public_access_block)
               .quick(),
           row("PUT", kBucket, "publicAccessBlock", "PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock",
               put_public_access_block)
               .with_body(kXmlMax),
           row("DELETE", kBucket, "publicAccessBlock", "DeletePublicAccessBlock",
               "s3:PutBucketPublicAccessBlock", delete_public_access_block),
           row("GET", kBucket, "ownershipControls", "GetBucketOwnershipControls",
               "s3:GetBucketOwnershipControls", get_ownership_controls)
               .quick(),
           row("PUT", kBucket, "ownershipControls", "PutBucketOwnershipControls",
               "s3:PutBucketOwnershipControls", put_ownership_controls)
               .with_body(kXmlMax)
               .judged_by(&kOwnershipKeys),
           row("DELETE", kBucket, "ownershipControls", "DeleteBucketOwnershipControls",
               "s3:PutBucketOwnershipControls", delete_ownership_controls),
           row("GET", kObject, "acl", "GetObjectAcl", "s3:GetObjectAcl", get_acl)
               .with_version("s3:GetObjectVersionAcl")
               .quick(),
           row("PUT", kObject, "acl", "PutObjectAcl", "s3:PutObjectAcl", put_acl)
               .with_version("s3:PutObjectVersionAcl")
               .with_body(kXmlMax),
       }) {
    table->push_back(operation);
  }
}

void add_object_operations(std::vector<S3Operation>* table) {
  for (const Row& operation : {
           row("GET", kObject, "attributes", "GetObjectAttributes", "s3:GetObjectAttributes",
               get_object_attributes)
               .with_version("s3:GetObjectVersionAttributes")
               .also("s3:GetObject", "s3:GetObjectVersion")
               .quick(),
           row("GET", kObject, "tagging", "GetObjectTagging", "s3:GetObjectTagging", get_object_tagging)
               .with_version("s3:GetObjectVersionTagging")
               .quick(),
           row("PUT", kObject, "tagging", "PutObjectTagging", "s3:PutObjectTagging", put_object_tagging)
               .with_version("s3:PutObjectVersionTagging")
               .with_digest()
               .with_body(kXmlMax)
               .judged_by(&kTaggingKeys),
           row("DELETE", kObject, "tagging", "DeleteObjectTagging", "s3:DeleteObjectTagging",
               delete_object_tagging)
               .with_version("s3:DeleteObjectVersionTagging"),
           row("GET", kObject, "retention", "GetObjectRetention", "s3:GetObjectRetention",
               get_object_retention)
               .quick(),
           row("PUT", kObject, "retention", "PutObjectRetention", "s3:PutObjectRetention",
               put_object_retention)
               .with_body(kXmlMax)
               .judged_by(&kRetentionKeys),
           row("GET", kObject, "legal-hold", "GetObjectLegalHold", "s3:GetObjectLegalHold",
               get_object_legal_hold)
               .quick(),
           row("PUT", kObject, "legal-hold", "PutObjectLegalHold", "s3:PutObjectLegalHold",
               put_object_legal_hold)
               .with_body(kXmlMax)
               .judged_by(&kLegalHoldKeys),
           row("GET", kObject, "", "GetObject", "s3:GetObject", get_object)
               .with_version("s3:GetObjectVersion")
               .quick_if(get_object_is_quick),
           row("HEAD", kObject, "", "HeadObject", "s3:GetObject", get_object)
               .with_version("s3:GetObjectVersion")
               .quick(),
           row("PUT", kObject, "", "CopyObject", "s3:PutObject", copy_object).making_object().copy(),
           stream_row("PUT", kObject, "", "PutObject", "s3:PutObject", put_object).making_object(),
           row("DELETE", kObject, "", "DeleteObject", "s3:DeleteObject", delete_object)
               .with_version("s3:DeleteObjectVersion")
               .quick_if(delete_object_is_quick),
       }) {
    table->push_back(operation);
  }
}

void add_upload_operations(std::vector<S3Operation>* table) {
  for (const Row& operation : {
           row("POST", kObject, "uploads", "CreateMultipartUpload", "s3:PutObject", create_upload)
               .making_object(),
           row("PUT", kObject, "partNumber", "UploadPartCopy", "s3:PutObject", upload_part_copy)
               .with_second("uploadId")
               .copy(),
           stream_row("PUT", kObject, "partNumber", "UploadPart", "s3:PutObject", upload_part)
               .with_second("uploadId"),
           row("GET", kObject, "uploadId", "ListParts", "s3:ListMultipartUploadParts", list_parts),
           row("POST", kObject, "uploadId", "CompleteMultipartUpload", "s3:PutObject", complete_upload)
               .with_body(kKeyListMax),
           row("DELETE", kObject, "uploadId", "AbortMultipartUpload", "s3:AbortMultipartUpload",
               abort_upload),
       }) {
    table->push_back(operation);
  }
}

std::vector<S3Operation> make_operations() {
  std::vector<S3Operation> table;
  add_access_operations(&table);
  add_bucket_operations(&table);
  add_stored_settings(&table);
  add_upload_operations(&table);
  add_object_operations(&table);
  return table;
}

}  // namespace

bool is_about_upload(const S3Operation& operation) {
  return operation.param == "uploadId" || operation.second_param == "uploadId";
}

const std::vector<S3Operation>& operations() {
  static const std::vector<S3Operation> table = make_operations();
  return table;
}

}  // namespace tidemark::s3emu
