// Unsigned requests: both Tidemark (without --auth strict) and its peer take them.
#include <cstdio>
#include <map>
#include <random>

#include "bench/load/request.h"

namespace tidemark::bench {
namespace {

// Bodies up to this size travel behind their head in one buffer.
constexpr std::size_t kJoinedBytesMax = 64 << 10;
constexpr std::uint32_t kKeysPerFolder = 1000;
constexpr std::uint32_t kKeysPerPage = 1000;

// A thousand keys to a folder: the peer keeps folders of keys as folders of files.
std::string key_of(std::uint32_t number) {
  char text[24];
  std::snprintf(text, sizeof text, "%04u/k%07u", number / kKeysPerFolder, number);
  return text;
}

// Bytes that do not compress, other ones for each object.
std::string_view body_of(const Settings& settings, std::uint32_t number, std::uint32_t version) {
  constexpr std::size_t kSlack = 64 << 10;
  static const std::string all = [&settings] {
    std::string bytes(settings.object_bytes + kSlack, '\0');
    std::minstd_rand random(1);
    for (char& byte : bytes) byte = static_cast<char>(random() >> 8);
    return bytes;
  }();
  return std::string_view(all).substr((number * 67 + version * 8191) % kSlack, settings.object_bytes);
}

Request request(const Settings& settings, const char* method, const std::string& target) {
  return {std::string(method) + " /" + settings.bucket + target +
              " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(settings.port) + "\r\n\r\n",
          {},
          false};
}

Request put_object(const Settings& settings, std::uint32_t number, std::uint32_t version) {
  const std::string_view body = body_of(settings, number, version);
  Request out = request(settings, "PUT", "/" + key_of(number));
  out.text.resize(out.text.size() - 2);
  out.text +=
      "Content-Type: application/octet-stream\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  if (body.size() <= kJoinedBytesMax) {
    out.text += body;
  } else {
    out.tail = body;
  }
  return out;
}

Request get_object(const Settings& settings, std::uint32_t number, std::uint32_t) {
  return request(settings, "GET", "/" + key_of(number));
}

Request head_object(const Settings& settings, std::uint32_t number, std::uint32_t) {
  Request out = request(settings, "HEAD", "/" + key_of(number));
  out.is_head = true;
  return out;
}

Request delete_object(const Settings& settings, std::uint32_t number, std::uint32_t) {
  return request(settings, "DELETE", "/" + key_of(number));
}

// Page `number` of a listing of all keys.
Request list_page(const Settings& settings, std::uint32_t number, std::uint32_t) {
  // The old form: the peer fails at pages of the new one with a Node of today.
  std::string query = "?max-keys=" + std::to_string(kKeysPerPage);
  const std::uint32_t first = number * kKeysPerPage % settings.keys;
  if (first > 0) query += "&marker=" + key_of(first - 1);
  return request(settings, "GET", query);
}

}  // namespace

const Workload* find_s3_workload(const std::string& name) {
  static const std::map<std::string, Workload> all = {
      {"s3-put", {put_object, Order::kRandom, 2000}},
      {"s3-fill", {put_object, Order::kOnce}},
      {"s3-get", {get_object}},
      {"s3-head", {head_object}},
      {"s3-delete", {delete_object, Order::kOnce}},
      {"s3-list", {list_page, Order::kOnce}},
  };
  const auto found = all.find(name);
  return found == all.end() ? nullptr : &found->second;
}

}  // namespace tidemark::bench
