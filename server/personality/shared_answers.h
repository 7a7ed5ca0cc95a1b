// What several personalities answer.
#pragma once

#include <string>
#include <string_view>

#include "server/personality/personality.h"

namespace tidemark::server {

http::Response json_text(int status, std::string body);
http::Response empty_answer(int status);

// What is behind no bucket and no table on any of them, so that a test runner is content whichever server it
// was made for.
http::Response localstack_health(const PersonalityFacts& facts);
http::Response localstack_info(const PersonalityFacts& facts);
http::Response localstack_init(const PersonalityFacts& facts);
http::Response localstack_init_boot(const PersonalityFacts& facts);
http::Response localstack_init_shutdown(const PersonalityFacts& facts);
http::Response minio_health(const PersonalityFacts& facts);
http::Response no_icon(const PersonalityFacts& facts);

// The paths of the above. A macro, because the tables are built before the program runs.
#define TIDEMARK_HEALTH_PATHS                                                                               \
  {"/_localstack/health", localstack_health}, {"/_localstack/info", localstack_info},                       \
      {"/_localstack/init", localstack_init}, {"/_localstack/init/boot", localstack_init_boot},             \
      {"/_localstack/init/start", localstack_init_boot}, {"/_localstack/init/ready", localstack_init_boot}, \
      {"/_localstack/init/shutdown", localstack_init_shutdown}, {"/minio/health/live", minio_health},       \
      {"/minio/health/ready", minio_health}, {"/minio/health/cluster", minio_health},                       \
      {"/minio/health/cluster/read", minio_health}, {                                                       \
    "/favicon.ico", no_icon                                                                                 \
  }

}  // namespace tidemark::server
