#include "s3emu/rest/core/event_origin.h"
#include "s3emu/rest/core/object_access.h"
#include "s3emu/rest/core/parameters.h"
#include "s3emu/rest/settings/acl_xml.h"
#include "s3emu/rest/settings/handlers.h"

namespace tidemark::s3emu {
namespace {

// The owner with the id that stands for the server's, and a name if the account is known.
ObjectOwner whole_owner(const S3Context& context, ObjectOwner owner) {
  owner.id = context.access.owner_id(owner);
  if (const auth::Account* const account = find_account(context.options, owner.id)) {
    owner.display_name = account->display_name;
  }
  return owner;
}

// Whose ACL a request is about, and in which bucket.
struct Subject {
  std::shared_ptr<const BucketAccess> bucket;
  ObjectOwner owner;
  Acl acl;  // as it counts: without ACLs the bucket's owner has everything
  std::string version_id;
};

S3Result<Subject> find_subject(S3Context& context, const S3Request& request) {
  Subject subject;
  ASSIGN_OR_RETURN(const auto snapshot, context.store.bucket(request.bucket));
  ASSIGN_OR_RETURN(subject.bucket, context.access.bucket(request.bucket));
  const ObjectOwner bucket_owner = whole_owner(context, snapshot->info.owner);
  if (request.key.empty()) {
    subject.owner = bucket_owner;
    subject.acl = subject.bucket->acl;
  } else {
    ASSIGN_OR_RETURN(const ObjectDetails object,
                     context.store.head_object(request.bucket, request.key, version_choice(request)));
    subject.owner = whole_owner(context, object.metadata.owner);
    subject.acl = acl_from_text(object.metadata.acl, subject.owner.id);
    subject.version_id = object.info.version_id;
  }
  if (subject.bucket->ignores_acls()) {
    subject.owner = bucket_owner;
    subject.acl = private_acl(bucket_owner.id);
  }
  return subject;
}

// The ACL that a request wants, from its headers or its body: one of them it must have.
S3Result<Acl> wanted_acl(S3Context& context, const S3Request& request, const std::string& body,
                         const Subject& subject) {
  const AclHeaders headers = acl_headers(request);
  const KnownAccounts accounts = known_accounts(context.options);
  if (!headers.empty()) {
    if (!body.empty()) return fail(S3Error::of(S3Code::kUnexpectedContent));
    const AclOwners owners{.owner_id = subject.owner.id, .bucket_owner_id = subject.bucket->owner_id};
    return requested_acl(headers, request.key.empty() ? AclLevel::kBucket : AclLevel::kObject, owners,
                         accounts);
  }
  if (body.empty()) {
    return fail(S3Error::of(S3Code::kMissingSecurityHeader).with("MissingHeaderName", "x-amz-acl"));
  }
  ASSIGN_OR_RETURN(AclDocument document, parse_acl_document(body, accounts));
  // The owner cannot be changed.
  if (document.owner_id != subject.owner.id) return fail(S3Error::of(S3Code::kAccessDenied));
  return std::move(document.acl);
}

http::Response done(const std::string& version_id) {
  http::Response response = empty_answer(200);
  add_version_header(&response, version_id);
  return response;
}

}  // namespace

S3Result<http::Response> get_acl(S3Context& context, const S3Request& request, const std::string& /*body*/) {
  ASSIGN_OR_RETURN(const Subject subject, find_subject(context, request));
  http::Response response = empty_answer(200);
  response.headers.add("Content-Type", "application/xml");
  response.body = acl_document(subject.owner, subject.acl, known_accounts(context.options));
  add_version_header(&response, subject.version_id);
  return response;
}

S3Result<http::Response> put_acl(S3Context& context, const S3Request& request, const std::string& body) {
  ASSIGN_OR_RETURN(const Subject subject, find_subject(context, request));
  ASSIGN_OR_RETURN(const Acl acl, wanted_acl(context, request, body, subject));
  if (subject.bucket->ignores_acls()) {
    // A bucket has no ACL then, whatever it would say.
    const bool is_taken =
        !request.key.empty() &&
        is_bucket_owner_full_control(acl_headers(request), acl, subject.owner.id, subject.bucket->owner_id);
    if (is_taken) return done(subject.version_id);
    return fail(S3Error::of(S3Code::kAccessControlListNotSupported));
  }
  RETURN_IF_ERROR(check_public_acl(*subject.bucket, acl));
  std::string text = acl_text(acl, subject.owner.id);
  if (request.key.empty()) {
    std::optional<std::string> setting;
    if (!text.empty()) setting = std::move(text);
    RETURN_IF_ERROR(context.store.set_bucket_setting(request.bucket, kAclSetting, std::move(setting)));
    return empty_answer(200);
  }
  ASSIGN_OR_RETURN(const ObjectInfo changed,
                   context.store.set_object_acl(request.bucket, request.key, std::move(text),
                                                version_choice(request), origin_of(request)));
  return done(changed.version_id);
}

}  // namespace tidemark::s3emu
