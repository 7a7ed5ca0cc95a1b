#include "base/bytes.h"
#include "s3emu/rest/core/object_access.h"
#include "s3emu/rest/core/parameters.h"
#include "s3emu/rest/core/tags.h"
#include "s3emu/rest/settings/bucket_setting.h"
#include "s3emu/rest/settings/handlers.h"

namespace tidemark::s3emu {
namespace {

constexpr std::size_t kRegionSizeMax = 64;

constexpr XmlElement kTag[] = {{.name = "Key", .min = 1}, {.name = "Value", .min = 1}};
constexpr XmlElement kTags[] = {
    {.name = "Tag",
     .kind = XmlKind::kGroup,
     .max = kBucketTags.count_max,
     .too_many = kBucketTags.too_many,
     .children = kTag},
};
constexpr XmlElement kLocation[] = {{.name = "Name"}, {.name = "Type"}};
constexpr XmlElement kBucketKind[] = {{.name = "DataRedundancy"}, {.name = "Type"}};
constexpr XmlElement kConfiguration[] = {
    {.name = "LocationConstraint"},
    {.name = "Location", .kind = XmlKind::kGroup, .children = kLocation},
    {.name = "Bucket", .kind = XmlKind::kGroup, .children = kBucketKind},
    {.name = "Tags", .kind = XmlKind::kGroup, .children = kTags},
};
constexpr XmlElement kConfigurationShape = {
    .name = "CreateBucketConfiguration", .kind = XmlKind::kGroup, .children = kConfiguration};

// The body of CreateBucket, which may be empty.
S3Result<void> read_configuration(const std::string& body, NewBucket* bucket) {
  if (body.find_first_not_of(" \t\r\n") == std::string::npos) return {};
  ASSIGN_OR_RETURN(const std::string fitting, conform(kConfigurationShape, body));
  pugi::xml_document document;
  ASSIGN_OR_RETURN(const pugi::xml_node root, parse_xml(&document, fitting, kConfigurationShape.name));
  // Directory buckets.
  if (child_element(root, "Location") || child_element(root, "Bucket")) {
    return fail(S3Error::of(S3Code::kNotImplemented));
  }
  const auto constraint = child_text(root, "LocationConstraint");
  if (constraint && !constraint->empty()) bucket->region = *constraint;
  if (bucket->region.size() > kRegionSizeMax) {
    return fail(S3Error::of(S3Code::kInvalidLocationConstraint).with("LocationConstraint", bucket->region));
  }
  const NamedValues tags = tags_below(child_element(root, "Tags"));
  RETURN_IF_ERROR(check_tags(tags, kBucketTags));
  if (!tags.empty()) {
    XmlWriter xml(kBucketTaggingShape.name);
    write_tag_set(&xml, tags);
    bucket->settings.emplace(kTaggingSetting.param, xml.take());
  }
  return {};
}

}  // namespace

S3Result<http::Response> list_buckets(S3Context& context, const S3Request& request,
                                      const std::string& /*body*/) {
  ASSIGN_OR_RETURN(const std::size_t buckets_max, count_param(request, "max-buckets", SIZE_MAX));
  constexpr std::size_t kBucketsMax = 10'000;
  if (request.has_param("max-buckets") && (buckets_max < 1 || buckets_max > kBucketsMax)) {
    return fail(S3Error::of(S3Code::kInvalidArgument, "max-buckets must be between 1 and 10000")
                    .with("ArgumentName", "max-buckets"));
  }
  const std::string_view prefix = request.param("prefix").value_or("");
  const auto region = request.param("bucket-region");
  std::string after;
  if (const auto token = request.param("continuation-token"); token && !token->empty()) {
    auto decoded = base64_decode(*token);
    if (!decoded) return fail(bad_continuation_token());
    after = std::move(*decoded);
  }
  const ObjectOwner caller = caller_as_owner(context, request);
  XmlWriter xml("ListAllMyBucketsResult");
  write_owner(&xml, "Owner", caller, context.options);
  xml.open("Buckets");
  std::size_t count = 0;
  std::string last;
  bool truncated = false;
  for (const BucketInfo& bucket : context.store.list_buckets()) {
    if (bucket.owner.id != caller.id) continue;
    if (bucket.name <= after || !bucket.name.starts_with(prefix) || (region && bucket.region != *region)) {
      continue;
    }
    if (count == buckets_max) {
      truncated = true;
      break;
    }
    ++count;
    last = bucket.name;
    xml.open("Bucket");
    xml.text("Name", bucket.name);
    xml.text("CreationDate", format_iso_millis(bucket.created));
    if (buckets_max != SIZE_MAX || region) xml.text("BucketRegion", bucket.region);
    xml.close();
  }
  xml.close();
  if (truncated) xml.text("ContinuationToken", base64_encode(last));
  if (!prefix.empty()) xml.text("Prefix", prefix);
  return xml_answer(xml);
}

namespace {

// That of a bucket which its owner makes again: as the headers say, as PutBucketAcl takes them, or private.
S3Result<void> reset_acl(S3Context& context, const S3Request& request) {
  if (acl_headers(request).empty()) {
    return context.store.set_bucket_setting(request.bucket, kAclSetting, std::nullopt);
  }
  RETURN_IF_ERROR(put_acl(context, request, {}));
  return {};
}

}  // namespace

S3Result<http::Response> create_bucket(S3Context& context, const S3Request& request,
                                       const std::string& body) {
  NewBucket bucket_wanted;
  bucket_wanted.region = context.options.region;
  bucket_wanted.owner = caller_as_owner(context, request);
  RETURN_IF_ERROR(read_configuration(body, &bucket_wanted));
  const auto lock = request.header("x-amz-bucket-object-lock-enabled");
  bucket_wanted.object_lock = lock && http::equal_ignoring_case(*lock, "true");
  ASSIGN_OR_RETURN(BucketSettings access, new_bucket_access(context, request));
  bucket_wanted.settings.merge(access);
  const auto created = context.store.create_bucket(request.bucket, bucket_wanted);
  if (!created) {
    // The oldest region takes a repetition for granted.
    const bool repeated = created.error().id == S3Code::kBucketAlreadyOwnedByYou;
    const auto bucket = context.store.head_bucket(request.bucket);
    if (!repeated || !bucket || bucket->region != "us-east-1") return fail(created.error());
    RETURN_IF_ERROR(reset_acl(context, request));
  }
  http::Response response = empty_answer(200);
  response.headers.add("Location", "/" + request.bucket);
  return response;
}

S3Result<http::Response> head_bucket(S3Context& context, const S3Request& request,
                                     const std::string& /*body*/) {
  ASSIGN_OR_RETURN(const BucketInfo bucket, context.store.head_bucket(request.bucket));
  http::Response response = empty_answer(200);
  response.headers.add("x-amz-bucket-region", bucket.region);
  response.headers.add("x-amz-access-point-alias", "false");
  response.headers.add("Content-Type", "application/xml");
  return response;
}

S3Result<http::Response> delete_bucket(S3Context& context, const S3Request& request,
                                       const std::string& /*body*/) {
  RETURN_IF_ERROR(context.store.delete_bucket(request.bucket));
  return empty_answer(204);
}

S3Result<http::Response> get_bucket_location(S3Context& context, const S3Request& request,
                                             const std::string& /*body*/) {
  ASSIGN_OR_RETURN(const BucketInfo bucket, context.store.head_bucket(request.bucket));
  XmlWriter xml("LocationConstraint");
  if (bucket.region != "us-east-1") xml.content(bucket.region);
  return xml_answer(xml);
}

}  // namespace tidemark::s3emu
