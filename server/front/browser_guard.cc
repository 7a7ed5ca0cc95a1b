#include "server/front/browser_guard.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <optional>

#include "admin/reset.h"
#include "admin/route.h"
#include "base/text.h"

namespace tidemark::server {
namespace {

// What a browser says of where a request comes from.
struct BrowserHeaders {
  bool any = false;
  std::optional<std::string_view> origin;
  std::string_view fetch_site;
  std::string_view host;
  std::string_view referer;
};

// One pass: requests of SDKs come by here too.
BrowserHeaders browser_headers(const http::Headers& headers) {
  constexpr std::string_view kFetch = "sec-fetch-";
  BrowserHeaders found;
  for (const auto& [name, value] : headers.fields()) {
    switch (name.size()) {
      case 4:
        if (found.host.empty() && http::equal_ignoring_case(name, "host")) found.host = value;
        break;
      case 6:
        if (!found.origin && http::equal_ignoring_case(name, "origin")) found.origin = value;
        break;
      case 7:
        if (found.referer.empty() && http::equal_ignoring_case(name, "referer")) found.referer = value;
        break;
      case 10:
        found.any |= value.starts_with("Mozilla/") && http::equal_ignoring_case(name, "user-agent");
        break;
      default:
        if (name.size() < kFetch.size() ||
            !http::equal_ignoring_case(std::string_view(name).substr(0, kFetch.size()), kFetch)) {
          break;
        }
        found.any = true;
        if (http::equal_ignoring_case(name, "sec-fetch-site")) found.fetch_site = value;
    }
  }
  found.any |= found.origin.has_value();
  return found;
}

// `db.example`, `127.0.0.1` or `::1` of `DB.example.:8000`, `127.0.0.1:8000` or `[::1]:8000`.
std::string host_of(std::string_view authority) {
  if (authority.starts_with('[')) return lower_case(authority.substr(1, authority.find(']') - 1));
  std::string_view host = authority.substr(0, authority.find(':'));
  if (host.ends_with('.')) host.remove_suffix(1);
  return lower_case(host);
}

// Nothing unless it is `http(s)://authority`; a path behind it, as a Referer has, does not matter.
std::optional<std::string_view> authority_of(std::string_view url) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!http::equal_ignoring_case(url.substr(0, scheme.size()), scheme)) continue;
    url.remove_prefix(scheme.size());
    const std::string_view authority = url.substr(0, url.find('/'));
    // Browsers name no user.
    if (authority.find('@') != std::string_view::npos) return std::nullopt;
    return authority;
  }
  return std::nullopt;
}

// `http://app.example` of `http://app.example/page`; empty when there is none.
std::string_view origin_of(std::string_view url) {
  const auto authority = authority_of(url);
  if (!authority) return {};
  const auto length = static_cast<std::size_t>(authority->data() - url.data()) + authority->size();
  return url.substr(0, length);
}

bool is_address(const std::string& host) {
  std::array<char, 16> bytes{};
  return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

bool is_below(std::string_view host, std::string_view domain) {
  return host.size() > domain.size() && host.ends_with(domain) &&
         host[host.size() - domain.size() - 1] == '.';
}

bool is_this_machine(const std::string& host) {
  if (host == "localhost" || is_below(host, "localhost") || host == "::1") return true;
  return host.starts_with("127.") && is_address(host);
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Fit to stand in a sentence.
std::string shown(std::string_view text, const char* otherwise) {
  const bool is_plain = std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
  return is_plain && !text.empty() && text.size() <= 200 ? std::string(text) : otherwise;
}

constexpr std::string_view kAdminPrefix = "/_tidemark/";

// Paths that belong to no service: requests to them are not signed.
bool is_admin_path(std::string_view path) {
  return path.starts_with(kAdminPrefix) || std::find(admin::kResetAliases.begin(), admin::kResetAliases.end(),
                                                     path) != admin::kResetAliases.end();
}

// In the form of what was asked: JSON below /_tidemark/, plain text otherwise.
http::Response refusal(const http::RequestHead& head, std::string_view sentence) {
  http::Response response;
  if (is_admin_path(head.path())) {
    response = admin::error_answer(403, sentence);
  } else {
    response.status = 403;
    response.headers.add("Content-Type", "text/plain");
    response.body = std::string(sentence) + '\n';
  }
  response.headers.add("X-Content-Type-Options", "nosniff");
  return response;
}

std::string refused_host(std::string_view host) {
  const std::string name = shown(host, "NAME");
  return "A browser may not call this server '" + name + "' unless it was started with --allowed-host " +
         name + ".";
}

std::string refused_page(std::string_view origin) {
  const std::string name = shown(origin, "ORIGIN");
  const std::string page = origin.empty() ? "of another site" : "of the origin '" + name + "'";
  return "A web page " + page + " may not use this server unless it was started with --cors-allow " + name +
         ".";
}

}  // namespace

bool BrowserGuard::is_own_name(std::string_view authority) const {
  const std::string host = host_of(authority);
  if (host.find('.') == std::string::npos || is_address(host) || contains(options_.hosts, host)) return true;
  const auto covers = [&](std::string_view domain) { return host == domain || is_below(host, domain); };
  return std::any_of(std::begin(kLocalDomains), std::end(kLocalDomains),
                     [&](std::string_view domain) { return is_below(host, domain); }) ||
         std::any_of(options_.base_domains.begin(), options_.base_domains.end(), covers);
}

bool BrowserGuard::is_welcome(const http::RequestHead& head, std::string_view origin) const {
  if (contains(options_.origins, "*") || contains(options_.origins, lower_case(origin))) return true;
  if (const auto authority = authority_of(origin)) {
    const std::string host = host_of(*authority);
    if (is_this_machine(host) || host == host_of(head.headers.find("Host").value_or(""))) return true;
  }
  return lets_page_(head, origin);
}

std::optional<http::Response> BrowserGuard::objection(const http::RequestHead& head) const {
  if (options_.is_strict && !is_admin_path(head.path())) return std::nullopt;
  const BrowserHeaders browser = browser_headers(head.headers);
  if (!browser.any) return std::nullopt;
  if (!is_own_name(browser.host)) return refusal(head, refused_host(host_of(browser.host)));
  const bool is_foreign = browser.origin || http::equal_ignoring_case(browser.fetch_site, "cross-site");
  const std::string_view origin = browser.origin ? *browser.origin : origin_of(browser.referer);
  if (is_foreign && !is_welcome(head, origin)) return refusal(head, refused_page(origin));
  return std::nullopt;
}

Result<std::unique_ptr<http::Exchange>, http::Response> BrowserGuard::begin(http::RequestHead head) {
  if (auto refused = objection(head)) return fail(*std::move(refused));
  return service_.begin(std::move(head));
}

}  // namespace tidemark::server
