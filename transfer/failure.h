// What the object store's refusals are called when a job fails by them.
#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "jobs/job_outcome.h"
#include "s3emu/s3_error.h"

namespace tidemark::transfer {

// The code that S3 passes on from KMS, of which failures have a name of their own.
inline constexpr std::string_view kNoSuchKmsKey = "KMS.NotFoundException";

// Code `S3NoSuchBucket`, message `The specified bucket does not exist (Service: Amazon S3; Status Code: 404;
// …)` with ids like the AWS SDK's that the service logs with.
jobs::JobFailure failure_of(const s3emu::S3Error& error, Random& random);

// The failure of that code as it would be told if it had come by itself, as far as it is one of S3's.
jobs::JobFailure told_failure(const std::string& code, Random& random);

}  // namespace tidemark::transfer
