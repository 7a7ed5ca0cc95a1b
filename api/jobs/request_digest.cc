#include "api/jobs/request_digest.h"

#include "base/bytes.h"
#include "base/digest.h"

namespace tidemark::api {

std::string short_fingerprint(std::string text) {
  constexpr std::size_t kTextBytesMax = 2'048;
  if (text.size() <= kTextBytesMax) return text;
  return "sha256:" + to_hex(digest_of(DigestAlgorithm::kSha256, text));
}

}  // namespace tidemark::api
