#include "server/program/clock_keeper.h"

#include <string>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "base/json_writer.h"
#include "base/log.h"

namespace tidemark::server {
namespace {

constexpr std::chrono::seconds kServiceInterval{10};
constexpr std::chrono::seconds kRealInterval{1};
// What the next start would not notice (ServiceClock::resume_after()).
constexpr std::chrono::seconds kUnnoticed{1};

constexpr std::string_view kKind = "clock";
constexpr std::string_view kKey = "moved";

}  // namespace

std::chrono::microseconds ClockKeeper::kept_move(storage::Engine& engine) {
  const std::string text = engine.catalog().find_document(kKind, kKey).value_or("{}");
  json::Document document;
  const auto root = document.parse(text);
  const auto micros = root && root->is_object() ? root->find("micros") : std::nullopt;
  if (!micros || micros->type() != json::Type::kInteger) return {};
  return std::chrono::microseconds(micros->integer());
}

void ClockKeeper::start(Schedule& schedule) {
  // What an earlier run was moved by has been caught up with.
  if (clock_.state().moved < kUnnoticed && kept_move(engine_) >= kUnnoticed) keep_always();
  task_ = schedule.every(kServiceInterval, "time kept", [this] { keep_now_and_then(); });
}

void ClockKeeper::keep() {
  if (clock_.state().offset >= kUnnoticed) keep_always();
}

void ClockKeeper::keep_always() {
  const std::lock_guard lock(mutex_);
  kept_ = std::chrono::steady_clock::now();
  const auto kept = write();
  if (!kept && !is_failing_) {
    log::warn("what time it is, is not kept for the next start", {{"error", kept.error().message}});
  }
  is_failing_ = !kept;
}

Result<void> ClockKeeper::write() {
  std::string document;
  JsonWriter json(&document);
  json.begin_object();
  json.member("micros", std::int64_t{clock_.state().moved.count()});
  json.end_object();
  return engine_.catalog().put_document(kKind, kKey, std::move(document));
}

void ClockKeeper::keep_now_and_then() {
  {
    const std::lock_guard lock(mutex_);
    if (std::chrono::steady_clock::now() - kept_ < kRealInterval) return;
  }
  keep();
}

}  // namespace tidemark::server
