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

}  // namespace

std::string label_text(std::string_view wanted) {
  std::string text(wanted.substr(0, kLabelBytesMax));
  for (char& c : text) c = c > ' ' && c <= '~' ? c : '-';
  return text;
}

LabelId label_of(const http::Headers& headers) {
  std::string_view wanted = headers.find(kLabelHeader).value_or("");
  if (wanted.empty()) wanted = application_of(headers.find("User-Agent").value_or(""));
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

}  // namespace tidemark
