// LocalStack: everything on one port, and the line `Ready.`
#include "server/personality/personality.h"
#include "server/personality/shared_answers.h"

namespace tidemark::server {
namespace {

http::Response running(const PersonalityFacts&) { return json_text(200, R"({"status": "running"})"); }

Greeting greet(const PersonalityFacts& facts) {
  return {.out = "\nLocalStack version: " + facts.version + " (Tidemark)\n\nReady.\n", .err = {}};
}

constexpr PathAnswer kPaths[] = {
    {.path = "/", .make = running},
    {.path = "/health", .make = localstack_health},
    TIDEMARK_HEALTH_PATHS,
};

}  // namespace

constexpr Personality kLocalStackPersonality = {
    .name = "localstack", .usual_port = 4566, .is_s3_alone = false, .paths = kPaths, .greet = greet};

}  // namespace tidemark::server
