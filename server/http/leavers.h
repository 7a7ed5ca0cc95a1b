// Whom to let go when there are too many connections.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tidemark::server {

// A connection that waits for its peer.
struct WaitingPeer {
  std::uint64_t since = 0;       // greater for those who began to wait later
  bool has_been_of_use = false;  // it has had an answer other than an error
  bool is_leaving = false;       // it has been told to go, and has not come to its end yet
  bool is_new = false;           // it came less than kTimeToBeOfUse ago
};

// Long enough for a busy client to send its request, short enough for those who wait to be let in.
inline constexpr std::chrono::milliseconds kTimeToBeOfUse{100};

// The indexes of those to close now, so that `count` leave together with those who do already; fewer where
// fewer wait. Those who have been silent for longest go first. Strangers, which have never been of use, go
// before all others: where many come and go, a good client may well be silent for longer than the oldest of
// them. New strangers stay, and as long as they are not few, nobody who was of use goes in their place: in a
// moment they are old enough.
std::vector<std::size_t> choose_leavers(std::span<const WaitingPeer> peers, std::size_t count);

// Whether strangers are so few that room is to be had from those who were of use.
[[nodiscard]] bool are_few(std::size_t strangers, std::size_t of_use);

}  // namespace tidemark::server
