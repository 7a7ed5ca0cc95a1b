#include "base/thread_name.h"

#include <pthread.h>

#include <string>

namespace tidemark {

void name_thread(std::string_view name) {
  constexpr std::size_t kNameMax = 15;  // longer ones are refused
  ::pthread_setname_np(::pthread_self(), std::string(name.substr(0, kNameMax)).c_str());
}

}  // namespace tidemark
