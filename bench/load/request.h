// What the load generator sends: one workload is one kind of request.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tidemark::bench {

struct Settings {
  int port = 8000;
  int connections = 16;
  double seconds = 5;
  std::uint64_t requests_max = 50'000'000;
  std::string workload = "put";
  std::string table = "bench";
  std::string bucket = "bench";
  std::string iterator;  // of a shard
  std::string as_of;     // a time: reads answer from then; empty: from now
  std::uint32_t keys = 10'000;
  std::size_t object_bytes = 1024;
};

struct Request {
  std::string text;       // head, and a small body behind it
  std::string_view tail;  // the rest of a large body; lives as long as the process
  bool is_head = false;   // the answer has no body, whatever it announces
  // Where in `text` kTokenBytes are that must never be the same twice; 0: nowhere.
  std::size_t token_offset = 0;
};
inline constexpr std::size_t kTokenBytes = 32;

// How the keys of a workload are drawn.
enum class Order {
  kRandom,  // each made beforehand; in order when no more requests are wanted than there are keys
  kInTurn,  // each made beforehand, one after the other, so that no two are on their way at once
  kDrawn,   // any of all keys, each made on the way: for more keys than requests can be kept of
  kOnce,    // each once, in order, made on the way: --requests says how many
};

struct Workload {
  Request (*make)(const Settings& settings, std::uint32_t number, std::uint32_t version);
  Order order = Order::kRandom;
  std::uint32_t prepared_max = 20'000;
};

// Nothing when there is none of that name.
const Workload* find_dynamodb_workload(const std::string& name);
const Workload* find_s3_workload(const std::string& name);

}  // namespace tidemark::bench
