#include "transfer/failure.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "base/bytes.h"

namespace tidemark::transfer {

namespace {

std::string extra_of(const s3emu::S3Error& error, std::string_view name) {
  const auto found = std::find_if(error.extras.begin(), error.extras.end(),
                                  [&](const auto& extra) { return extra.first == name; });
  return found == error.extras.end() ? std::string() : found->second;
}

std::string new_request_id(Random& random) {
  std::string id = random.hex(16);
  std::transform(id.begin(), id.end(), id.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return id;
}

}  // namespace

jobs::JobFailure failure_of(const s3emu::S3Error& error, Random& random) {
  // A service elsewhere has told its own.
  std::string request_id = extra_of(error, "RequestId");
  std::string host_id = extra_of(error, "HostId");
  if (request_id.empty()) request_id = new_request_id(random);
  if (host_id.empty()) host_id = base64_encode(random.hex(48));
  return {.code = error.code == kNoSuchKmsKey ? "KmsNotFoundException" : "S3" + error.code,
          .message = error.message + " (Service: Amazon S3; Status Code: " + std::to_string(error.status) +
                     "; Error Code: " + error.code + "; Request ID: " + request_id +
                     "; S3 Extended Request ID: " + host_id + "; Proxy: null)"};
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
