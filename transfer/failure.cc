#include "transfer/failure.h"

#include <algorithm>
#include <cctype>

#include "base/bytes.h"
#include "base/log.h"

namespace tidemark::transfer {

JobFailure failure_of(const s3emu::S3Error& error, Random& random) {
  std::string request_id = random.hex(16);
  std::transform(request_id.begin(), request_id.end(), request_id.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return {"S3" + error.code,
          error.message + " (Service: Amazon S3; Status Code: " + std::to_string(error.status) +
              "; Error Code: " + error.code + "; Request ID: " + request_id +
              "; S3 Extended Request ID: " + base64_encode(random.hex(48)) + "; Proxy: null)"};
}

JobFailure failure_of(const Error& error) {
  // The text names files and keys: it is for the log.
  log::error("a transfer job failed", {{"error", error.message}});
  return {"InternalServerError", "The server failed while it worked on the job."};
}

}  // namespace tidemark::transfer
