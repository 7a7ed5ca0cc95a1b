// A service whose behaviour is in the path of the request.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/http_message.h"
#include "base/move_only_function.h"
#include "base/request_note.h"

namespace tidemark::server::test {

// A file of bytes in memory: byte i is `a` + i % 23. Claims that every other run of kRun bytes is on disk.
class PatternFile final : public File {
 public:
  PatternFile(std::uint64_t size, std::uint64_t readable) : size_(size), readable_(readable) {}
  static constexpr std::uint64_t kRun = 300'000;
  static char at(std::uint64_t offset) { return static_cast<char>('a' + offset % 23); }

  Result<void> append(std::string_view) override { return fail(Error::io("read only")); }
  Result<std::size_t> read_at(std::uint64_t offset, char* buffer, std::size_t size) const override {
    if (offset >= readable_) return fail(Error::io("bad sector"));
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(size, readable_ - offset));
    for (std::size_t i = 0; i < count; ++i) buffer[i] = at(offset + i);
    return count;
  }
  Result<std::optional<std::size_t>> read_cached(std::uint64_t offset, char* buffer,
                                                 std::size_t size) const override {
    if (offset / kRun % 2 == 1 || offset >= readable_) return std::nullopt;
    return read_at(offset, buffer,
                   static_cast<std::size_t>(std::min<std::uint64_t>(kRun - offset % kRun, size)));
  }
  Result<void> sync() override { return {}; }
  Result<void> truncate(std::uint64_t) override { return fail(Error::io("read only")); }
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] int descriptor() const override { return -1; }

 private:
  std::uint64_t size_;
  std::uint64_t readable_;
};

// What a test and the exchanges it caused know of each other.
struct Shared {
  std::mutex mutex;
  std::condition_variable changed;
  int waiting = 0;       // exchanges that stand at the gate
  bool is_open = false;  // the gate
  std::vector<MoveOnlyFunction<void()>> at_gate;
  std::size_t piece_max = 0;
  int dropped = 0;  // exchanges that never finished

  void wait_for_arrivals(int count) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return waiting >= count; });
  }
  void open_gate() {
    std::vector<MoveOnlyFunction<void()>> ready;
    {
      const std::lock_guard lock(mutex);
      is_open = true;
      ready = std::move(at_gate);
      changed.notify_all();
    }
    for (auto& call : ready) call();
  }
  void call_at_gate(MoveOnlyFunction<void()> ready) {
    {
      const std::lock_guard lock(mutex);
      ++waiting;
      changed.notify_all();
      if (!is_open) {
        at_gate.push_back(std::move(ready));
        return;
      }
    }
    ready();
  }
  void pass_gate() {
    std::unique_lock lock(mutex);
    ++waiting;
    changed.notify_all();
    changed.wait(lock, [&] { return is_open; });
  }
  int dropped_count() {
    const std::lock_guard lock(mutex);
    return dropped;
  }
};

inline http::Response text_answer(int status, std::string text) {
  http::Response response;
  response.status = status;
  response.body = std::move(text);
  return response;
}

// /echo        the body again                   /slow-echo  the same, on the blocking pool
// /size        how many bytes the body had      /gate       waits for Shared::open_gate
// /big         a megabyte of x                  /huge       32 of them: more than sockets buffer
// /turns-out-long  /echo that is quick until it is tried
// /later       /echo whose answer waits for Shared::open_gate, and for no thread
// /later-long  the same, but then it turns out long
// /hold-thread  waits for Shared::open_gate on the network thread
// /known       /echo for peers that are known
// /file?N      N bytes of PatternFile, in two ranges
// /broken?N    a file that ends after N bytes of 2 MB
// /refuse      403 from begin                   /early      413 from write after 10 bytes
// /throw-begin /throw-write /throw-finish       /empty 204  /unmodified 304  /split  a header with a line
// break
class FakeExchange final : public http::Exchange {
 public:
  FakeExchange(http::RequestHead head, std::shared_ptr<Shared> shared)
      : head_(std::move(head)), path_(head_.path()), shared_(std::move(shared)) {}
  ~FakeExchange() override {
    if (!finished_) {
      const std::lock_guard lock(shared_->mutex);
      ++shared_->dropped;
      shared_->changed.notify_all();
    }
  }

  Result<void, http::Response> write(std::string_view bytes) override {
    if (path_ == "/throw-write") throw std::runtime_error("write");
    {
      const std::lock_guard lock(shared_->mutex);
      shared_->piece_max = std::max(shared_->piece_max, bytes.size());
    }
    size_ += bytes.size();
    if (path_ == "/early" && size_ > 10) return fail(text_answer(413, "too much"));
    if (path_ != "/size") body_ += bytes;
    return {};
  }

  std::optional<http::Response> finish_quickly() override {
    if (path_ == "/turns-out-long") return std::nullopt;
    if (path_.starts_with("/later") && !std::exchange(has_waited_, true)) return std::nullopt;
    if (path_ == "/later-long") {
      has_turned_out_long_ = true;
      return std::nullopt;
    }
    return finish();
  }
  http::Response finish() override {
    finished_ = true;
    if (path_ == "/throw-finish") throw std::runtime_error("finish");
    if (path_ == "/gate" || path_ == "/hold-thread") shared_->pass_gate();
    if (path_ == "/size") return text_answer(200, std::to_string(size_));
    if (path_ == "/big") return text_answer(200, std::string(1 << 20, 'x'));
    if (path_ == "/huge") return text_answer(200, std::string(32 << 20, 'x'));
    if (path_ == "/empty") return text_answer(204, "");
    if (path_ == "/unmodified") return text_answer(304, "must not be sent");
    if (path_ == "/length") {
      http::Response response = text_answer(200, "");
      response.content_length = 12345;
      return response;
    }
    if (path_ == "/split") {
      http::Response response = text_answer(200, "");
      response.headers.add("X-Split", "a\r\nX-Injected: b");
      return response;
    }
    if (path_ == "/file" || path_ == "/broken") return file_answer(std::stoull(std::string(head_.query())));
    return text_answer(200, body_);
  }

  [[nodiscard]] bool is_waiting() const override {
    return path_.starts_with("/later") && !has_turned_out_long_;
  }
  void when_ready(MoveOnlyFunction<void()> ready) override { shared_->call_at_gate(std::move(ready)); }

  [[nodiscard]] std::uint64_t held_bytes() const override { return body_.capacity(); }
  [[nodiscard]] bool is_known() const override { return path_ == "/known"; }
  http::Response give_up() override {
    body_ = {};
    return text_answer(503, "not now");
  }
  [[nodiscard]] bool is_quick() const override {
    return path_ == "/echo" || path_ == "/known" || path_ == "/turns-out-long" || path_ == "/big" ||
           path_.starts_with("/later") || path_ == "/huge" || path_ == "/empty" || path_ == "/hold-thread";
  }

 private:
  http::Response file_answer(std::uint64_t size) {
    const std::uint64_t readable = size;
    if (path_ == "/broken") size = 2 << 20;
    const auto file = std::make_shared<PatternFile>(size, readable);
    http::Response response;
    const std::uint64_t half = size / 2;
    response.body = std::vector<http::FileRange>{{file, 0, half}, {file, half, size - half}};
    return response;
  }

  http::RequestHead head_;
  std::string path_;
  std::shared_ptr<Shared> shared_;
  std::string body_;
  std::size_t size_ = 0;
  bool finished_ = false;
  bool has_waited_ = false;
  bool has_turned_out_long_ = false;
};

class FakeService final : public http::Service {
 public:
  Result<std::unique_ptr<http::Exchange>, http::Response> begin(http::RequestHead head) override {
    if (head.note != nullptr) {
      head.note->service = "fake";
      if (head.path() == "/echo") head.note->operation = "Echo";
      if (log::enabled(log::Level::kDebug)) head.note->add("path", head.path());
    }
    if (head.path() == "/throw-begin") throw std::runtime_error("begin");
    if (head.path() == "/refuse") return fail(text_answer(403, "no"));
    return std::make_unique<FakeExchange>(std::move(head), shared);
  }

  std::shared_ptr<Shared> shared = std::make_shared<Shared>();
};

}  // namespace tidemark::server::test
