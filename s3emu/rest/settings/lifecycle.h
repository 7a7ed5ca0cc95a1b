// What answers say about the lifecycle of what they are about.
#pragma once

#include "s3emu/rest/core/operation.h"

namespace tidemark::s3emu {

// x-amz-expiration for a current version, when a rule of its bucket says so. Without `tags` they are looked
// up, should a rule depend on them.
void add_expiration_header(S3Context& context, const std::string& bucket, const ObjectInfo& object,
                           const NamedValues* tags, http::Response* response);
// x-amz-abort-date and x-amz-abort-rule-id for an unfinished upload.
void add_abort_headers(S3Context& context, const std::string& bucket, const std::string& key,
                       Timestamp initiated, http::Response* response);

}  // namespace tidemark::s3emu
