#include "api/query/page.h"

#include <memory>

#include "api/core/past.h"
#include "api/expression/evaluate.h"
#include "api/expression/projection.h"
#include "api/query/start_key.h"
#include "base/check.h"
#include "model/key.h"

namespace tidemark::api {
namespace {

ApiResult<std::optional<storage::StoredItem>> fetch_item(storage::ReadView& view,
                                                         const storage::Target& target,
                                                         std::string_view entry_text) {
  const auto key = model::key_of(target.table->schema.keys, entry_text);
  INVARIANT(key.has_value());  // every index entry carries the table's key
  ASSIGN_OR_RETURN(auto item, view.get(*target.table, *key));
  return item;
}

// What a page takes, as far as its first item tells.
std::size_t page_bytes_expected(const PageOptions& options, std::string_view first_item) {
  constexpr std::uint64_t kReservedBytesMax = 128 << 10;
  const std::uint64_t bytes = options.limit.value_or(1) * (first_item.size() + 1);
  return static_cast<std::size_t>(bytes < kReservedBytesMax ? bytes : kReservedBytesMax);
}

// Appends the item to the page if the filter lets it pass.
ApiResult<void> add_item(std::string_view text, const PageOptions& options, Page* page) {
  if (options.filter != nullptr) {
    ASSIGN_OR_RETURN(const bool passes, expression::holds(*options.filter, text));
    if (!passes) return {};
  }
  ++page->count;
  if (options.count_only) return {};
  if (!page->items.empty()) page->items += ',';
  if (options.projection == nullptr) {
    // Room for a page of such items, instead of moving ever larger pages.
    if (page->count == 1 && options.filter == nullptr)
      page->items.reserve(page_bytes_expected(options, text));
    page->items += text;
    return {};
  }
  RETURN_IF_ERROR(expression::append_projected(&page->items, *options.projection, text));
  return {};
}

// Where a page needs more than a cursor: the past, or an index and its table at one moment. Else null.
ApiResult<std::unique_ptr<storage::ReadView>> view_for(const OperationContext& context,
                                                       const storage::Target& target,
                                                       const PageOptions& options) {
  if (context.as_of) return past_view(context, {target.table->id});
  if (options.fetch_from_table) return context.engine.view();
  return nullptr;
}

// Reads up to the end of the page or of the range; `*read_bytes` is what it read of the table or index.
ApiResult<Page> read_items(const OperationContext& context, const storage::Target& target,
                           const storage::KeyRange& range, const storage::ReadOptions& read_options,
                           const PageOptions& options, std::uint64_t* read_bytes) {
  ASSIGN_OR_RETURN(const auto view, view_for(context, target, options));
  const auto cursor =
      view ? view->read(target, range, read_options) : context.engine.read(target, range, read_options);
  Page page;
  std::uint64_t page_bytes = 0;
  while (cursor->next()) {
    ++page.scanned_count;
    *read_bytes += cursor->size_bytes();
    if (options.fetch_from_table) {
      ASSIGN_OR_RETURN(const auto item, fetch_item(*view, target, cursor->text()));
      if (options.capacity != nullptr) {
        options.capacity->charge_item(item ? item->size_bytes : 0, options.consistent);
      }
      if (item) {
        page_bytes += item->size_bytes;
        RETURN_IF_ERROR(add_item(item->text(), options, &page));
      }
    } else {
      page_bytes += cursor->size_bytes();
      RETURN_IF_ERROR(add_item(cursor->text(), options, &page));
    }
    if (page.scanned_count == options.limit || page_bytes >= kPageBytesMax) {
      page.last_evaluated_key = last_evaluated_key(target, cursor->text());
      return page;
    }
  }
  if (const auto status = cursor->status(); !status) return fail(past_error(status.error()));
  return page;
}

// Over how many partitions of the table the page went.
ApiResult<std::size_t> partitions_read(const storage::Target& target, const storage::KeyRange& range,
                                       const storage::ReadOptions& read_options, const PageOptions& options,
                                       const Page& page) {
  if (!options.over_partitions || target.index != nullptr) return 1;
  storage::KeyRange read = range;
  if (read_options.start_after) read.begin = *read_options.start_after;
  if (page.last_evaluated_key) {
    ASSIGN_OR_RETURN(read.end, start_position(target, *page.last_evaluated_key, ReadKind::kScan));
    read.end.push_back('\0');  // the position is part of it
  }
  return storage::partitions_in(*target.table, read);
}

}  // namespace

ApiResult<Page> read_page(const OperationContext& context, const storage::Target& target,
                          const storage::KeyRange& range, const storage::ReadOptions& read_options,
                          const PageOptions& options) {
  std::uint64_t read_bytes = 0;
  ASSIGN_OR_RETURN(Page page, read_items(context, target, range, read_options, options, &read_bytes));
  if (options.capacity != nullptr) {
    ASSIGN_OR_RETURN(const std::size_t partitions,
                     partitions_read(target, range, read_options, options, page));
    options.capacity->charge_page(target, read_bytes, partitions, options.consistent);
  }
  return page;
}

}  // namespace tidemark::api
