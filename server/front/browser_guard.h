// The browser next door: in open mode any web page that somebody on this machine, or in this network, looks
// at could read and change everything here, since a browser lets pages send requests to whatever it can
// reach. This stands in front of all services and refuses what comes from somebody else's page. In strict
// mode, where a page has no credentials to sign with, it does so for /_tidemark/ alone.
//
// A request is a browser's if it has an Origin or Sec-Fetch-* header or a browser's User-Agent; SDKs and
// tools send none of these and are never refused. Of a browser's request
//   - the Host must be a name that cannot be somebody else's page, which with a name of its own that it lets
//   resolve
//     to our address (DNS rebinding) would be of our origin: an address, a single label, `localhost`, a name
//     below one of kLocalDomains, an S3 base domain or a name below it, or one of Options.hosts;
//   - the page, which the Origin names, or the Referer where a request of another site has no Origin, must be
//   on this
//     machine (localhost, a name below it, a loopback address), on the host that it asks, in Options.origins,
//     or let by a CORS rule of the bucket.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/http_message.h"

namespace tidemark::server {

// Nobody else's page has a name below one of these.
inline constexpr std::string_view kLocalDomains[] = {"localhost", "local",         "internal",     "test",
                                                     "home.arpa", "cluster.local", "amazonaws.com"};

// Thread-safety: begin() may be called concurrently.
class BrowserGuard final : public http::Service {
 public:
  struct Options {
    std::vector<std::string> origins = {};       // `http://app.example`, `*` for any; lower case
    std::vector<std::string> hosts = {};         // `db.example`, lower case, without a port
    std::vector<std::string> base_domains = {};  // as in S3Service::Options
    bool is_strict = false;
  };
  // Whether the service lets a page of that origin do what the head says, or wants to answer itself. The
  // origin is empty where the browser does not name it.
  using LetsPage = std::function<bool(const http::RequestHead& head, std::string_view origin)>;

  // `service` must outlive the guard.
  BrowserGuard(http::Service& service, Options options, LetsPage lets_page)
      : service_(service), options_(std::move(options)), lets_page_(std::move(lets_page)) {}

  Result<std::unique_ptr<http::Exchange>, http::Response> begin(http::RequestHead head) override;
  // Whether begin() hands such a request on; of a head that was read in part, as far as that tells.
  [[nodiscard]] bool lets(const http::RequestHead& head) const { return !objection(head); }

 private:
  // Nothing: the request may go on.
  [[nodiscard]] std::optional<http::Response> objection(const http::RequestHead& head) const;
  [[nodiscard]] bool is_own_name(std::string_view host) const;
  [[nodiscard]] bool is_welcome(const http::RequestHead& head, std::string_view origin) const;

  http::Service& service_;
  const Options options_;
  const LetsPage lets_page_;
};

}  // namespace tidemark::server
