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
#include "server/input_buffer.h"
#include "server/request_log.h"
#include "server/request_parser.h"
#include "server/response_head.h"
#include "server/server.h"

namespace tidemark::server {

class HttpSession;

// What the connections of one network thread share. Used by that thread alone.
struct SessionGroup {
  SessionGroup(Executor home, asio::thread_pool& pool, const Limits& session_limits, const Clock& clock,
               RequestLog& log)
      : executor(std::move(home)),
        blocking_pool(pool),
        limits(session_limits),
        request_log(log),
        date(clock) {}

  Executor executor;
  asio::thread_pool& blocking_pool;
  const Limits& limits;
  RequestLog& request_log;  // that of all threads
  HttpDate date;
  std::uint32_t now_s = 0;         // seconds since the start; the owner counts them
  std::uint64_t unsent_bytes = 0;  // long answers that are being sent
  bool is_draining = false;        // answer what has been asked, then close
  std::unordered_set<HttpSession*> sessions;
};

// Deadlines are seconds of `group.now_s`, compared once a second by the owner of the group: no timer per
// operation.
class HttpSession {
 public:
  // Enters the group, and leaves it at the end.
  HttpSession(Socket socket, http::Service& service, SessionGroup& group);
  ~HttpSession();
  HttpSession(const HttpSession&) = delete;
  HttpSession& operator=(const HttpSession&) = delete;

  // Serves until the peer or a limit ends the connection.
  Awaitable<void> run();

  [[nodiscard]] bool is_idle() const { return is_idle_; }
  [[nodiscard]] bool is_overdue() const { return group_.now_s > deadline_s_; }
  // Ends all that is in progress on the socket; run() then returns on its own.
  void cut();
  // Ends the wait for another request. One that has come in at this very moment is carried out, and so it is
  // answered: the sending side stays open.
  void stop_waiting();

 private:
  enum class Step { kHave, kDone, kNeedMore, kBad };
  // What is left of a body of files, and the block of it that is sent next.
  struct FileBody {
    std::vector<http::FileRange> ranges;
    std::size_t index = 0;
    std::unique_ptr<char[]> block;
    std::size_t block_bytes_max = 0;
    std::size_t block_bytes = 0;
    bool is_broken = false;  // a file could not be read to its end
  };
  // The request in progress, as the log will tell of it.
  struct Served {
    http::RequestNote note;
    std::chrono::steady_clock::time_point began;  // set only when each request has a line
    std::uint64_t bytes_in = 0;                   // of the body
    int status = 0;                               // 0: no answer has begun
    std::uint64_t head_bytes = 0;                 // of the answer
    std::uint64_t sent_bytes = 0;                 // of the answer, head and body
    bool is_sent = false;                         // the answer is with the system, all of it
  };

  // Each returns whether the connection can serve another request.
  Awaitable<bool> serve_one();
  Awaitable<bool> finish(bool keep_alive);
  Awaitable<bool> send(http::Response response, bool keep_alive);
  Awaitable<bool> send_files(http::Response response, bool keep_alive);
  Awaitable<bool> send_early(http::Response response);  // before the end of the body
  Awaitable<bool> refuse(int status);

  void begin_request();
  // The log's line for the request, if it is to have one. Once for each, when all is sent, or nothing can be.
  void tell_of_request() {
    if (http::is_told(served_.status)) write_line();
  }
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
  void open_files(const http::Response& response);
  // Reads the next block: on this thread what is in memory, else on one that may wait for the disk.
  Awaitable<void> next_block();
  void load_block(bool may_wait);
  // Whether an answer of so many bytes in memory may be held until its peer has taken it.
  [[nodiscard]] bool may_hold(std::uint64_t bytes) const;
  void format_head(const http::Response& response, bool keep_alive);
  // Writes one text after the other. False on errors.
  Awaitable<bool> write_all(std::string_view first, std::string_view second);
  Awaitable<bool> write_slowly(std::string_view first, std::string_view second);
  // Writes as much as the socket takes at once and shortens the texts by it. False on errors.
  bool write_now(std::string_view* first, std::string_view* second);

  void allow_s(std::uint32_t seconds) { deadline_s_ = group_.now_s + seconds; }
  void allow_forever() { deadline_s_ = std::numeric_limits<std::uint32_t>::max(); }

  Socket socket_;
  http::Service& service_;
  SessionGroup& group_;
  const std::string peer_;  // as in RequestHead
  InputBuffer input_;
  std::optional<RequestParser> parser_;
  std::size_t head_bytes_ = 0;
  RequestTraits traits_;
  Served served_;  // outlives the exchange
  std::unique_ptr<http::Exchange> exchange_;
  std::string output_;  // the head, and a small body; reused
  FileBody files_;
  bool is_idle_ = true;
  std::uint32_t deadline_s_ = 0;
};

}  // namespace tidemark::server
