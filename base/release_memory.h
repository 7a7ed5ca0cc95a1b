// Giving memory back before its owner ends.
#pragma once

namespace tidemark {

// Empties a string or a container and frees what it held. `value = {}` does not: of the assignments there are
// it takes the one from an empty list, which keeps the room that there is.
template <class Container>
void release_memory(Container* container) {
  Container().swap(*container);
}

}  // namespace tidemark
