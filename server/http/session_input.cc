// Reading requests: heads, and bodies as they are handed to their exchanges.
#include <algorithm>
#include <utility>

#include "server/http/http_session.h"
#include "server/http/run_blocking.h"

// See http_session.h about coroutines.

namespace tidemark::server {
namespace {

// Pieces up to this size are handed to an exchange on the network thread: appending or hashing that much
// takes less than a hop to another thread and back.
constexpr std::size_t kInlinePieceBytes = 16 * 1024;
// What is read of a body at once where memory is scarce.
constexpr std::size_t kScarceBytes = 16 * 1024;

}  // namespace

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
      co_await refuse(kBusy);
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
  if (step == Step::kTooLong || is_long) {
    begin_request();
    co_await refuse(kHeadTooLarge);
    co_return false;
  }
  if (step == Step::kBad) {
    begin_request();
    co_await refuse(kNotHttp);
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
  if (error == beast_http::error::header_limit || head_bytes_ + pending > head_bytes_max()) {
    return Step::kTooLong;
  }
  if (error && !need_more) return Step::kBad;
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

bool HttpSession::make_room_for_more() {
  std::size_t wanted = 1;
  if (parser_->is_header_done()) {
    const auto rest = parser_->content_length_remaining();
    wanted = rest ? static_cast<std::size_t>(std::min<std::uint64_t>(*rest, InputBuffer::kLargest))
                  : 2 * input_.size();
    if (group_.memory.is_tight() || has_given_up_) wanted = std::min(wanted, kScarceBytes);
  }
  input_.make_room(wanted);
  return input_.grown_bytes() <= kFreeBytes || has_given_up_ || hold();
}

Awaitable<bool> HttpSession::take_body(std::optional<http::Response>* early) {
  body_began_s_ = group_.now_s;
  allow_piece();
  for (;;) {
    std::string_view piece;
    const Step step = next_piece(&piece);
    if (step == Step::kDone) co_return true;
    if (step == Step::kBad) {
      *early = own_answer(kBadBody);
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
      co_await run_blocking(group_.bulk_pool, group_.inbox, &work);
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

// An unfinished exchange may have files to remove.
Awaitable<void> HttpSession::drop_exchange() {
  allow_forever();
  auto work = [this] { exchange_.reset(); };
  co_await run_blocking(group_.blocking_pool, group_.inbox, &work);
}

}  // namespace tidemark::server
