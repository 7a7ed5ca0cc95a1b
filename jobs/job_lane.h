// What sets the pace of a job. Each lane has slots of its own: jobs of one lane wait for each other, those of
// different lanes do not, so that a job which mostly waits for somebody holds up none that could work.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tidemark::jobs {

enum class JobLane : std::uint8_t {
  kMachine,    // goes as fast as the machine does
  kPaced,      // held to a rate that its request named: may last for hours whatever the machine
  kElsewhere,  // another S3 service takes or gives its data, and may be slow, or hang
};
inline constexpr std::size_t kJobLanes = 3;

// How many jobs of each lane run at a time: a bound on threads and memory.
struct JobSlots {
  int machine = 2;
  int paced = 4;
  int elsewhere = 2;

  // In the order of the enumeration.
  [[nodiscard]] std::array<int, kJobLanes> by_lane() const { return {machine, paced, elsewhere}; }
};

}  // namespace tidemark::jobs
