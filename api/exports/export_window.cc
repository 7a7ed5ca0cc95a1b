#include "api/exports/export_window.h"

#include "model/pitr.h"

namespace tidemark::api {
namespace {

constexpr std::int64_t kWindowSecondsMin = 15 * 60;
constexpr std::int64_t kWindowSecondsMax = 24 * 3'600;

ApiError invalid_time(std::string message) { return {ErrorType::kInvalidExportTime, std::move(message)}; }

}  // namespace

Shape export_window_shape() {
  return structure("IncrementalExportSpecification",
                   {{"ExportFromTime", timestamp()},
                    {"ExportToTime", timestamp()},
                    {"ExportViewType", enumeration({"NEW_IMAGE", "NEW_AND_OLD_IMAGES"})}});
}

ApiResult<ExportWindowRequest> parse_export_window(const Input& specification) {
  const auto from = specification.timestamp("ExportFromTime");
  if (!from) {
    return fail(
        validation("Invalid Request: ExportFromTime must be provided in IncrementalExportSpecification"));
  }
  ExportWindowRequest window;
  window.from = from->floor_second();
  if (const auto to = specification.timestamp("ExportToTime")) window.to = to->floor_second();
  if (const auto view = specification.string("ExportViewType")) window.view = *view;
  return window;
}

ApiResult<void> check_window_begin(const ExportWindowRequest& window, const model::TableSchema& schema) {
  if (window.from >= schema.created_at.floor_second()) return {};
  return fail(
      invalid_time("Incremental export period from time cannot be less than the table creation time : " +
                   format_iso_seconds(window.from)));
}

ApiResult<transfer::ExportWindow> check_window(const ExportWindowRequest& window,
                                               const model::TableSchema& schema, Timestamp now) {
  const Timestamp to = window.to.value_or(now.floor_second());
  if (to > now) {
    return fail(invalid_time("Incremental export period to time cannot be greater than the current time : " +
                             format_iso_seconds(to)));
  }
  if (window.from >= to) {
    return fail(
        invalid_time("Incremental export period from time should not be greater or equal to incremental "
                     "export period to time"));
  }
  if (to < window.from.plus_seconds(kWindowSecondsMin)) {
    return fail(
        invalid_time("Difference between export period from time and export period to time is less than 15 "
                     "minutes"));
  }
  if (to > window.from.plus_seconds(kWindowSecondsMax)) {
    return fail(
        invalid_time("Difference between export period from time and export period to time is greater than "
                     "24 hours"));
  }
  const auto read_from = model::restorable_moment(schema.pitr, window.from, now);
  if (!read_from) return fail(invalid_time(kNoHistoryForExport));
  return transfer::ExportWindow{.from = window.from, .to = to, .read_from = *read_from, .view = window.view};
}

}  // namespace tidemark::api
