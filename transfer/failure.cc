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
  return {.code = "S3" + error.code,
          .message = error.message + " (Service: Amazon S3; Status Code: " + std::to_string(error.status) +
                     "; Error Code: " + error.code + "; Request ID: " + request_id +
                     "; S3 Extended Request ID: " + base64_encode(random.hex(48)) + "; Proxy: null)"};
}

}  // namespace tidemark::transfer
