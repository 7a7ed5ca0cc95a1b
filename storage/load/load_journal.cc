#include "storage/load/load_journal.h"

#include <utility>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/log.h"

namespace tidemark::storage {
namespace {

constexpr std::string_view kMagic = "tidemark load 1\n";
constexpr std::size_t kFrameBytes = 8;

void append_frame(std::string* out, std::string_view payload) {
  append_u32_le(out, static_cast<std::uint32_t>(payload.size()));
  append_u32_le(out, crc32c(0, payload));
  out->append(payload);
}

// The payload of the record in front; nothing when it is cut off or damaged.
std::optional<std::string_view> take_frame(std::string_view* in) {
  if (in->size() < kFrameBytes) return std::nullopt;
  const std::size_t size = read_u32_le(in->data());
  const std::uint32_t sum = read_u32_le(in->data() + 4);
  if (in->size() - kFrameBytes < size) return std::nullopt;
  const std::string_view payload = in->substr(kFrameBytes, size);
  if (crc32c(0, payload) != sum) return std::nullopt;
  in->remove_prefix(kFrameBytes + size);
  return payload;
}

bool take_head(std::string_view payload, JournaledLoad* load) {
  if (!payload.starts_with(kMagic)) return false;
  payload.remove_prefix(kMagic.size());
  const std::size_t end = payload.find('\n');
  if (end == std::string_view::npos || payload.size() - end - 1 < 8) return false;
  load->table_uuid = payload.substr(0, end);
  payload.remove_prefix(end + 1);
  load->write_time = Timestamp{static_cast<std::int64_t>(read_u64_le(payload.data()))};
  load->plan = payload.substr(8);
  return true;
}

void append_run(std::string* out, const SavedRun& run) {
  append_varint(out, static_cast<std::uint64_t>(run.file));
  append_varint(out, run.starts[0]);
  for (std::uint32_t slice = 0; slice < kSortSlices; ++slice) {
    const std::uint64_t size = run.starts[slice + 1] - run.starts[slice];
    append_varint(out, size);
    if (size > 0) append_u32_le(out, run.sums[slice]);
  }
}

bool take_run(std::string_view* in, SavedRun* run) {
  const auto file = take_varint(in);
  const auto offset = take_varint(in);
  if (!file || !offset) return false;
  run->file = static_cast<int>(*file);
  run->starts[0] = *offset;
  for (std::uint32_t slice = 0; slice < kSortSlices; ++slice) {
    const auto size = take_varint(in);
    if (!size) return false;
    run->starts[slice + 1] = run->starts[slice] + *size;
    if (*size == 0) continue;
    if (in->size() < 4) return false;
    run->sums[slice] = read_u32_le(in->data());
    in->remove_prefix(4);
  }
  return true;
}

bool take_checkpoint(std::string_view payload, JournaledLoad* load) {
  const auto count = take_varint(&payload);
  if (!count) return false;
  std::vector<SavedRun> runs;
  for (std::uint64_t i = 0; i < *count; ++i) {
    if (!take_run(&payload, &runs.emplace_back())) return false;
  }
  load->runs.insert(load->runs.end(), runs.begin(), runs.end());
  load->notes.emplace_back(payload);
  return true;
}

}  // namespace

std::string load_journal_path(const std::string& directory, TableId table) {
  return directory + '/' + std::to_string(number(table)) + "-manifest";
}

Result<std::optional<JournaledLoad>> read_load_journal(FileSystem& files, const std::string& path) {
  if (!files.exists(path)) return std::nullopt;
  ASSIGN_OR_RETURN(const std::string text, read_file(files, path));
  std::string_view rest = text;
  JournaledLoad load;
  const auto head = take_frame(&rest);
  if (!head || !take_head(*head, &load)) {
    log::warn("a load cannot be resumed, its manifest is of another version or damaged", {{"file", path}});
    return std::nullopt;
  }
  load.size_bytes = text.size() - rest.size();
  while (const auto payload = take_frame(&rest)) {
    if (!take_checkpoint(*payload, &load)) break;
    load.size_bytes = text.size() - rest.size();
  }
  return load;
}

LoadJournal::LoadJournal(FileSystem& files, std::string directory, std::string path, Head head)
    : files_(files), directory_(std::move(directory)), path_(std::move(path)), head_(std::move(head)) {}

Result<std::unique_ptr<LoadJournal>> LoadJournal::reopen(FileSystem& files, std::string directory,
                                                         std::string path, std::uint64_t size_bytes) {
  std::unique_ptr<LoadJournal> journal(new LoadJournal(files, std::move(directory), std::move(path)));
  ASSIGN_OR_RETURN(journal->file_, files.open_append(journal->path_));
  RETURN_IF_ERROR(journal->file_->truncate(size_bytes));
  return journal;
}

Result<void> LoadJournal::checkpoint(const std::vector<SavedRun>& runs, std::string_view note) {
  std::string payload;
  append_varint(&payload, runs.size());
  for (const SavedRun& run : runs) append_run(&payload, run);
  payload += note;

  const std::lock_guard lock(mutex_);
  std::string bytes;
  if (head_) {
    std::string head(kMagic);
    head.append(head_->table_uuid).append("\n");
    append_u64_le(&head, static_cast<std::uint64_t>(head_->write_time.micros));
    head += head_->plan;
    append_frame(&bytes, head);
    ASSIGN_OR_RETURN(file_, files_.open_append(path_));
  }
  append_frame(&bytes, payload);
  RETURN_IF_ERROR(file_->append(bytes));
  RETURN_IF_ERROR(file_->sync());
  head_.reset();
  // The names of new files, of runs as well, have to be safe, too.
  return files_.sync_directory(directory_);
}

Result<void> LoadJournal::remove() {
  const std::lock_guard lock(mutex_);
  file_.reset();
  if (!files_.exists(path_)) return {};
  RETURN_IF_ERROR(files_.remove(path_));
  return files_.sync_directory(directory_);
}

}  // namespace tidemark::storage
