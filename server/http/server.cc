#include "server/http/server.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <latch>
#include <mutex>
#include <optional>
#include <span>
#include <thread>

#include "base/check.h"
#include "base/log.h"
#include "base/thread_name.h"
#include "base/worker_pool.h"
#include "server/http/asio.h"
#include "server/http/http_session.h"
#include "server/http/inbox.h"
#include "server/http/leavers.h"
#include "server/http/short_turns.h"

namespace tidemark::server {
namespace {

using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

// When there are too many connections, one in so many is closed, and after so long the next.
constexpr std::size_t kRoomShare = 64;
constexpr std::chrono::milliseconds kRoomPause{1};
constexpr std::chrono::milliseconds kRoomPauseMax{4};
// Meanwhile one in so many more is let in: whoever comes now stands behind everybody who came before.
constexpr std::size_t kOvershootShare = 8;

// A connection begins on a network thread for newcomers, and goes on on one for regulars. So thousands of
// strangers that keep their threads busy are, for those who have shown what they want, what other programs on
// the machine are.
constexpr unsigned kKindsOfThread = 2;

// Two network threads, one of each kind, have so many that move the bytes of long bodies for them: while one
// waits for the disk another works.
constexpr unsigned kBulkThreads = 2;

// A network thread with everything that belongs to it.
struct Shard {
  Shard(Visitors visitors, const Pools& pools, const Options& options, RequestLog& log) {
    const std::uint64_t bytes_max = options.limits.held_bytes_max / (kKindsOfThread * options.threads);
    group = std::make_unique<SessionGroup>(visitors, inbox, pools, options.limits, bytes_max, *options.clock,
                                           log);
    if (options.metrics != nullptr) group->metrics = &options.metrics->add_shard();
  }

  // Built after `io`, and outlives it: sessions cut short end with `io` and leave the group then.
  std::unique_ptr<SessionGroup> group;  // of `thread` alone
  asio::io_context io{1};
  asio::executor_work_guard<Executor> keep_running{io.get_executor()};
  Inbox inbox{io};
  Timer ticker{io.get_executor()};
  std::atomic<unsigned> connections = 0;
  std::thread thread;
};

// Of two shards, by whatever pointers.
constexpr auto kHasFewer = [](const auto& a, const auto& b) { return a->connections < b->connections; };

// Soon, on each of the threads of `pool`. Not twice at a time for the same pool.
template <class Action>
void on_all_threads(WorkerPool& pool, const Action& action) {
  const auto all = std::make_shared<std::latch>(pool.size());
  // Each waits for the others, so that no thread takes two of these.
  for (unsigned i = 0; i < pool.size(); ++i) {
    pool.put([all, action] {
      action();
      all->arrive_and_wait();
    });
  }
}

// Whom closing connections came across.
struct Closing {
  std::size_t leaving = 0;        // told now, or before
  std::size_t new_strangers = 0;  // who stay
};

// Closes connections whose peers keep us waiting: silent ones, and those that send or take nothing although
// it is their turn. So many, those told before who are still there among them.
Closing close_longest_waiting(const SessionGroup& group, std::size_t count) {
  std::vector<WaitingPeer> peers;
  std::vector<HttpSession*> sessions;
  const auto now = std::chrono::steady_clock::now();
  Closing closing;
  for (HttpSession* const session : group.sessions) {
    const auto since = session->waiting_since();
    if (!since) continue;
    const WaitingPeer peer{*since, session->has_been_of_use(), session->is_leaving(), session->is_new(now)};
    if (peer.is_leaving) {
      ++closing.leaving;
    } else if (peer.is_new && !peer.has_been_of_use) {
      ++closing.new_strangers;
    }
    peers.push_back(peer);
    sessions.push_back(session);
  }
  for (const std::size_t i : choose_leavers(peers, count)) {
    sessions[i]->is_idle() ? sessions[i]->stop_waiting() : sessions[i]->cut();
    ++closing.leaving;
  }
  return closing;
}

enum class Pressed {
  kByLimit,  // there are more than there may be
  kNow,      // however many there are
};

// Goes from thread to thread and closes connections: of newcomers first, and then, as far as that was not
// enough, of regulars on one thread.
struct Round {
  Pressed pressed = Pressed::kByLimit;
  std::size_t wanted = 0;
  std::vector<Shard*> of_newcomers = {};  // yet to be asked
  bool is_last = false;
  Closing closing = {};  // of all of them up to now
};

}  // namespace

class Server::Impl {
 public:
  explicit Impl(const Options& options)
      : options_(options),
        request_log_(*options.clock),
        pool_(options.blocking_threads, "workers", WorkerPool::Priority::kNormal),
        bulk_pool_(kBulkThreads * options.threads, "bulk", WorkerPool::Priority::kLow),
        heavy_pool_(options.heavy_threads, "heavy", WorkerPool::Priority::kLow) {
    INVARIANT(options.threads > 0 && options.clock != nullptr);
    const Pools pools{pool_, bulk_pool_, heavy_pool_};
    for (const Visitors visitors : {Visitors::kNewcomers, Visitors::kRegulars}) {
      for (unsigned i = 0; i < options.threads; ++i) {
        shards_.push_back(std::make_unique<Shard>(visitors, pools, options_, request_log_));
      }
    }
  }
  ~Impl() { drain_and_stop(std::chrono::milliseconds(0)); }

  Result<void> bind();
  void run();
  bool drain_and_stop(std::chrono::milliseconds patience);
  [[nodiscard]] const std::vector<std::uint16_t>& ports() const { return ports_; }

 private:
  struct Leave {
    void operator()(Impl* impl) const { impl->leave(); }
  };
  // Counts as a connection while it lives.
  using Place = std::unique_ptr<Impl, Leave>;

  Result<asio::ip::tcp::endpoint> resolve();
  Result<void> listen(const asio::ip::tcp::endpoint& endpoint);
  Awaitable<void> accept(Acceptor* acceptor, const Listener* listener);
  Awaitable<void> serve(Peer peer, const Listener* listener, Shard* shard, Place place);
  Awaitable<void> tick(Shard* shard);
  void start_session(Peer peer, const Listener* listener, Shard* shard, Place place);
  Place enter();
  void leave();
  [[nodiscard]] std::span<const std::unique_ptr<Shard>> shards_of(Visitors visitors) const;
  [[nodiscard]] Shard& idlest_shard(Visitors visitors) const;
  [[nodiscard]] std::size_t connections_of(Visitors visitors) const;
  // How many more there are.
  [[nodiscard]] std::size_t connections_above(std::size_t connections) const;
  // Closes connections that wait for their peers.
  void make_room(Pressed pressed);
  void ask_next(Round round);
  void give_back_memory();
  bool wait_until_empty(std::chrono::milliseconds patience);
  template <class Action>
  void on_every_session(Action action);

  const Options options_;
  RequestLog request_log_;
  std::atomic<std::size_t> connections_ = 0;
  std::mutex mutex_;
  std::condition_variable emptied_;  // with mutex_: connections_ came to zero
  std::atomic<bool> is_making_room_ = false;
  std::atomic<unsigned> giving_back_ = 0;       // threads that have yet to do so
  std::vector<std::unique_ptr<Shard>> shards_;  // for newcomers, then as many for regulars
  // After the shards: what they still hold at the end belongs to their sessions.
  WorkerPool pool_;
  WorkerPool bulk_pool_;
  WorkerPool heavy_pool_;
  std::vector<std::unique_ptr<Acceptor>>
      acceptors_;  // or null, one a listener; of the first shard's thread, once that runs
  std::vector<std::uint16_t> ports_;
  bool is_stopped_ = false;
};

Result<asio::ip::tcp::endpoint> Server::Impl::resolve() {
  boost::system::error_code error;
  asio::ip::tcp::resolver resolver(shards_.front()->io);
  const auto found = resolver.resolve(options_.host, "", error);
  if (error || found.empty()) {
    return fail(Error::invalid_argument("'" + options_.host + "' is not an address of this machine"));
  }
  return found.begin()->endpoint();
}

Result<void> Server::Impl::listen(const asio::ip::tcp::endpoint& endpoint) {
  auto acceptor = std::make_unique<Acceptor>(shards_.front()->io.get_executor());
  boost::system::error_code error;
  acceptor->open(endpoint.protocol(), error);
  if (!error) acceptor->set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor->bind(endpoint, error);
  if (!error) acceptor->listen(4096, error);
  if (error) {
    const std::string where = "port " + std::to_string(endpoint.port()) + " on " + options_.host;
    if (error == asio::error::address_in_use) return fail(Error::unavailable(where + " is already in use"));
    return fail(Error::io("cannot listen to " + where + ": " + error.message()));
  }
  ports_.push_back(acceptor->local_endpoint().port());
  acceptors_.push_back(std::move(acceptor));
  return {};
}

Result<void> Server::Impl::bind() {
  ASSIGN_OR_RETURN(auto endpoint, resolve());
  for (auto& shard : shards_) RETURN_IF_ERROR(shard->inbox.start());
  for (const Listener& listener : options_.listeners) {
    INVARIANT(listener.service != nullptr);
    endpoint.port(listener.port);
    const auto listening = listen(endpoint);
    if (listening) continue;
    if (!listener.may_be_missing || listening.error().code != ErrorCode::kUnavailable) {
      return fail(listening.error());
    }
    log::warn(listening.error().message + "; going on without it");
    ports_.push_back(0);
    acceptors_.push_back(nullptr);
  }
  return {};
}

void Server::Impl::run() {
  for (std::size_t i = 0; i < acceptors_.size(); ++i) {
    if (!acceptors_[i]) continue;
    asio::co_spawn(shards_.front()->io, accept(acceptors_[i].get(), &options_.listeners[i]), asio::detached);
  }
  for (auto& shard : shards_) {
    asio::co_spawn(shard->io, tick(shard.get()), asio::detached);
    shard->thread = std::thread([&io = shard->io] {
      name_thread("network");
      ask_for_short_turns();
      io.run();
    });
  }
}

// One acceptor a port hands the connections to all threads in turn. Several acceptors with SO_REUSEPORT would
// spread them by hash, unevenly, and would hide that another process has the port.
Awaitable<void> Server::Impl::accept(Acceptor* acceptor, const Listener* listener) {
  Timer pause(shards_.front()->io.get_executor());
  while (acceptor->is_open()) {
    Shard& shard = idlest_shard(Visitors::kNewcomers);
    auto [error, socket] = co_await acceptor->async_accept(shard.io.get_executor(), kAsValue);
    if (!error) {
      start_session({.connection = Connection(std::move(socket))}, listener, &shard, enter());
    } else if (acceptor->is_open() && error != asio::error::connection_aborted) {
      // Most likely there are no descriptors left, whatever the limit says.
      log::warn("cannot accept connections for a moment", {{"error", error.message()}});
      make_room(Pressed::kNow);
      pause.expires_after(std::chrono::milliseconds(100));
      co_await pause.async_wait(kAsValue);
    }
    if (connections_above(options_.limits.connections_max) > 0) make_room(Pressed::kByLimit);
    const std::size_t most =
        options_.limits.connections_max + options_.limits.connections_max / kOvershootShare;
    for (auto wait = kRoomPause; connections_above(most) > 0 && acceptor->is_open();
         wait = std::min(2 * wait, kRoomPauseMax)) {
      pause.expires_after(wait);
      co_await pause.async_wait(kAsValue);
      // Meanwhile those that were told before may have gone.
      if (connections_above(most) > 0) make_room(Pressed::kByLimit);
    }
  }
}

Server::Impl::Place Server::Impl::enter() {
  ++connections_;
  return Place(this);
}

void Server::Impl::leave() {
  if (--connections_ > 0) return;
  const std::lock_guard lock(mutex_);
  emptied_.notify_all();
}

std::size_t Server::Impl::connections_above(std::size_t connections) const {
  const std::size_t all = connections_;
  return all - std::min(all, connections);
}

void Server::Impl::make_room(Pressed pressed) {
  if (is_making_room_.exchange(true)) return;
  // Several at once: looking for them takes a while where there are thousands.
  Round round{.pressed = pressed,
              .wanted = std::max<std::size_t>(1, options_.limits.connections_max / kRoomShare)};
  for (const auto& shard : shards_of(Visitors::kNewcomers)) round.of_newcomers.push_back(shard.get());
  ask_next(std::move(round));
}

void Server::Impl::ask_next(Round round) {
  const std::size_t excess = connections_above(options_.limits.connections_max);
  std::size_t count = round.wanted - std::min(round.wanted, round.closing.leaving);
  // Until now some may have gone; whoever would be closed for them has done nothing.
  if (round.pressed == Pressed::kByLimit && excess == 0) count = 0;
  Shard* shard = nullptr;
  if (!round.of_newcomers.empty()) {
    const auto fullest = std::max_element(round.of_newcomers.begin(), round.of_newcomers.end(), kHasFewer);
    shard = *fullest;
    round.of_newcomers.erase(fullest);
  } else if (!round.is_last && are_few(round.closing.new_strangers, connections_of(Visitors::kRegulars))) {
    round.is_last = true;
    const auto shards = shards_of(Visitors::kRegulars);
    shard = std::max_element(shards.begin(), shards.end(), kHasFewer)->get();
    // Where strangers went, no more of these than must.
    if (round.closing.leaving > 0) count = std::min(count, excess - std::min(excess, round.closing.leaving));
  }
  if (shard == nullptr || count == 0) {
    is_making_room_ = false;
    return;
  }
  shard->inbox.put([this, shard, count, round = std::move(round)]() mutable {
    const Closing here = close_longest_waiting(*shard->group, count);
    round.closing.leaving += here.leaving;
    round.closing.new_strangers += here.new_strangers;
    ask_next(std::move(round));
  });
}

// What this thread and those that took the bodies for it have cached.
void Server::Impl::give_back_memory() {
  if (!options_.give_back_memory) return;
  options_.give_back_memory();
  unsigned nobody = 0;
  if (!giving_back_.compare_exchange_strong(nobody, bulk_pool_.size() + heavy_pool_.size())) return;
  const auto action = [this] {
    options_.give_back_memory();
    --giving_back_;
  };
  on_all_threads(bulk_pool_, action);
  on_all_threads(heavy_pool_, action);
}

std::span<const std::unique_ptr<Shard>> Server::Impl::shards_of(Visitors visitors) const {
  const std::span all(shards_);
  return all.subspan(visitors == Visitors::kNewcomers ? 0 : options_.threads, options_.threads);
}

Shard& Server::Impl::idlest_shard(Visitors visitors) const {
  const auto shards = shards_of(visitors);
  return **std::min_element(shards.begin(), shards.end(), kHasFewer);
}

std::size_t Server::Impl::connections_of(Visitors visitors) const {
  std::size_t all = 0;
  for (const auto& shard : shards_of(visitors)) all += shard->connections;
  return all;
}

void Server::Impl::start_session(Peer peer, const Listener* listener, Shard* shard, Place place) {
  ++shard->connections;
  auto at_end = [shard](const std::exception_ptr& exception) {
    if (exception) log::error("a connection was given up after an exception");
    --shard->connections;
  };
  auto begin = [this, shard, listener, peer = std::move(peer), place = std::move(place),
                at_end = std::move(at_end)]() mutable {
    asio::co_spawn(shard->io, serve(std::move(peer), listener, shard, std::move(place)), std::move(at_end));
  };
  // Connections are accepted by the first thread, which needs no way to itself.
  shard == shards_.front().get() ? begin() : shard->inbox.put(std::move(begin));
}

Awaitable<void> Server::Impl::serve(Peer peer, const Listener* listener, Shard* shard, Place place) {
  HttpSession session(std::move(peer), *listener, *shard->group, options_.tls);
  const bool moves_on = co_await session.run();
  if (moves_on) {
    Shard& other = idlest_shard(Visitors::kRegulars);
    start_session(session.move_on(other.io.get_executor()), listener, &other, std::move(place));
  }
}

// Counts the seconds and cuts what is overdue.
Awaitable<void> Server::Impl::tick(Shard* shard) {
  shard->ticker.expires_after(std::chrono::seconds(0));
  for (;;) {
    shard->ticker.expires_at(shard->ticker.expiry() + std::chrono::seconds(1));
    const auto [error] = co_await shard->ticker.async_wait(kAsValue);
    if (error) co_return;
    ++shard->group->now_s;
    shard->group->waits_before = shard->group->waits;
    if (shard->group->memory.is_relaxed_again()) give_back_memory();
    for (HttpSession* session : shard->group->sessions) {
      session->shrink_if_idle();
      if (session->is_overdue() && session->is_idle()) {
        session->stop_waiting();
      } else if (session->is_overdue()) {
        session->cut();
      }
    }
  }
}

bool Server::Impl::wait_until_empty(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  return emptied_.wait_for(lock, patience, [this] { return connections_ == 0; });
}

template <class Action>
void Server::Impl::on_every_session(Action action) {
  for (auto& shard : shards_) {
    shard->inbox.put([&group = *shard->group, action] {
      group.is_draining = true;
      for (HttpSession* session : group.sessions) action(*session);
    });
  }
}

bool Server::Impl::drain_and_stop(std::chrono::milliseconds patience) {
  if (is_stopped_) return true;
  is_stopped_ = true;
  bool finished = true;
  if (shards_.front()->thread.joinable()) {
    shards_.front()->inbox.put([this] {
      for (auto& acceptor : acceptors_) {
        boost::system::error_code ignored;
        if (acceptor) acceptor->close(ignored);
      }
    });
    on_every_session([](HttpSession& session) { session.drain(); });
    finished = wait_until_empty(patience);
    if (!finished) {
      on_every_session([](HttpSession& session) { session.cut(); });
      wait_until_empty(std::chrono::seconds(1));
    }
  }
  for (auto& shard : shards_) {
    shard->io.stop();
    if (shard->thread.joinable()) shard->thread.join();
  }
  // What runs on the pool comes to its end: no session may be destroyed under it.
  pool_.join();
  bulk_pool_.join();
  heavy_pool_.join();
  return finished;
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(const Options& options) {
  auto impl = std::make_unique<Impl>(options);
  RETURN_IF_ERROR(impl->bind());
  impl->run();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

const std::vector<std::uint16_t>& Server::ports() const { return impl_->ports(); }

bool Server::drain_and_stop(std::chrono::milliseconds patience) { return impl_->drain_and_stop(patience); }

}  // namespace tidemark::server
