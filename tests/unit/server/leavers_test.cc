#include "server/http/leavers.h"

#include "tests/support/catch.h"

namespace tidemark::server {
namespace {

using Indexes = std::vector<std::size_t>;

TEST_CASE("whoever has been silent for longest goes first, strangers before those who were of use") {
  const std::vector<WaitingPeer> peers = {
      {.since = 1, .has_been_of_use = true}, {.since = 3}, {.since = 2}, {.since = 4}};
  CHECK(choose_leavers(peers, 1) == Indexes{2});
  CHECK(choose_leavers(peers, 3) == Indexes{2, 1, 3});
  CHECK(choose_leavers(peers, 9) == Indexes{2, 1, 3, 0});
  CHECK(choose_leavers(peers, 0).empty());
  CHECK(choose_leavers({}, 3).empty());
}

TEST_CASE("new strangers stay, and nobody who was of use goes in their place") {
  std::vector<WaitingPeer> peers = {
      {.since = 1, .has_been_of_use = true, .is_new = true}, {.since = 3, .is_new = true}, {.since = 2}};
  CHECK(choose_leavers(peers, 1) == Indexes{2});
  CHECK(choose_leavers(peers, 3) == Indexes{2});
  peers[2].is_new = true;
  CHECK(choose_leavers(peers, 1).empty());
  peers[1].is_new = false;
  CHECK(choose_leavers(peers, 1) == Indexes{1});
  peers.resize(1);
  CHECK(choose_leavers(peers, 1) == Indexes{0});
}

TEST_CASE("where all places are held by those who were of use, the longest silent makes room for newcomers") {
  std::vector<WaitingPeer> peers;
  for (std::uint64_t i = 0; i < 16; ++i) peers.push_back({.since = i, .has_been_of_use = true});
  peers.push_back({.since = 20, .is_new = true});
  peers.push_back({.since = 21, .is_new = true});
  CHECK(choose_leavers(peers, 1) == Indexes{0});
  peers.push_back({.since = 22, .is_new = true});
  CHECK(choose_leavers(peers, 1).empty());
}

TEST_CASE("nobody goes for a place that one who is leaving makes free") {
  std::vector<WaitingPeer> peers = {{.since = 1, .has_been_of_use = true},
                                    {.since = 2, .has_been_of_use = true}};
  CHECK(choose_leavers(peers, 1) == Indexes{0});
  peers[0].is_leaving = true;
  CHECK(choose_leavers(peers, 1).empty());
  CHECK(choose_leavers(peers, 2) == Indexes{1});
  peers[1].is_leaving = true;
  CHECK(choose_leavers(peers, 2).empty());
}

}  // namespace
}  // namespace tidemark::server
