#include "server/commands/past_command.h"

#include <chrono>
#include <utility>

#include "base/http_message.h"
#include "base/json.h"
#include "model/item.h"
#include "server/client/line_splitter.h"
#include "server/commands/columns.h"

namespace tidemark::server {
namespace {

constexpr std::chrono::hours kPatience{24};

std::string text_of(const json::Value& object, std::string_view name) {
  const auto found = object.find(name);
  return found && found->is_string() ? printable(found->string()) : std::string();
}

// A member that is an item, or a key; empty for null.
std::string item_of(const json::Value& object, std::string_view name) {
  const auto found = object.find(name);
  std::string text;
  if (!found || !found->is_object() || !model::canonicalize(*found, &text)) return {};
  return printable(text);
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}

constexpr std::size_t kOriginWidth = 11;  // `replication`

// The paths of the three, by kind.
std::string_view resource_of(PastConfig::Kind kind) {
  switch (kind) {
    case PastConfig::Kind::kAsOf:
      return "as-of";
    case PastConfig::Kind::kHistory:
      return "history";
    case PastConfig::Kind::kDiff:
      break;
  }
  return "diff";
}

}  // namespace

std::string path_of(const PastConfig& config) {
  std::string path = "/_tidemark/tables/" + http::percent_encode(config.table, http::Slash::kEncoded) + '/';
  path += resource_of(config.kind);
  char separator = '?';
  const auto add = [&](std::string_view name, const std::string& value) {
    if (value.empty()) return;
    path += separator;
    path += std::string(name) + '=' + http::percent_encode(value, http::Slash::kEncoded);
    separator = '&';
  };
  add(config.kind == PastConfig::Kind::kAsOf ? "time" : "from", config.from);
  add("to", config.to);
  add("key", config.key);
  add("account", config.account);
  add("region", config.region);
  return path;
}

std::string shown_version(std::string_view line) {
  json::Document document;
  const auto root = document.parse(line);
  if (!root || !root->is_object()) return std::string(line) + '\n';
  const std::string item = item_of(*root, "item");
  return text_of(*root, "time") + "  " + padded(text_of(*root, "by"), kOriginWidth) + "  " +
         (item.empty() ? "(deleted)" : item) + '\n';
}

std::string shown_change(std::string_view line) {
  json::Document document;
  const auto root = document.parse(line);
  if (!root || !root->is_object()) return std::string(line) + '\n';
  const std::string before = item_of(*root, "old");
  const std::string after = item_of(*root, "new");
  const char sign = before.empty() ? '+' : after.empty() ? '-' : '~';
  std::string shown = std::string(1, sign) + ' ' + text_of(*root, "time") + "  " +
                      padded(text_of(*root, "by"), kOriginWidth) + "  " + item_of(*root, "key") + '\n';
  if (!before.empty()) shown += "    - " + before + '\n';
  if (!after.empty()) shown += "    + " + after + '\n';
  return shown;
}

Result<void> run_past(const PastConfig& config, std::FILE* out) {
  const std::string path = path_of(config);
  std::size_t lines = 0;
  LineSplitter splitter([&](std::string_view line) {
    ++lines;
    std::string shown;
    if (config.json || config.kind == PastConfig::Kind::kAsOf) {
      shown = std::string(line) + '\n';
    } else {
      shown = config.kind == PastConfig::Kind::kDiff ? shown_change(line) : shown_version(line);
    }
    std::fwrite(shown.data(), 1, shown.size(), out);
  });
  ASSIGN_OR_RETURN(
      const HttpAnswer answer,
      ask_server_for_stream(config.server, {.method = "GET", .path = path, .patience = kPatience},
                            [&splitter](std::string_view piece) { splitter.add(piece); }));
  if (answer.status >= 300) return fail(refusal_of(config.server, answer));
  if (lines == 0 && !config.json && config.kind != PastConfig::Kind::kAsOf) {
    std::fputs(config.kind == PastConfig::Kind::kDiff ? "nothing changed\n" : "no versions\n", out);
  }
  return {};
}

}  // namespace tidemark::server
