// Finds the operation that a request is.
#include <algorithm>
#include <array>
#include <bitset>
#include <optional>

#include "s3emu/rest/core/operation.h"
#include "s3emu/rest/core/sub_resources.h"
#include "s3emu/rest/objects/handlers.h"

namespace tidemark::s3emu {
namespace {

// In bytewise order.
constexpr std::array<std::string_view, 37> kSubResources = {
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
static_assert(std::is_sorted(kSubResources.begin(), kSubResources.end()));
using SubResources = std::bitset<kSubResources.size()>;

std::optional<std::size_t> find_sub_resource(std::string_view name) {
  const auto* const found = std::lower_bound(kSubResources.begin(), kSubResources.end(), name);
  if (found == kSubResources.end() || *found != name) return std::nullopt;
  return static_cast<std::size_t>(found - kSubResources.begin());
}

// What the documented API has, and this server has not.
struct UnbuiltOperation {
  std::string_view method;
  std::string_view param;
  std::string_view name;
};
constexpr std::array<UnbuiltOperation, 13> kUnbuilt{{
    {"GET", "torrent", "GetObjectTorrent"},
    {"GET", "session", "CreateSession"},
    {"POST", "select", "SelectObjectContent"},
    {"POST", "restore", "RestoreObject"},
    {"PUT", "renameObject", "RenameObject"},
    {"GET", "metadataTable", "GetBucketMetadataTableConfiguration"},
    {"POST", "metadataTable", "CreateBucketMetadataTableConfiguration"},
    {"DELETE", "metadataTable", "DeleteBucketMetadataTableConfiguration"},
    {"GET", "metadataConfiguration", "GetBucketMetadataConfiguration"},
    {"POST", "metadataConfiguration", "CreateBucketMetadataConfiguration"},
    {"DELETE", "metadataConfiguration", "DeleteBucketMetadataConfiguration"},
    {"PUT", "metadataInventoryTable", "UpdateBucketMetadataInventoryTableConfiguration"},
    {"PUT", "metadataJournalTable", "UpdateBucketMetadataJournalTableConfiguration"},
}};

bool has_sub_resource(const S3Request& request) {
  return std::any_of(request.query.begin(), request.query.end(), [&](const auto& param) {
    const bool known = is_sub_resource(param.first);
    // Nor does a flag that nobody knows turn a change into the plain one.
    const bool flag = param.second.empty() && request.head.method != "GET" && request.head.method != "HEAD" &&
                      !param.first.starts_with("x-amz-") && !param.first.starts_with("X-Amz-");
    return known || flag;
  });
}

// Which of two would be done is nobody's guess. A part belongs to its upload.
S3Result<void> require_one_sub_resource(const S3Request& request) {
  SubResources given;
  for (const auto& [name, value] : request.query) {
    if (const auto index = find_sub_resource(name)) given.set(*index);
  }
  if (given.count() < 2) return {};
  std::vector<std::string_view> found;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (given[i]) found.push_back(kSubResources[i]);
  }
  if (request.has_param("uploadId") || request.head.method == "HEAD") std::erase(found, "partNumber");
  if (found.size() < 2) return {};
  std::string names(found.front());
  for (std::size_t i = 1; i < found.size(); ++i) names.append(", ").append(found[i]);
  return fail(S3Error::of(S3Code::kInvalidArgument, "Conflicting query string parameters: " + names)
                  .with("ArgumentName", "ResourceType")
                  .with("ArgumentValue", std::string(found.front())));
}

bool fits(const S3Operation& operation, const S3Request& request, Level level, bool sub_resource) {
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

bool is_sub_resource(std::string_view name) { return find_sub_resource(name).has_value(); }

std::string_view unbuilt_operation(const S3Request& request) {
  const auto found = std::find_if(kUnbuilt.begin(), kUnbuilt.end(), [&](const UnbuiltOperation& unbuilt) {
    return unbuilt.method == request.head.method && request.has_param(unbuilt.param);
  });
  return found == kUnbuilt.end() ? std::string_view() : found->name;
}

S3Result<const S3Operation*> route(const S3Request& request) {
  const Level level = request.bucket.empty() ? Level::kService
                      : request.key.empty()  ? Level::kBucket
                                             : Level::kObject;
  const bool sub_resource = has_sub_resource(request);
  RETURN_IF_ERROR(require_one_sub_resource(request));
  for (const S3Operation& operation : operations()) {
    if (fits(operation, request, level, sub_resource)) return &operation;
  }
  const std::string& method = request.head.method;
  const bool known_method =
      method == "GET" || method == "PUT" || method == "POST" || method == "DELETE" || method == "HEAD";
  if (!known_method || !sub_resource) {
    return fail(S3Error::of(S3Code::kMethodNotAllowed)
                    .with("Method", method)
                    .with("ResourceType", level == Level::kObject   ? "OBJECT"
                                          : level == Level::kBucket ? "BUCKET"
                                                                    : "SERVICE"));
  }
  return fail(S3Error::of(S3Code::kNotImplemented));
}

}  // namespace tidemark::s3emu
