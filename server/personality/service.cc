// The managed service, which has no other paths; what is below /_tidemark/ stays.
#include "server/personality/personality.h"

namespace tidemark::server {
namespace {

constexpr PathAnswer kPaths[] = {{.path = "/", .instead = "/"}};

}  // namespace

constexpr Personality kServicePersonality = {
    .name = "service", .usual_port = 0, .is_s3_alone = false, .paths = kPaths, .greet = nullptr};

}  // namespace tidemark::server
