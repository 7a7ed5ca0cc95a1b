// Runs a fuzz target without libFuzzer: the inputs of the corpus, then random changes to them.
//
//   fuzz_<target> [--seed N] [--runs N] [--seconds N] [--only N] <corpus directory or input file>...
//
// Run N's input depends on nothing but the seed, N and the corpus, so `--seed S --only N` repeats one run.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer looks for it
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
// NOLINTNEXTLINE(bugprone-reserved-identifier, readability-identifier-naming): the sanitizers define it
extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace {

constexpr std::size_t kInputMax = 16 << 10;
constexpr unsigned kHangSeconds = 30;

// Pieces that mean something to one parser or another.
constexpr std::array<std::string_view, 44> kWords = {
    "\r\n",        "\r\n\r\n",  "\n",       "\r",
    "0\r\n",       "0\r\n\r\n", "ffffffff", "ffffffffffffffff",
    ";",           ":",         ",",        "=",
    "&",           "?",         "/",        "//",
    "/../",        "%",         "%00",      "%2F",
    "%ff",         "+",         "\"",       "\\",
    "<",           ">",         "</",       "/>",
    "<![CDATA[",   "]]>",       "<!--",     "-->",
    "<!DOCTYPE a", "&#0;",      "&#xD800;", "&amp;",
    "\xff",        "\xc3\xbc",  "-1",       "99999999999999999999",
    "{",           "}",         "[",        "]",
};

struct Options {
  std::uint64_t seed = 1;
  std::uint64_t runs = 1'000'000'000;
  double seconds = 5;
  std::int64_t only = -1;
  std::vector<std::string> paths;
};

// What the death callback tells.
std::uint64_t current_seed = 0;
std::int64_t current_run = 0;
std::string current_input;

void write_all(std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(STDERR_FILENO, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void tell_input() {
  char line[160];
  const int size = std::snprintf(line, sizeof(line), "\nfuzz: --seed %llu --only %lld, %zu bytes:\n",
                                 static_cast<unsigned long long>(current_seed),
                                 static_cast<long long>(current_run), current_input.size());
  write_all({line, static_cast<std::size_t>(size)});
  for (const char c : current_input) {
    const auto byte = static_cast<unsigned char>(c);
    char text[8];
    const bool plain = byte >= 0x20 && byte < 0x7f && c != '\\' && c != '"';
    write_all(
        {text, static_cast<std::size_t>(std::snprintf(text, sizeof(text), plain ? "%c" : "\\x%02x", byte))});
  }
  write_all("\n");
}

void on_signal(int number) {
  write_all(number == SIGALRM ? "fuzz: the target hangs" : "fuzz: the target aborted");
  tell_input();
  ::_exit(1);
}

std::vector<std::string> read_corpus(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    if (!std::filesystem::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(path)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> corpus;
  for (const std::string& file : files) {
    std::ifstream in(file, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return corpus;
}

class Mutator {
 public:
  Mutator(std::uint64_t seed, std::uint64_t run, const std::vector<std::string>& corpus)
      : random_(seed * 0x9e3779b97f4a7c15ULL + run), corpus_(corpus) {}

  std::string make() {
    std::string input = corpus_[below(corpus_.size())];
    // Few changes mostly: they get deepest.
    const std::size_t changes = below(4) == 0 ? 1 + below(30) : 1 + below(3);
    for (std::size_t i = 0; i < changes; ++i) change(&input);
    if (input.size() > kInputMax) input.resize(kInputMax);
    return input;
  }

 private:
  std::size_t below(std::size_t bound) {
    return bound == 0 ? 0 : static_cast<std::size_t>(random_() % bound);
  }

  void change(std::string* input) {
    const std::size_t at = below(input->size() + 1);
    const std::size_t count = std::min(input->size() - at, 1 + below(below(4) == 0 ? 64 : 4));
    switch (below(8)) {
      case 0:
        if (at < input->size()) (*input)[at] = static_cast<char>((*input)[at] ^ (1 << below(8)));
        break;
      case 1:
        if (at < input->size()) (*input)[at] = static_cast<char>(below(256));
        break;
      case 2:
        input->erase(at, count);
        break;
      case 3:
        input->insert(at, input->substr(at, count));
        break;
      case 4:
        input->replace(at, below(2) == 0 ? 0 : count, kWords[below(kWords.size())]);
        break;
      case 5:
        input->insert(at, 1 + below(8), static_cast<char>(below(256)));
        break;
      case 6: {
        const std::string& other = corpus_[below(corpus_.size())];
        const std::size_t from = below(other.size() + 1);
        input->replace(at, count, other.substr(from, 1 + below(64)));
        break;
      }
      default:
        input->resize(at);
    }
  }

  std::mt19937_64 random_;
  const std::vector<std::string>& corpus_;
};

void run(std::int64_t number, std::string input) {
  current_run = number;
  current_input = std::move(input);
  ::alarm(kHangSeconds);
  // An exact copy on the heap: reading one byte too far is seen.
  const std::vector<std::uint8_t> bytes(current_input.begin(), current_input.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

bool parse(int count, char** words, Options* options) {
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (!word.starts_with("--")) {
      options->paths.emplace_back(word);
      continue;
    }
    if (i + 1 == count) return false;
    const char* value = words[++i];
    if (word == "--seed") {
      options->seed = std::strtoull(value, nullptr, 10);
    } else if (word == "--runs") {
      options->runs = std::strtoull(value, nullptr, 10);
    } else if (word == "--seconds") {
      options->seconds = std::strtod(value, nullptr);
    } else if (word == "--only") {
      options->only = std::strtoll(value, nullptr, 10);
    } else {
      return false;
    }
  }
  return !options->paths.empty();
}

}  // namespace

int main(int count, char** words) {
  Options options;
  if (!parse(count, words, &options)) {
    std::fprintf(stderr, "usage: %s [--seed N] [--runs N] [--seconds N] [--only N] <corpus>...\n", words[0]);
    return 2;
  }
  const std::vector<std::string> corpus = read_corpus(options.paths);
  INVARIANT(!corpus.empty());
  current_seed = options.seed;
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(tell_input);
  ::signal(SIGABRT, on_signal);
  ::signal(SIGALRM, on_signal);
  const auto make = [&](std::uint64_t number) {
    // The first runs are the corpus itself.
    return number < corpus.size() ? corpus[number] : Mutator(options.seed, number, corpus).make();
  };
  if (options.only >= 0) {
    run(options.only, make(static_cast<std::uint64_t>(options.only)));
    return 0;
  }
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(options.seconds);
  std::uint64_t number = 0;
  for (; number < options.runs; ++number) {
    if (number >= corpus.size() && std::chrono::steady_clock::now() > end) break;
    run(static_cast<std::int64_t>(number), make(number));
  }
  std::printf("fuzz: %llu runs of seed %llu\n", static_cast<unsigned long long>(number),
              static_cast<unsigned long long>(options.seed));
  return 0;
}
