#include "server/commands/started_job.h"

#include <chrono>

#include "base/json.h"
#include "server/commands/jobs_command.h"

namespace tidemark::server {

Result<int> run_job(const JobStart& start, std::FILE* out, bool is_terminal) {
  static constexpr std::chrono::minutes kPatience{1};
  ASSIGN_OR_RETURN(
      const HttpAnswer answer,
      ask_server(start.server,
                 {.method = "POST", .path = start.path, .json_body = start.body, .patience = kPatience}));
  if (answer.status >= 300) return fail(refusal_of(start.server, answer));
  if (start.no_wait) {
    std::fputs(answer.body.c_str(), out);
    return 0;
  }
  json::Document document;
  const auto job = document.parse(answer.body);
  const auto id = job && job->is_object() ? job->find("id") : std::nullopt;
  if (!id || !id->is_string()) return fail(Error::unavailable("the server's answer is not understood"));
  JobsConfig watched;
  watched.server = start.server;
  watched.id = id->string();
  watched.watch = true;
  watched.json = start.json;
  return run_jobs(watched, out, is_terminal);
}

}  // namespace tidemark::server
