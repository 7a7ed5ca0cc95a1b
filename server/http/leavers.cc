#include "server/http/leavers.h"

#include <algorithm>

namespace tidemark::server {

std::vector<std::size_t> choose_leavers(std::span<const WaitingPeer> peers, std::size_t count) {
  std::vector<std::size_t> chosen;
  std::vector<std::size_t> known;
  for (std::size_t i = 0; i < peers.size(); ++i) {
    if (!peers[i].is_leaving) {
      (peers[i].has_been_of_use ? known : chosen).push_back(i);
    } else if (count > 0) {
      --count;
    }
  }
  if (count == 0) return {};
  const auto waits_longer = [peers](std::size_t a, std::size_t b) { return peers[a].since < peers[b].since; };
  constexpr std::size_t kNewestShare = 8;
  std::sort(chosen.begin(), chosen.end(), waits_longer);
  const std::size_t newest = std::min(chosen.size(), 1 + chosen.size() / kNewestShare);
  known.insert(known.end(), chosen.end() - static_cast<std::ptrdiff_t>(newest), chosen.end());
  chosen.resize(chosen.size() - newest);
  if (chosen.size() < count) {
    std::sort(known.begin(), known.end(), waits_longer);
    chosen.insert(chosen.end(), known.begin(), known.end());
  }
  chosen.resize(std::min(count, chosen.size()));
  return chosen;
}

}  // namespace tidemark::server
