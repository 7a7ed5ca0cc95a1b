// An item as applications have them: 25 attributes of every kind, an order with its lines, as large as the
// service counts sample_item(). The attributes stand in the order in which people write them down, not in
// that of their names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bench/sample_item.h"

namespace tidemark::bench {

inline std::string rich_item(std::string_view key, std::string_view sort, std::uint32_t group,
                             std::uint32_t version) {
  const auto seed = std::hash<std::string_view>{}(key) + version * 31;
  const auto of = [](const char* type, const std::string& value) {
    return std::string("{\"") + type + "\":\"" + value + "\"}";
  };
  const auto number = [&of](std::uint64_t value) { return of("N", std::to_string(value)); };
  const auto text = [&](std::uint64_t salt, std::size_t length) {
    return of("S", words(seed + salt, length));
  };
  const auto line = [&](std::uint64_t salt) {
    return R"({"M":{"sku":)" + text(salt, 10) + R"(,"quantity":)" + number(salt + seed % 7) + R"(,"price":)" +
           of("N", std::to_string(seed % 90 + salt) + ".95") + "}}";
  };
  const auto event = [&](std::uint64_t salt) {
    return R"({"M":{"at":)" + number(1'767'225'600 + seed % 86'400) + R"(,"by":)" + text(salt, 12) +
           R"(,"what":)" + text(salt + 1, 16) + "}}";
  };
  std::string item = R"({"pk":)" + of("S", std::string(key)) + R"(,"sk":)" + of("S", std::string(sort));
  item += R"(,"gk":)" + of("S", "g" + std::to_string(group)) + R"(,"entity":{"S":"order"})";
  item += R"(,"orderStatus":)" + of("S", version % 2 == 0 ? "paid" : "open");
  item += R"(,"createdAt":{"S":"2026-01-01T00:00:00.000Z"},"updatedAt":)" +
          number(1'767'225'600'000 + seed % 1'000'000);
  item += R"(,"version":)" + number(version) + R"(,"customerId":)" + text(1, 36);
  item += R"(,"email":)" + text(2, 24) + R"(,"name":)" + text(3, 20);
  item += R"(,"isGift":{"BOOL":false},"deletedAt":{"NULL":true},"total":)" +
          of("N", std::to_string(seed % 900) + ".5");
  item += R"(,"currency":{"S":"EUR"},"address":{"M":{"street":)" + text(4, 24) + R"(,"city":)" + text(5, 10) +
          R"(,"zip":)" + number(10'000 + seed % 80'000) +
          R"(,"position":{"M":{"latitude":{"N":"52.5163"},"longitude":{"N":"13.3777"}}}}})";
  item += R"(,"lines":{"L":[)" + line(1) + "," + line(2) + "," + line(3) + "]}";
  item += R"(,"tags":{"SS":["fragile","insured","spring","web"]},"scores":{"NS":["1","7","42"]})";
  item += R"(,"preferences":{"M":{"news":{"BOOL":true},"language":{"S":"en"},"theme":{"S":"dark"}}})";
  item += R"(,"checksum":{"B":"c2hhLTI1NiBvZiB0aGUgb3JkZXI="},"attempts":)" + number(seed % 3);
  item += R"(,"history":{"L":[)" + event(10) + "," + event(20) + R"(]},"note":)" + text(6, 100);
  item += R"(,"description":)" + text(7, 130) + "}";
  return item;
}

}  // namespace tidemark::bench
