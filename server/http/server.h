// The HTTP server: sockets and threads. What a request means is the services' business.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/http_message.h"
#include "base/result.h"
#include "server/http/refusal.h"
#include "server/http/request_metrics.h"
#include "server/tls/context.h"

namespace tidemark::server {

// How long and how much a peer may ask of a connection. Times are kept to the second.
struct Limits {
  // What goes beyond it is answered 400, as the service does.
  std::size_t target_bytes_max = 16 * 1024;
  std::size_t fields_bytes_max = 16 * 1024;  // of the header, with everything around them
  std::uint32_t head_timeout_s = 30;         // from the first byte of a head to its last
  std::uint32_t idle_timeout_s = 120;        // between two requests
  std::uint32_t stall_timeout_s = 60;        // no byte of a body read, or of an answer written
  // All of a body, however its bytes are spread: so long, and as much longer as what has come of it takes at
  // that pace.
  std::uint32_t body_timeout_s = 60;
  std::uint64_t body_bytes_per_s_min = http::kBodyBytesPerSecondMin;
  // After an answer that came before the end of the request: what is read and thrown away before closing, so
  // that a peer that sends all before it reads comes to read. The longest body that S3 takes at once; of all
  // the time, and of that in which nothing comes.
  std::uint64_t discard_bytes_max = 5ULL * 1024 * 1024 * 1024;
  std::uint32_t discard_timeout_s = 30;
  std::uint32_t discard_silence_s = 2;
  // All connections together hold so much memory at most: heads and bodies that come in, answers that wait to
  // be taken (held_memory.h). What would go beyond it becomes 503, which clients retry. Each thread has its
  // share, so that half of it is for those who have been of use.
  std::uint64_t held_bytes_max = 256 * 1024 * 1024;
  // Beyond it, those that have kept us waiting for longest are closed.
  std::size_t connections_max = 10'000;
};

struct Listener {
  std::uint16_t port = 0;  // 0 picks a free one
  http::Service* service = nullptr;
  bool may_be_missing = false;  // a port in use is logged, and the server starts without this listener
  RefusalWording refuse = {};   // empty: plain text
};

// Whether and how listeners speak TLS.
struct TlsPolicy {
  const TlsContext* context = nullptr;  // null: plain HTTP is all there is; must outlive the server
  // Plain HTTP is taken from everybody. Otherwise only from this machine, where nobody listens in: that is
  // how the program's own commands ask. Others are told to use https.
  bool also_plain = false;
};

struct Options {
  std::string host = "127.0.0.1";  // an address, or a name that resolves to one
  std::vector<Listener> listeners;
  TlsPolicy tls;                   // of all listeners
  unsigned threads = 2;            // network threads of each kind: for newcomers, and for who has been of use
  unsigned blocking_threads = 16;  // threads for exchanges that are not quick
  unsigned heavy_threads = 1;      // for those that are heavy, behind all others
  Limits limits;
  const Clock* clock = nullptr;  // for the Date header
  // Where requests are counted; null: nowhere. Must outlive the server.
  RequestMetrics* metrics = nullptr;
  // Makes the allocator give back what its thread has no use for. Called on threads that held much for peers,
  // when that is over; may be empty.
  std::function<void()> give_back_memory = nullptr;
};

// Answers HTTP/1.1 and HTTP/1.0 with keep-alive and pipelining. Bodies are handed to the exchange in pieces
// of at most 256 KB and are never collected here: while a piece is being taken, nothing more is read. A
// service that throws is answered for with 500.
class Server {
 public:
  // Binds all ports and starts to answer. The services and the clock must outlive the server.
  // Errors: kUnavailable if a port is in use (the message names it); kInvalidArgument for a host that is
  // none; kIo for anything else.
  static Result<std::unique_ptr<Server>> start(const Options& options);

  // As drain_and_stop with no time to spare, unless that was called.
  ~Server();

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The bound ports, in the order of the listeners; 0 for one that is missing.
  [[nodiscard]] const std::vector<std::uint16_t>& ports() const;

  // Stops accepting, closes idle connections, lets requests in progress finish for up to `patience`, cuts
  // what is left and ends all threads. Returns whether all requests could finish. Call at most once.
  bool drain_and_stop(std::chrono::milliseconds patience);

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::server
