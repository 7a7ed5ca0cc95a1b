// The operations on objects and uploads, one function each; front/operations.cc says which request is which.
// A file of handlers per family.
#pragma once

#include "s3emu/rest/core/operation.h"

namespace tidemark::s3emu {

// object_lock.cc
extern const BodyKeyReader kRetentionKeys;  // of put_object_retention
extern const BodyKeyReader kLegalHoldKeys;  // of put_object_legal_hold
S3Result<http::Response> get_object_retention(S3Context& context, const S3Request& request,
                                              const std::string& body);
S3Result<http::Response> put_object_retention(S3Context& context, const S3Request& request,
                                              const std::string& body);
S3Result<http::Response> get_object_legal_hold(S3Context& context, const S3Request& request,
                                               const std::string& body);
S3Result<http::Response> put_object_legal_hold(S3Context& context, const S3Request& request,
                                               const std::string& body);

// list_objects.cc
S3Result<http::Response> list_objects_v1(S3Context& context, const S3Request& request,
                                         const std::string& body);
S3Result<http::Response> list_objects_v2(S3Context& context, const S3Request& request,
                                         const std::string& body);

// list_versions.cc
S3Result<http::Response> list_object_versions(S3Context& context, const S3Request& request,
                                              const std::string& body);

// get_object.cc
S3Result<http::Response> get_object(S3Context& context, const S3Request& request, const std::string& body);

// Whether its bytes are at hand, so that the network thread may answer.
bool get_object_is_quick(S3Context& context, const S3Request& request);
bool delete_object_is_quick(S3Context& context, const S3Request& request);

// put_object.cc
S3Result<std::unique_ptr<BodySink>> put_object(S3Context& context, const S3Request& request,
                                               const Payload& payload);
S3Result<std::unique_ptr<BodySink>> upload_part(S3Context& context, const S3Request& request,
                                                const Payload& payload);

// post_object.cc: a form that a browser sends.
S3Result<std::unique_ptr<BodySink>> post_object(S3Context& context, const S3Request& request,
                                                const Payload& payload);

// delete_object.cc
S3Result<http::Response> delete_object(S3Context& context, const S3Request& request, const std::string& body);
S3Result<http::Response> delete_objects(S3Context& context, const S3Request& request,
                                        const std::string& body);

// copy_object.cc
S3Result<http::Response> copy_object(S3Context& context, const S3Request& request, const std::string& body);
S3Result<http::Response> upload_part_copy(S3Context& context, const S3Request& request,
                                          const std::string& body);

// uploads.cc
S3Result<http::Response> create_upload(S3Context& context, const S3Request& request, const std::string& body);
S3Result<http::Response> complete_upload(S3Context& context, const S3Request& request,
                                         const std::string& body);
S3Result<http::Response> abort_upload(S3Context& context, const S3Request& request, const std::string& body);

// list_uploads.cc
S3Result<http::Response> list_uploads(S3Context& context, const S3Request& request, const std::string& body);
S3Result<http::Response> list_parts(S3Context& context, const S3Request& request, const std::string& body);

// object_attributes.cc
S3Result<http::Response> get_object_attributes(S3Context& context, const S3Request& request,
                                               const std::string& body);

// tagging.cc
extern const BodyKeyReader kTaggingKeys;  // of put_object_tagging
S3Result<http::Response> get_object_tagging(S3Context& context, const S3Request& request,
                                            const std::string& body);
S3Result<http::Response> put_object_tagging(S3Context& context, const S3Request& request,
                                            const std::string& body);
S3Result<http::Response> delete_object_tagging(S3Context& context, const S3Request& request,
                                               const std::string& body);

}  // namespace tidemark::s3emu
