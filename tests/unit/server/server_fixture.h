// A server with a FakeService, for a test.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "server/http/server.h"
#include "tests/support/catch.h"
#include "tests/unit/server/fake_service.h"

namespace tidemark::server::test {

struct ServerFixture {
  explicit ServerFixture(const Limits& limits = {}, unsigned threads = 2) {
    Options options;
    options.threads = threads;
    options.listeners = {{.port = 0, .service = &service}};
    options.limits = limits;
    options.blocking_threads = 4;
    options.clock = &clock;
    auto started = Server::start(options);
    REQUIRE(started.has_value());
    server = std::move(*started);
    port = server->ports().at(0);
  }

  FakeService service;
  ManualClock clock{Timestamp::from_seconds(1'767'225'600)};
  std::unique_ptr<Server> server;
  std::uint16_t port = 0;
};

}  // namespace tidemark::server::test
