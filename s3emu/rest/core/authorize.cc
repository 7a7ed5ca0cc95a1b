#include "s3emu/rest/core/authorize.h"

#include <algorithm>
#include <iterator>

#include "base/auth/credentials.h"
#include "s3emu/rest/core/copy_source.h"
#include "s3emu/rest/core/object_access.h"
#include "s3emu/rest/core/parameters.h"
#include "s3emu/rest/core/request_keys.h"

namespace tidemark::s3emu {
namespace {

const auth::Account* caller_of(const S3Request& request) {
  return request.caller.anonymous ? nullptr : &request.caller.account;
}

// The headers carry account ids of 12 digits; some tools send the canonical id.
S3Result<void> check_expected_owner(S3Context& context, const S3Request& request, const char* header,
                                    const std::string& bucket) {
  const auto expected = request.header(header);
  if (!expected) return {};
  const auto found = context.store.bucket(bucket);
  if (!found) return {};
  const std::string owner_id = context.access.owner_id((*found)->info.owner);
  if (*expected == owner_id) return {};
  const auth::Account* const owner = find_account(context.options, owner_id);
  if (owner != nullptr && owner->id == *expected) return {};
  // An account that is an access key alone.
  if (auth::is_account_id(*expected) && owner_id == auth::derived_canonical_user_id(*expected)) return {};
  return fail(S3Error::of(S3Code::kAccessDenied));
}

// What else a request for a new object asks for.
std::vector<std::string_view> further_actions(const S3Request& request) {
  std::vector<std::string_view> out;
  if (!acl_headers(request).empty()) out.emplace_back("s3:PutObjectAcl");
  if (request.header("x-amz-tagging")) out.emplace_back("s3:PutObjectTagging");
  if (request.header("x-amz-object-lock-mode")) out.emplace_back("s3:PutObjectRetention");
  if (request.header("x-amz-object-lock-legal-hold")) out.emplace_back("s3:PutObjectLegalHold");
  return out;
}

// Whether an object comes of an operation that needs s3:PutObject, and not the beginning or a part of one.
bool makes_object_at_once(const S3Operation& operation) {
  constexpr std::string_view kOthers[] = {"CreateMultipartUpload", "UploadPart", "UploadPartCopy"};
  return std::find(std::begin(kOthers), std::end(kOthers), operation.name) == std::end(kOthers);
}

class Judge {
 public:
  Judge(S3Context& context, const S3Request& request, BodyKeys further = {})
      : context_(context),
        request_(request),
        keys_(request, context.options, context.clock.now(), context.wall.now(), std::move(further)) {}

  S3Result<void> check(std::string_view action, const std::string& bucket, const std::string& key,
                       const VersionChoice& version = std::nullopt, bool creates = false,
                       std::optional<std::string> initiator = std::nullopt) {
    return context_.access.check({.action = action,
                                  .bucket = bucket,
                                  .key = key,
                                  .version = version,
                                  .caller = caller_of(request_),
                                  .keys = keys_,
                                  .creates = creates,
                                  .initiator = std::move(initiator)});
  }

  S3Result<void> check_operation(const S3Operation& operation) {
    VersionChoice version;
    if (!operation.makes_object && !is_about_upload(operation)) version = version_choice(request_);
    const bool by_version = version && !operation.version_action.empty();
    const std::string_view action = by_version ? operation.version_action : operation.action;
    ASSIGN_OR_RETURN(auto initiator, initiator_for(operation));
    RETURN_IF_ERROR(check(action, request_.bucket, request_.key, version, false, std::move(initiator)));
    const std::string_view also = by_version ? operation.also_version_action : operation.also_action;
    if (!also.empty()) RETURN_IF_ERROR(check(also, request_.bucket, request_.key, version));
    if (operation.level == Level::kObject) RETURN_IF_ERROR(check_bypass(request_.key, version));
    // UploadPart and CompleteMultipartUpload give the object nothing but bytes.
    if (operation.makes_object) {
      for (const std::string_view further : further_actions(request_)) {
        RETURN_IF_ERROR(check(further, request_.bucket, request_.key, std::nullopt, true));
      }
    }
    return operation.is_copy ? check_source() : S3Result<void>();
  }

  // Object lock is got round only by those who may.
  S3Result<void> check_bypass(const std::string& key, const VersionChoice& version) {
    const std::string_view bypass = request_.header("x-amz-bypass-governance-retention").value_or("");
    if (!http::equal_ignoring_case(bypass, "true")) return {};
    return check("s3:BypassGovernanceRetention", request_.bucket, key, version);
  }

 private:
  // Nothing for operations that are about no upload.
  S3Result<std::optional<std::string>> initiator_for(const S3Operation& operation) {
    if (!context_.access.is_strict() || !is_about_upload(operation)) return std::optional<std::string>();
    const std::string id(request_.param("uploadId").value_or(""));
    const auto upload = context_.store.head_upload(request_.bucket, request_.key, id);
    if (upload) return std::optional(context_.access.owner_id(upload->owner));
    if (upload.error().id == S3Code::kNoSuchUpload) return std::optional(std::string());
    return fail(upload.error());
  }

  S3Result<void> check_source() {
    ASSIGN_OR_RETURN(const CopySource source, parse_copy_source(request_));
    RETURN_IF_ERROR(
        check_expected_owner(context_, request_, "x-amz-source-expected-bucket-owner", source.bucket));
    auto judged = check(source.version ? "s3:GetObjectVersion" : "s3:GetObject", source.bucket, source.key,
                        source.version);
    // The copy has words of its own for a delete marker, which nobody can read.
    if (!judged && judged.error().id == S3Code::kMethodNotAllowed) return {};
    return judged;
  }

  S3Context& context_;
  const S3Request& request_;
  const RequestKeys keys_;
};

}  // namespace

S3Result<void> authorize(S3Context& context, const S3Request& request, const S3Operation& operation,
                         BodyKeys body_keys) {
  // Buckets that are not there yet have no policy: who has an account may make them.
  if (operation.level == Level::kService || operation.action == "s3:CreateBucket") {
    const bool refused = context.access.is_strict() && request.caller.anonymous;
    return refused ? fail(S3Error::of(S3Code::kAccessDenied)) : S3Result<void>();
  }
  RETURN_IF_ERROR(check_expected_owner(context, request, "x-amz-expected-bucket-owner", request.bucket));
  if (!operation.is_copy && context.access.is_unrestricted(request.bucket)) return {};
  // Judged key by key, or once the key is known.
  if (operation.action.empty()) return {};
  if (operation.action == "s3:PutObject") {
    body_keys.others.emplace_back("objectcreationoperation",
                                  makes_object_at_once(operation) ? "true" : "false");
  }
  // Without it a copy has the tags of its source, whatever the headers say.
  const bool has_own_tags = request.header("x-amz-tagging-directive") == "REPLACE";
  if (operation.is_copy && !has_own_tags) body_keys.not_of_headers = kTagKeyNames;
  return Judge(context, request, std::move(body_keys)).check_operation(operation);
}

S3Result<void> authorize_deletion(S3Context& context, const S3Request& request, const Deletion& deletion) {
  // The header would be about the request, which has no object.
  static constexpr std::string_view kOfEachDeletion[] = {"if-match"};
  BodyKeys keys{.not_of_headers = kOfEachDeletion};
  if (deletion.if_match) keys.others.emplace_back("if-match", *deletion.if_match);
  Judge judge(context, request, std::move(keys));
  const char* const action = deletion.version ? "s3:DeleteObjectVersion" : "s3:DeleteObject";
  RETURN_IF_ERROR(judge.check(action, request.bucket, deletion.key, deletion.version));
  return judge.check_bypass(deletion.key, deletion.version);
}

S3Result<void> authorize_copied_tags(S3Context& context, const S3Request& request, const CopySource& source,
                                     bool names_version, const NamedValues& tags) {
  Judge judge(context, request, {.tags = tags});
  RETURN_IF_ERROR(judge.check(names_version ? "s3:GetObjectVersionTagging" : "s3:GetObjectTagging",
                              source.bucket, source.key, source.version));
  return judge.check("s3:PutObjectTagging", request.bucket, request.key, std::nullopt, true);
}

}  // namespace tidemark::s3emu
