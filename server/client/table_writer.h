// Writes items to a table of a running server, a batch at a time.
#pragma once

#include <cstdint>
#include <string>

#include "base/json.h"
#include "base/result.h"
#include "server/client/signed_client.h"

namespace tidemark::server {

// What is done to an item.
struct Change {
  bool is_put = false;
  std::string text;              // the item to put, or the key of the one to delete
  std::uint32_t size_bytes = 0;  // of an item
};

// A batch must not touch an item twice: flush() comes between changes that might.
class TableWriter {
 public:
  // The caller keeps `client` alive.
  TableWriter(const SignedClient& client, std::string table) : client_(client), table_(std::move(table)) {}

  // Errors: kUnavailable, or the words of the server.
  Result<void> add(const Change& change);
  Result<void> flush();

  [[nodiscard]] std::uint64_t puts() const { return puts_; }
  [[nodiscard]] std::uint64_t deletes() const { return deletes_; }

 private:
  const SignedClient& client_;
  const std::string table_;
  json::Document document_;
  std::string batch_;
  std::size_t batch_count_ = 0;
  std::uint64_t puts_ = 0;
  std::uint64_t deletes_ = 0;
};

}  // namespace tidemark::server
