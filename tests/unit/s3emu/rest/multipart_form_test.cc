#include "s3emu/rest/objects/multipart_form.h"

#include <vector>

#include "tests/support/catch.h"

namespace tidemark::s3emu {
namespace {

// Writes down what it is told: `name(filename)=bytes;`
class Recorder final : public MultipartForm::Sink {
 public:
  S3Result<void> begin_part(FormPart part) override {
    text += part.name;
    if (part.filename) text += "(" + *part.filename + ")";
    text += "=";
    return {};
  }
  S3Result<void> part_bytes(std::string_view bytes) override {
    text.append(bytes);
    longest = std::max(longest, bytes.size());
    return {};
  }
  S3Result<void> end_part() override {
    text += ";";
    return {};
  }

  std::string text;
  std::size_t longest = 0;
};

constexpr const char* kType = "multipart/form-data; boundary=bound";

// What the parts are, or the code of the error; `piece` bytes at a time.
std::string parse(const std::string& content_type, const std::string& body, std::size_t piece) {
  auto form = MultipartForm::of(content_type);
  if (!form) return form.error().code;
  Recorder recorder;
  for (std::size_t at = 0; at < body.size(); at += piece) {
    if (auto fed = form->feed(std::string_view(body).substr(at, piece), &recorder); !fed) {
      return fed.error().code;
    }
  }
  if (auto finished = form->finish(); !finished) return finished.error().code;
  return recorder.text;
}

std::string part(const std::string& disposition, const std::string& bytes) {
  return "--bound\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + bytes + "\r\n";
}

}  // namespace

TEST_CASE("forms, wherever the pieces end") {
  struct Case {
    const char* why;
    std::string body;
    std::string parts;
  };
  const auto c = GENERATE(values<Case>({
      {"one field", part("name=\"a\"", "1") + "--bound--\r\n", "a=1;"},
      {"no line break at the end", part("name=\"a\"", "1") + "--bound--", "a=1;"},
      {"a preamble and an epilogue",
       "to be ignored\r\n" + part("name=\"a\"", "1") + "--bound--\r\n--bound\r\n", "a=1;"},
      {"an empty part", part("name=\"a\"", "") + part("name=\"b\"", "2") + "--bound--", "a=;b=2;"},
      {"a file", part("name=\"file\"; filename=\"x.txt\"", "a\r\nb") + "--bound--", "file(x.txt)=a\r\nb;"},
      {"a file without a name", part("name=\"file\"; filename=\"\"", "a") + "--bound--", "file()=a;"},
      {"names without quotes", part("name=file; filename=x.txt", "a") + "--bound--", "file(x.txt)=a;"},
      {"quotes and backslashes", part(R"(name="file"; filename="C:\dir\a\"b\\c")", "a") + "--bound--",
       R"(file(C:\dir\a"b\c)=a;)"},
      {"an extended name",
       part("name=\"file\"; filename=\"x\"; filename*=UTF-8''%C3%A4%20b", "a") + "--bound--",
       "file(\xC3\xA4 b)=a;"},
      {"a semicolon inside quotes", part("name=\"a;b\"", "1") + "--bound--", "a;b=1;"},
      {"blanks behind the boundary",
       "--bound \t\r\ncontent-disposition:form-data;name=a\r\n\r\n1\r\n--bound--", "a=1;"},
      {"further headers",
       "--bound\r\nContent-Type: text/plain\r\nContent-Disposition: form-data; name=\"a\"\r\nX: "
       "y\r\n\r\n1\r\n"
       "--bound--",
       "a=1;"},
      {"what only begins like a boundary",
       part("name=\"a\"", "\r\n--boun\r\n--bound\r\r\n--boundary\r\n-\r\n\r\n\r") + "--bound--",
       "a=\r\n--boun\r\n--bound\r\r\n--boundary\r\n-\r\n\r\n\r;"},
      {"a boundary with one dash", part("name=\"a\"", "\r\n--bound-x") + "--bound--", "a=\r\n--bound-x;"},
      {"nothing but the end", "--bound--", ""},
      {"no end", part("name=\"a\"", "1"), "MalformedPOSTRequest"},
      {"cut in the middle", "--bound\r\nContent-Disposition: form-data; na", "MalformedPOSTRequest"},
      {"nothing", "", "MalformedPOSTRequest"},
      {"no boundary in it", "key=value", "MalformedPOSTRequest"},
      {"no disposition", "--bound\r\nContent-Type: text/plain\r\n\r\n1\r\n--bound--", "MalformedPOSTRequest"},
      {"no headers", "--bound\r\n\r\n1\r\n--bound--", "MalformedPOSTRequest"},
      {"no name", "--bound\r\nContent-Disposition: form-data\r\n\r\n1\r\n--bound--", "MalformedPOSTRequest"},
      {"another disposition", "--bound\r\nContent-Disposition: inline; name=a\r\n\r\n1\r\n--bound--",
       "MalformedPOSTRequest"},
      {"a header that is none", "--bound\r\noops\r\n\r\n1\r\n--bound--", "MalformedPOSTRequest"},
      {"an unclosed quote", part("name=\"a", "1") + "--bound--", "a=1;"},
      {"headers without end", "--bound\r\nX: " + std::string(9000, 'x'), "MalformedPOSTRequest"},
  }));
  INFO(c.why);
  for (std::size_t piece = 1; piece < 40; ++piece) {
    INFO("pieces of " << piece);
    CHECK(parse(kType, c.body, piece) == c.parts);
  }
  CHECK(parse(kType, c.body, 1 << 20) == c.parts);
}

TEST_CASE("content types of forms") {
  struct Case {
    const char* type;
    const char* answer;
  };
  const auto c = GENERATE(values<Case>({
      {"multipart/form-data; boundary=bound", "a=1;"},
      {"Multipart/Form-Data; charset=utf-8; Boundary=\"bound\"", "a=1;"},
      {"multipart/form-data", "MalformedPOSTRequest"},
      {"multipart/form-data; boundary=", "MalformedPOSTRequest"},
      {"application/x-www-form-urlencoded", "PreconditionFailed"},
      {"", "PreconditionFailed"},
  }));
  INFO(c.type);
  CHECK(parse(c.type, part("name=\"a\"", "1") + "--bound--", 7) == c.answer);
  CHECK(MultipartForm::of("multipart/form-data; boundary=" + std::string(500, 'x')).has_value() == false);
}

TEST_CASE("a large file goes through in pieces, and many parts are refused") {
  auto form = MultipartForm::of(kType);
  REQUIRE(form);
  Recorder recorder;
  REQUIRE(form->feed("--bound\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n", &recorder));
  const std::string piece(64 << 10, '\r');
  for (int i = 0; i < 64; ++i) REQUIRE(form->feed(piece, &recorder));
  CHECK(recorder.longest <= piece.size() + 100);
  CHECK(recorder.text.size() + 100 > 64 * piece.size());

  std::string many;
  for (std::size_t i = 0; i <= MultipartForm::kPartsMax; ++i) many += part("name=a", "");
  CHECK(parse(kType, many + "--bound--", many.size()) == "MalformedPOSTRequest");
}

TEST_CASE("what only begins like a boundary takes no more time than other bytes") {
  std::string noise;
  while (noise.size() < 16 << 20) noise += "\r\n--boundXY";
  // In one piece: were the rest moved at each of them, this would take hours.
  auto form = MultipartForm::of(kType);
  REQUIRE(form);
  Recorder recorder;
  REQUIRE(form->feed(part("name=\"a\"", noise) + "--bound--", &recorder));
  REQUIRE(form->finish());
  CHECK(recorder.text == "a=" + noise + ";");
}

TEST_CASE("a preamble has an end") {
  const std::string form = part("name=\"a\"", "1") + "--bound--";
  const std::size_t piece = GENERATE(as<std::size_t>(), 1000, 1 << 20);
  for (const std::string& noise : {std::string("x"), std::string("\r"), std::string("\r\n--boundXY")}) {
    std::string preamble;
    while (preamble.size() < MultipartForm::kPreambleMax - 100) preamble += noise;
    CHECK(parse(kType, preamble + "\r\n" + form, piece) == "a=1;");
    while (preamble.size() < MultipartForm::kPreambleMax + 500) preamble += noise;
    CHECK(parse(kType, preamble + "\r\n" + form, piece) == "MalformedPOSTRequest");
  }
}

}  // namespace tidemark::s3emu
