#include "base/request_label.h"

#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace tidemark {
namespace {

// Lives as long as the process, so that threads may end in any order.
struct Labels {
  std::mutex mutex;
  std::map<std::string, LabelId, std::less<>> ids;  // guarded by mutex, as is the next
  std::vector<std::string> names{""};               // by id
};
Labels& labels() {
  static Labels& all = *new Labels;
  return all;
}

LabelId intern(const std::string& name) {
  const std::lock_guard lock(labels().mutex);
  if (const auto found = labels().ids.find(name); found != labels().ids.end()) return found->second;
  const bool is_full = labels().names.size() >= kLabelsMax;
  const std::string kept = is_full ? std::string(kOtherLabels) : name;
  const auto [place, is_new] = labels().ids.try_emplace(kept, static_cast<LabelId>(labels().names.size()));
  if (is_new) labels().names.push_back(kept);
  return place->second;
}

// The application id in a User-Agent; empty when there is none.
std::string_view application_of(std::string_view agent) {
  constexpr std::string_view kMark = "app/";
  for (std::size_t at = agent.find(kMark); at != std::string_view::npos; at = agent.find(kMark, at + 1)) {
    if (at > 0 && agent[at - 1] != ' ') continue;
    const std::string_view rest = agent.substr(at + kMark.size());
    return rest.substr(0, rest.find(' '));
  }
  return {};
}

// Whether one of the console's pages sent it. Paths of others hold no such thing: what is of the server
// itself begins with `_tidemark`.
bool is_from_console(const http::Headers& headers) {
  if (headers.find(kConsoleHeader)) return true;
  const std::string_view page = headers.find("Referer").value_or("");
  const std::size_t host = page.find("://");
  if (host == std::string_view::npos) return false;
  const std::size_t path = page.find('/', host + 3);
  return path != std::string_view::npos && page.substr(path).starts_with("/_tidemark/console");
}

}  // namespace

std::string label_text(std::string_view wanted) {
  std::string text(wanted.substr(0, kLabelBytesMax));
  for (char& c : text) c = c > ' ' && c <= '~' ? c : '-';
  return text;
}

LabelId label_of(const http::Headers& headers) {
  std::string_view wanted = headers.find(kLabelHeader).value_or("");
  if (wanted.empty()) wanted = application_of(headers.find("User-Agent").value_or(""));
  if (wanted.empty() && is_from_console(headers)) wanted = kConsoleLabel;
  if (wanted.empty()) return 0;
  // One run sends the same label again and again.
  thread_local std::pair<std::string, LabelId> last;
  if (last.first == wanted && last.second != 0) return last.second;
  last = {std::string(wanted.substr(0, kLabelBytesMax + 1)), intern(label_text(wanted))};
  return last.second;
}

std::string label_name(LabelId label) {
  const std::lock_guard lock(labels().mutex);
  return label < labels().names.size() ? labels().names[label] : std::string();
}

std::vector<std::string> known_labels() {
  std::vector<std::string> known;
  const std::lock_guard lock(labels().mutex);
  for (const auto& [name, id] : labels().ids) known.push_back(name);
  return known;
}

}  // namespace tidemark
