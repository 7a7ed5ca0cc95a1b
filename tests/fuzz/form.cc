// Bodies of browser uploads: cuts must not matter. The first line of an input is the Content-Type.
#include "base/check.h"
#include "s3emu/rest/objects/multipart_form.h"
#include "tests/fuzz/input.h"

namespace tidemark::s3emu {
namespace {

struct Parts final : MultipartForm::Sink {
  S3Result<void> begin_part(FormPart part) override {
    INVARIANT(!open);
    open = true;
    text += "\n[" + part.name + "|" + part.filename.value_or("(none)") + "]";
    return {};
  }
  S3Result<void> part_bytes(std::string_view bytes) override {
    INVARIANT(open);
    text += bytes;
    return {};
  }
  S3Result<void> end_part() override {
    INVARIANT(open);
    open = false;
    return {};
  }

  std::string text;
  bool open = false;
};

std::string parse(const std::string& content_type, std::string_view body, fuzz::Cuts cuts) {
  auto form = MultipartForm::of(content_type);
  if (!form) return form.error().code;
  Parts parts;
  while (!body.empty()) {
    const std::string piece(body.substr(0, cuts.next()));
    body.remove_prefix(piece.size());
    if (const auto fed = form->feed(piece, &parts); !fed) return fed.error().code;
  }
  if (const auto finished = form->finish(); !finished) return finished.error().code;
  INVARIANT(!parts.open);
  return parts.text;
}

}  // namespace
}  // namespace tidemark::s3emu

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer looks for it
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using tidemark::fuzz::Cuts;
  tidemark::fuzz::Input input(data, size);
  const std::uint8_t seed = input.byte();
  const std::string content_type = input.line();
  const std::string whole = tidemark::s3emu::parse(content_type, input.rest(), Cuts(0, 1 << 30));
  INVARIANT(whole == tidemark::s3emu::parse(content_type, input.rest(), Cuts(seed, 1)));
  INVARIANT(whole == tidemark::s3emu::parse(content_type, input.rest(), Cuts(seed, 2 + seed % 50)));
  return 0;
}
