#include "server/console/console.h"

#include <map>
#include <memory>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/gzip.h"
#include "base/json_writer.h"
#include "server/console/console_files.h"

namespace tidemark::server {
namespace {

constexpr std::string_view kRoot = "/_tidemark/console";
constexpr std::string_view kPage = "index.html";
constexpr std::string_view kAssets = "assets/";
constexpr std::size_t kFileBytesMax = 16 << 20;

// Scripts, styles and requests are of this server alone, and nobody shows the page in a frame.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

struct ServedFile {
  std::string_view gzip;
  std::string etag;  // of the compressed form, with quotes
  std::string_view type;
};

std::string_view type_of(std::string_view name) {
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".woff2")) return "font/woff2";
  if (name.ends_with(".txt")) return "text/plain; charset=utf-8";
  return "text/html; charset=utf-8";
}

using ServedFiles = std::map<std::string_view, ServedFile>;

const ServedFiles& all_files() {
  static const ServedFiles files = [] {
    ServedFiles found;
    for (const ConsoleFile& file : console_files()) {
      const std::string digest = to_hex(digest_of(DigestAlgorithm::kSha256, file.gzip));
      found.emplace(file.name, ServedFile{.gzip = file.gzip,
                                          .etag = '"' + digest.substr(0, 20) + '"',
                                          .type = type_of(file.name)});
    }
    return found;
  }();
  return files;
}

bool has_word(std::string_view list, std::string_view word) {
  return list.find(word) != std::string_view::npos;
}

http::Response answer_with(const http::RequestHead& head, const ServedFile& file, bool is_for_good) {
  http::Response response;
  response.headers.add("Content-Type", std::string(file.type));
  response.headers.add("Cache-Control", is_for_good ? "public, max-age=31536000, immutable" : "no-cache");
  response.headers.add("Vary", "Accept-Encoding");
  response.headers.add("X-Content-Type-Options", "nosniff");
  if (!is_for_good) {
    response.headers.add("Content-Security-Policy", std::string(kPolicy));
    response.headers.add("X-Frame-Options", "DENY");
    response.headers.add("Referrer-Policy", "same-origin");
  }
  if (!has_word(head.headers.find("Accept-Encoding").value_or(""), "gzip")) {
    auto plain = gzip_decompress(file.gzip, kFileBytesMax);
    if (!plain) return admin::error_answer(500, "The console is damaged.");
    response.body = *std::move(plain);
    return response;
  }
  response.headers.add("ETag", file.etag);
  if (has_word(head.headers.find("If-None-Match").value_or(""), file.etag)) {
    response.status = 304;
    return response;
  }
  response.headers.add("Content-Encoding", "gzip");
  response.body = std::string(file.gzip);
  return response;
}

http::Response page(const admin::AdminRequest& request) {
  const auto found = all_files().find(kPage);
  if (found == all_files().end()) return admin::error_answer(404, "This program has no console.");
  return answer_with(request.head, found->second, false);
}

http::Response file_or_page(const admin::AdminRequest& request) {
  if (!request.name.starts_with(kAssets)) return page(request);
  const auto found = all_files().find(request.name.substr(kAssets.size()));
  if (found == all_files().end()) return admin::error_answer(404, "The console has no such file.");
  return answer_with(request.head, found->second, true);
}

http::Response redirect_to_page() {
  http::Response response;
  response.status = 307;
  response.headers.add("Location", std::string(kRoot) + '/');
  return response;
}

std::string facts_of(const ConsoleOptions& options) {
  std::string body;
  JsonWriter json(&body);
  json.begin_object();
  json.member("version", options.version);
  json.member("auth", options.strict_auth ? "strict" : "open");
  json.member("region", options.region);
  json.member("account_id", options.account_id);
  json.end_object();
  return body;
}

}  // namespace

std::vector<admin::Route> console_routes(const ConsoleOptions& options) {
  const auto facts = [body = facts_of(options)](const admin::AdminRequest&) {
    return admin::json_answer(200, body);
  };
  const auto redirect = [](const admin::AdminRequest&) { return redirect_to_page(); };
  // The script of the page reads the parameters of its address.
  const auto route = [](std::string_view path, admin::Handler handle) {
    return admin::Route{.method = "GET",
                        .path = path,
                        .handle = std::move(handle),
                        .is_quick = true,
                        .takes_parameters = true};
  };
  return {route("/_tidemark/console", redirect), route("/_tidemark/console/", page),
          route("/_tidemark/console/server.json", facts), route("/_tidemark/console/{path}", file_or_page)};
}

Result<std::unique_ptr<http::Exchange>, http::Response> ConsoleFront::begin(http::RequestHead head) {
  const std::string_view accepted = head.headers.find("Accept").value_or("");
  const bool is_visit = head.method == "GET" && head.path() == "/" && head.query().empty() &&
                        !head.headers.find("Authorization") && has_word(accepted, "text/html");
  if (is_visit) return fail(redirect_to_page());
  return next_.begin(std::move(head));
}

}  // namespace tidemark::server
