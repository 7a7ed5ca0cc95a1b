// `tidemark doctor`: why a client does not reach the server, or not the one it means, and what to do about
// it.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "server/client/local_client.h"

namespace tidemark::server {

struct DoctorConfig {
  ServerAddress server;
  std::string data_directory = "./tidemark-data";  // looked at when no server says where its data is
  bool json = false;
};

enum class Health : std::uint8_t {
  kGood,
  kDoubtful,  // works, but not for everybody
  kBad,
};

struct Finding {
  Health health = Health::kGood;
  std::string subject;   // `port 8000`
  std::string text;      // what was found
  std::string fix = {};  // what to do; empty when it is good
};

// The value of a variable of the environment; nothing when it is not set or empty.
using Variable = std::function<std::optional<std::string>(const std::string& name)>;

// Judgements of what was found, one each; none of them looks at anything else than its arguments.
std::vector<Finding> judge_environment(const Variable& variable, const ServerAddress& server,
                                       bool has_credentials_file);
Finding judge_skew(std::int64_t seconds_apart);
Finding judge_descriptors(std::uint64_t limit);
Finding judge_space(const std::string& directory, std::uint64_t free_bytes);
// `listens_on` is the host of the server's endpoint; empty: not known.
Finding judge_containers(bool is_in_container, const std::string& listens_on, const ServerAddress& server);

// Looks at everything, and asks the server. Prints to `out`; returns the exit status: 1 when something is
// bad.
Result<int> run_doctor(const DoctorConfig& config, const Variable& variable, std::FILE* out);

}  // namespace tidemark::server
