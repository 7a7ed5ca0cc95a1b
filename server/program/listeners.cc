#include "server/program/listeners.h"

#include <algorithm>
#include <string_view>
#include <thread>
#include <utility>

#include "server/front/refusal_wording.h"
#include "server/program/endpoints.h"
#include "server/program/memory.h"
#include "server/program/personality_facts.h"
#include "server/program/tls.h"

namespace tidemark::server {
namespace {

// What a listener of that personality hands its connections to: in front the guard against pages, then the
// answers of the personality, then the services. `is_s3_alone` also where the personality is not.
BrowserGuard* build_entrance(const ServeConfig& config, const Personality& personality, bool is_s3_alone,
                             ServerParts* parts) {
  admin::AdminService& services = is_s3_alone ? *parts->s3_port : *parts->shared_port;
  Entrance entrance;
  entrance.front = std::make_unique<PersonalityFront>(services, personality, facts_of(config, *parts),
                                                      parts->base_domains);
  BrowserGuard::Options options{.origins = config.cors_origins,
                                .hosts = config.allowed_hosts,
                                .base_domains = parts->base_domains,
                                .is_strict = config.strict_auth};
  const auto lets_page = [s3 = parts->s3.get(), is_s3_alone, domains = parts->base_domains](
                             const http::RequestHead& head, std::string_view origin) {
    const bool is_for_s3 = is_s3_alone || (!is_for_dynamodb(head, domains) && !is_for_sts(head, domains));
    return is_for_s3 && s3->lets_page(head, origin);
  };
  entrance.guard = std::make_unique<BrowserGuard>(*entrance.front, std::move(options), lets_page);
  parts->entrances.push_back(std::move(entrance));
  return parts->entrances.back().guard.get();
}

Listener build_listener(std::uint16_t port, const ServeConfig& config, const Personality& personality,
                        bool is_s3_alone, ServerParts* parts) {
  BrowserGuard* const guard = build_entrance(config, personality, is_s3_alone, parts);
  const auto admits = [guard](const http::RequestHead& head) { return guard->lets(head); };
  return {.port = port, .service = guard, .refuse = word_refusals(is_s3_alone, parts->random, admits)};
}

// The first port, S3's own, if there is one, all others, and the console's at the end.
std::vector<Listener> build_listeners(const ServeConfig& config, ServerParts* parts) {
  const Personality& first = first_personality(config);
  std::vector<Listener> listeners;
  listeners.push_back(build_listener(config.port, config, first, first.is_s3_alone, parts));
  if (config.s3_port) {
    listeners.push_back(build_listener(*config.s3_port, config, kMinioPersonality, true, parts));
    listeners.back().may_be_missing = config.s3_port_by_default;
  }
  for (const ListenerConfig& more : config.listeners) {
    const Personality& personality = *more.personality;
    listeners.push_back(build_listener(more.port, config, personality, personality.is_s3_alone, parts));
  }
  if (config.console_port) {
    parts->console_front =
        std::make_unique<ConsoleFront>(*build_entrance(config, kTidemarkPersonality, false, parts));
    listeners.push_back({.port = *config.console_port, .service = parts->console_front.get()});
  }
  return listeners;
}

}  // namespace

Result<void> open_ports(const ServeConfig& config, ServerParts* parts) {
  ASSIGN_OR_RETURN(parts->tls, load_tls(config, parts->directory->path(), parts->wall));
  Options options;
  options.tls = {.context = parts->tls.get(), .also_plain = config.tls_also_plain};
  options.host = config.host;
  options.threads = config.threads;
  options.limits.connections_max = parts->descriptors.connections;
  options.give_back_memory = way_to_give_back_memory();
  options.heavy_threads = std::clamp(std::thread::hardware_concurrency() / 4, 1U, 4U);
  // Objects, and writes of several items, hold a thread while they wait for their fsync; many share one.
  options.blocking_threads = config.fsync ? 64 : 16;
  options.clock = &parts->wall;
  options.metrics = &parts->request_metrics;
  options.listeners = build_listeners(config, parts);
  ASSIGN_OR_RETURN(parts->server, Server::start(options));
  return {};
}

}  // namespace tidemark::server
