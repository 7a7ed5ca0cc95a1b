#include "admin/service.h"

#include <algorithm>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "admin/query.h"
#include "base/json_writer.h"
#include "base/release_memory.h"
#include "base/request_note.h"
#include "base/utf8.h"

namespace tidemark::admin {
namespace {

constexpr std::string_view kPrefix = "/_tidemark/";
constexpr std::size_t kBodyBytesMax = 64 << 10;

// The name that stands for the part of the route's path that is a hole, if there is one; nothing when the
// path is another one. A name in the middle has no slashes; all are UTF-8, because answers repeat them.
std::optional<std::string> match(std::string_view route, std::string_view path) {
  const std::size_t hole = route.find('{');
  if (hole == std::string_view::npos) return route == path ? std::optional(std::string()) : std::nullopt;
  const std::string_view fixed = route.substr(0, hole);
  const std::string_view behind = route.substr(route.find('}') + 1);
  if (path.size() <= fixed.size() + behind.size()) return std::nullopt;
  if (!path.starts_with(fixed) || !path.ends_with(behind)) return std::nullopt;
  const std::string_view name = path.substr(fixed.size(), path.size() - fixed.size() - behind.size());
  if (!behind.empty() && name.find('/') != std::string_view::npos) return std::nullopt;
  auto decoded = http::percent_decode(name, http::Plus::kPlus);
  return decoded && is_utf8(*decoded) ? std::move(decoded) : std::nullopt;
}

bool is_json(const http::Headers& headers) {
  std::string_view type = headers.find("Content-Type").value_or("");
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return http::equal_ignoring_case(type, "application/json");
}

// For the log; `path` is that of a route, empty when there is none.
void note_request(const http::RequestHead& head, std::string_view path) {
  if (head.note == nullptr) return;
  head.note->service = "admin";
  head.note->operation = path;
  if (!log::enabled(log::Level::kDebug)) return;
  head.note->add("request", head.method + ' ' + std::string(head.path()));
}

// Paths that belong to others' tools take what these send along.
std::optional<std::string> refuse_parameters(const Route& route, const http::RequestHead& head) {
  if (route.takes_parameters || head.query().empty() || !route.path.starts_with(kPrefix)) return std::nullopt;
  const auto parameters = parse_query(head.query());
  if (!parameters) return parameters.error();
  if (parameters->empty()) return std::nullopt;
  return "There is no parameter '" + parameters->front().first + "'; this path takes none.";
}

// Tools that reset a server send nothing with it.
bool has_no_body(const http::RequestHead& head) {
  return !head.chunked && head.content_length.value_or(0) == 0 && !head.headers.find("Content-Type");
}

class AdminExchange final : public http::Exchange {
 public:
  AdminExchange(const Route& route, http::RequestHead head, std::string name)
      : route_(route), head_(std::move(head)), name_(std::move(name)) {}

  Result<void, http::Response> write(std::string_view bytes) override {
    if (body_.size() + bytes.size() > kBodyBytesMax) {
      return fail(error_answer(413, "The body is larger than 64 KB."));
    }
    body_.append(bytes);
    return {};
  }
  http::Response finish() override {
    if (route_.begin) return wait();
    http::Response response = route_.handle(request());
    if (head_.method == "HEAD") {
      if (response.has_source()) return response;
      response.content_length = response.body_size();
      response.body = std::string();
    }
    return response;
  }
  [[nodiscard]] bool is_quick() const override { return route_.is_quick || route_.begin; }
  std::optional<http::Response> finish_quickly() override {
    if (!route_.begin) return finish();
    if (!later_) later_ = route_.begin(request());
    return later_->look();
  }
  [[nodiscard]] bool is_waiting() const override { return later_ != nullptr; }
  void when_ready(MoveOnlyFunction<void()> ready) override { later_->when_there(std::move(ready)); }
  [[nodiscard]] bool is_heavy() const override { return route_.is_heavy; }
  [[nodiscard]] std::uint64_t held_bytes() const override { return body_.capacity(); }
  http::Response give_up() override {
    release_memory(&body_);
    return error_answer(503, "Too much is coming in at once. Please try again later.");
  }

 private:
  [[nodiscard]] AdminRequest request() const { return {.head = head_, .body = body_, .name = name_}; }
  http::Response wait() {
    const auto later = route_.begin(request());
    std::promise<void> there;
    later->when_there([&there] { there.set_value(); });
    there.get_future().wait();
    return *later->look();
  }

  const Route& route_;
  const http::RequestHead head_;
  const std::string name_;
  std::string body_;
  std::shared_ptr<Later<http::Response>> later_;  // once it was begun
};

}  // namespace

AdminService::AdminService(http::Service& next, std::vector<Route> routes, AdminOptions options)
    : next_(next), routes_(std::move(routes)), options_(options) {
  for (const Route& route : routes_) {
    if (!route.path.starts_with(kPrefix)) elsewhere_.push_back(&route);
  }
}

bool AdminService::is_elsewhere(const http::RequestHead& head) const {
  return std::any_of(elsewhere_.begin(), elsewhere_.end(), [&head](const Route* route) {
    return route->path == head.path() && route->method == head.method;
  });
}

Result<std::unique_ptr<http::Exchange>, http::Response> AdminService::begin(http::RequestHead head) {
  if (!head.path().starts_with(kPrefix) && !is_elsewhere(head)) return next_.begin(std::move(head));
  const std::string_view method =
      head.method == "HEAD" ? std::string_view("GET") : std::string_view(head.method);
  std::string allowed;
  for (const Route& route : routes_) {
    auto name = match(route.path, head.path());
    if (!name) continue;
    if (route.method != method) {
      allowed +=
          (allowed.empty() ? "" : ", ") + std::string(route.method == "GET" ? "GET, HEAD" : route.method);
      continue;
    }
    note_request(head, route.path);
    const bool is_open = method == "GET" && !route.shows_items;
    if (!is_open && options_.changes_from_loopback_only && !http::is_from_this_machine(head)) {
      return fail(error_answer(403, "With " + std::string(options_.because) +
                                        " this is only for callers on the server's own machine."));
    }
    if (const auto refused = refuse_parameters(route, head)) return fail(error_answer(400, *refused));
    const bool is_bare = route.may_be_empty && has_no_body(head);
    if (method == "POST" && !is_bare && !is_json(head.headers)) {
      return fail(error_answer(415, "The Content-Type of a POST must be application/json."));
    }
    return std::make_unique<AdminExchange>(route, std::move(head), *std::move(name));
  }
  note_request(head, {});
  if (allowed.empty()) {
    return fail(error_answer(404, "There is no such path; docs/ names those that there are."));
  }
  http::Response response = error_answer(405, "This path does not have that method.");
  response.headers.add("Allow", std::move(allowed));
  return fail(std::move(response));
}

http::Response json_answer(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  response.body = std::move(body) + '\n';
  return response;
}

http::Response error_answer(int status, std::string_view sentence) {
  std::string body;
  JsonWriter json(&body);
  json.begin_object();
  json.member("error", sentence);
  json.end_object();
  return json_answer(status, std::move(body));
}

}  // namespace tidemark::admin
