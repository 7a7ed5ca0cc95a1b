// The operations on buckets and their settings, one function each; front/operations.cc says which request is
// which. A file of handlers per family.
#pragma once

#include "s3emu/rest/core/operation.h"

namespace tidemark::s3emu {

// buckets.cc
S3Result<http::Response> list_buckets(S3Context& context, const S3Request& request, const std::string& body);
S3Result<http::Response> create_bucket(S3Context& context, const S3Request& request, const std::string& body);
S3Result<http::Response> head_bucket(S3Context& context, const S3Request& request, const std::string& body);
S3Result<http::Response> delete_bucket(S3Context& context, const S3Request& request, const std::string& body);
S3Result<http::Response> get_bucket_location(S3Context& context, const S3Request& request,
                                             const std::string& body);

// bucket_setting.cc: the settings that bucket_setting.h names.
S3Result<http::Response> get_setting(S3Context& context, const S3Request& request, const std::string& body);
S3Result<http::Response> put_setting(S3Context& context, const S3Request& request, const std::string& body);
S3Result<http::Response> delete_setting(S3Context& context, const S3Request& request,
                                        const std::string& body);

// listed_configuration.cc
S3Result<http::Response> list_configurations(S3Context& context, const S3Request& request,
                                             const std::string& body);
S3Result<http::Response> get_configuration(S3Context& context, const S3Request& request,
                                           const std::string& body);
S3Result<http::Response> put_configuration(S3Context& context, const S3Request& request,
                                           const std::string& body);
S3Result<http::Response> delete_configuration(S3Context& context, const S3Request& request,
                                              const std::string& body);

// versioning.cc
S3Result<http::Response> get_bucket_versioning(S3Context& context, const S3Request& request,
                                               const std::string& body);
S3Result<http::Response> put_bucket_versioning(S3Context& context, const S3Request& request,
                                               const std::string& body);

// acl.cc: of buckets and objects
S3Result<http::Response> get_acl(S3Context& context, const S3Request& request, const std::string& body);
S3Result<http::Response> put_acl(S3Context& context, const S3Request& request, const std::string& body);

// bucket_policy.cc
S3Result<http::Response> get_bucket_policy(S3Context& context, const S3Request& request,
                                           const std::string& body);
S3Result<http::Response> put_bucket_policy(S3Context& context, const S3Request& request,
                                           const std::string& body);
S3Result<http::Response> delete_bucket_policy(S3Context& context, const S3Request& request,
                                              const std::string& body);
S3Result<http::Response> get_bucket_policy_status(S3Context& context, const S3Request& request,
                                                  const std::string& body);

// public_access.cc
S3Result<http::Response> get_public_access_block(S3Context& context, const S3Request& request,
                                                 const std::string& body);
S3Result<http::Response> put_public_access_block(S3Context& context, const S3Request& request,
                                                 const std::string& body);
S3Result<http::Response> delete_public_access_block(S3Context& context, const S3Request& request,
                                                    const std::string& body);
extern const BodyKeyReader kOwnershipKeys;  // of put_ownership_controls
S3Result<http::Response> get_ownership_controls(S3Context& context, const S3Request& request,
                                                const std::string& body);
S3Result<http::Response> put_ownership_controls(S3Context& context, const S3Request& request,
                                                const std::string& body);
S3Result<http::Response> delete_ownership_controls(S3Context& context, const S3Request& request,
                                                   const std::string& body);

}  // namespace tidemark::s3emu
