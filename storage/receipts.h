// Receipts: notes that a request was carried out, under a key that its sender chose, so that the same request
// sent again is not carried out again. A receipt is committed together with what the request did
// (Transaction::put_receipt) and counts for ten minutes; one that a job leaves (Transaction::keep_receipt),
// until the job is over.
//
//   ASSIGN_OR_RETURN(ReceiptClaim claim, engine.receipts().claim(key));
//   if (claim.is_taken()) ...       // the same request is being carried out at this moment
//   if (claim.content()) ...        // it was carried out: what its receipt says
//   transaction->put_receipt(key, content);
//   RETURN_IF_ERROR(transaction->commit());
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace tidemark::storage {

// Source: API reference of TransactWriteItems, ClientRequestToken.
inline constexpr std::int64_t kReceiptSeconds = 600;

class Receipts;

// The right to carry out what has this key: nobody else gets it before this object's end. Not thread-safe;
// must not outlive the engine.
class ReceiptClaim {
 public:
  // One that is taken by somebody else.
  ReceiptClaim() = default;
  ReceiptClaim(Receipts& receipts, std::string key) : receipts_(&receipts), key_(std::move(key)) {}
  ~ReceiptClaim();
  ReceiptClaim(ReceiptClaim&& other) noexcept
      : receipts_(std::exchange(other.receipts_, nullptr)),
        key_(std::move(other.key_)),
        content_(std::move(other.content_)) {}
  ReceiptClaim& operator=(ReceiptClaim&&) = delete;

  [[nodiscard]] bool is_taken() const { return receipts_ == nullptr; }
  [[nodiscard]] const std::string& key() const { return key_; }
  // The receipt under the key, if there is one that still counts.
  [[nodiscard]] const std::optional<std::string>& content() const { return content_; }
  void set_content(std::string content) { content_ = std::move(content); }

 private:
  Receipts* receipts_ = nullptr;
  std::string key_;
  std::optional<std::string> content_;
};

// Memory: one entry a claim. Disk: twenty minutes of receipts at most. Thread-safety: all methods may be
// called concurrently.
class Receipts {
 public:
  virtual ~Receipts() = default;

  // Errors: kIo, kCorruption.
  virtual Result<ReceiptClaim> claim(std::string_view key) = 0;

  // Receipts that Transaction::keep_receipt() left under keys that begin with `prefix`: what follows the
  // prefix, with the content, in byte order. Errors: kIo, kCorruption.
  virtual Result<std::vector<std::pair<std::string, std::string>>> kept(std::string_view prefix) const = 0;
  // They count no more. Errors: kIo, kNoSpace, kUnavailable.
  virtual Result<void> forget_kept(std::string_view prefix) = 0;

 private:
  friend class ReceiptClaim;
  virtual void release(std::string_view key) = 0;
};

inline ReceiptClaim::~ReceiptClaim() {
  if (receipts_ != nullptr) receipts_->release(key_);
}

}  // namespace tidemark::storage
