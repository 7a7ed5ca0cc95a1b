#include "server/program/personality_facts.h"

#include "server/version.h"

namespace tidemark::server {

PersonalityFacts facts_of(const ServeConfig& config, const ServerParts& parts) {
  PersonalityFacts facts;
  facts.version = kVersion;
  facts.region = config.region;
  facts.started = parts.wall.now();
  facts.wall = &parts.wall;
  facts.in_memory = config.in_memory;
  facts.data_directory = parts.directory->path();
  facts.is_one_space = config.spaces == Spaces::kOne;
  facts.delays_statuses = config.delay_transient_statuses;
  for (const std::string& origin : config.cors_origins) {
    facts.cors += (facts.cors.empty() ? "" : ",") + origin;
  }
  facts.loads_eagerly = config.loads_eagerly;
  return facts;
}

}  // namespace tidemark::server
