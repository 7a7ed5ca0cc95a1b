#include "server/http/http_session.h"

#include <algorithm>
#include <utility>

#include "base/address.h"
#include "base/log.h"
#include "base/release_memory.h"

// See http_session.h about coroutines.

namespace tidemark::server {
namespace {

// Of one network thread: what is beyond it is given back by that thread.
constexpr std::uint64_t kLeavingBytesMax = 32 << 20;

}  // namespace

HttpSession::HttpSession(Peer peer, const Listener& listener, SessionGroup& group, const TlsPolicy& tls)
    : connection_(std::move(peer.connection)),
      listener_(listener),
      service_(*listener.service),
      group_(group),
      tls_(tls),
      input_(std::move(peer.input)),
      has_known_peer_(peer.is_known),
      has_been_of_use_(peer.has_been_of_use) {
  group_.sessions.insert(this);
  if (group_.metrics != nullptr) group_.metrics->connected(1);
}

HttpSession::~HttpSession() {
  group_.memory.set(this, 0, group_.now_s);
  group_.sessions.erase(this);
  if (group_.metrics != nullptr) group_.metrics->connected(-1);
}

void HttpSession::cut() {
  is_leaving_ = true;
  connection_.shut_down();
}

void HttpSession::stop_waiting() {
  is_leaving_ = true;
  connection_.stop_receiving();
}

void HttpSession::drain() {
  if (is_idle_) {
    stop_waiting();
  } else if (deadline_s_ != kForever) {
    allow_s(kDrainPatienceS);
  }
}

void HttpSession::shrink_if_idle() {
  // Since the last second, at least.
  if (is_idle_ && waiting_since_ <= group_.waits_before) release_memory(&output_);
}

// Memory.

bool HttpSession::can_give_up_memory() const { return deadline_s_ != kForever; }

bool HttpSession::is_known() const { return has_known_peer_ || (exchange_ && exchange_->is_known()); }

void HttpSession::give_up() {
  has_given_up_ = true;
  if (!exchange_) return;
  farewell_ = guarded([this] { return exchange_->give_up(); });
  // Giving many megabytes back takes the system milliseconds, in which others would wait. But it must not
  // wait itself until there is no memory left.
  const std::uint64_t bytes = exchange_->held_bytes();
  if (*group_.leaving_bytes + bytes > kLeavingBytesMax) return exchange_.reset();
  *group_.leaving_bytes += bytes;
  group_.blocking_pool.put(
      [exchange = std::move(exchange_), leaving = group_.leaving_bytes, bytes]() mutable {
        exchange.reset();
        *leaving -= bytes;
      });
}

void HttpSession::give_up_memory() {
  give_up();
  if (is_sending_) {
    cut();
  } else {
    connection_.cancel();
  }
}

bool HttpSession::try_to_hold() {
  std::uint64_t bytes = input_.grown_bytes() + unsent_bytes_;
  // The head is there twice, taken apart and as it came.
  if (exchange_) bytes += exchange_->held_bytes() + 2 * head_bytes_;
  if (bytes <= kFreeBytes) bytes = 0;
  if (connection_.is_tls()) bytes += TlsStream::kHeldBytes;
  return group_.memory.set(this, bytes, group_.now_s);
}

bool HttpSession::hold() {
  if (has_given_up_) return false;
  if (try_to_hold()) return true;
  group_.memory.set(this, 0, group_.now_s);
  give_up();
  return false;
}

Awaitable<bool> HttpSession::run() {
  bool is_open = connection_.prepare();
  // Who has been of use has settled that before.
  if (is_open && tls_.context != nullptr && !has_been_of_use_) {
    is_open = co_await settle_tls();
  }
  if (is_open && has_been_of_use_) is_open = hold();
  while (is_open && !group_.is_draining) {
    if (may_move_on()) co_return true;
    is_open = co_await serve_one();
  }
  connection_.say_goodbye();
  co_return false;
}

Peer HttpSession::move_on(const Executor& executor) {
  return {.connection = Connection(std::move(connection_), executor),
          .input = std::move(input_),
          .is_known = has_known_peer_,
          .has_been_of_use = has_been_of_use_};
}

Awaitable<bool> HttpSession::settle_tls() {
  constexpr unsigned char kHandshake = 22;  // the type of the record that a client begins with
  allow_s(group_.limits.idle_timeout_s);
  const auto first = co_await connection_.first_byte();
  if (!first) co_return false;
  if (*first != kHandshake) {
    must_use_tls_ = !tls_.also_plain && !is_loopback(connection_.peer());
    co_return true;
  }
  is_idle_ = false;
  allow_s(group_.limits.head_timeout_s);
  connection_.begin_tls(*tls_.context);
  if (!hold()) co_return false;
  const bool is_agreed = co_await connection_.shake_hands();
  co_return is_agreed && !has_given_up_;
}

void HttpSession::begin_request() {
  group_.traffic.count();
  served_ = {};
  if (group_.metrics != nullptr || log::enabled(log::Level::kDebug)) {
    served_.began = std::chrono::steady_clock::now();
  }
}

void HttpSession::count_request() {
  group_.metrics->record(served_.note, served_.status, std::chrono::steady_clock::now() - served_.began);
}

void HttpSession::write_line() {
  Outcome outcome{.status = served_.status,
                  .bytes_in = served_.bytes_in,
                  .bytes_out = served_.sent_bytes - std::min(served_.sent_bytes, served_.head_bytes),
                  .peer = connection_.peer()};
  if (!served_.is_sent) outcome.cut = served_.status == 0 ? Outcome::Cut::kReceiving : Outcome::Cut::kSending;
  if (log::enabled(log::Level::kDebug) && served_.began.time_since_epoch().count() != 0) {
    const auto passed = std::chrono::steady_clock::now() - served_.began;
    outcome.ms = std::chrono::duration<double, std::milli>(
                     std::chrono::duration_cast<std::chrono::microseconds>(passed))
                     .count();
  }
  group_.request_log.tell(served_.note, outcome);
}

Awaitable<bool> HttpSession::serve_one() {
  const bool is_asked = co_await read_head();
  if (!is_asked) co_return false;
  begin_request();
  traits_.is_head = parser_->is_head_request();
  traits_.http_1_0 = parser_->is_http_1_0();
  const bool keep_alive = parser_->keep_alive();
  if (must_use_tls_) {
    co_return co_await refuse(kUseTls);
  }
  if (parser_->has_unknown_coding()) {
    co_return co_await refuse(kUnknownCoding);
  }
  const std::string expectation = parser_->expectation();
  if (!expectation.empty() && !http::equal_ignoring_case(expectation, "100-continue")) {
    co_return co_await refuse(kUnknownExpectation);
  }
  http::RequestHead head = parser_->take_head();
  head.peer = connection_.peer();
  head.note = &served_.note;
  served_.note.over_tls = connection_.is_tls();
  auto begun = guarded([&] { return service_.begin(std::move(head)); });
  if (!begun) {
    co_return co_await send_early(std::move(begun.error()));
  }
  exchange_ = std::move(*begun);
  // Also before an empty body: boto3 waits for it there too, and a final answer in its place makes its next
  // request on the connection hang.
  bool is_complete = true;
  if (!expectation.empty() && !traits_.http_1_0) {
    is_complete = co_await write_all("HTTP/1.1 100 Continue\r\n\r\n", {});
  }
  if (!is_complete || !parser_->is_done()) {
    std::optional<http::Response> early;
    if (is_complete) {
      is_complete = co_await take_body(&early);
    }
    if (!is_complete) {
      if (!early) early = std::exchange(farewell_, std::nullopt);
      co_await drop_exchange();
      if (!early) {
        tell_of_request();
        co_return false;
      }
      early->close = early->close || has_given_up_;
      co_return co_await send_early(std::move(*early));
    }
  }
  co_return co_await finish(keep_alive);
}

void HttpSession::allow_s(std::uint64_t seconds) {
  if (group_.is_draining) seconds = std::min<std::uint64_t>(seconds, kDrainPatienceS);
  deadline_s_ = static_cast<std::uint32_t>(group_.now_s + seconds);
  waiting_since_ = ++group_.waits;
}

void HttpSession::allow_piece() {
  const Limits& limits = group_.limits;
  const std::uint64_t all_s = limits.body_timeout_s + served_.bytes_in / limits.body_bytes_per_s_min;
  const std::uint64_t passed_s = group_.now_s - body_began_s_;
  const std::uint64_t left_s = all_s > passed_s ? all_s - passed_s : 0;
  allow_s(std::min<std::uint64_t>(limits.stall_timeout_s, left_s));
}

}  // namespace tidemark::server
