#include "server/commands/jobs_command.h"

#include <sys/ioctl.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/http_message.h"
#include "base/json.h"
#include "server/commands/job_lines.h"

namespace tidemark::server {
namespace {

constexpr std::chrono::milliseconds kPause{300};
constexpr const char* kPath = "/_tidemark/jobs";

// What one look at the server found.
struct Look {
  std::string text;  // the answer as it came
  std::vector<JobView> jobs;
  bool has_more = false;

  [[nodiscard]] bool is_over() const {
    return std::all_of(jobs.begin(), jobs.end(), [](const JobView& job) { return job.is_ended(); });
  }
};

void add_parameter(std::string_view name, const std::string& value, std::string* path) {
  if (value.empty()) return;
  *path += path->find('?') == std::string::npos ? '?' : '&';
  *path += std::string(name) + '=' + http::percent_encode(value, http::Slash::kEncoded);
}

std::string path_of(const JobsConfig& config) {
  std::string path = kPath;
  if (!config.id.empty()) return path + '/' + http::percent_encode(config.id, http::Slash::kEncoded);
  add_parameter("kind", config.kind, &path);
  add_parameter("status", config.status, &path);
  add_parameter("table", config.table, &path);
  add_parameter("limit", config.limit, &path);
  return path;
}

Result<Look> look(const JobsConfig& config, std::string_view method) {
  const std::string path = path_of(config);
  ASSIGN_OR_RETURN(HttpAnswer answer, ask_server(config.server, {.method = method, .path = path}));
  if (answer.status >= 300) return fail(refusal_of(config.server, answer));
  Look found;
  found.text = std::move(answer.body);
  json::Document document;
  const auto root = document.parse(found.text);
  if (!root || !root->is_object()) return fail(Error::unavailable("the server's answer is not understood"));
  if (!config.id.empty()) {
    found.jobs.push_back(read_job(*root));
    return found;
  }
  found.has_more = root->find("next").has_value();
  if (const auto jobs = root->find("jobs"); jobs && jobs->is_array()) {
    json::Value job;
    for (json::ArrayCursor cursor = jobs->elements(); cursor.next(&job);) {
      if (job.is_object()) found.jobs.push_back(read_job(job));
    }
  }
  return found;
}

std::vector<std::string> lines_of(const JobsConfig& config, const Look& found) {
  if (!config.id.empty()) return job_detail(found.jobs.front());
  if (found.jobs.empty()) return {"no jobs"};
  auto lines = job_lines(found.jobs);
  if (found.has_more) lines.emplace_back("older ones are left out: --limit 1000 shows more");
  return lines;
}

// Lines on a terminal that are drawn over each other.
class Screen {
 public:
  explicit Screen(std::FILE* out) : out_(out) {}

  void draw(std::vector<std::string> lines) {
    const winsize size = window();
    // What has scrolled away cannot be drawn over: the last line says that there is more.
    if (lines.size() >= size.ws_row) {
      const std::size_t shown = size.ws_row - 2U;
      const std::string more = std::to_string(lines.size() - shown) + " more lines do not fit";
      lines.resize(shown);
      lines.push_back(more);
    }
    // Up to where it began, each line cleared before it is written, and what is left below.
    if (height_ > 0) std::fprintf(out_, "\x1b[%zuA", height_);
    for (const auto& line : lines) std::fprintf(out_, "\r\x1b[K%s\n", fit_columns(line, size.ws_col).c_str());
    std::fputs("\x1b[J", out_);
    std::fflush(out_);
    height_ = lines.size();
  }

 private:
  // A line that wrapped would count twice.
  [[nodiscard]] winsize window() const {
    constexpr unsigned short kRowsMin = 3;
    winsize size{};
    if (::ioctl(::fileno(out_), TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row < kRowsMin) {
      return {.ws_row = 1'000, .ws_col = 200, .ws_xpixel = 0, .ws_ypixel = 0};
    }
    return size;
  }

  std::FILE* const out_;
  std::size_t height_ = 0;
};

Result<Look> watch(const JobsConfig& config, Look found, Screen* screen) {
  while (true) {
    if (screen != nullptr) screen->draw(lines_of(config, found));
    if (found.is_over()) return found;
    std::this_thread::sleep_for(kPause);
    ASSIGN_OR_RETURN(found, look(config, "GET"));
  }
}

}  // namespace

Result<void> check_jobs_config(const JobsConfig& config) {
  if (config.cancel && config.id.empty()) {
    return fail(Error::invalid_argument("jobs --cancel needs the id of a job"));
  }
  const bool has_filter =
      !config.kind.empty() || !config.status.empty() || !config.table.empty() || !config.limit.empty();
  if (!config.id.empty() && has_filter) {
    return fail(
        Error::invalid_argument("jobs: an id and --kind, --status, --table or --limit exclude each other"));
  }
  return {};
}

Result<int> run_jobs(const JobsConfig& config, std::FILE* out, bool is_terminal) {
  ASSIGN_OR_RETURN(Look found, look(config, config.cancel ? "DELETE" : "GET"));
  const bool draws = config.watch && is_terminal && !config.json;
  if (config.watch) {
    Screen screen(out);
    ASSIGN_OR_RETURN(found, watch(config, std::move(found), draws ? &screen : nullptr));
  }
  if (config.json) {
    std::fputs(found.text.c_str(), out);
  } else if (!draws) {
    for (const auto& line : lines_of(config, found)) std::fprintf(out, "%s\n", line.c_str());
  }
  const bool did_not_complete =
      !config.id.empty() && found.is_over() && found.jobs.front().status != "COMPLETED";
  return config.watch && did_not_complete ? 1 : 0;
}

}  // namespace tidemark::server
