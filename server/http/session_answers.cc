// Answering: what the exchange says, and its way to the peer, however long it is.
#include <charconv>
#include <exception>
#include <memory>
#include <utility>

#include "base/log.h"
#include "base/release_memory.h"
#include "server/http/file_pieces.h"
#include "server/http/file_sender.h"
#include "server/http/http_session.h"
#include "server/http/run_blocking.h"
#include "server/http/until_ready.h"

// See http_session.h about coroutines.

namespace tidemark::server {
namespace {

// Bodies up to this size are copied behind their head and sent from one buffer.
constexpr std::size_t kJoinedBodyBytes = 64 * 1024;
// Files up to this size are sent by the network thread, as far as they are in memory.
constexpr std::uint64_t kShortFileBytes = 128 * 1024;
constexpr std::size_t kOutputKeptBytes = 64 * 1024;

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

}  // namespace

Awaitable<bool> HttpSession::finish(bool keep_alive) {
  allow_forever();
  std::optional<http::Response> response;
  auto close = [&] {
    has_known_peer_ = is_known();
    exchange_.reset();
  };
  auto work = [&] {
    response = guarded([&] { return exchange_->finish(); });
    close();
  };
  if (exchange_->is_quick()) {
    response = guarded([&] { return exchange_->finish_quickly(); });
    if (!response && exchange_->is_waiting()) {
      co_await until_ready(*exchange_, group_.blocking_pool, group_.inbox);
      response = guarded([&] { return exchange_->finish_quickly(); });
    }
    if (response) close();
  } else if (head_bytes_ > kFreeBytes && !hold()) {
    response = std::exchange(farewell_, std::nullopt);
    keep_alive = false;
    co_await drop_exchange();
  }
  if (!response) {
    WorkerPool& pool = exchange_->is_heavy() ? group_.heavy_pool : group_.blocking_pool;
    co_await run_blocking(pool, group_.inbox, &work);
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
  if (sends_files(response)) {
    co_return co_await send_files(std::move(response), keep_alive);
  }
  if (response.has_source() && !traits_.is_head) {
    co_return co_await send_source(std::move(response), keep_alive);
  }
  unsent_bytes_ = response.body_size();
  if (unsent_bytes_ > kJoinedBodyBytes && !hold()) {
    response = own_answer(kSlowReaders);
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
  bool is_open = connection_.write_now(&joined, &separate_body, &served_.sent_bytes);
  if (is_open && (!joined.empty() || !separate_body.empty())) {
    unsent_bytes_ = output_.capacity() + response.body_size();
    is_open = hold();
    if (is_open) {
      is_open = co_await write_slowly(joined, separate_body);
    }
  }
  served_.is_sent = is_open;
  unsent_bytes_ = 0;
  if (output_.capacity() > kOutputKeptBytes || group_.memory.is_tight()) release_memory(&output_);
  co_return is_open&& keep_alive;
}

Awaitable<bool> HttpSession::send_files(http::Response response, bool keep_alive) {
  if (connection_.is_tls()) {
    co_return co_await send_files_over_tls(std::move(response), keep_alive);
  }
  using State = FileSender::State;
  const bool is_short = response.body_size() <= kShortFileBytes;
  format_head(response, keep_alive);
  std::string_view head = output_;
  FileSender sender(std::move(std::get<std::vector<http::FileRange>>(response.body)));
  // Long ones are no work for a network thread: hundreds of them would keep the short requests waiting.
  State state = State::kMore;
  auto work = [&] { state = sender.send(connection_.descriptor(), &head, true); };
  if (is_short) state = sender.send(connection_.descriptor(), &head, false);
  while (state == State::kMore || state == State::kOnDisk || state == State::kFull) {
    if (state == State::kFull) {
      const bool is_open = co_await wait_until_taken();
      if (!is_open) {
        served_.sent_bytes = sender.sent_bytes();
        co_return false;
      }
    }
    co_await run_blocking(group_.bulk_pool, group_.inbox, &work);
  }
  if (state == State::kUnreadable && head.size() == output_.size()) {
    http::Response failure = own_answer(kInternalError);
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
  co_await run_blocking(group_.bulk_pool, group_.inbox, &work);
  if (!is_read) {
    http::Response failure = own_answer(kInternalError);
    co_return co_await send(std::move(failure), false);
  }
  format_head(response, keep_alive);
  while (is_read && !piece.empty()) {
    const bool is_open = co_await write_all(output_, piece);
    if (!is_open) co_return false;
    output_.clear();
    co_await run_blocking(group_.bulk_pool, group_.inbox, &work);
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
  co_await run_blocking(group_.bulk_pool, group_.inbox, &work);
  if (!is_read) {
    http::Response failure = own_answer(kInternalError);
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
    co_await run_blocking(group_.bulk_pool, group_.inbox, &work);
    if (!is_read) co_return false;
  }
  if (is_chunked) output_ += "0\r\n\r\n";
  const bool is_open = co_await write_all(output_, {});
  served_.is_sent = is_open;
  co_return is_open&& keep_alive&& is_chunked;
}

Awaitable<bool> HttpSession::write_all(std::string_view first, std::string_view second) {
  if (!connection_.write_now(&first, &second, &served_.sent_bytes)) co_return false;
  if (first.empty() && second.empty()) co_return true;
  co_return co_await write_slowly(first, second);
}

Awaitable<bool> HttpSession::write_slowly(std::string_view first, std::string_view second) {
  while (!first.empty() || !second.empty()) {
    const bool is_open = co_await wait_until_taken();
    if (!is_open || !connection_.write_now(&first, &second, &served_.sent_bytes)) co_return false;
  }
  co_return true;
}

Awaitable<bool> HttpSession::wait_until_taken() {
  is_sending_ = true;
  allow_s(group_.limits.stall_timeout_s);
  const auto [error] = co_await connection_.writable();
  is_sending_ = false;
  allow_forever();
  co_return !error && !has_given_up_;
}

}  // namespace tidemark::server
