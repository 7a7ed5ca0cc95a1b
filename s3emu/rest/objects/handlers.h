// The operations on objects and uploads, one function each; front/operations.cc says which request is which.
// A file of handlers per family.
#pragma once

#include "s3emu/rest/core/operation.h"

namespace tidemark::s3emu {

// object_lock.cc. The keys are for Operation.body_keys.
BodyKeys retention_keys(const std::string& body);
BodyKeys legal_hold_keys(const std::string& body);
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
BodyKeys tagging_keys(const std::string& body);
S3Result<http::Response> get_object_tagging(OperationContext& context, const S3Request& request,
                                            const std::string& body);
S3Result<http::Response> put_object_tagging(OperationContext& context, const S3Request& request,
                                            const std::string& body);
S3Result<http::Response> delete_object_tagging(OperationContext& context, const S3Request& request,
                                               const std::string& body);

}  // namespace tidemark::s3emu
