// One connection: requests in, answers out, one after the other.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/http_message.h"
#include "base/request_note.h"
#include "server/asio.h"
#include "server/held_memory.h"
#include "server/input_buffer.h"
#include "server/request_log.h"
#include "server/request_metrics.h"
#include "server/request_parser.h"
#include "server/response_head.h"
#include "server/server.h"
#include "server/tls/stream.h"

namespace tidemark::server {

class HttpSession;

// Threads beside those of the network.
struct Pools {
  asio::thread_pool& blocking;  // for whatever may wait
  asio::thread_pool& bulk;      // for the bytes of long bodies, in and out, a piece at a time
  asio::thread_pool& heavy;     // for few things at a time
};

// What the connections of one network thread share. Used by that thread alone.
struct SessionGroup {
  // `memory_bytes_max` is the share of this group.
  SessionGroup(Executor home, const Pools& pools, const Limits& session_limits,
               std::uint64_t memory_bytes_max, const Clock& clock, RequestLog& log)
      : executor(std::move(home)),
        blocking_pool(pools.blocking),
        bulk_pool(pools.bulk),
        heavy_pool(pools.heavy),
        limits(session_limits),
        request_log(log),
        date(clock),
        memory(memory_bytes_max) {}

  Executor executor;
  asio::thread_pool& blocking_pool;
  asio::thread_pool& bulk_pool;
  asio::thread_pool& heavy_pool;
  const Limits& limits;
  RequestLog& request_log;  // that of all threads
  HttpDate date;
  HeldMemory memory;
  RequestMetrics::Shard* metrics = nullptr;  // null: nobody counts
  std::uint32_t now_s = 0;                   // seconds since the start; the owner counts them
  std::uint64_t waits = 0;                   // that have begun
  std::uint64_t waits_before = 0;            // of them, those before this second
  bool is_draining = false;  // answer what has been asked, then close; who is slow now is cut soon
  std::unordered_set<HttpSession*> sessions;
};

// Deadlines are seconds of `group.now_s`, compared once a second by the owner of the group: no timer per
// operation.
class HttpSession final : public MemoryHolder {
 public:
  // Enters the group, and leaves it at the end. `tls` must outlive it.
  HttpSession(Socket socket, http::Service& service, SessionGroup& group, const TlsPolicy& tls);
  ~HttpSession() override;
  HttpSession(const HttpSession&) = delete;
  HttpSession& operator=(const HttpSession&) = delete;

  // Serves until the peer or a limit ends the connection.
  Awaitable<void> run();

  [[nodiscard]] bool is_idle() const { return is_idle_; }
  [[nodiscard]] bool is_overdue() const { return group_.now_s > deadline_s_; }
  // Since when nothing has come from the peer, or been taken by it, as a number that grows within the group;
  // nothing while it waits for us.
  [[nodiscard]] std::optional<std::uint64_t> waiting_since() const {
    return deadline_s_ == kForever ? std::nullopt : std::optional(waiting_since_);
  }
  // Whether it has been answered other than with an error.
  [[nodiscard]] bool has_been_of_use() const { return has_been_of_use_; }
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

  enum class Step { kHave, kDone, kNeedMore, kBad };
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

  // Finds out whether the peer speaks TLS, and if so, comes to terms with it. What it may take for that is
  // what it may take for a head. False when the connection is of no use.
  Awaitable<bool> settle_tls();
  Awaitable<bool> shake_hands();
  // Until the socket is ready for what TLS wants to do. False on errors, and when there is nothing to wait
  // for.
  Awaitable<bool> wait_for_tls(TlsStream::State state);
  Awaitable<bool> read_tls();
  bool write_tls_now(std::string_view* text);
  // The peer gets nothing more.
  boost::system::error_code end_sending();

  // Each returns whether the connection can serve another request.
  Awaitable<bool> serve_one();
  Awaitable<bool> finish(bool keep_alive);
  Awaitable<bool> send(http::Response response, bool keep_alive);
  Awaitable<bool> send_files(http::Response response, bool keep_alive);
  Awaitable<bool> send_files_over_tls(http::Response response, bool keep_alive);
  Awaitable<bool> send_source(http::Response response, bool keep_alive);
  Awaitable<bool> send_early(http::Response response);  // before the end of the body
  Awaitable<bool> refuse(int status, const char* why);

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

  // False when the connection is of no more use; a bad head has been answered then.
  Awaitable<bool> read_head();
  Step parse_head();
  [[nodiscard]] std::size_t head_bytes_max() const;
  // kHave: `*piece` points into the buffer until the next read.
  Step next_piece(std::string_view* piece);
  // False at the end of the stream and on errors.
  Awaitable<bool> read_more();
  // Hands the body to the exchange. False when it did not come to its end: because the exchange answered
  // early, or because the connection is of no more use.
  Awaitable<bool> take_body(std::optional<http::Response>* early);
  // Reads and throws away the rest of the body. True if its end was reached within `bytes_max`.
  Awaitable<bool> discard_body(std::uint64_t bytes_max);
  Awaitable<void> drop_exchange();

  [[nodiscard]] bool sends_files(const http::Response& response) const;
  // As MemoryHolder.
  [[nodiscard]] bool can_give_up_memory() const override;
  [[nodiscard]] bool is_known() const override;
  void give_up_memory() override;
  // Tells the group what is held now. False when there is no room for it.
  bool try_to_hold();
  // The same; when there is no room, everything is given up.
  bool hold();
  void give_up();

  void format_head(const http::Response& response, bool keep_alive);
  // Writes one text after the other. False on errors.
  Awaitable<bool> write_all(std::string_view first, std::string_view second);
  Awaitable<bool> write_slowly(std::string_view first, std::string_view second);
  // Until the socket takes more. False on errors.
  Awaitable<bool> wait_until_taken();
  // Writes as much as the socket takes at once and shortens the texts by it. False on errors.
  bool write_now(std::string_view* first, std::string_view* second);

  void allow_s(std::uint64_t seconds);
  // For the next piece of a body.
  void allow_piece();
  void allow_forever() { deadline_s_ = kForever; }

  Socket socket_;
  http::Service& service_;
  SessionGroup& group_;
  const TlsPolicy& tls_;
  std::optional<TlsStream> stream_;  // over socket_, once the peer speaks TLS
  bool must_use_tls_ = false;        // and does not
  const std::string peer_;           // as in RequestHead
  InputBuffer input_;
  std::optional<RequestParser> parser_;
  std::size_t head_bytes_ = 0;
  RequestTraits traits_;
  Served served_;  // outlives the exchange
  std::unique_ptr<http::Exchange> exchange_;
  std::string output_;                      // the head, and a small body; reused
  std::uint64_t unsent_bytes_ = 0;          // of an answer in memory that the peer has yet to take
  bool is_answer_for_known_ = false;        // a long one
  bool is_sending_ = false;                 // and waits for the peer to take more
  bool has_given_up_ = false;               // memory was needed elsewhere
  std::optional<http::Response> farewell_;  // what the exchange says to that
  std::uint32_t body_began_s_ = 0;          // later by the time that its pieces took us
  bool is_idle_ = true;
  std::uint32_t deadline_s_ = 0;
  std::uint64_t waiting_since_ = 0;
  bool has_been_of_use_ = false;
  bool is_leaving_ = false;
};

}  // namespace tidemark::server
