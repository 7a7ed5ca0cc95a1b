// The parts of a server.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "admin/bill/ledger.h"
#include "admin/service.h"
#include "api/front/dispatcher.h"
#include "api/logs/logs_service.h"
#include "api/sts/sts_service.h"
#include "base/auth/authority.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/schedule.h"
#include "base/service_clock.h"
#include "jobs/job_registry.h"
#include "s3emu/rest/front/service.h"
#include "s3emu/rules/lifecycle_sweeper.h"
#include "s3emu/store/object_store.h"
#include "server/console/console.h"
#include "server/data_directory.h"
#include "server/descriptors.h"
#include "server/front/account_per_key.h"
#include "server/front/browser_guard.h"
#include "server/front/endpoint_router.h"
#include "server/http/request_metrics.h"
#include "server/http/server.h"
#include "server/live/request_ring.h"
#include "server/live/request_tap.h"
#include "server/personality/front.h"
#include "server/personality/spaces.h"
#include "server/program/clock_keeper.h"
#include "server/tls/context.h"
#include "server/webhook.h"
#include "storage/engine.h"
#include "timetravel/time_travel.h"
#include "transfer/bucket/foreign_buckets.h"
#include "transfer/bucket/local_buckets.h"
#include "transfer/transfers.h"

namespace tidemark::server {

// What stands between a listener and the services.
struct Entrance {
  std::unique_ptr<PersonalityFront> front;
  std::unique_ptr<BrowserGuard> guard;
};

// Owns everything that serves, each part behind what it uses: they begin from top to bottom (serve.cc) and
// end from bottom to top. A pointer is null until its part is built, and stays so where the configuration has
// no such part.
struct ServerParts {
  // What the rest stands on.
  DescriptorPlan descriptors;
  SystemClock wall;
  BootClock steady;
  ServiceClock clock{wall, steady};
  Schedule schedule{clock};
  SystemRandom random;
  std::shared_ptr<const auth::Authority> authority;
  std::unique_ptr<DataDirectory> directory;

  // What is kept: stores.h
  std::unique_ptr<storage::Engine> engine;
  std::unique_ptr<ClockKeeper> clock_keeper;
  std::unique_ptr<Webhook> webhook;
  std::unique_ptr<s3emu::ObjectStore> objects;

  // What is done and answered: services.h
  std::unique_ptr<s3emu::JobAccess> job_access;
  std::unique_ptr<transfer::Buckets> own_buckets;
  std::unique_ptr<transfer::Buckets> buckets;  // there or elsewhere
  std::unique_ptr<jobs::JobRegistry> jobs;
  std::unique_ptr<transfer::Transfers> transfers;
  std::unique_ptr<timetravel::TimeTravel> time_travel;
  std::unique_ptr<api::DynamoDbService> dynamodb;
  std::unique_ptr<api::StsService> sts;
  std::unique_ptr<api::LogsService> logs;
  std::unique_ptr<s3emu::LifecycleSweeper> lifecycle;
  std::vector<std::string> base_domains;
  std::unique_ptr<s3emu::S3Service> s3;
  std::unique_ptr<admin::Ledger> ledger;

  // What stands in front of the services, the same for all ports: doors.h
  std::unique_ptr<EndpointRouter> router;
  std::unique_ptr<SpaceMapper> spaces;             // where callers are told apart otherwise
  std::unique_ptr<AccountPerKey> shared_accounts;  // these two only with --account-per-key
  std::unique_ptr<AccountPerKey> s3_accounts;
  RequestRing ring;
  std::unique_ptr<RequestTap> shared_tap;
  std::unique_ptr<RequestTap> s3_tap;
  RequestMetrics request_metrics;
  std::unique_ptr<admin::AdminService> shared_port;
  std::unique_ptr<admin::AdminService> s3_port;

  // The ports: listeners.h
  std::vector<Entrance> entrances;  // one a listener, in their order
  std::unique_ptr<ConsoleFront> console_front;
  std::unique_ptr<TlsContext> tls;
  std::unique_ptr<Server> server;
};

}  // namespace tidemark::server
