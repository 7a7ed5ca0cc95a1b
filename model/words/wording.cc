#include "model/words/wording.h"

namespace tidemark::model {

std::optional<Wording> parse_wording(std::string_view name) {
  if (name == "classic") return Wording::kClassic;
  if (name == "current") return Wording::kCurrent;
  return std::nullopt;
}

}  // namespace tidemark::model
