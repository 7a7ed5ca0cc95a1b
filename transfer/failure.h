// Why a job failed, in the words of the service's FailureCode and FailureMessage.
#pragma once

#include <string>

#include "base/random.h"
#include "base/result.h"
#include "s3emu/s3_error.h"

namespace tidemark::transfer {

struct JobFailure {
  std::string code;     // `S3NoSuchBucket`
  std::string message;  // `The specified bucket does not exist (Service: Amazon S3; Status Code: 404; …)`
};

// The message carries ids like the AWS SDK's that the service logs with.
JobFailure failure_of(const s3emu::S3Error& error, Random& random);
JobFailure failure_of(const Error& error);

template <class T>
using JobResult = Result<T, JobFailure>;

}  // namespace tidemark::transfer
