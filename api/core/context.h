// What an operation may use besides its request.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/core/compression.h"
#include "api/core/extensions.h"
#include "base/address.h"
#include "base/auth/authority.h"
#include "base/clock.h"
#include "base/http_message.h"
#include "base/random.h"
#include "model/pitr.h"
#include "model/words/wording.h"
#include "storage/engine.h"
#include "timetravel/time_travel.h"
#include "transfer/transfers.h"

namespace tidemark::api {

class DeferredCommit;

// Fixed at start.
struct Settings {
  std::string region = "us-east-1";         // for callers whose credential scope names none
  std::string account_id = "000000000000";  // for callers whose access key says nothing else
  model::Wording wording = model::kDefaultWording;
  // Judges signatures: clients do not jump with the service's time. Null: the service's clock.
  const Clock* wall = nullptr;
  bool sync_writes = false;  // the engine syncs before it acknowledges, so commits wait for the disk
  // Whether signatures are verified, and whose access keys are known. Never null.
  std::shared_ptr<const auth::Authority> authority = std::make_shared<auth::Authority>();
  // False: requests without an Authorization header are served too, unless signatures are verified.
  bool require_authorization = true;
  CompressAnswers compress_answers = CompressAnswers::kForOtherMachines;
  model::PitrLag pitr_lag{0};  // how far behind now a table can be restored
  std::vector<AddressRange> trusted_proxies =
      {};  // whose X-Forwarded-Proto counts, for conditions of policies
  Extensions extensions = {};
};

// Lives for one request, on one thread.
struct OperationContext {
  storage::Engine& engine;
  transfer::Transfers* transfers = nullptr;       // null only in tests that neither export nor import
  timetravel::TimeTravel* time_travel = nullptr;  // null only in tests that neither restore nor back up
  storage::Owner owner;                           // whose tables: account and region of the caller
  std::string_view operation = {};                // `GetItem`
  Clock& clock;
  Random& random;
  const Settings& settings;
  std::optional<Timestamp> as_of = {};      // a read of the past: see api/core/past.h
  std::string_view host;                    // the Host header, `localhost:8000`; may be empty
  const http::RequestHead* head = nullptr;  // null only in tests
  std::string_view body = {};               // of the request, without codings

  // An operation that meets something large on a network thread, or would have to wait, fails before it has
  // changed anything, and is run again elsewhere: see gives_way().
  bool is_on_network_thread = false;
  bool takes_long = false;

  // On a network thread where commits wait for the disk. An operation of one write defers its commit then,
  // and leaves it here; its answer is held back until there is an outcome.
  bool defers_commit = false;
  std::shared_ptr<DeferredCommit> deferred = nullptr;

  // Whether it must fail so, with whatever error, because of a stored item of that size.
  bool gives_way(std::size_t item_bytes) {
    constexpr std::size_t kQuickItemBytes = 32 << 10;
    takes_long = is_on_network_thread && item_bytes > kQuickItemBytes;
    return takes_long;
  }
};

}  // namespace tidemark::api
