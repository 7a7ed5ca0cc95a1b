#include "api/partiql/select.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "api/core/table_lookup.h"
#include "api/expression/evaluate.h"
#include "api/items/key_paths.h"
#include "api/partiql/plan.h"
#include "api/partiql/requests.h"
#include "api/query/index_projection.h"
#include "api/query/page.h"
#include "api/query/start_key.h"
#include "base/check.h"
#include "model/item.h"
#include "model/key.h"
#include "model/words/tables.h"
#include "storage/read_view.h"

namespace tidemark::api::partiql {
namespace {

ApiResult<storage::Target> target_of(const Statement& statement, const SelectOptions& options,
                                     const OperationContext& context) {
  storage::Target target;
  const auto terms = [&](const model::TableSchema& schema) {
    AccessTerms asked;
    asked.return_consumed_capacity = name_of(options.return_consumed_capacity);
    add_terms(statement, schema, &asked);
    return asked;
  };
  ASSIGN_OR_RETURN(target.table,
                   active_table(context, statement.table,
                                {.action = action_of(statement),
                                 .index = statement.index ? *statement.index : std::string_view(),
                                 .terms = terms}));
  if (!statement.index) return target;
  const model::IndexSchema* const index = target.table->schema.find_index(*statement.index);
  const bool is_readable = index != nullptr && index->kind != model::IndexKind::kVector;
  if (!is_readable || index->status == model::IndexStatus::kDeleting) {
    return fail(validation(words::kNoSuchIndex));
  }
  if (options.consistent && index->kind == model::IndexKind::kGlobal) {
    return fail(validation("Strongly consistent read is not supported on Global Secondary Indexes"));
  }
  if (index->status == model::IndexStatus::kCreating) {
    return fail(validation(words::backfilling_index(index->name)));
  }
  if (index->keys.partition_keys.size() > 1 || index->keys.sort_keys.size() > 1) {
    return fail(
        validation("PartiQL statements cannot be executed on tables with multi-attribute HASH keys or "
                   "multi-attribute RANGE keys."));
  }
  target.index = index;
  return target;
}

// Attributes that the statement needs and the index does not carry, each once and in the order of the
// statement.
std::vector<std::string> attributes_beyond(const Statement& statement, const storage::Target& target) {
  std::vector<const expression::Path*> paths;
  paths.reserve(statement.paths.size());
  for (const expression::Path& path : statement.paths) paths.push_back(&path);
  if (statement.where) std::ranges::copy(expression::paths_of(*statement.where), std::back_inserter(paths));
  std::vector<std::string> names;
  for (const expression::Path* path : paths) {
    const std::string& name = path->top();
    if (projects(target.table->schema, *target.index, name)) continue;
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  return names;
}

ApiError not_projected(const model::IndexSchema& index, const std::vector<std::string>& names) {
  return validation(words::not_projected(index.name, names));
}

// Whether items have to be fetched from the table.
ApiResult<bool> check_projection(const Statement& statement, const storage::Target& target) {
  if (target.index == nullptr) return false;
  const std::vector<std::string> beyond = attributes_beyond(statement, target);
  if (target.index->kind == model::IndexKind::kGlobal) {
    if (!beyond.empty()) return fail(not_projected(*target.index, beyond));
    return false;
  }
  const bool wants_all =
      statement.paths.empty() && target.index->projection.type != model::ProjectionType::kAll;
  return wants_all || !beyond.empty();
}

// One page, over one range after the other.
class PageReader {
 public:
  PageReader(const Statement& statement, const SelectOptions& options, const storage::Target& target,
             bool fetches_items, const OperationContext& context)
      : statement_(statement),
        options_(options),
        target_(target),
        fetches_items_(fetches_items),
        context_(context),
        view_(fetches_items ? context.engine.view() : nullptr) {}

  ApiResult<void> read(const ReadPlan& plan, Selected* out);

 private:
  // False when the page is full.
  ApiResult<bool> read_range(const storage::KeyRange& range, const storage::ReadOptions& read_options,
                             Selected* out);
  [[nodiscard]] ApiResult<std::size_t> partitions_read(const ReadPlan& plan,
                                                       const std::optional<std::string>& start,
                                                       const Selected& selected) const;
  ApiResult<void> add(std::string_view item_text, Selected* out);
  ApiResult<void> add_of_entry(std::string_view entry_text, Selected* out);

  const Statement& statement_;
  const SelectOptions& options_;
  const storage::Target& target_;
  const bool fetches_items_;
  const OperationContext& context_;
  const std::unique_ptr<storage::ReadView> view_;
  std::uint64_t scanned_ = 0;
  std::uint64_t page_bytes_ = 0;
  std::uint64_t read_bytes_ = 0;
};

ApiResult<void> PageReader::add(std::string_view item_text, Selected* out) {
  if (statement_.where) {
    ASSIGN_OR_RETURN(const bool passes, expression::holds(*statement_.where, item_text));
    if (!passes) return {};
  }
  if (!out->items.empty()) out->items += ',';
  ASSIGN_OR_RETURN(const std::string text, projected(statement_, item_text));
  out->items += text;
  return {};
}

ApiResult<void> PageReader::add_of_entry(std::string_view entry_text, Selected* out) {
  const auto key = model::key_of(target_.table->schema.keys, entry_text);
  INVARIANT(key.has_value());  // every index entry carries the table's key
  ASSIGN_OR_RETURN(const auto item, view_->get(*target_.table, *key));
  const std::uint32_t size_bytes = item ? item->size_bytes : 0;
  if (out->consumed_capacity) out->consumed_capacity->charge_item(size_bytes, options_.consistent);
  page_bytes_ += size_bytes;
  return item ? add(item->text(), out) : ApiResult<void>();
}

ApiResult<bool> PageReader::read_range(const storage::KeyRange& range,
                                       const storage::ReadOptions& read_options, Selected* out) {
  const auto cursor =
      view_ ? view_->read(target_, range, read_options) : context_.engine.read(target_, range, read_options);
  while (cursor->next()) {
    ++scanned_;
    read_bytes_ += cursor->size_bytes();
    if (fetches_items_) {
      RETURN_IF_ERROR(add_of_entry(cursor->text(), out));
    } else {
      page_bytes_ += cursor->size_bytes();
      RETURN_IF_ERROR(add(cursor->text(), out));
    }
    if (scanned_ == options_.limit || page_bytes_ >= kPageBytesMax) {
      out->last_evaluated_key = last_evaluated_key(target_, cursor->text());
      return false;
    }
  }
  RETURN_IF_ERROR(cursor->status());
  return true;
}

ApiResult<void> PageReader::read(const ReadPlan& plan, Selected* out) {
  storage::ReadOptions read_options{.reverse = plan.reverse, .start_after = {}, .fill_cache = !plan.is_scan};
  std::optional<std::string> start;
  if (options_.start_after) {
    ASSIGN_OR_RETURN(start, start_position(target_, *options_.start_after, ReadKind::kQuery));
  }
  for (const storage::KeyRange& range : plan.ranges) {
    const bool is_read = start && (plan.reverse ? range.begin > *start : range.end <= *start);
    if (is_read) continue;
    const bool begins_inside = start && range.begin <= *start && *start < range.end;
    read_options.start_after = begins_inside ? start : std::nullopt;
    ASSIGN_OR_RETURN(const bool has_room, read_range(range, read_options, out));
    if (!has_room) break;
  }
  if (!out->consumed_capacity) return {};
  ASSIGN_OR_RETURN(const std::size_t partitions, partitions_read(plan, start, *out));
  out->consumed_capacity->charge_page(target_, read_bytes_, partitions, options_.consistent);
  return {};
}

// A page that went over all of the table costs the least for each partition that it went over.
ApiResult<std::size_t> PageReader::partitions_read(const ReadPlan& plan,
                                                   const std::optional<std::string>& start,
                                                   const Selected& selected) const {
  if (!plan.is_scan || target_.index != nullptr) return 1;
  storage::KeyRange read = plan.ranges.front();
  if (start) read.begin = *start;
  if (selected.last_evaluated_key) {
    ASSIGN_OR_RETURN(read.end, start_position(target_, *selected.last_evaluated_key, ReadKind::kScan));
    read.end.push_back('\0');  // the position is part of it
  }
  return storage::partitions_in(*target_.table, read);
}

// The last name of a path is what the value is called.
const std::string& last_name(const expression::Path& path) {
  for (auto step = path.steps.rbegin(); step != path.steps.rend(); ++step) {
    if (const std::string* name = step->name()) return *name;
  }
  return path.top();
}

}  // namespace

ApiResult<std::string> projected(const Statement& statement, std::string_view item_text) {
  if (statement.paths.empty()) return std::string(item_text);
  std::vector<std::string> names;
  names.reserve(statement.paths.size());
  for (const expression::Path& path : statement.paths) names.push_back(path.top());
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  ASSIGN_OR_RETURN(const model::AttributeMap item, expression::extract(item_text, names));
  model::AttributeMap left;
  for (const expression::Path& path : statement.paths) {
    if (const model::AttributeValue* value = expression::find(path, item)) {
      left.insert_or_assign(last_name(path), *value);
    }
  }
  std::string text;
  model::append_attributes(&text, left);
  return text;
}

ApiResult<Selected> select(const Statement& statement, const SelectOptions& options,
                           const OperationContext& context) {
  ASSIGN_OR_RETURN(const storage::Target target, target_of(statement, options, context));
  if (statement.where) {
    RETURN_IF_ERROR(check_key_paths(target.table->schema, expression::paths_of(*statement.where)));
  }
  ASSIGN_OR_RETURN(const ReadPlan plan, plan_read(statement, target));
  ASSIGN_OR_RETURN(const bool fetches_items, check_projection(statement, target));
  Selected selected;
  selected.consumed_capacity = ConsumedCapacity(statement.table, target.table);
  PageReader reader(statement, options, target, fetches_items, context);
  RETURN_IF_ERROR(reader.read(plan, &selected));
  return selected;
}

}  // namespace tidemark::api::partiql
