// The environment, and its variables that begin with TIDEMARK_. Not all of them are settings: a service may
// well be called tidemark (base/service_link.h).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark::server {

// The value of an environment variable, or nothing. An empty value counts as unset.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
// That of this process.
Environment process_environment();

// Names and values.
using Variables = std::vector<std::pair<std::string, std::string>>;

// Those of this process whose names begin with TIDEMARK_, sorted.
Variables process_variables();

// A variable that looks like a setting and is none.
struct UnknownVariable {
  std::string name;
  std::string meant;  // the setting whose name is almost the same; empty: there is none
};
// Those of `variables` that neither `known` holds nor an orchestrator made; empty ones count as unset.
std::vector<UnknownVariable> unknown_variables(const Variables& variables,
                                               const std::vector<std::string>& known);

}  // namespace tidemark::server
