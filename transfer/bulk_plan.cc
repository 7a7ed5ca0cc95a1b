#include "transfer/bulk_plan.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>

#include "transfer/import_plan.h"

namespace tidemark::transfer {
namespace {

constexpr std::size_t kReceiptBytesMax = 256 << 10;

std::string receipt_key(std::string_view bulk_id, std::size_t position) {
  std::array<char, 24> digits{};
  const int size = std::snprintf(digits.data(), digits.size(), "%06zu", position);
  return plan_prefix(bulk_id).append(digits.data(), static_cast<std::size_t>(size));
}

}  // namespace

std::string plan_prefix(std::string_view bulk_id) {
  return bulk_id.empty() ? "bulk-plan/" : "bulk-plan/" + std::string(bulk_id) + '/';
}

Result<void> keep_bulk_plan(storage::Engine& engine, std::string_view bulk_id,
                            const std::vector<ListedObject>& sources) {
  RETURN_IF_ERROR(engine.receipts().forget_kept(plan_prefix(bulk_id)));
  const std::string text = plan_text(sources);
  std::string_view rest = text;
  for (std::size_t position = 0; !rest.empty(); ++position) {
    const std::string_view piece = rest.substr(0, kReceiptBytesMax);
    rest.remove_prefix(piece.size());
    const auto transaction = engine.begin(wal::Origin::kBulkPut);
    transaction->keep_receipt(receipt_key(bulk_id, position), piece);
    RETURN_IF_ERROR(transaction->commit());
  }
  return {};
}

Result<std::optional<std::vector<ListedObject>>> read_bulk_plan(const storage::Receipts& receipts,
                                                                std::string_view bulk_id) {
  ASSIGN_OR_RETURN(const auto kept, receipts.kept(plan_prefix(bulk_id)));
  std::string text;
  for (const auto& [position, piece] : kept) text += piece;
  return parse_plan(text);
}

}  // namespace tidemark::transfer
