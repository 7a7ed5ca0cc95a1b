#include "transfer/failure.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "base/bytes.h"

namespace tidemark::transfer {

jobs::JobFailure failure_of(const s3emu::S3Error& error, Random& random) {
  std::string request_id = random.hex(16);
  std::transform(request_id.begin(), request_id.end(), request_id.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return {.code = error.code == kNoSuchKmsKey ? "KmsNotFoundException" : "S3" + error.code,
          .message = error.message + " (Service: Amazon S3; Status Code: " + std::to_string(error.status) +
                     "; Error Code: " + error.code + "; Request ID: " + request_id +
                     "; S3 Extended Request ID: " + base64_encode(random.hex(48)) + "; Proxy: null)"};
}

jobs::JobFailure told_failure(const std::string& code, Random& random) {
  for (const s3emu::S3Code known :
       {s3emu::S3Code::kAccessDenied, s3emu::S3Code::kNoSuchBucket, s3emu::S3Code::kNoSuchKey,
        s3emu::S3Code::kSlowDown, s3emu::S3Code::kServiceUnavailable, s3emu::S3Code::kInternalError}) {
    if (code == "S3" + std::string(s3emu::name_of(known))) {
      return failure_of(s3emu::S3Error::of(known), random);
    }
  }
  return {.code = code, .message = "The job was told to fail."};
}

}  // namespace tidemark::transfer
