#include "server/environment.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/nearest.h"
#include "base/service_link.h"

namespace tidemark::server {
namespace {

constexpr std::string_view kPrefix = "TIDEMARK_";
constexpr std::size_t kSlipsMax = 2;

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* const value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

Variables process_variables() {
  Variables variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (!text.starts_with(kPrefix) || equals == std::string_view::npos) continue;
    variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  std::sort(variables.begin(), variables.end());
  return variables;
}

std::vector<UnknownVariable> unknown_variables(const Variables& variables,
                                               const std::vector<std::string>& known) {
  std::vector<UnknownVariable> unknown;
  for (const auto& [name, value] : variables) {
    const bool is_known = std::find(known.begin(), known.end(), name) != known.end();
    if (is_known || value.empty() || is_service_link(name, value)) continue;
    unknown.push_back({.name = name, .meant = nearest_name(name, known, kSlipsMax)});
  }
  return unknown;
}

}  // namespace tidemark::server
