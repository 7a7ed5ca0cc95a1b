// The table of operations.
#include <algorithm>
#include <array>

#include "s3emu/rest/handlers.h"

namespace tidemark::s3emu {
namespace {

constexpr std::size_t kXmlMax = 1 << 20;
constexpr std::size_t kDeleteListMax = 4 << 20;

// Sub-resources that S3 knows. A request with one of them is never the plain operation of its method.
constexpr std::array kSubResources = {
    "accelerate",
    "acl",
    "analytics",
    "attributes",
    "cors",
    "delete",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "lifecycle",
    "location",
    "logging",
    "metadataConfiguration",
    "metadataTable",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "partNumber",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "renameObject",
    "replication",
    "requestPayment",
    "restore",
    "retention",
    "select",
    "session",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versioning",
    "versions",
    "website",
};

// A table: splitting it would only hide it.
// NOLINTNEXTLINE(readability-function-size)
std::vector<Operation> make_operations() {
  constexpr auto kService = Level::kService;
  constexpr auto kBucket = Level::kBucket;
  constexpr auto kObject = Level::kObject;
  std::vector<Operation> table = {
      {.name = "ListBuckets", .method = "GET", .level = kService, .is_quick = true, .handle = list_buckets},

      {.name = "GetBucketLocation",
       .method = "GET",
       .level = kBucket,
       .param = "location",
       .is_quick = true,
       .handle = get_bucket_location},
      {.name = "GetBucketAcl",
       .method = "GET",
       .level = kBucket,
       .param = "acl",
       .is_quick = true,
       .handle = get_acl},
      {.name = "ListMultipartUploads",
       .method = "GET",
       .level = kBucket,
       .param = "uploads",
       .handle = list_uploads},
      {.name = "ListObjectVersions",
       .method = "GET",
       .level = kBucket,
       .param = "versions",
       .handle = list_object_versions},
      {.name = "ListObjectsV2",
       .method = "GET",
       .level = kBucket,
       .param = "list-type",
       .handle = list_objects_v2},
      {.name = "ListObjects", .method = "GET", .level = kBucket, .handle = list_objects_v1},
      {.name = "HeadBucket", .method = "HEAD", .level = kBucket, .is_quick = true, .handle = head_bucket},
      {.name = "CreateBucket",
       .method = "PUT",
       .level = kBucket,
       .body_max = kXmlMax,
       .handle = create_bucket},
      {.name = "DeleteBucket", .method = "DELETE", .level = kBucket, .handle = delete_bucket},
      {.name = "DeleteObjects",
       .method = "POST",
       .level = kBucket,
       .param = "delete",
       .body_max = kDeleteListMax,
       .handle = delete_objects},

      {.name = "ListParts", .method = "GET", .level = kObject, .param = "uploadId", .handle = list_parts},
      {.name = "GetObjectTagging",
       .method = "GET",
       .level = kObject,
       .param = "tagging",
       .is_quick = true,
       .handle = get_object_tagging},
      {.name = "GetObjectAcl",
       .method = "GET",
       .level = kObject,
       .param = "acl",
       .is_quick = true,
       .handle = get_acl},
      {.name = "GetObject", .method = "GET", .level = kObject, .is_quick = true, .handle = get_object},
      {.name = "HeadObject", .method = "HEAD", .level = kObject, .is_quick = true, .handle = get_object},
      {.name = "UploadPartCopy",
       .method = "PUT",
       .level = kObject,
       .param = "partNumber",
       .second_param = "uploadId",
       .is_copy = true,
       .handle = upload_part_copy},
      {.name = "UploadPart",
       .method = "PUT",
       .level = kObject,
       .param = "partNumber",
       .second_param = "uploadId",
       .stream = upload_part},
      {.name = "PutObjectTagging",
       .method = "PUT",
       .level = kObject,
       .param = "tagging",
       .body_max = kXmlMax,
       .handle = put_object_tagging},
      {.name = "CopyObject", .method = "PUT", .level = kObject, .is_copy = true, .handle = copy_object},
      {.name = "PutObject", .method = "PUT", .level = kObject, .stream = put_object},
      {.name = "CreateMultipartUpload",
       .method = "POST",
       .level = kObject,
       .param = "uploads",
       .handle = create_upload},
      {.name = "CompleteMultipartUpload",
       .method = "POST",
       .level = kObject,
       .param = "uploadId",
       .body_max = kDeleteListMax,
       .handle = complete_upload},
      {.name = "AbortMultipartUpload",
       .method = "DELETE",
       .level = kObject,
       .param = "uploadId",
       .handle = abort_upload},
      {.name = "DeleteObjectTagging",
       .method = "DELETE",
       .level = kObject,
       .param = "tagging",
       .handle = delete_object_tagging},
      {.name = "DeleteObject", .method = "DELETE", .level = kObject, .handle = delete_object},
  };
  for (const char* setting :
       {"accelerate",        "cors",        "encryption",        "lifecycle", "logging",
        "notification",      "object-lock", "ownershipControls", "policy",    "policyStatus",
        "publicAccessBlock", "replication", "requestPayment",    "tagging",   "versioning",
        "website",           "analytics",   "inventory",         "metrics",   "intelligent-tiering"}) {
    table.push_back({.name = "GetBucketSetting",
                     .method = "GET",
                     .level = kBucket,
                     .param = setting,
                     .is_quick = true,
                     .handle = get_bucket_setting});
  }
  return table;
}

bool has_sub_resource(const S3Request& request) {
  return std::any_of(request.query.begin(), request.query.end(), [&](const auto& param) {
    const bool known =
        std::find(kSubResources.begin(), kSubResources.end(), param.first) != kSubResources.end();
    // Nor does a flag that nobody knows turn a change into the plain one.
    const bool flag = param.second.empty() && request.head.method != "GET" && request.head.method != "HEAD" &&
                      !param.first.starts_with("x-amz-") && !param.first.starts_with("X-Amz-");
    return known || flag;
  });
}

bool fits(const Operation& operation, const S3Request& request, Level level, bool sub_resource) {
  if (operation.method != request.head.method || operation.level != level) return false;
  if (operation.is_copy && !request.header("x-amz-copy-source")) return false;
  if (operation.param.empty()) {
    // HEAD is judged by the object alone, whatever part of it is asked for; so is a part of it for GET.
    const bool part_of_read =
        request.has_param("partNumber") && !request.has_param("uploadId") && operation.handle == &get_object;
    return !sub_resource || part_of_read;
  }
  return request.has_param(operation.param) &&
         (operation.second_param.empty() || request.has_param(operation.second_param));
}

}  // namespace

const std::vector<Operation>& operations() {
  static const std::vector<Operation> table = make_operations();
  return table;
}

S3Result<const Operation*> route(const S3Request& request) {
  const Level level = request.bucket.empty() ? Level::kService
                      : request.key.empty()  ? Level::kBucket
                                             : Level::kObject;
  const bool sub_resource = has_sub_resource(request);
  for (const Operation& operation : operations()) {
    if (fits(operation, request, level, sub_resource)) return &operation;
  }
  const std::string& method = request.head.method;
  const bool known_method =
      method == "GET" || method == "PUT" || method == "POST" || method == "DELETE" || method == "HEAD";
  if (!known_method || (!sub_resource && method != "POST")) {
    return fail(S3Error::of(S3Code::kMethodNotAllowed)
                    .with("Method", method)
                    .with("ResourceType", level == Level::kObject   ? "OBJECT"
                                          : level == Level::kBucket ? "BUCKET"
                                                                    : "SERVICE"));
  }
  return fail(S3Error::of(S3Code::kNotImplemented));
}

}  // namespace tidemark::s3emu
