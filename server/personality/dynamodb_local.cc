// DynamoDB Local: an unsigned request is 400 even where nobody checks signatures, and that is what
// Testcontainers for .NET and @shelf/jest-dynamodb wait for.
#include "server/personality/personality.h"
#include "server/personality/shared_answers.h"

namespace tidemark::server {
namespace {

http::Response missing_token(const PersonalityFacts&) {
  http::Response response = json_text(
      400,
      R"({"__type":"com.amazonaws.dynamodb.v20120810#MissingAuthenticationToken","message":"Request must contain either a valid (registered) AWS access key ID or X.509 certificate."})");
  return response;
}

const char* word_of(bool truth) { return truth ? "true" : "false"; }

// The block that it prints before it listens. Whoever waits for its first line waits on until the port
// answers; here that is the case already.
Greeting greet(const PersonalityFacts& facts) {
  const std::string& directory = facts.data_directory;
  return {.out =
              "Initializing DynamoDB Local with the following configuration:\n"
              "Port:\t" +
              std::to_string(facts.port) + "\nInMemory:\t" + word_of(facts.in_memory) + "\nVersion:\t" +
              facts.version + "\nDbPath:\t" + (facts.in_memory ? std::string("null") : directory) +
              "\nSharedDb:\t" + word_of(facts.is_one_space) + "\nshouldDelayTransientStatuses:\t" +
              word_of(facts.delays_statuses) + "\nCorsParams:\t" +
              (facts.cors.empty() ? "null" : facts.cors) + "\n\n",
          .err = {}};
}

constexpr PathAnswer kPaths[] = {
    {.path = "/", .make = missing_token},
    {.path = "/health", .instead = "/_tidemark/health"},
    TIDEMARK_HEALTH_PATHS,
};

}  // namespace

constexpr Personality kDynamoDbLocalPersonality = {
    .name = "dynamodb-local", .usual_port = 8000, .is_s3_alone = false, .paths = kPaths, .greet = greet};

}  // namespace tidemark::server
