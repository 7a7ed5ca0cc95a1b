#include "server/live/request_tap.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "base/request_label.h"
#include "base/request_note.h"
#include "base/utf8.h"

namespace tidemark::server {
namespace {

constexpr std::size_t kTargetBytesMax = 2'048;
constexpr std::size_t kUtf8BytesMax = 4;

// The beginning of a text, cut between two characters; empty when it is no text.
std::string beginning(std::string_view bytes, std::size_t bytes_max) {
  const bool is_cut = bytes.size() > bytes_max;
  std::string_view text = bytes.substr(0, bytes_max);
  for (std::size_t cut = 0; cut < kUtf8BytesMax; ++cut) {
    if (is_utf8(text)) return std::string(text);
    if (!is_cut || text.empty()) break;
    text.remove_suffix(1);
  }
  return {};
}

// A link that is signed in its query would let everybody in who reads it here.
std::string shown_target(const http::RequestHead& head) {
  const bool is_signed = head.query().find("Signature=") != std::string_view::npos;
  return beginning(is_signed ? std::string(head.path()) + "?(signed)" : head.target, kTargetBytesMax);
}

// What is known of a request while it is carried out.
class Sight {
 public:
  Sight(const http::RequestHead& head, RequestRing& ring, const Clock& clock)
      : ring_(ring), note_(head.note), began_(std::chrono::steady_clock::now()) {
    seen_.time = clock.now();
    seen_.method = beginning(head.method, kTargetBytesMax);
    seen_.target = shown_target(head);
    seen_.peer = head.peer;
    seen_.is_console = head.headers.find(kConsoleHeader).has_value();
  }

  void take_body(std::string_view bytes) {
    body_bytes_ += bytes.size();
    body_.append(bytes.substr(0, kKept - std::min(body_.size(), kKept)));
  }
  [[nodiscard]] std::size_t held_bytes() const { return body_.capacity(); }

  void take_answer(const http::Response& response) {
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began_;
    seen_.ms = took.count();
    if (note_ != nullptr) {
      seen_.service = note_->service;
      seen_.operation = note_->operation;
      seen_.error = note_->error;
    }
    for (const char* name : {"x-amzn-RequestId", "x-amz-request-id"}) {
      if (const auto id = response.headers.find(name)) seen_.request_id = *id;
    }
    seen_.status = response.status;
    seen_.request = beginning(body_, RequestRing::kBodyBytesMax);
    seen_.request_bytes = body_bytes_;
    seen_.answer_bytes = response.body_size();
    if (const auto* text = std::get_if<std::string>(&response.body)) {
      seen_.answer = beginning(*text, RequestRing::kBodyBytesMax);
    }
    ring_.add(std::move(seen_));
  }

 private:
  // Enough to see that the body was cut.
  static constexpr std::size_t kKept = RequestRing::kBodyBytesMax + kUtf8BytesMax;

  RequestRing& ring_;
  const http::RequestNote* const note_;
  const std::chrono::steady_clock::time_point began_;
  SeenRequest seen_;
  std::string body_;  // its beginning
  std::uint64_t body_bytes_ = 0;
};

class SeenExchange final : public http::Exchange {
 public:
  SeenExchange(std::unique_ptr<http::Exchange> inner, Sight sight)
      : inner_(std::move(inner)), sight_(std::move(sight)) {}

  Result<void, http::Response> write(std::string_view bytes) override {
    sight_.take_body(bytes);
    auto written = inner_->write(bytes);
    if (!written) sight_.take_answer(written.error());
    return written;
  }
  http::Response finish() override { return seen(inner_->finish()); }
  [[nodiscard]] bool is_quick() const override { return inner_->is_quick(); }
  std::optional<http::Response> finish_quickly() override {
    auto response = inner_->finish_quickly();
    if (response) sight_.take_answer(*response);
    return response;
  }
  [[nodiscard]] bool is_waiting() const override { return inner_->is_waiting(); }
  void when_ready(MoveOnlyFunction<void()> ready) override { inner_->when_ready(std::move(ready)); }
  [[nodiscard]] bool is_heavy() const override { return inner_->is_heavy(); }
  [[nodiscard]] std::uint64_t held_bytes() const override {
    return inner_->held_bytes() + sight_.held_bytes();
  }
  [[nodiscard]] bool is_known() const override { return inner_->is_known(); }
  http::Response give_up() override { return seen(inner_->give_up()); }

 private:
  http::Response seen(http::Response response) {
    sight_.take_answer(response);
    return response;
  }

  const std::unique_ptr<http::Exchange> inner_;
  Sight sight_;
};

}  // namespace

Result<std::unique_ptr<http::Exchange>, http::Response> RequestTap::begin(http::RequestHead head) {
  if (!ring_.admits()) return next_.begin(std::move(head));
  Sight sight(head, ring_, clock_);
  auto inner = next_.begin(std::move(head));
  if (!inner) {
    sight.take_answer(inner.error());
    return fail(std::move(inner.error()));
  }
  return std::make_unique<SeenExchange>(*std::move(inner), std::move(sight));
}

}  // namespace tidemark::server
