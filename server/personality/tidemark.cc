// What a listener is that looks like nothing else: `GET /` as the service answers it, and every health path.
#include "server/personality/personality.h"
#include "server/personality/shared_answers.h"

namespace tidemark::server {
namespace {

constexpr PathAnswer kPaths[] = {
    {.path = "/", .instead = "/"},
    {.path = "/health", .instead = "/_tidemark/health"},
    TIDEMARK_HEALTH_PATHS,
};

}  // namespace

constexpr Personality kTidemarkPersonality = {
    .name = "tidemark", .usual_port = 0, .is_s3_alone = false, .paths = kPaths, .greet = nullptr};

}  // namespace tidemark::server
