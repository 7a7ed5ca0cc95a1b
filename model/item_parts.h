// Some top-level attributes of an item as a tree, while the rest stays the text it is: a change of one
// attribute costs what that attribute does.
//
//   ASSIGN_OR_RETURN(const auto parts, ItemParts::take(item_text, {"status"}));
//   const Item changed = parts.put_back(changed_attributes, item_size_bytes);
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/attribute_value.h"
#include "model/item.h"

namespace tidemark::model {

class ItemParts {
 public:
  // `item_text` is canonical and outlives what is returned; `names` ascend, each once.
  // Errors: kCorruption.
  static Result<ItemParts> take(std::string_view item_text, std::vector<std::string> names);

  // Those of the names that the item has.
  [[nodiscard]] const AttributeMap& attributes() const { return attributes_; }
  // The item with `attributes`, all of them among the names, in place of attributes(): the very text that
  // make_item() would write. `size_bytes` is the size of the item that was taken apart.
  [[nodiscard]] Item put_back(const AttributeMap& attributes, std::uint32_t size_bytes) const;

 private:
  // Where an attribute stands, with its name; where it would, if there is none.
  struct Place {
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  std::string_view text_;
  std::vector<std::string> names_;
  std::vector<Place> places_;  // of the names
  AttributeMap attributes_;
};

}  // namespace tidemark::model
