// What a listener looks like to programs that wait for another server: paths that they ask until the status
// is right, and lines that they read until it is there. What AWS SDKs send is answered the same everywhere.
//
// A personality is one file with a table of paths; all_personalities() lists them. Sources: the public
// documentation of those servers, and what their users' tools wait for (the wait strategies of the
// Testcontainers modules, @shelf/jest-dynamodb).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/http_message.h"

namespace tidemark::server {

// What answers and lines tell of.
struct PersonalityFacts {
  std::string version = {};
  std::string region = {};
  std::string endpoint = {};  // `http://127.0.0.1:8000`
  std::uint16_t port = 0;
  Timestamp started = {};       // by the machine's clock
  const Clock* wall = nullptr;  // that clock
  bool in_memory = false;
  std::string data_directory = {};
  bool is_one_space = false;  // all callers see the same tables
  bool delays_statuses = false;
  std::string cors = {};       // as given; empty: nothing was
  bool loads_eagerly = false;  // services are said to run before they are used
};

// The answer to an unsigned GET or HEAD of `path`: made here, or what the services behind say to a GET of
// `instead`.
struct PathAnswer {
  std::string_view path;
  http::Response (*make)(const PersonalityFacts& facts) = nullptr;
  std::string_view instead = {};
};

// What is printed when the server is ready, if it was started in the habit of another one. Whole lines.
struct Greeting {
  std::string out;
  std::string err;
};

struct Personality {
  std::string_view name;
  // The port that the other server has unless told otherwise; 0: none. A listener there has this personality.
  std::uint16_t usual_port;
  bool is_s3_alone;  // nothing but S3 is there
  std::span<const PathAnswer> paths;
  Greeting (*greet)(const PersonalityFacts& facts);  // null: nobody waits for a line
};

extern const Personality kTidemarkPersonality;
extern const Personality kServicePersonality;
extern const Personality kDynamoDbLocalPersonality;
extern const Personality kLocalStackPersonality;
extern const Personality kMinioPersonality;

std::span<const Personality* const> all_personalities();
// Null for a name that is none.
const Personality* find_personality(std::string_view name);
// `otherwise` where nobody usually listens.
const Personality& personality_of_port(std::uint16_t port, const Personality& otherwise);

}  // namespace tidemark::server
