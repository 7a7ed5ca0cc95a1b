// For LD_PRELOAD: every fsync and fdatasync takes SLOW_SYNC_MS milliseconds longer, as on a slow or busy
// disk.
#include <dlfcn.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <thread>

namespace {

using Sync = int (*)(int);

int slowly(const char* name, int descriptor) {
  const char* const pause_ms = std::getenv("SLOW_SYNC_MS");
  if (pause_ms != nullptr) std::this_thread::sleep_for(std::chrono::milliseconds(std::atoi(pause_ms)));
  return reinterpret_cast<Sync>(::dlsym(RTLD_NEXT, name))(descriptor);
}

}  // namespace

extern "C" int fsync(int descriptor) { return slowly("fsync", descriptor); }
extern "C" int fdatasync(int descriptor) { return slowly("fdatasync", descriptor); }
