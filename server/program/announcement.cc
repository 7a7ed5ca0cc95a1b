#include "server/program/announcement.h"

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "server/program/endpoints.h"
#include "server/program/personality_facts.h"
#include "server/version.h"

namespace tidemark::server {
namespace {

void print(std::FILE* stream, const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stream);
  std::fflush(stream);
}

}  // namespace

void log_start(const ServeConfig& config, const ServerParts& parts) {
  const std::vector<std::uint16_t>& ports = parts.server->ports();
  const auto tell = [&config](std::uint16_t port, bool is_s3_alone) {
    log::info("listening",
              {{"endpoint", endpoint_of(config, port)}, {"services", is_s3_alone ? "s3" : "dynamodb,s3"}});
  };
  tell(ports[0], first_personality(config).is_s3_alone);
  if (const auto s3_port = bound_s3_port(config, ports)) tell(*s3_port, true);
  for (std::size_t i = 0; i < config.listeners.size(); ++i) {
    tell(ports[first_of_more(config) + i], config.listeners[i].personality->is_s3_alone);
  }
  if (config.console_port) {
    log::info("listening", {{"endpoint", endpoint_of(config, ports.back())}, {"services", "console"}});
  }
  log::info("serving", {{"data", parts.directory->path()},
                        {"auth", config.strict_auth ? "strict" : "open"},
                        {"fsync", config.fsync},
                        {"version", kVersion},
                        {"pid", ::getpid()}});
  if (!config.strict_auth && config.host != "localhost" && !is_loopback(config.host)) {
    log::warn(
        "everybody who can reach this address may read and change everything: give --auth strict and "
        "--credentials FILE, or listen on 127.0.0.1",
        {{"host", config.host}});
  }
}

void announce(const ServeConfig& config, const ServerParts& parts) {
  const std::vector<std::uint16_t>& ports = parts.server->ports();
  std::string line;
  JsonWriter json(&line);
  json.begin_object();
  json.member("event", "ready");
  json.member("endpoint", endpoint_of(config, ports[0]));
  json.member("port", std::int64_t{ports[0]});
  json.key("s3_port");
  if (const auto s3_port = bound_s3_port(config, ports)) {
    json.number(*s3_port);
  } else {
    json.null();
  }
  if (!config.listeners.empty()) {
    json.key("ports");
    json.begin_array();
    for (std::size_t i = 0; i < config.listeners.size(); ++i) json.number(ports[first_of_more(config) + i]);
    json.end_array();
  }
  if (config.console_port) json.member("console_port", std::int64_t{ports.back()});
  json.member("pid", std::int64_t{::getpid()});
  json.member("version", kVersion);
  json.end_object();
  line += '\n';
  print(stdout, line);
}

void greet(const ServeConfig& config, const ServerParts& parts) {
  if (config.personality == nullptr || config.personality->greet == nullptr) return;
  PersonalityFacts facts = facts_of(config, parts);
  facts.port = parts.server->ports().front();
  facts.endpoint = endpoint_of(config, facts.port);
  const Greeting greeting = config.personality->greet(facts);
  print(stderr, greeting.err);
  print(stdout, greeting.out);
}

}  // namespace tidemark::server
