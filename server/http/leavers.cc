#include "server/http/leavers.h"

#include <algorithm>

namespace tidemark::server {
namespace {

constexpr std::size_t kOfUsePerStranger = 8;

}  // namespace

std::vector<std::size_t> choose_leavers(std::span<const WaitingPeer> peers, std::size_t count) {
  std::vector<std::size_t> chosen;
  std::vector<std::size_t> of_use;
  std::size_t new_strangers = 0;
  for (std::size_t i = 0; i < peers.size(); ++i) {
    if (peers[i].is_leaving) {
      if (count > 0) --count;
    } else if (peers[i].has_been_of_use) {
      of_use.push_back(i);
    } else if (peers[i].is_new) {
      ++new_strangers;
    } else {
      chosen.push_back(i);
    }
  }
  if (count == 0) return {};
  const auto waits_longer = [peers](std::size_t a, std::size_t b) { return peers[a].since < peers[b].since; };
  std::sort(chosen.begin(), chosen.end(), waits_longer);
  if (chosen.size() < count && are_few(new_strangers, of_use.size())) {
    std::sort(of_use.begin(), of_use.end(), waits_longer);
    chosen.insert(chosen.end(), of_use.begin(), of_use.end());
  }
  chosen.resize(std::min(count, chosen.size()));
  return chosen;
}

bool are_few(std::size_t strangers, std::size_t of_use) { return strangers <= of_use / kOfUsePerStranger; }

}  // namespace tidemark::server
