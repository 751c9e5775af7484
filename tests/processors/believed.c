/* Lets a process believe that its machine has BELIEVED_PROCESSORS processors: for tests of schedulers. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

static int believed(void) { return atoi(getenv("BELIEVED_PROCESSORS")); }

int get_nprocs(void) { return believed(); }

int get_nprocs_conf(void) { return believed(); }

long sysconf(int name) {
  static long (*real)(int);
  if (name == _SC_NPROCESSORS_ONLN || name == _SC_NPROCESSORS_CONF) return believed();
  if (!real) real = (long (*)(int))dlsym(RTLD_NEXT, "sysconf");
  return real(name);
}

int sched_getaffinity(pid_t process, size_t size, cpu_set_t *set) {
  (void)process;
  CPU_ZERO_S(size, set);
  for (int i = 0; i < believed(); i++) CPU_SET_S(i, size, set);
  return 0;
}
