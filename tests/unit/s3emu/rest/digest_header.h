// Content-MD5 where S3 insists on a digest of the body, as every client sends it.
#pragma once

#include <algorithm>
#include <string>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/http_message.h"

namespace tidemark::s3emu {

inline bool needs_digest(const http::RequestHead& head) {
  if (head.method != "PUT" && head.method != "POST") return false;
  for (const auto& [name, value] : head.headers.fields()) {
    if (http::equal_ignoring_case(name, "Content-MD5") || name.starts_with("x-amz-checksum-")) return false;
  }
  if (head.headers.find("x-amz-object-lock-mode") || head.headers.find("x-amz-object-lock-legal-hold")) {
    return true;
  }
  const char* const params[] = {"?delete", "?cors", "?lifecycle", "?tagging"};
  return std::any_of(std::begin(params), std::end(params),
                     [&](const char* param) { return head.target.find(param) != std::string::npos; });
}

inline void add_digest(const std::string& body, http::RequestHead* head) {
  if (!needs_digest(*head)) return;
  head->headers.add("Content-MD5", base64_encode(digest_of(DigestAlgorithm::kMd5, body)));
}

}  // namespace tidemark::s3emu
