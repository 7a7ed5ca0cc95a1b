// MinIO: S3 alone. An unsigned `GET /` is S3's to judge, there as here.
#include "server/personality/personality.h"
#include "server/personality/shared_answers.h"

namespace tidemark::server {
namespace {

// Testcontainers for Rust waits for `API:` on standard error, the one for Java for the status, with its
// blanks.
Greeting greet(const PersonalityFacts& facts) {
  return {.out = {},
          .err = "Tidemark " + facts.version + ", Object Storage Server in the habit of MinIO\n" +
                 "Status:         1 Online, 0 Offline. \nAPI: " + facts.endpoint + "\n"};
}

constexpr PathAnswer kPaths[] = {TIDEMARK_HEALTH_PATHS};

}  // namespace

constexpr Personality kMinioPersonality = {
    .name = "minio", .usual_port = 9000, .is_s3_alone = true, .paths = kPaths, .greet = greet};

}  // namespace tidemark::server
