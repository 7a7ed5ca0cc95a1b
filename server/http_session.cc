#include "server/http_session.h"

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

#include "base/log.h"
#include "server/run_blocking.h"

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
// What is read stays in the processor's cache until it is sent.
constexpr std::size_t kFileBlockBytes = 128 * 1024;
// A peer that takes as fast as it is sent lets the others of its thread have a turn after so much.
constexpr std::size_t kTurnBytes = 1024 * 1024;
// A body whose rest is this small is read to its end after an early answer, to keep the connection.
constexpr std::uint64_t kCheapRestBytes = 256 * 1024;
constexpr std::size_t kOutputKeptBytes = 256 * 1024;
constexpr asio::use_awaitable_t<Executor> kToken{};

http::Response plain_answer(int status, std::string text) {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", "text/plain");
  response.body = std::move(text);
  return response;
}

// Counts a long answer among those of the group for as long as it is being sent.
class UnsentShare {
 public:
  UnsentShare(SessionGroup& group, std::uint64_t bytes) : group_(group), bytes_(bytes) {
    group_.unsent_bytes += bytes_;
  }
  ~UnsentShare() { group_.unsent_bytes -= bytes_; }
  UnsentShare(const UnsentShare&) = delete;
  UnsentShare& operator=(const UnsentShare&) = delete;

 private:
  SessionGroup& group_;
  const std::uint64_t bytes_;
};

// Fills `buffer` from the ranges, in order, and advances them. Returns how many bytes there were; nothing
// when a file could not be read, or is shorter than its range. Without `may_wait` it stops in front of bytes
// that are not in memory.
std::optional<std::size_t> read_block(std::vector<http::FileRange>* ranges, std::size_t* index, char* buffer,
                                      std::size_t size, bool may_wait) {
  std::size_t filled = 0;
  while (filled < size && *index < ranges->size()) {
    http::FileRange& range = (*ranges)[*index];
    if (range.size == 0) {
      ++*index;
      continue;
    }
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(range.size, size - filled));
    Result<std::optional<std::size_t>> read =
        may_wait ? range.file->read_at(range.offset, buffer + filled, wanted)
                 : range.file->read_cached(range.offset, buffer + filled, wanted);
    if (read && !*read) {
      break;
    }
    if (!read || **read == 0) {
      const std::string why = read ? "it is shorter than announced" : read.error().message;
      log::error("a file to be sent cannot be read", {{"offset", range.offset}, {"error", why}});
      return std::nullopt;
    }
    range.offset += **read;
    range.size -= **read;
    filled += **read;
    *index += range.size == 0 ? 1 : 0;
  }
  return filled;
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

HttpSession::HttpSession(Socket socket, http::Service& service, SessionGroup& group)
    : socket_(std::move(socket)), service_(service), group_(group), peer_(peer_address(socket_)) {
  group_.sessions.insert(this);
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
  if constexpr (std::is_same_v<decltype(call()), http::Response>) {
    return response;
  } else {
    return fail(std::move(response));
  }
}

HttpSession::~HttpSession() { group_.sessions.erase(this); }

void HttpSession::cut() {
  boost::system::error_code ignored;
  socket_.shutdown(asio::socket_base::shutdown_both, ignored);
}

void HttpSession::stop_waiting() {
  boost::system::error_code ignored;
  socket_.shutdown(asio::socket_base::shutdown_receive, ignored);
}

Awaitable<void> HttpSession::run() {
  boost::system::error_code error;
  socket_.set_option(asio::ip::tcp::no_delay(true), error);
  if (!error) {
    socket_.non_blocking(true, error);
  }
  bool is_open = !error;
  while (is_open && !group_.is_draining) {
    is_open = co_await serve_one();
  }
}

void HttpSession::begin_request() {
  served_ = {};
  if (log::enabled(log::Level::kDebug)) {
    served_.began = std::chrono::steady_clock::now();
  }
}

void HttpSession::write_line() {
  Outcome outcome{.status = served_.status,
                  .bytes_in = served_.bytes_in,
                  .bytes_out = served_.sent_bytes - std::min(served_.sent_bytes, served_.head_bytes),
                  .peer = peer_};
  if (!served_.is_sent) {
    outcome.cut = served_.status == 0 ? Outcome::Cut::kReceiving : Outcome::Cut::kSending;
  }
  if (served_.began.time_since_epoch().count() != 0) {
    const auto passed = std::chrono::steady_clock::now() - served_.began;
    outcome.ms = std::chrono::duration<double, std::milli>(
                     std::chrono::duration_cast<std::chrono::microseconds>(passed))
                     .count();
  }
  group_.request_log.tell(served_.note, outcome);
}

Awaitable<bool> HttpSession::serve_one() {
  const bool is_asked = co_await read_head();
  if (!is_asked) {
    co_return false;
  }
  begin_request();
  traits_.is_head = parser_->is_head_request();
  traits_.http_1_0 = parser_->is_http_1_0();
  const bool keep_alive = parser_->keep_alive();
  if (parser_->has_unknown_coding()) {
    co_return co_await refuse(501);
  }
  const std::string expectation = parser_->expectation();
  if (!expectation.empty() && !http::equal_ignoring_case(expectation, "100-continue")) {
    co_return co_await refuse(417);
  }
  http::RequestHead head = parser_->take_head();
  head.peer = peer_;
  head.note = &served_.note;
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
      co_await drop_exchange();
      if (!early) {
        tell_of_request();
        co_return false;
      }
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
  if (is_idle_) {
    input_.shrink_if_empty();
    allow_s(group_.limits.idle_timeout_s);
  } else {
    allow_s(group_.limits.head_timeout_s);
  }
  Step step = parse_head();
  while (step == Step::kNeedMore) {
    const bool is_open = co_await read_more();
    if (!is_open) {
      co_return false;
    }
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
    co_await refuse(400);
    co_return false;
  }
  co_return true;
}

std::size_t HttpSession::head_bytes_max() const {
  return group_.limits.target_bytes_max + group_.limits.fields_bytes_max;
}

HttpSession::Step HttpSession::parse_head() {
  if (input_.size() == 0) {
    return Step::kNeedMore;
  }
  namespace beast_http = boost::beast::http;
  boost::system::error_code error;
  const std::size_t used = parser_->put(asio::buffer(input_.data(), input_.size()), error);
  head_bytes_ += used;
  const bool need_more = error == beast_http::error::need_more;
  const std::size_t pending = need_more ? input_.size() - used : 0;
  if ((error && !need_more) || head_bytes_ + pending > head_bytes_max()) {
    return Step::kBad;
  }
  input_.consume(used);
  return need_more ? Step::kNeedMore : Step::kHave;
}

HttpSession::Step HttpSession::next_piece(std::string_view* piece) {
  while (!parser_->is_done()) {
    if (input_.size() == 0) {
      return Step::kNeedMore;
    }
    boost::system::error_code error;
    const std::size_t used = parser_->put(asio::buffer(input_.data(), input_.size()), error);
    if (error == boost::beast::http::error::need_more) {
      input_.consume(used);
      return input_.is_full() ? Step::kBad : Step::kNeedMore;  // a chunk's own head or trailer without end
    }
    if (error) {
      return Step::kBad;
    }
    input_.consume(used);
    *piece = parser_->take_piece();
    if (!piece->empty()) {
      return Step::kHave;
    }
  }
  return Step::kDone;
}

Awaitable<bool> HttpSession::read_more() {
  std::size_t wanted = 1;
  if (parser_->is_header_done()) {
    const auto rest = parser_->content_length_remaining();
    wanted = rest ? static_cast<std::size_t>(std::min<std::uint64_t>(*rest, InputBuffer::kLargest))
                  : 2 * input_.size();
  }
  input_.make_room(wanted);
  const auto [error, count] =
      co_await socket_.async_read_some(asio::buffer(input_.room(), input_.room_size()), kAsValue);
  if (error) {
    co_return false;
  }
  input_.grew(count);
  co_return true;
}

Awaitable<bool> HttpSession::take_body(std::optional<http::Response>* early) {
  allow_s(group_.limits.stall_timeout_s);
  for (;;) {
    std::string_view piece;
    const Step step = next_piece(&piece);
    if (step == Step::kDone) {
      co_return true;
    }
    if (step == Step::kBad) {
      *early = plain_answer(400, "Bad Request\n");
      (*early)->close = true;
      co_return false;
    }
    if (step == Step::kNeedMore) {
      const bool is_open = co_await read_more();
      if (!is_open) {
        co_return false;
      }
      allow_s(group_.limits.stall_timeout_s);
      continue;
    }
    served_.bytes_in += piece.size();
    Result<void, http::Response> taken;
    auto work = [&] { taken = guarded([&] { return exchange_->write(piece); }); };
    if (piece.size() <= kInlinePieceBytes) {
      work();
    } else {
      allow_forever();
      co_await run_blocking(group_.blocking_pool, group_.executor, &work);
      allow_s(group_.limits.stall_timeout_s);
    }
    if (!taken) {
      *early = std::move(taken.error());
      co_return false;
    }
  }
}

Awaitable<bool> HttpSession::discard_body(std::uint64_t bytes_max) {
  std::uint64_t discarded = 0;
  for (;;) {
    std::string_view piece;
    const Step step = next_piece(&piece);
    if (step == Step::kDone) {
      co_return true;
    }
    discarded += piece.size();
    if (step == Step::kBad || discarded > bytes_max) {
      co_return false;
    }
    if (step == Step::kNeedMore) {
      const bool is_open = co_await read_more();
      if (!is_open) {
        co_return false;
      }
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
  http::Response response;
  auto work = [&] {
    response = guarded([&] { return exchange_->finish(); });
    exchange_.reset();
  };
  if (exchange_->is_quick()) {
    work();
  } else {
    co_await run_blocking(group_.blocking_pool, group_.executor, &work);
  }
  keep_alive = co_await send(std::move(response), keep_alive);
  tell_of_request();
  co_return keep_alive;
}

bool HttpSession::sends_files(const http::Response& response) const {
  return !traits_.is_head && !is_bodiless(response.status) &&
         std::holds_alternative<std::vector<http::FileRange>>(response.body) && response.body_size() > 0;
}

void HttpSession::open_files(const http::Response& response) {
  files_ = {};
  files_.ranges = std::get<std::vector<http::FileRange>>(response.body);
  files_.block_bytes_max =
      static_cast<std::size_t>(std::min<std::uint64_t>(response.body_size(), kFileBlockBytes));
  files_.block = std::make_unique_for_overwrite<char[]>(files_.block_bytes_max);
}

void HttpSession::load_block(bool may_wait) {
  const auto read =
      read_block(&files_.ranges, &files_.index, files_.block.get(), files_.block_bytes_max, may_wait);
  files_.is_broken = !read;
  files_.block_bytes = read.value_or(0);
}

Awaitable<void> HttpSession::next_block() {
  load_block(false);
  if (!files_.is_broken && files_.block_bytes == 0) {
    auto work = [this] { load_block(true); };
    co_await run_blocking(group_.blocking_pool, group_.executor, &work);
  }
}

bool HttpSession::may_hold(std::uint64_t bytes) const {
  return bytes <= kJoinedBodyBytes || group_.unsent_bytes == 0 ||
         group_.unsent_bytes + bytes <= group_.limits.unsent_bytes_max;
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
  if (sends_files(response)) {
    co_return co_await send_files(std::move(response), keep_alive);
  }
  if (!may_hold(response.body_size())) {
    response = plain_answer(503, "Too many long answers wait for their readers. Please try again later.\n");
    served_.note.reason = "long answers wait for their readers";
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
  const UnsentShare share(group_, separate_body.size());
  std::string_view joined = output_;
  if (!write_now(&joined, &separate_body)) {
    co_return false;
  }
  served_.is_sent = true;
  if (!joined.empty() || !separate_body.empty()) {
    served_.is_sent = co_await write_slowly(joined, separate_body);
    keep_alive = keep_alive && served_.is_sent;
  }
  if (output_.capacity() > kOutputKeptBytes) {
    output_ = {};
  }
  co_return keep_alive;
}

Awaitable<bool> HttpSession::send_files(http::Response response, bool keep_alive) {
  open_files(response);
  co_await next_block();
  if (files_.is_broken) {
    files_ = {};
    http::Response failure = plain_answer(500, "Internal Server Error\n");
    co_return co_await send(std::move(failure), false);
  }
  format_head(response, keep_alive);
  bool is_open = co_await write_all(output_, {files_.block.get(), files_.block_bytes});
  std::size_t turn_bytes = files_.block_bytes;
  while (is_open && files_.index < files_.ranges.size()) {
    if (turn_bytes >= kTurnBytes) {
      turn_bytes = 0;
      co_await asio::post(group_.executor, kToken);
    }
    co_await next_block();
    // A body cut short must not look complete: only the end of the connection can say so.
    is_open = !files_.is_broken;
    if (is_open) {
      turn_bytes += files_.block_bytes;
      is_open = co_await write_all({files_.block.get(), files_.block_bytes}, {});
    }
  }
  files_ = {};
  served_.is_sent = is_open;
  co_return is_open&& keep_alive;
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
  boost::system::error_code error;
  socket_.shutdown(asio::socket_base::shutdown_send, error);
  if (!error) {
    allow_s(group_.limits.discard_timeout_s);
    co_await discard_body(group_.limits.discard_bytes_max);
  }
  co_return false;
}

Awaitable<bool> HttpSession::refuse(int status) {
  http::Response refusal = plain_answer(status, "The request is not valid HTTP, or too much of it.\n");
  co_await send(std::move(refusal), false);
  tell_of_request();
  boost::system::error_code error;
  socket_.shutdown(asio::socket_base::shutdown_send, error);
  if (error) {
    co_return false;
  }
  // The parser is of no use any more: whatever follows is thrown away as it is.
  allow_s(group_.limits.discard_timeout_s);
  std::uint64_t discarded = input_.size();
  bool is_open = true;
  while (is_open && discarded <= group_.limits.discard_bytes_max) {
    input_.consume(input_.size());
    is_open = co_await read_more();
    discarded += input_.size();
  }
  co_return false;
}

bool HttpSession::write_now(std::string_view* first, std::string_view* second) {
  const std::array<asio::const_buffer, 2> buffers{asio::buffer(first->data(), first->size()),
                                                  asio::buffer(second->data(), second->size())};
  boost::system::error_code error;
  const std::size_t written = socket_.write_some(buffers, error);
  if (error) {
    return error == asio::error::would_block;
  }
  served_.sent_bytes += written;
  const std::size_t of_first = std::min(written, first->size());
  first->remove_prefix(of_first);
  second->remove_prefix(written - of_first);
  return true;
}

Awaitable<bool> HttpSession::write_all(std::string_view first, std::string_view second) {
  if (!write_now(&first, &second)) {
    co_return false;
  }
  if (first.empty() && second.empty()) {
    co_return true;
  }
  co_return co_await write_slowly(first, second);
}

Awaitable<bool> HttpSession::write_slowly(std::string_view first, std::string_view second) {
  while (!first.empty() || !second.empty()) {
    allow_s(group_.limits.stall_timeout_s);
    const auto [error] = co_await socket_.async_wait(asio::socket_base::wait_write, kAsValue);
    if (error || !write_now(&first, &second)) {
      co_return false;
    }
  }
  allow_forever();
  co_return true;
}

}  // namespace tidemark::server
