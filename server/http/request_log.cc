#include "server/http/request_log.h"

#include <cstdlib>
#include <utility>
#include <vector>

namespace tidemark::server {
namespace {

constexpr int kNotImplemented = 501;
constexpr std::int64_t kPauseMicros = 1'000'000;

void add_text(std::vector<log::Field>* fields, std::string_view name, std::string_view text) {
  if (!text.empty()) fields->emplace_back(name, text);
}

void add_outcome(std::vector<log::Field>* fields, const Outcome& outcome) {
  if (outcome.status != 0) fields->emplace_back("status", outcome.status);
  if (outcome.cut == Outcome::Cut::kReceiving) fields->emplace_back("cut", "receiving");
  if (outcome.cut == Outcome::Cut::kSending) fields->emplace_back("cut", "sending");
}

std::vector<log::Field> fields_of(const http::RequestNote& note, const Outcome& outcome) {
  std::vector<log::Field> fields;
  add_text(&fields, "service", note.service);
  add_text(&fields, "operation", note.operation);
  for (const auto& [name, text] : note.resources) fields.emplace_back(name, text);
  add_outcome(&fields, outcome);
  add_text(&fields, "error", note.error);
  add_text(&fields, "reason", note.reason);
  if (outcome.ms) fields.emplace_back("ms", *outcome.ms);
  fields.emplace_back("bytes_in", outcome.bytes_in);
  fields.emplace_back("bytes_out", outcome.bytes_out);
  add_text(&fields, "request_id", note.request_id);
  add_text(&fields, "peer", outcome.peer);
  return fields;
}

}  // namespace

std::optional<std::uint64_t> RequestLog::admit(const Kind& kind) {
  const std::int64_t now = clock_.now().micros;
  const std::scoped_lock lock(mutex_);
  const auto [found, is_new] = told_.try_emplace(kind, Told{now, 0});
  if (is_new) return 0;
  Told& told = found->second;
  // A clock that was set back must not silence it.
  const bool is_soon = std::abs(now - told.micros) < kPauseMicros;
  if (is_soon || std::get<int>(kind) == kNotImplemented) {
    ++told.left_out;
    return std::nullopt;
  }
  told.micros = now;
  return std::exchange(told.left_out, 0);
}

void RequestLog::tell(const http::RequestNote& note, const Outcome& outcome) {
  if (!http::is_told(outcome.status)) return;
  std::uint64_t left_out = 0;
  if (!log::enabled(log::Level::kDebug)) {
    const auto admitted = admit({note.service, note.operation, outcome.status});
    if (!admitted) return;
    left_out = *admitted;
  }
  std::vector<log::Field> fields = fields_of(note, outcome);
  if (left_out > 0) fields.emplace_back("left_out", left_out);
  log::write(http::told_level(outcome.status), "request", fields);
}

}  // namespace tidemark::server
