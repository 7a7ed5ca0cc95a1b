#include "server/personality/line_reader.h"

#include <algorithm>
#include <charconv>

#include "base/nearest.h"
#include "base/service_link.h"
#include "base/text.h"

namespace tidemark::server {
namespace {

const ForeignFlag* find_flag(std::span<const ForeignFlag> known, std::string_view name) {
  const auto found = std::find_if(known.begin(), known.end(), [name](const ForeignFlag& flag) {
    return flag.name == name || (!flag.alias.empty() && flag.alias == name);
  });
  return found == known.end() ? nullptr : &*found;
}

std::string unknown_flag(std::string_view word, std::size_t dashes, std::span<const ForeignFlag> known) {
  std::vector<std::string> names;
  for (const ForeignFlag& flag : known) names.emplace_back(flag.name);
  const std::string meant = nearest_name(word.substr(dashes), names, 3);
  std::string text = "Unrecognized option: " + std::string(word);
  if (!meant.empty()) text += "; did you mean " + std::string(word.substr(0, dashes)) + meant + "?";
  return text;
}

}  // namespace

Result<ForeignWords> read_words(std::span<const std::string> arguments, std::span<const ForeignFlag> known,
                                const std::string& problem) {
  ForeignWords words;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view word = arguments[i];
    const std::size_t dashes = word.starts_with("--") ? 2 : word.starts_with("-") ? 1 : 0;
    if (dashes == 0 || word.size() == dashes) {
      words.others.emplace_back(word);
      continue;
    }
    const std::size_t equals = std::min(word.find('='), word.size());
    const ForeignFlag* const flag = find_flag(known, word.substr(dashes, equals - dashes));
    if (flag == nullptr) {
      return fail(Error::invalid_argument(problem + unknown_flag(word.substr(0, equals), dashes, known)));
    }
    std::string value;
    if (equals < word.size()) {
      value = word.substr(equals + 1);
    } else if (flag->takes_value) {
      if (i + 1 == arguments.size()) {
        return fail(
            Error::invalid_argument(problem + "Missing argument for option: " + std::string(flag->name)));
      }
      value = arguments[++i];
    }
    words.flags[std::string(flag->name)] = std::move(value);
  }
  return words;
}

Result<std::vector<std::string>> flags_of_address(std::string_view address, std::string_view source) {
  const std::size_t colon = address.rfind(':');
  const std::string_view port = colon == std::string_view::npos ? address : address.substr(colon + 1);
  std::string_view host = colon == std::string_view::npos ? std::string_view() : address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  unsigned number = 0;
  const auto [stop, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc() || stop != port.data() + port.size() || number > 65'535) {
    return fail(Error::invalid_argument(std::string(source) + ": '" + std::string(address) +
                                        "' is not an address like :9000 or 127.0.0.1:9000"));
  }
  std::vector<std::string> flags = {"--port", std::string(port)};
  if (!host.empty()) flags.insert(flags.end(), {"--host", std::string(host)});
  return flags;
}

std::optional<std::string> variable(const Environment& environment, const std::string& name) {
  auto value = environment(name);
  if (value && (value->empty() || is_service_link(name, *value))) return std::nullopt;
  return value;
}

bool is_true(std::string_view text) {
  const std::string word = lower_case(text);
  return word == "1" || word == "true" || word == "yes" || word == "on";
}

void add_default(std::vector<std::string>* arguments, const Environment& environment, std::string_view flag,
                 std::string_view value) {
  std::string name = "TIDEMARK_";
  for (const char c : flag.substr(2)) {
    name += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  if (variable(environment, name)) return;
  arguments->emplace_back(flag);
  if (!value.empty()) arguments->emplace_back(value);
}

}  // namespace tidemark::server
