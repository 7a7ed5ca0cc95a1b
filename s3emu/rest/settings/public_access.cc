// Public access blocks and ownership controls of a bucket.
#include "s3emu/rest/core/object_access.h"
#include "s3emu/rest/settings/handlers.h"
#include "s3emu/xml/body.h"

namespace tidemark::s3emu {
namespace {

struct Switch {
  const char* name;
  bool PublicAccessBlock::*field;
};

constexpr Switch kSwitches[] = {
    {"BlockPublicAcls", &PublicAccessBlock::block_public_acls},
    {"IgnorePublicAcls", &PublicAccessBlock::ignore_public_acls},
    {"BlockPublicPolicy", &PublicAccessBlock::block_public_policy},
    {"RestrictPublicBuckets", &PublicAccessBlock::restrict_public_buckets},
};

// The stored setting. Errors: NoSuchBucket; `none` when there is none.
S3Result<std::string> stored(S3Context& context, const S3Request& request, const char* setting, S3Code none) {
  ASSIGN_OR_RETURN(const auto bucket, context.store.bucket(request.bucket));
  const std::string* const text = bucket->setting(setting);
  if (text == nullptr) return fail(S3Error::of(none).with("BucketName", request.bucket));
  return *text;
}

// The name of the rule, which may be none that there is.
S3Result<std::string> parse_ownership_controls(const std::string& body) {
  pugi::xml_document document;
  ASSIGN_OR_RETURN(const pugi::xml_node root, parse_xml(&document, body, "OwnershipControls"));
  return child_text(child_element(root, "Rule"), "ObjectOwnership").value_or("");
}

constexpr std::string_view kOwnershipKeyNames[] = {"x-amz-object-ownership"};

BodyKeys read_ownership_keys(const std::string& body) {
  BodyKeys keys;
  if (auto name = parse_ownership_controls(body)) {
    keys.others.emplace_back(kOwnershipKeyNames[0], std::move(*name));
  }
  return keys;
}

}  // namespace

constinit const BodyKeyReader kOwnershipKeys = {.names = kOwnershipKeyNames, .read = read_ownership_keys};

S3Result<http::Response> get_public_access_block(S3Context& context, const S3Request& request,
                                                 const std::string& /*body*/) {
  ASSIGN_OR_RETURN(const std::string text, stored(context, request, kPublicAccessBlockSetting,
                                                  S3Code::kNoSuchPublicAccessBlockConfiguration));
  const PublicAccessBlock block = PublicAccessBlock::from_text(text);
  XmlWriter xml("PublicAccessBlockConfiguration");
  for (const Switch& one : kSwitches) xml.boolean(one.name, block.*one.field);
  return xml_answer(xml);
}

S3Result<http::Response> put_public_access_block(S3Context& context, const S3Request& request,
                                                 const std::string& body) {
  pugi::xml_document document;
  ASSIGN_OR_RETURN(const pugi::xml_node root, parse_xml(&document, body, "PublicAccessBlockConfiguration"));
  PublicAccessBlock block;
  for (const Switch& one : kSwitches) {
    const auto text = child_text(root, one.name);
    if (!text) continue;
    block.*one.field = http::equal_ignoring_case(*text, "true");
    if (!(block.*one.field) && !http::equal_ignoring_case(*text, "false")) {
      return fail(S3Error::of(S3Code::kMalformedXml));
    }
  }
  RETURN_IF_ERROR(context.store.set_bucket_setting(request.bucket, kPublicAccessBlockSetting, block.text()));
  return empty_answer(200);
}

S3Result<http::Response> delete_public_access_block(S3Context& context, const S3Request& request,
                                                    const std::string& /*body*/) {
  RETURN_IF_ERROR(context.store.set_bucket_setting(request.bucket, kPublicAccessBlockSetting, std::nullopt));
  return empty_answer(204);
}

S3Result<http::Response> get_ownership_controls(S3Context& context, const S3Request& request,
                                                const std::string& /*body*/) {
  ASSIGN_OR_RETURN(const std::string name,
                   stored(context, request, kOwnershipSetting, S3Code::kOwnershipControlsNotFoundError));
  XmlWriter xml("OwnershipControls");
  xml.open("Rule");
  xml.text("ObjectOwnership", name);
  return xml_answer(xml);
}

S3Result<http::Response> put_ownership_controls(S3Context& context, const S3Request& request,
                                                const std::string& body) {
  ASSIGN_OR_RETURN(const auto bucket, context.access.bucket(request.bucket));
  ASSIGN_OR_RETURN(const std::string name, parse_ownership_controls(body));
  const auto ownership = parse_ownership(name);
  if (!ownership) return fail(S3Error::of(S3Code::kMalformedXml));
  // Grants to others must go first: they would lose what they have without a word.
  if (*ownership == Ownership::kBucketOwnerEnforced &&
      !is_bucket_owner_full_control(AclHeaders{}, bucket->acl, bucket->owner_id, bucket->owner_id)) {
    return fail(S3Error::of(S3Code::kInvalidBucketAclWithObjectOwnership));
  }
  RETURN_IF_ERROR(context.store.set_bucket_setting(request.bucket, kOwnershipSetting, name));
  return empty_answer(200);
}

S3Result<http::Response> delete_ownership_controls(S3Context& context, const S3Request& request,
                                                   const std::string& /*body*/) {
  RETURN_IF_ERROR(context.store.set_bucket_setting(request.bucket, kOwnershipSetting, std::nullopt));
  return empty_answer(204);
}

}  // namespace tidemark::s3emu
