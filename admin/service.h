// Answers what begins with `/_tidemark/`, and the few routes that other tools expect elsewhere, and passes
// everything else on. No bucket name begins with an underscore, so these paths are free on an S3 port, too.
#pragma once

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/route.h"
#include "base/http_message.h"

namespace tidemark::admin {

struct AdminOptions {
  // Who changes something, or asks for items, must be on this machine: for servers that verify signatures,
  // which these paths do not, or that keep accounts apart. What a proxy says that it forwards is from
  // elsewhere.
  bool changes_from_loopback_only = false;
  std::string_view because = "--auth strict";  // the flag that a refusal names
};

// Unknown paths: 404; a method that a path does not have: 405. A POST must be of application/json, so that no
// web page can send one without asking first. Bodies of more than 64 KB: 413. Thread-safety: begin() may be
// called concurrently.
class AdminService final : public http::Service {
 public:
  // `next` must outlive the service, the service its exchanges.
  AdminService(http::Service& next, std::vector<Route> routes, AdminOptions options);

  Result<std::unique_ptr<http::Exchange>, http::Response> begin(http::RequestHead head) override;

 private:
  // Whether it is for a route outside of `/_tidemark/`.
  [[nodiscard]] bool is_elsewhere(const http::RequestHead& head) const;

  http::Service& next_;
  const std::vector<Route> routes_;
  const AdminOptions options_;
  std::vector<const Route*> elsewhere_;  // of routes_
};

}  // namespace tidemark::admin
