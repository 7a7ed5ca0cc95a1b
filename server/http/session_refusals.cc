// Answers that come before the end of their requests, and how a connection ends behind them.
#include <algorithm>
#include <utility>

#include "server/http/http_session.h"

// See http_session.h about coroutines.

namespace tidemark::server {
namespace {

// A body whose rest is this small is read to its end after an early answer, to keep the connection.
constexpr std::uint64_t kCheapRestBytes = 256 * 1024;

}  // namespace

http::Response HttpSession::own_answer(const Refusal& refusal) {
  if (!listener_.refuse) return plain_refusal(refusal);
  RefusedRequest request{.note = served_.note};
  if (parser_) {
    request.has_origin = parser_->has_origin();
    request.head = parser_->head();
  }
  if (parser_ && (parser_->is_header_done() || !parser_->target().empty())) {
    request.method = parser_->method();
    request.target = parser_->target();
  } else {
    const std::string_view unread(input_.data(), input_.size());
    const std::string_view line = unread.substr(0, std::min(unread.find('\r'), unread.find('\n')));
    const std::size_t blank = line.find(' ');
    if (blank != std::string_view::npos && line.substr(blank + 1).starts_with('/')) {
      request.method = line.substr(0, blank);
      request.target = line.substr(blank + 1, line.find(' ', blank + 1) - blank - 1);
    }
  }
  return listener_.refuse(refusal, request);
}

Awaitable<bool> HttpSession::refuse(Refusal refusal) {
  http::Response answer = own_answer(refusal);
  co_await send(std::move(answer), false);
  tell_of_request();
  co_await part();
  co_return false;
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
  bool is_kept = co_await send(std::move(response), is_cheap && parser_->keep_alive());
  tell_of_request();
  if (is_kept) {
    allow_s(group_.limits.stall_timeout_s);
    is_kept = co_await discard_body();
  }
  if (!is_kept) {
    co_await part();
  }
  co_return is_kept;
}

Awaitable<bool> HttpSession::discard_body() {
  for (;;) {
    std::string_view piece;
    const Step step = next_piece(&piece);
    if (step == Step::kDone) co_return true;
    if (step == Step::kBad) co_return false;
    if (step == Step::kNeedMore) {
      const bool is_open = co_await read_more();
      if (!is_open) co_return false;
    }
  }
}

Awaitable<void> HttpSession::part() {
  if (!connection_.end_sending()) co_return;
  std::uint64_t discarded = input_.size();
  input_.consume(input_.size());
  input_.shrink_if_empty();
  std::uint32_t until_s = group_.now_s + group_.limits.discard_timeout_s;
  bool is_hurried = false;
  while (discarded <= group_.limits.discard_bytes_max) {
    if (group_.is_draining && !std::exchange(is_hurried, true)) {
      until_s = std::min(until_s, group_.now_s + kDrainPatienceS);
    }
    if (group_.now_s > until_s) co_return;
    allow_s(std::min(group_.limits.discard_silence_s, until_s - group_.now_s));
    input_.make_room(1);
    const auto [error, count] = co_await connection_.read_raw(input_.room(), input_.room_size());
    if (error) co_return;
    discarded += count;
  }
}

}  // namespace tidemark::server
