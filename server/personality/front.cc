#include "server/personality/front.h"

#include <algorithm>

#include "base/request_note.h"
#include "s3emu/rest/core/request.h"

namespace tidemark::server {
namespace {

bool is_signed(const http::RequestHead& head) {
  return head.headers.find("Authorization") || head.query().find("X-Amz-") != std::string_view::npos ||
         head.query().find("Signature=") != std::string_view::npos;
}

}  // namespace

const PathAnswer* PersonalityFront::find(const http::RequestHead& head) const {
  if (head.method != "GET" && head.method != "HEAD") return nullptr;
  const std::string_view path = head.path();
  const auto paths = personality_.paths;
  const auto found =
      std::find_if(paths.begin(), paths.end(), [path](const PathAnswer& one) { return one.path == path; });
  if (found == paths.end()) return nullptr;
  // What has a query at the root is S3's, or STS's.
  if (path == "/" && !head.query().empty()) return nullptr;
  if (is_signed(head) || head.headers.find("X-Amz-Target")) return nullptr;
  const auto bucket = s3emu::bucket_of_host(head.headers.find("Host").value_or(""), base_domains_);
  return bucket ? nullptr : &*found;
}

Result<std::unique_ptr<http::Exchange>, http::Response> PersonalityFront::begin(http::RequestHead head) {
  const PathAnswer* const answer = find(head);
  if (answer == nullptr) return next_.begin(std::move(head));
  if (answer->make == nullptr) {
    // The session knows that the body of the answer to a HEAD is not to be sent.
    head.method = "GET";
    head.target = answer->instead;
    return next_.begin(std::move(head));
  }
  if (head.note != nullptr) {
    head.note->service = "health";
    head.note->operation = answer->path;
  }
  return fail(answer->make(facts_));
}

}  // namespace tidemark::server
