#include "server/http/short_turns.h"

#include <linux/sched.h>
#include <linux/types.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace tidemark::server {
namespace {

// As in the kernel's linux/sched/types.h, which redefines what the C library's headers have too.
struct SchedulingAttributes {
  __u32 size;
  __u32 policy;
  __u64 flags;
  __s32 nice;
  __u32 priority;
  __u64 runtime_ns;
  __u64 deadline_ns;
  __u64 period_ns;
};

}  // namespace

void ask_for_short_turns() {
  // The shortest turn that can be asked for. Whoever wakes up interrupts a thread with longer turns, the
  // usual ones of 3 ms (kernel documentation, scheduler/sched-eevdf); without it a GetItem beside busy
  // programs waits for one of those now and then.
  constexpr __u64 kTurnNs = 100'000;
  SchedulingAttributes attributes{};
  attributes.size = sizeof attributes;
  attributes.flags = SCHED_FLAG_KEEP_POLICY;
  attributes.nice = ::getpriority(PRIO_PROCESS, 0);
  attributes.runtime_ns = kTurnNs;
  // A kernel that does not know the wish leaves all turns alike.
  static_cast<void>(::syscall(SYS_sched_setattr, 0, &attributes, 0U));
}

}  // namespace tidemark::server
