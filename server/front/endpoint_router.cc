#include "server/front/endpoint_router.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "api/logs/logs_service.h"
#include "s3emu/rest/core/request.h"
#include "s3emu/rest/front/service.h"

namespace tidemark::server {
namespace {

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return http::equal_ignoring_case(text.substr(0, prefix.size()), prefix);
}

// The part `service` of `<key>/<date>/<region>/<service>/<term>`; the key may contain slashes itself.
std::string_view service_of_scope(std::string_view scope) {
  const std::size_t term = scope.rfind('/');
  if (term == std::string_view::npos || term == 0) return {};
  const std::size_t service = scope.rfind('/', term - 1);
  return service == std::string_view::npos ? std::string_view()
                                           : scope.substr(service + 1, term - service - 1);
}

std::string_view service_of_header(std::string_view authorization) {
  constexpr std::string_view kName = "Credential=";
  const std::size_t name = authorization.find(kName);
  if (name == std::string_view::npos) return {};
  const std::string_view rest = authorization.substr(name + kName.size());
  return service_of_scope(rest.substr(0, rest.find_first_of(", ")));
}

std::string service_of_query(std::string_view query) {
  constexpr std::string_view kName = "X-Amz-Credential=";
  for (std::size_t at = 0; at < query.size();) {
    const std::size_t end = std::min(query.find('&', at), query.size());
    const std::string_view pair = query.substr(at, end - at);
    if (pair.starts_with(kName)) {
      const auto scope = http::percent_decode(pair.substr(kName.size()), http::Plus::kBlank);
      return scope ? std::string(service_of_scope(*scope)) : std::string();
    }
    at = end + 1;
  }
  return {};
}

bool is_signed_for(const http::RequestHead& head, std::string_view service) {
  const auto authorization = head.headers.find("Authorization");
  return (authorization && service_of_header(*authorization) == service) ||
         service_of_query(head.query()) == service;
}

// Whether a preflight announces a request with X-Amz-Target.
bool is_dynamodb_preflight(const http::RequestHead& head) {
  const auto announced = head.headers.find("Access-Control-Request-Headers");
  if (head.method != "OPTIONS" || !announced) return false;
  std::string names(*announced);
  std::transform(names.begin(), names.end(), names.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return names.find("x-amz-target") != std::string::npos;
}

bool names_bucket(const http::RequestHead& head, const std::vector<std::string>& base_domains) {
  return s3emu::bucket_of_host(head.headers.find("Host").value_or(""), base_domains).has_value();
}

}  // namespace

bool is_for_dynamodb(const http::RequestHead& head, const std::vector<std::string>& base_domains) {
  if (head.headers.find("X-Amz-Target")) return true;
  if (is_signed_for(head, "dynamodb") || is_dynamodb_preflight(head)) return true;
  if (head.path() != "/") return false;
  if (names_bucket(head, base_domains)) return false;
  const bool authorization = head.headers.find("Authorization").has_value();
  if (head.method == "POST") {
    // S3 has nothing that could be posted to the service itself; a form is for a host that we do not know.
    const std::string_view type = head.headers.find("Content-Type").value_or("");
    return starts_with_ignoring_case(type, "application/x-amz-json-") ||
           (!authorization && !starts_with_ignoring_case(type, "multipart/"));
  }
  if (head.method == "OPTIONS") {
    return head.headers.find("Access-Control-Request-Method").value_or("") == "POST";
  }
  return head.method == "GET" && !authorization && head.query().empty();
}

bool is_for_logs(const http::RequestHead& head) {
  return head.headers.find("X-Amz-Target").value_or("").starts_with(api::kLogsTarget);
}

bool is_for_sts(const http::RequestHead& head, const std::vector<std::string>& base_domains) {
  if (head.headers.find("X-Amz-Target")) return false;
  if (is_signed_for(head, "sts")) return true;
  const std::string_view query = head.query();
  const bool has_action = query.starts_with("Action=") || query.find("&Action=") != std::string_view::npos;
  return has_action && head.method == "GET" && head.path() == "/" && !head.headers.find("Authorization") &&
         !names_bucket(head, base_domains);
}

Result<std::unique_ptr<http::Exchange>, http::Response> EndpointRouter::begin(http::RequestHead head) {
  if (is_for_logs(head)) return services_.logs.begin(std::move(head));
  if (is_for_dynamodb(head, base_domains_)) return services_.dynamodb.begin(std::move(head));
  if (is_for_sts(head, base_domains_)) return services_.sts.begin(std::move(head));
  return services_.s3.begin(std::move(head));
}

}  // namespace tidemark::server
