// The console: pages in a browser, under `/_tidemark/console/`.
//
//   GET /_tidemark/console/                  the page; every other path below it that is no file, too, so
//   that
//                                            each view has a link of its own
//   GET /_tidemark/console/assets/<name>     what the page loads. Names have a digest of what is in them:
//   they are kept
//                                            by browsers for good
//   GET /_tidemark/console/server.json
//   {"version":"0.1.0","auth":"open","region":"us-east-1","account_id":"…"}
//
// Nothing here shows data: the page asks for that itself, as any other client, under the same rules.
#pragma once

#include <string>
#include <vector>

#include "admin/route.h"
#include "base/http_message.h"

namespace tidemark::server {

struct ConsoleOptions {
  std::string version;
  std::string region;
  std::string account_id;
  bool strict_auth = false;
};

std::vector<admin::Route> console_routes(const ConsoleOptions& options);

// For a port of the console's own: `/` leads to the console, all else is the business of the service behind.
// Thread-safety: begin() may be called concurrently.
class ConsoleFront final : public http::Service {
 public:
  // `next` must outlive this.
  explicit ConsoleFront(http::Service& next) : next_(next) {}

  Result<std::unique_ptr<http::Exchange>, http::Response> begin(http::RequestHead head) override;

 private:
  http::Service& next_;
};

}  // namespace tidemark::server
