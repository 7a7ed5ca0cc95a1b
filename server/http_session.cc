#include "server/http_session.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <exception>
#include <type_traits>
#include <utility>

#include "base/address.h"
#include "base/log.h"
#include "server/file_pieces.h"
#include "server/file_sender.h"
#include "server/run_blocking.h"
#include "server/until_ready.h"

// GCC 12 miscompiles some coroutines without a word: a co_await inside a switch or beside && and ||, and
// temporaries or lambdas with captures inside a co_await expression. So each stands alone here, its arguments
// named before it.

namespace tidemark::server {
namespace {

// Pieces up to this size are handed to an exchange on the network thread: appending or hashing that much
// takes less than a hop to another thread and back.
constexpr std::size_t kInlinePieceBytes = 16 * 1024;
// Bodies up to this size are copied behind their head and sent from one buffer.
constexpr std::size_t kJoinedBodyBytes = 64 * 1024;
// Files up to this size are sent by the network thread, as far as they are in memory.
constexpr std::uint64_t kShortFileBytes = 128 * 1024;
// What is read of a body at once where memory is scarce.
constexpr std::size_t kScarceBytes = 16 * 1024;
// What a request may hold for nothing, beside what every connection has.
constexpr std::uint64_t kFreeBytes = 4 * 1024;
// While the server stops, nobody is waited for longer than this.
constexpr std::uint64_t kDrainPatienceS = 1;
// A body whose rest is this small is read to its end after an early answer, to keep the connection.
constexpr std::uint64_t kCheapRestBytes = 256 * 1024;
constexpr std::size_t kOutputKeptBytes = 64 * 1024;
constexpr const char* kNotHttp = "The request is not valid HTTP, or too much of it.\n";
constexpr const char* kUseTls = "This port speaks HTTPS.\n";
constexpr const char* kBusy = "Too much is coming in at once. Please try again later.\n";

http::Response plain_answer(int status, std::string text) {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", "text/plain");
  response.body = std::move(text);
  return response;
}

// False when there is no more to be had; the log says why.
bool read_piece(http::BodySource& source, std::string* piece) {
  try {
    const auto done = source.read(piece);
    if (done) return true;
    log::error("an answer is cut short", {{"error", done.error().message}});
  } catch (const std::exception& error) {
    log::error("an answer is cut short", {{"error", error.what()}});
  }
  return false;
}

void append_chunk_head(std::string* out, std::size_t bytes) {
  char digits[16];
  out->append(digits, std::to_chars(digits, digits + sizeof digits, bytes, 16).ptr);
  *out += "\r\n";
}

std::string peer_address(const Socket& socket) {
  boost::system::error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return {};
  const asio::ip::address address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

}  // namespace

HttpSession::HttpSession(Socket socket, http::Service& service, SessionGroup& group, const TlsPolicy& tls)
    : socket_(std::move(socket)), service_(service), group_(group), tls_(tls), peer_(peer_address(socket_)) {
  group_.sessions.insert(this);
  if (group_.metrics != nullptr) group_.metrics->connected(1);
}

template <class Call>
auto HttpSession::guarded(Call call) -> decltype(call()) {
  try {
    return call();
  } catch (const std::exception& exception) {
    served_.note.reason = exception.what();
  } catch (...) {
    served_.note.reason = "an exception of unknown type";
  }
  http::Response response = plain_answer(500, "Internal Server Error\n");
  response.close = true;
  if constexpr (std::is_convertible_v<http::Response, decltype(call())>) {
    return response;
  } else {
    return fail(std::move(response));
  }
}

HttpSession::~HttpSession() {
  group_.memory.set(this, 0, group_.now_s);
  group_.sessions.erase(this);
  if (group_.metrics != nullptr) group_.metrics->connected(-1);
}

void HttpSession::cut() {
  is_leaving_ = true;
  boost::system::error_code ignored;
  socket_.shutdown(asio::socket_base::shutdown_both, ignored);
}

void HttpSession::stop_waiting() {
  is_leaving_ = true;
  boost::system::error_code ignored;
  socket_.shutdown(asio::socket_base::shutdown_receive, ignored);
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
  if (is_idle_ && waiting_since_ <= group_.waits_before) output_ = {};
}

// Memory.

bool HttpSession::can_give_up_memory() const { return deadline_s_ != kForever; }

bool HttpSession::is_known() const { return exchange_ ? exchange_->is_known() : is_answer_for_known_; }

void HttpSession::give_up() {
  has_given_up_ = true;
  if (exchange_) farewell_ = guarded([this] { return exchange_->give_up(); });
}

void HttpSession::give_up_memory() {
  give_up();
  if (is_sending_) {
    cut();
  } else {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
  }
}

bool HttpSession::try_to_hold() {
  std::uint64_t bytes = input_.grown_bytes() + unsent_bytes_;
  // The head is there twice, taken apart and as it came.
  if (exchange_) bytes += exchange_->held_bytes() + 2 * head_bytes_;
  if (bytes <= kFreeBytes) bytes = 0;
  if (stream_) bytes += TlsStream::kHeldBytes;
  return group_.memory.set(this, bytes, group_.now_s);
}

bool HttpSession::hold() {
  if (has_given_up_) return false;
  if (try_to_hold()) return true;
  group_.memory.set(this, 0, group_.now_s);
  give_up();
  return false;
}

Awaitable<void> HttpSession::run() {
  boost::system::error_code error;
  socket_.set_option(asio::ip::tcp::no_delay(true), error);
  if (!error) socket_.non_blocking(true, error);
  bool is_open = !error;
  if (is_open && tls_.context != nullptr) is_open = co_await settle_tls();
  while (is_open && !group_.is_draining) is_open = co_await serve_one();
  if (stream_) stream_->say_goodbye();
}

// TLS.

Awaitable<bool> HttpSession::settle_tls() {
  constexpr unsigned char kHandshake = 22;  // the type of the record that a client begins with
  allow_s(group_.limits.idle_timeout_s);
  unsigned char first = 0;
  for (;;) {
    const auto [error] = co_await socket_.async_wait(asio::socket_base::wait_read, kAsValue);
    if (error) co_return false;
    const auto count = ::recv(socket_.native_handle(), &first, 1, MSG_PEEK | MSG_DONTWAIT);
    if (count == 1) break;
    if (count == 0 || (errno != EAGAIN && errno != EINTR)) co_return false;
  }
  if (first != kHandshake) {
    must_use_tls_ = !tls_.also_plain && !is_loopback(peer_);
    co_return true;
  }
  is_idle_ = false;
  allow_s(group_.limits.head_timeout_s);
  stream_.emplace(*tls_.context, socket_.native_handle());
  if (!hold()) co_return false;
  co_return co_await shake_hands();
}

Awaitable<bool> HttpSession::shake_hands() {
  for (;;) {
    const TlsStream::State state = stream_->shake_hands();
    if (state == TlsStream::State::kDone) co_return true;
    const bool is_open = co_await wait_for_tls(state);
    if (!is_open || has_given_up_) co_return false;
  }
}

Awaitable<bool> HttpSession::wait_for_tls(TlsStream::State state) {
  if (state == TlsStream::State::kClosed) co_return false;
  const auto what =
      state == TlsStream::State::kWantWrite ? asio::socket_base::wait_write : asio::socket_base::wait_read;
  const auto [error] = co_await socket_.async_wait(what, kAsValue);
  co_return !error;
}

Awaitable<bool> HttpSession::read_tls() {
  for (;;) {
    std::size_t count = 0;
    const TlsStream::State state = stream_->read(input_.room(), input_.room_size(), &count);
    if (state == TlsStream::State::kDone) {
      input_.grew(count);
      co_return true;
    }
    const bool is_open = co_await wait_for_tls(state);
    if (!is_open) {
      input_.shrink_if_empty();
      co_return false;
    }
  }
}

bool HttpSession::write_tls_now(std::string_view* text) {
  while (!text->empty()) {
    std::size_t count = 0;
    const TlsStream::State state = stream_->write(*text, &count);
    if (state == TlsStream::State::kClosed) return false;
    if (state != TlsStream::State::kDone) return true;
    served_.sent_bytes += count;
    text->remove_prefix(count);
  }
  return true;
}

boost::system::error_code HttpSession::end_sending() {
  if (stream_) stream_->say_goodbye();
  boost::system::error_code error;
  socket_.shutdown(asio::socket_base::shutdown_send, error);
  return error;
}

void HttpSession::begin_request() {
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
                  .peer = peer_};
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
  if (must_use_tls_) co_return co_await refuse(400, kUseTls);
  if (parser_->has_unknown_coding()) co_return co_await refuse(501, kNotHttp);
  const std::string expectation = parser_->expectation();
  if (!expectation.empty() && !http::equal_ignoring_case(expectation, "100-continue")) {
    co_return co_await refuse(417, kNotHttp);
  }
  http::RequestHead head = parser_->take_head();
  head.peer = peer_;
  head.note = &served_.note;
  served_.note.over_tls = stream_.has_value();
  auto begun = guarded([&] { return service_.begin(std::move(head)); });
  if (!begun) co_return co_await send_early(std::move(begun.error()));
  exchange_ = std::move(*begun);
  // Also before an empty body: boto3 waits for it there too, and a final answer in its place makes its next
  // request on the connection hang.
  bool is_complete = true;
  if (!expectation.empty() && !traits_.http_1_0) {
    is_complete = co_await write_all("HTTP/1.1 100 Continue\r\n\r\n", {});
  }
  if (!is_complete || !parser_->is_done()) {
    std::optional<http::Response> early;
    if (is_complete) is_complete = co_await take_body(&early);
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

// Input.

Awaitable<bool> HttpSession::read_head() {
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(head_bytes_max()));
  head_bytes_ = 0;
  is_idle_ = input_.size() == 0;
  if (is_idle_) input_.shrink_if_empty();
  if (held_bytes() > 0) hold();
  if (is_idle_) {
    allow_s(group_.limits.idle_timeout_s);
  } else {
    allow_s(group_.limits.head_timeout_s);
  }
  Step step = parse_head();
  while (step == Step::kNeedMore) {
    const bool is_open = co_await read_more();
    // Who has asked nothing is let go without a word: it would take it for the next answer.
    if (has_given_up_ && !is_idle_) {
      begin_request();
      co_await refuse(503, kBusy);
    }
    if (!is_open || has_given_up_) co_return false;
    if (is_idle_) {
      is_idle_ = false;
      allow_s(group_.limits.head_timeout_s);
    }
    step = parse_head();
  }
  const bool is_long =
      step == Step::kHave && (parser_->target_bytes() > group_.limits.target_bytes_max ||
                              head_bytes_ - parser_->target_bytes() > group_.limits.fields_bytes_max);
  if (step == Step::kBad || is_long) {
    begin_request();
    co_await refuse(400, kNotHttp);
    co_return false;
  }
  co_return true;
}

std::size_t HttpSession::head_bytes_max() const {
  return group_.limits.target_bytes_max + group_.limits.fields_bytes_max;
}

HttpSession::Step HttpSession::parse_head() {
  if (input_.size() == 0) return Step::kNeedMore;
  namespace beast_http = boost::beast::http;
  boost::system::error_code error;
  const std::size_t used = parser_->put(asio::buffer(input_.data(), input_.size()), error);
  head_bytes_ += used;
  const bool need_more = error == beast_http::error::need_more;
  const std::size_t pending = need_more ? input_.size() - used : 0;
  if ((error && !need_more) || head_bytes_ + pending > head_bytes_max()) return Step::kBad;
  input_.consume(used);
  return need_more ? Step::kNeedMore : Step::kHave;
}

HttpSession::Step HttpSession::next_piece(std::string_view* piece) {
  while (!parser_->is_done()) {
    if (input_.size() == 0) return Step::kNeedMore;
    boost::system::error_code error;
    const std::size_t used = parser_->put(asio::buffer(input_.data(), input_.size()), error);
    if (error == boost::beast::http::error::need_more) {
      input_.consume(used);
      return input_.is_full() ? Step::kBad : Step::kNeedMore;  // a chunk's own head or trailer without end
    }
    if (error) return Step::kBad;
    input_.consume(used);
    *piece = parser_->take_piece();
    if (!piece->empty()) return Step::kHave;
  }
  return Step::kDone;
}

Awaitable<bool> HttpSession::read_more() {
  std::size_t wanted = 1;
  if (parser_->is_header_done()) {
    const auto rest = parser_->content_length_remaining();
    wanted = rest ? static_cast<std::size_t>(std::min<std::uint64_t>(*rest, InputBuffer::kLargest))
                  : 2 * input_.size();
    if (group_.memory.is_tight() || has_given_up_) wanted = std::min(wanted, kScarceBytes);
  }
  input_.make_room(wanted);
  if (input_.grown_bytes() > kFreeBytes && !has_given_up_ && !hold()) co_return false;
  if (stream_) co_return co_await read_tls();
  const auto [error, count] =
      co_await socket_.async_read_some(asio::buffer(input_.room(), input_.room_size()), kAsValue);
  if (error) {
    input_.shrink_if_empty();
    co_return false;
  }
  input_.grew(count);
  co_return true;
}

void HttpSession::allow_s(std::uint64_t seconds) {
  if (group_.is_draining) seconds = std::min(seconds, kDrainPatienceS);
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

Awaitable<bool> HttpSession::take_body(std::optional<http::Response>* early) {
  body_began_s_ = group_.now_s;
  allow_piece();
  for (;;) {
    std::string_view piece;
    const Step step = next_piece(&piece);
    if (step == Step::kDone) co_return true;
    if (step == Step::kBad) {
      *early = plain_answer(400, "Bad Request\n");
      (*early)->close = true;
      co_return false;
    }
    if (step == Step::kNeedMore) {
      const bool is_open = co_await read_more();
      if (!is_open || has_given_up_) co_return false;
      allow_piece();
      continue;
    }
    served_.bytes_in += piece.size();
    Result<void, http::Response> taken;
    auto work = [&] { taken = guarded([&] { return exchange_->write(piece); }); };
    if (piece.size() <= kInlinePieceBytes) {
      work();
    } else {
      const std::uint32_t before_s = group_.now_s;
      allow_forever();
      co_await run_blocking(group_.bulk_pool, group_.executor, &work);
      body_began_s_ += group_.now_s - before_s;
      allow_piece();
    }
    if (!taken) {
      *early = std::move(taken.error());
      co_return false;
    }
    if (served_.bytes_in + head_bytes_ > kFreeBytes && !hold()) co_return false;
  }
}

Awaitable<bool> HttpSession::discard_body(std::uint64_t bytes_max) {
  std::uint64_t discarded = 0;
  for (;;) {
    std::string_view piece;
    const Step step = next_piece(&piece);
    if (step == Step::kDone) co_return true;
    discarded += piece.size();
    if (step == Step::kBad || discarded > bytes_max) co_return false;
    if (step == Step::kNeedMore) {
      const bool is_open = co_await read_more();
      if (!is_open) co_return false;
    }
  }
}

// An unfinished exchange may have files to remove.
Awaitable<void> HttpSession::drop_exchange() {
  allow_forever();
  auto work = [this] { exchange_.reset(); };
  co_await run_blocking(group_.blocking_pool, group_.executor, &work);
}

// Output.

Awaitable<bool> HttpSession::finish(bool keep_alive) {
  allow_forever();
  std::optional<http::Response> response;
  auto close = [&] {
    is_answer_for_known_ = response->body_size() > kJoinedBodyBytes && exchange_->is_known();
    exchange_.reset();
  };
  auto work = [&] {
    response = guarded([&] { return exchange_->finish(); });
    close();
  };
  if (exchange_->is_quick()) {
    response = guarded([&] { return exchange_->finish_quickly(); });
    if (!response && exchange_->is_waiting()) {
      co_await until_ready(*exchange_, group_.blocking_pool, group_.executor);
      response = guarded([&] { return exchange_->finish_quickly(); });
    }
    if (response) close();
  } else if (head_bytes_ > kFreeBytes && !hold()) {
    response = std::exchange(farewell_, std::nullopt);
    keep_alive = false;
    co_await drop_exchange();
  }
  if (!response) {
    asio::thread_pool& pool = exchange_->is_heavy() ? group_.heavy_pool : group_.blocking_pool;
    co_await run_blocking(pool, group_.executor, &work);
  }
  keep_alive = co_await send(std::move(*response), keep_alive);
  has_been_of_use_ = has_been_of_use_ || (served_.is_sent && served_.status < 400);
  tell_of_request();
  co_return keep_alive;
}

bool HttpSession::sends_files(const http::Response& response) const {
  return !traits_.is_head && !is_bodiless(response.status) &&
         std::holds_alternative<std::vector<http::FileRange>>(response.body) && response.body_size() > 0;
}

void HttpSession::format_head(const http::Response& response, bool keep_alive) {
  traits_.keep_alive = keep_alive;
  output_.clear();
  append_response_head(&output_, response, group_.date.now(), traits_);
  served_.status = response.status;
  served_.head_bytes = output_.size();
  served_.sent_bytes = 0;
}

Awaitable<bool> HttpSession::send(http::Response response, bool keep_alive) {
  keep_alive = keep_alive && !response.close && !group_.is_draining;
  if (sends_files(response)) co_return co_await send_files(std::move(response), keep_alive);
  if (response.has_source() && !traits_.is_head) {
    co_return co_await send_source(std::move(response), keep_alive);
  }
  unsent_bytes_ = response.body_size();
  if (unsent_bytes_ > kJoinedBodyBytes && !hold()) {
    response = plain_answer(503, "Too many long answers wait for their readers. Please try again later.\n");
    served_.note.reason = "long answers wait for their readers";
    keep_alive = false;
  }
  format_head(response, keep_alive);
  std::string_view separate_body;
  const auto* text = std::get_if<std::string>(&response.body);
  if (text != nullptr && !traits_.is_head && !is_bodiless(response.status)) {
    if (text->size() <= kJoinedBodyBytes) {
      output_ += *text;
    } else {
      separate_body = *text;
    }
  }
  std::string_view joined = output_;
  bool is_open = write_now(&joined, &separate_body);
  if (is_open && (!joined.empty() || !separate_body.empty())) {
    unsent_bytes_ = output_.capacity() + response.body_size();
    is_open = hold();
    if (is_open) is_open = co_await write_slowly(joined, separate_body);
  }
  served_.is_sent = is_open;
  unsent_bytes_ = 0;
  if (output_.capacity() > kOutputKeptBytes || group_.memory.is_tight()) output_ = {};
  co_return is_open&& keep_alive;
}

Awaitable<bool> HttpSession::send_files(http::Response response, bool keep_alive) {
  if (stream_) co_return co_await send_files_over_tls(std::move(response), keep_alive);
  using State = FileSender::State;
  const bool is_short = response.body_size() <= kShortFileBytes;
  format_head(response, keep_alive);
  std::string_view head = output_;
  FileSender sender(std::move(std::get<std::vector<http::FileRange>>(response.body)));
  // Long ones are no work for a network thread: hundreds of them would keep the short requests waiting.
  State state = State::kMore;
  auto work = [&] { state = sender.send(socket_.native_handle(), &head, true); };
  if (is_short) state = sender.send(socket_.native_handle(), &head, false);
  while (state == State::kMore || state == State::kOnDisk || state == State::kFull) {
    if (state == State::kFull) {
      const bool is_open = co_await wait_until_taken();
      if (!is_open) {
        served_.sent_bytes = sender.sent_bytes();
        co_return false;
      }
    }
    co_await run_blocking(group_.bulk_pool, group_.executor, &work);
  }
  if (state == State::kUnreadable && head.size() == output_.size()) {
    http::Response failure = plain_answer(500, "Internal Server Error\n");
    co_return co_await send(std::move(failure), false);
  }
  served_.sent_bytes = sender.sent_bytes();
  // A body cut short must not look complete: only the end of the connection can say so.
  served_.is_sent = state == State::kDone;
  co_return served_.is_sent&& keep_alive;
}

// What is encrypted passes through here, a piece at a time.
Awaitable<bool> HttpSession::send_files_over_tls(http::Response response, bool keep_alive) {
  FilePieces pieces(std::get<std::vector<http::FileRange>>(response.body));
  std::string piece;
  bool is_read = false;
  auto work = [&] { is_read = pieces.read(&piece); };
  co_await run_blocking(group_.bulk_pool, group_.executor, &work);
  if (!is_read) {
    http::Response failure = plain_answer(500, "Internal Server Error\n");
    co_return co_await send(std::move(failure), false);
  }
  format_head(response, keep_alive);
  while (is_read && !piece.empty()) {
    const bool is_open = co_await write_all(output_, piece);
    if (!is_open) co_return false;
    output_.clear();
    co_await run_blocking(group_.bulk_pool, group_.executor, &work);
  }
  served_.is_sent = is_read;
  co_return is_read&& keep_alive;
}

// In chunks. A peer that speaks HTTP 1.0 knows the end of the body by the end of the connection.
Awaitable<bool> HttpSession::send_source(http::Response response, bool keep_alive) {
  const auto source = std::get<std::shared_ptr<http::BodySource>>(response.body);
  const bool is_chunked = !traits_.http_1_0;
  std::string piece;
  bool is_read = false;
  auto work = [&] { is_read = read_piece(*source, &piece); };
  co_await run_blocking(group_.bulk_pool, group_.executor, &work);
  if (!is_read) {
    http::Response failure = plain_answer(500, "Internal Server Error\n");
    co_return co_await send(std::move(failure), false);
  }
  format_head(response, keep_alive && is_chunked);
  while (!piece.empty()) {
    if (is_chunked) {
      append_chunk_head(&output_, piece.size());
      piece += "\r\n";
    }
    const bool is_open = co_await write_all(output_, piece);
    if (!is_open) co_return false;
    output_.clear();
    co_await run_blocking(group_.bulk_pool, group_.executor, &work);
    if (!is_read) co_return false;
  }
  if (is_chunked) output_ += "0\r\n\r\n";
  const bool is_open = co_await write_all(output_, {});
  served_.is_sent = is_open;
  co_return is_open&& keep_alive&& is_chunked;
}

Awaitable<bool> HttpSession::send_early(http::Response response) {
  if (parser_->is_done()) {
    // boto3, which waits for `100 Continue` before an empty body too, loses track of a connection that goes
    // on after another answer.
    const bool is_awaited = !parser_->expectation().empty();
    const bool keep_alive = co_await send(std::move(response), !is_awaited && parser_->keep_alive());
    tell_of_request();
    co_return keep_alive;
  }
  // A peer that waits for `100 Continue` may never send the body, and a long body is not worth its reading.
  const auto rest = parser_->content_length_remaining();
  const bool is_cheap = parser_->expectation().empty() && rest && *rest <= kCheapRestBytes;
  const bool keep_alive = co_await send(std::move(response), is_cheap && parser_->keep_alive());
  tell_of_request();
  if (keep_alive) {
    allow_s(group_.limits.stall_timeout_s);
    co_return co_await discard_body(kCheapRestBytes);
  }
  // Closing with unread bytes would reset the connection, and the peer might lose the answer.
  if (!end_sending()) {
    allow_s(group_.limits.discard_timeout_s);
    co_await discard_body(group_.limits.discard_bytes_max);
  }
  co_return false;
}

Awaitable<bool> HttpSession::refuse(int status, const char* why) {
  http::Response refusal = plain_answer(status, why);
  co_await send(std::move(refusal), false);
  tell_of_request();
  if (end_sending()) co_return false;
  // The parser is of no use any more: whatever follows is thrown away as it is.
  allow_s(group_.limits.discard_timeout_s);
  std::uint64_t discarded = input_.size();
  bool is_open = true;
  while (is_open && discarded <= group_.limits.discard_bytes_max) {
    input_.consume(input_.size());
    input_.shrink_if_empty();
    is_open = co_await read_more();
    discarded += input_.size();
  }
  co_return false;
}

bool HttpSession::write_now(std::string_view* first, std::string_view* second) {
  if (stream_) return write_tls_now(first) && (!first->empty() || write_tls_now(second));
  const std::array<asio::const_buffer, 2> buffers{asio::buffer(first->data(), first->size()),
                                                  asio::buffer(second->data(), second->size())};
  boost::system::error_code error;
  // send(2) takes less than sendmsg(2).
  const std::size_t written =
      second->empty() ? socket_.write_some(buffers[0], error) : socket_.write_some(buffers, error);
  if (error) return error == asio::error::would_block;
  served_.sent_bytes += written;
  const std::size_t of_first = std::min(written, first->size());
  first->remove_prefix(of_first);
  second->remove_prefix(written - of_first);
  return true;
}

Awaitable<bool> HttpSession::write_all(std::string_view first, std::string_view second) {
  if (!write_now(&first, &second)) co_return false;
  if (first.empty() && second.empty()) co_return true;
  co_return co_await write_slowly(first, second);
}

Awaitable<bool> HttpSession::write_slowly(std::string_view first, std::string_view second) {
  while (!first.empty() || !second.empty()) {
    const bool is_open = co_await wait_until_taken();
    if (!is_open || !write_now(&first, &second)) co_return false;
  }
  co_return true;
}

Awaitable<bool> HttpSession::wait_until_taken() {
  is_sending_ = true;
  allow_s(group_.limits.stall_timeout_s);
  const auto [error] = co_await socket_.async_wait(asio::socket_base::wait_write, kAsValue);
  is_sending_ = false;
  allow_forever();
  co_return !error && !has_given_up_;
}

}  // namespace tidemark::server
