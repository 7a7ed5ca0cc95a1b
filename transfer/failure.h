// What the object store's refusals are called when a job fails by them.
#pragma once

#include "base/random.h"
#include "jobs/job_outcome.h"
#include "s3emu/s3_error.h"

namespace tidemark::transfer {

// Code `S3NoSuchBucket`, message `The specified bucket does not exist (Service: Amazon S3; Status Code: 404;
// …)` with ids like the AWS SDK's that the service logs with.
jobs::JobFailure failure_of(const s3emu::S3Error& error, Random& random);

}  // namespace tidemark::transfer
