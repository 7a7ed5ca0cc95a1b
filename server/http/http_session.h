// One connection: requests in, answers out, one after the other.
//
// GCC 12 miscompiles some coroutines without a word: a co_await inside a switch or beside && and ||, and
// temporaries or lambdas with captures inside a co_await expression. So each stands alone in the files of
// this class, its arguments named before it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/http_message.h"
#include "base/live_traffic.h"
#include "base/request_note.h"
#include "base/worker_pool.h"
#include "server/http/asio.h"
#include "server/http/connection.h"
#include "server/http/held_memory.h"
#include "server/http/inbox.h"
#include "server/http/input_buffer.h"
#include "server/http/leavers.h"
#include "server/http/refusal.h"
#include "server/http/request_log.h"
#include "server/http/request_metrics.h"
#include "server/http/request_parser.h"
#include "server/http/response_head.h"
#include "server/http/server.h"

namespace tidemark::server {

class HttpSession;

// Who is at the other end.
struct Peer {
  Connection connection;
  InputBuffer input = {};        // what has come of its next request
  bool is_known = false;         // by what was answered on this connection
  bool has_been_of_use = false;  // it has had an answer other than an error
};

// Whose connections a network thread serves: they are newcomers until they have been of use.
enum class Visitors { kNewcomers, kRegulars };

// Threads beside those of the network.
struct Pools {
  WorkerPool& blocking;  // for whatever may wait
  WorkerPool& bulk;      // for the bytes of long bodies, in and out, a piece at a time
  WorkerPool& heavy;     // for few things at a time
};

// What the connections of one network thread share. Used by that thread alone, but for `visitors`.
struct SessionGroup {
  // `memory_bytes_max` is the share of this group.
  SessionGroup(Visitors served, Inbox& thread_inbox, const Pools& pools, const Limits& session_limits,
               std::uint64_t memory_bytes_max, const Clock& clock, RequestLog& log)
      : visitors(served),
        inbox(thread_inbox),
        blocking_pool(pools.blocking),
        bulk_pool(pools.bulk),
        heavy_pool(pools.heavy),
        limits(session_limits),
        request_log(log),
        date(clock),
        memory(memory_bytes_max) {}

  const Visitors visitors;
  Inbox& inbox;
  WorkerPool& blocking_pool;
  WorkerPool& bulk_pool;
  WorkerPool& heavy_pool;
  const Limits& limits;
  RequestLog& request_log;  // that of all threads
  HttpDate date;
  HeldMemory memory;
  TrafficMeter traffic;
  RequestMetrics::Shard* metrics = nullptr;  // null: nobody counts
  std::uint32_t now_s = 0;                   // seconds since the start; the owner counts them
  std::uint64_t waits = 0;                   // that have begun
  std::uint64_t waits_before = 0;            // of them, those before this second
  // Of exchanges that have given up and wait for their end on another thread.
  const std::shared_ptr<std::atomic<std::uint64_t>> leaving_bytes =
      std::make_shared<std::atomic<std::uint64_t>>(0);
  bool is_draining = false;  // answer what has been asked, then close; who is slow now is cut soon
  std::unordered_set<HttpSession*> sessions;
};

// Deadlines are seconds of `group.now_s`, compared once a second by the owner of the group: no timer per
// operation.
class HttpSession final : public MemoryHolder {
 public:
  // Enters the group, and leaves it at the end. `listener` and `tls` must outlive it.
  HttpSession(Peer peer, const Listener& listener, SessionGroup& group, const TlsPolicy& tls);
  ~HttpSession() override;
  HttpSession(const HttpSession&) = delete;
  HttpSession& operator=(const HttpSession&) = delete;

  // Serves until the peer or a limit ends the connection. True: it has not ended, but is no newcomer any
  // more, and goes on among regulars.
  Awaitable<bool> run();
  // The peer, for a session on the thread of `executor`. Once, behind run().
  Peer move_on(const Executor& executor);

  [[nodiscard]] bool is_idle() const { return is_idle_; }
  [[nodiscard]] bool is_overdue() const { return group_.now_s > deadline_s_; }
  // Since when nothing has come from the peer, or been taken by it, as a number that grows within the group;
  // nothing while it waits for us.
  [[nodiscard]] std::optional<std::uint64_t> waiting_since() const {
    return deadline_s_ == kForever ? std::nullopt : std::optional(waiting_since_);
  }
  // Whether it has been answered other than with an error.
  [[nodiscard]] bool has_been_of_use() const { return has_been_of_use_; }
  [[nodiscard]] bool is_new(std::chrono::steady_clock::time_point now) const {
    return now - made_at_ < kTimeToBeOfUse;
  }
  // Whether it has been told to end and has yet to do so.
  [[nodiscard]] bool is_leaving() const { return is_leaving_; }
  // Ends all that is in progress on the socket; run() then returns on its own.
  void cut();
  // Ends the wait for another request. One that has come in at this very moment is carried out, and so it is
  // answered: the sending side stays open.
  void stop_waiting();
  // The server stops: who has asked nothing is let go, and nobody is waited for as long as before.
  void drain();
  // Memory that only the next request might need.
  void shrink_if_idle();

 private:
  static constexpr std::uint32_t kForever = std::numeric_limits<std::uint32_t>::max();
  // While the server stops, nobody is waited for longer than this.
  static constexpr std::uint32_t kDrainPatienceS = 1;
  // What a request may hold for nothing, beside what every connection has.
  static constexpr std::uint64_t kFreeBytes = 4 * 1024;

  enum class Step { kHave, kDone, kNeedMore, kBad, kTooLong };  // kTooLong: of heads alone
  // The request in progress, as the log and the metrics will tell of it.
  struct Served {
    http::RequestNote note;
    std::chrono::steady_clock::time_point began;  // set only when each request has a line, or is counted
    std::uint64_t bytes_in = 0;                   // of the body, as far as it has come
    int status = 0;                               // 0: no answer has begun
    std::uint64_t head_bytes = 0;                 // of the answer
    std::uint64_t sent_bytes = 0;                 // of the answer, head and body
    bool is_sent = false;                         // the answer is with the system, all of it
  };

  // Whether a session goes on is what most of these return: false when the connection is of no more use.

  // http_session.cc: the life of a connection.

  // Finds out whether the peer speaks TLS, and if so, comes to terms with it. What it may take for that is
  // what it may take for a head.
  Awaitable<bool> settle_tls();
  [[nodiscard]] bool may_move_on() const {
    return group_.visitors == Visitors::kNewcomers && has_been_of_use_ && !is_leaving_;
  }
  Awaitable<bool> serve_one();
  void begin_request();
  // The log's line for the request, if it is to have one. Once for each, when all is sent, or nothing can be.
  void tell_of_request() {
    if (group_.metrics != nullptr) count_request();
    if (http::is_told(served_.status)) write_line();
  }
  void count_request();
  void write_line();
  // The one place that catches what services throw: then the answer is 500.
  template <class Call>
  auto guarded(Call call) -> decltype(call());
  // As MemoryHolder.
  [[nodiscard]] bool can_give_up_memory() const override;
  [[nodiscard]] bool is_known() const override;
  void give_up_memory() override;
  // Tells the group what is held now. False when there is no room for it.
  bool try_to_hold();
  // The same; when there is no room, everything is given up.
  bool hold();
  void give_up();
  void allow_s(std::uint64_t seconds);
  // For the next piece of a body.
  void allow_piece();
  void allow_forever() { deadline_s_ = kForever; }

  // session_input.cc: reading requests.

  // A head that is refused has been answered when this returns false.
  Awaitable<bool> read_head();
  Step parse_head();
  [[nodiscard]] std::size_t head_bytes_max() const;
  // Hands the body to the exchange. False when it did not come to its end: because the exchange answered
  // early, or because the connection is of no more use.
  Awaitable<bool> take_body(std::optional<http::Response>* early);
  // kHave: `*piece` points into the buffer until the next read.
  Step next_piece(std::string_view* piece);
  // False at the end of the stream and on errors.
  Awaitable<bool> read_more() {
    const bool has_room = make_room_for_more();
    return connection_.read(&input_, has_room);
  }
  // Makes as much room for input as the request is likely to need. False when there is none.
  bool make_room_for_more();
  Awaitable<void> drop_exchange();

  // session_answers.cc: answering.

  // Lets the exchange finish, and sends what it says.
  Awaitable<bool> finish(bool keep_alive);
  Awaitable<bool> send(http::Response response, bool keep_alive);
  Awaitable<bool> send_files(http::Response response, bool keep_alive);
  Awaitable<bool> send_files_over_tls(http::Response response, bool keep_alive);
  Awaitable<bool> send_source(http::Response response, bool keep_alive);
  [[nodiscard]] bool sends_files(const http::Response& response) const;
  void format_head(const http::Response& response, bool keep_alive);
  // Writes one text after the other. False on errors.
  Awaitable<bool> write_all(std::string_view first, std::string_view second);
  Awaitable<bool> write_slowly(std::string_view first, std::string_view second);
  // Until the socket takes more. False on errors.
  Awaitable<bool> wait_until_taken();

  // session_refusals.cc: answers before the end of a request, and the end of the connection behind them.

  // As the listener words it.
  http::Response own_answer(const Refusal& refusal);
  // The answer to what cannot be read on; always false.
  Awaitable<bool> refuse(Refusal refusal);
  // The answer of a service that has seen enough. The connection is kept if little of the body is left.
  Awaitable<bool> send_early(http::Response response);
  // Reads and throws away the rest of the body. False when its end was not reached.
  Awaitable<bool> discard_body();
  // Ends the connection behind an answer, so that a peer that is still sending comes to read it: closing with
  // unread bytes would reset the connection, and whoever sends then sees nothing but that. So what comes is
  // thrown away until the peer closes, within the limits.
  Awaitable<void> part();

  Connection connection_;
  const Listener& listener_;
  http::Service& service_;  // the listener's
  SessionGroup& group_;
  const TlsPolicy& tls_;
  bool must_use_tls_ = false;  // and does not
  InputBuffer input_;
  std::optional<RequestParser> parser_;
  std::size_t head_bytes_ = 0;
  RequestTraits traits_;
  Served served_;  // outlives the exchange
  std::unique_ptr<http::Exchange> exchange_;
  std::string output_;                      // the head, and a small body; reused
  std::uint64_t unsent_bytes_ = 0;          // of an answer in memory that the peer has yet to take
  bool has_known_peer_ = false;             // as Peer::is_known
  bool is_sending_ = false;                 // and waits for the peer to take more
  bool has_given_up_ = false;               // memory was needed elsewhere
  std::optional<http::Response> farewell_;  // what the exchange says to that
  std::uint32_t body_began_s_ = 0;          // later by the time that its pieces took us
  bool is_idle_ = true;
  std::uint32_t deadline_s_ = 0;
  std::uint64_t waiting_since_ = 0;
  const std::chrono::steady_clock::time_point made_at_ = std::chrono::steady_clock::now();
  bool has_been_of_use_ = false;
  bool is_leaving_ = false;
};

template <class Call>
auto HttpSession::guarded(Call call) -> decltype(call()) {
  try {
    return call();
  } catch (const std::exception& exception) {
    served_.note.reason = exception.what();
  } catch (...) {
    served_.note.reason = "an exception of unknown type";
  }
  http::Response response = own_answer(kInternalError);
  response.close = true;
  if constexpr (std::is_convertible_v<http::Response, decltype(call())>) {
    return response;
  } else {
    return fail(std::move(response));
  }
}

}  // namespace tidemark::server
