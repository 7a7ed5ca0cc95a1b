// The operations, one function each; router.cc says which request is which. A file of handlers per family.
#pragma once

#include "s3emu/rest/operation.h"

namespace tidemark::s3emu {

// buckets.cc
S3Result<http::Response> list_buckets(OperationContext& context, const S3Request& request,
                                      const std::string& body);
S3Result<http::Response> create_bucket(OperationContext& context, const S3Request& request,
                                       const std::string& body);
S3Result<http::Response> head_bucket(OperationContext& context, const S3Request& request,
                                     const std::string& body);
S3Result<http::Response> delete_bucket(OperationContext& context, const S3Request& request,
                                       const std::string& body);
S3Result<http::Response> get_bucket_location(OperationContext& context, const S3Request& request,
                                             const std::string& body);

// bucket_setting.cc: the settings that bucket_setting.h names.
S3Result<http::Response> get_setting(OperationContext& context, const S3Request& request,
                                     const std::string& body);
S3Result<http::Response> put_setting(OperationContext& context, const S3Request& request,
                                     const std::string& body);
S3Result<http::Response> delete_setting(OperationContext& context, const S3Request& request,
                                        const std::string& body);

// listed_configuration.cc
S3Result<http::Response> list_configurations(OperationContext& context, const S3Request& request,
                                             const std::string& body);
S3Result<http::Response> get_configuration(OperationContext& context, const S3Request& request,
                                           const std::string& body);
S3Result<http::Response> put_configuration(OperationContext& context, const S3Request& request,
                                           const std::string& body);
S3Result<http::Response> delete_configuration(OperationContext& context, const S3Request& request,
                                              const std::string& body);

// versioning.cc
S3Result<http::Response> get_bucket_versioning(OperationContext& context, const S3Request& request,
                                               const std::string& body);
S3Result<http::Response> put_bucket_versioning(OperationContext& context, const S3Request& request,
                                               const std::string& body);

// object_lock.cc
S3Result<http::Response> get_object_retention(OperationContext& context, const S3Request& request,
                                              const std::string& body);
S3Result<http::Response> put_object_retention(OperationContext& context, const S3Request& request,
                                              const std::string& body);
S3Result<http::Response> get_object_legal_hold(OperationContext& context, const S3Request& request,
                                               const std::string& body);
S3Result<http::Response> put_object_legal_hold(OperationContext& context, const S3Request& request,
                                               const std::string& body);

// list_objects.cc
S3Result<http::Response> list_objects_v1(OperationContext& context, const S3Request& request,
                                         const std::string& body);
S3Result<http::Response> list_objects_v2(OperationContext& context, const S3Request& request,
                                         const std::string& body);

// list_versions.cc
S3Result<http::Response> list_object_versions(OperationContext& context, const S3Request& request,
                                              const std::string& body);

// get_object.cc
S3Result<http::Response> get_object(OperationContext& context, const S3Request& request,
                                    const std::string& body);

// Whether its bytes are at hand, so that the network thread may answer.
bool get_object_is_quick(OperationContext& context, const S3Request& request);
bool delete_object_is_quick(OperationContext& context, const S3Request& request);

// put_object.cc
S3Result<std::unique_ptr<BodySink>> put_object(OperationContext& context, const S3Request& request,
                                               const Payload& payload);
S3Result<std::unique_ptr<BodySink>> upload_part(OperationContext& context, const S3Request& request,
                                                const Payload& payload);

// post_object.cc: a form that a browser sends.
S3Result<std::unique_ptr<BodySink>> post_object(OperationContext& context, const S3Request& request,
                                                const Payload& payload);

// delete_object.cc
S3Result<http::Response> delete_object(OperationContext& context, const S3Request& request,
                                       const std::string& body);
S3Result<http::Response> delete_objects(OperationContext& context, const S3Request& request,
                                        const std::string& body);

// copy_object.cc
S3Result<http::Response> copy_object(OperationContext& context, const S3Request& request,
                                     const std::string& body);
S3Result<http::Response> upload_part_copy(OperationContext& context, const S3Request& request,
                                          const std::string& body);

// uploads.cc
S3Result<http::Response> create_upload(OperationContext& context, const S3Request& request,
                                       const std::string& body);
S3Result<http::Response> complete_upload(OperationContext& context, const S3Request& request,
                                         const std::string& body);
S3Result<http::Response> abort_upload(OperationContext& context, const S3Request& request,
                                      const std::string& body);

// list_uploads.cc
S3Result<http::Response> list_uploads(OperationContext& context, const S3Request& request,
                                      const std::string& body);
S3Result<http::Response> list_parts(OperationContext& context, const S3Request& request,
                                    const std::string& body);

// object_attributes.cc
S3Result<http::Response> get_object_attributes(OperationContext& context, const S3Request& request,
                                               const std::string& body);

// tagging.cc
S3Result<http::Response> get_object_tagging(OperationContext& context, const S3Request& request,
                                            const std::string& body);
S3Result<http::Response> put_object_tagging(OperationContext& context, const S3Request& request,
                                            const std::string& body);
S3Result<http::Response> delete_object_tagging(OperationContext& context, const S3Request& request,
                                               const std::string& body);

// acl.cc: of buckets and objects
S3Result<http::Response> get_acl(OperationContext& context, const S3Request& request,
                                 const std::string& body);
S3Result<http::Response> put_acl(OperationContext& context, const S3Request& request,
                                 const std::string& body);

// bucket_policy.cc
S3Result<http::Response> get_bucket_policy(OperationContext& context, const S3Request& request,
                                           const std::string& body);
S3Result<http::Response> put_bucket_policy(OperationContext& context, const S3Request& request,
                                           const std::string& body);
S3Result<http::Response> delete_bucket_policy(OperationContext& context, const S3Request& request,
                                              const std::string& body);
S3Result<http::Response> get_bucket_policy_status(OperationContext& context, const S3Request& request,
                                                  const std::string& body);

// public_access.cc
S3Result<http::Response> get_public_access_block(OperationContext& context, const S3Request& request,
                                                 const std::string& body);
S3Result<http::Response> put_public_access_block(OperationContext& context, const S3Request& request,
                                                 const std::string& body);
S3Result<http::Response> delete_public_access_block(OperationContext& context, const S3Request& request,
                                                    const std::string& body);
S3Result<http::Response> get_ownership_controls(OperationContext& context, const S3Request& request,
                                                const std::string& body);
S3Result<http::Response> put_ownership_controls(OperationContext& context, const S3Request& request,
                                                const std::string& body);
S3Result<http::Response> delete_ownership_controls(OperationContext& context, const S3Request& request,
                                                   const std::string& body);

// What handlers share: parameters.cc.

// A whole number parameter of at most 2^31-1, `fallback` when absent. Errors: InvalidArgument.
S3Result<std::size_t> count_param(const S3Request& request, std::string_view name, std::size_t fallback);
// Whether encoding-type=url was asked for. Errors: InvalidArgument for any other value.
S3Result<bool> wants_url_encoding(const S3Request& request);
std::string encoded_if(bool url_encoding, std::string_view text);
// The version the request names with versionId.
VersionChoice version_choice(const S3Request& request);
// x-amz-version-id, unless the bucket never had versioning.
void add_version_header(http::Response* response, const std::string& version_id);
// Whose is what the caller makes.
Owner caller_as_owner(const OperationContext& context, const S3Request& request);
void write_owner(XmlWriter* xml, std::string_view element, const S3Service::Options& options);
void write_owner(XmlWriter* xml, std::string_view element, const Owner& owner,
                 const S3Service::Options& options);
// URL of the request's key in the style the request used.
std::string object_url(const S3Request& request);
std::string_view storage_class_name(const std::string& stored);

}  // namespace tidemark::s3emu
