#include "transfer/bulk_progress.h"

#include <charconv>
#include <utility>

namespace tidemark::transfer {
namespace {

// False at the end, or where there is no number.
bool take_number(std::string_view* text, std::uint64_t* number) {
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), *number);
  if (error != std::errc()) return false;
  text->remove_prefix(static_cast<std::size_t>(end - text->data()));
  if (text->starts_with(' ')) text->remove_prefix(1);
  return true;
}

}  // namespace

std::string ObjectProgress::to_text() const {
  return std::to_string(records) + ' ' + std::to_string(errors) + ' ' + std::to_string(condition_failures) +
         ' ' + std::to_string(written_bytes) + (is_done ? " 1 " : " 0 ") + std::to_string(read_bytes);
}

Result<ObjectProgress> ObjectProgress::from_text(std::string_view text) {
  ObjectProgress progress;
  std::uint64_t done = 0;
  for (std::uint64_t* number :
       {&progress.records, &progress.errors, &progress.condition_failures, &progress.written_bytes, &done}) {
    if (!take_number(&text, number)) return fail(Error::corruption("the receipt of an object is damaged"));
  }
  progress.is_done = done != 0;
  if (!text.empty() && !take_number(&text, &progress.read_bytes)) {
    return fail(Error::corruption("the receipt of an object is damaged"));
  }
  return progress;
}

std::string receipt_prefix(std::string_view bulk_id) {
  return bulk_id.empty() ? "bulk/" : "bulk/" + std::string(bulk_id) + '/';
}

Result<BulkProgress> read_bulk_progress(const storage::Receipts& receipts, std::string_view bulk_id) {
  ASSIGN_OR_RETURN(auto kept, receipts.kept(receipt_prefix(bulk_id)));
  BulkProgress progress;
  for (auto& [key, content] : kept) {
    ASSIGN_OR_RETURN(const auto object, ObjectProgress::from_text(content));
    progress.emplace(std::move(key), object);
  }
  return progress;
}

}  // namespace tidemark::transfer
