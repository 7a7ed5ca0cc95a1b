#include "server/command_line/aws_variables.h"

#include <algorithm>
#include <string_view>

#include "base/address.h"
#include "base/text.h"
#include "server/client/http_post.h"

namespace tidemark::server {
namespace {

constexpr std::string_view kSecure = "https://";

// The URL as one that parse_http_url() reads, with the same port.
std::string with_plain_http(const std::string& url) {
  if (!url.starts_with(kSecure)) return url;
  std::string rest = url.substr(kSecure.size());
  const std::size_t end = std::min(rest.find('/'), rest.size());
  // Behind the bracket of an IPv6 address.
  const std::size_t host_end = rest.starts_with('[') ? std::min(rest.find(']'), end) : 0;
  if (rest.substr(0, end).find(':', host_end) == std::string::npos) rest.insert(end, ":443");
  return "http://" + rest;
}

}  // namespace

Result<std::optional<ServerAddress>> aws_endpoint(const Environment& environment) {
  if (lower_case(environment("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").value_or("")) == "true") {
    return std::optional<ServerAddress>();
  }
  for (const char* const name : {"AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"}) {
    const auto text = environment(name);
    if (!text || text->empty()) continue;
    const auto url = parse_http_url(with_plain_http(*text));
    if (url && text->starts_with(kSecure) && url->host != "localhost" && !is_loopback(url->host)) {
      return fail(Error::invalid_argument(std::string(name) + ": '" + *text +
                                          "' is another machine's, and commands speak plain HTTP: --host and "
                                          "--port say which server is meant"));
    }
    if (!url) {
      return fail(
          Error::invalid_argument(std::string(name) + ": '" + *text +
                                  "' is no URL of a server: --host and --port say which one is meant"));
    }
    return std::optional(ServerAddress{.host = url->host, .port = url->port});
  }
  return std::optional<ServerAddress>();
}

std::string aws_region(const Environment& environment) {
  for (const char* const name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (const auto region = environment(name); region && !region->empty()) return *region;
  }
  return {};
}

}  // namespace tidemark::server
