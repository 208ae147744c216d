/* The host's signals: no handler of the library, none for its threads, and calls that wait go on after one. */
#include "everything.h"

#include <dirent.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>

/* A line of /proc/self/…/status as a number. */
static unsigned long long status(const char *path, const char *name) {
  FILE *file = fopen(path, "re");
  if (!file) return 0;
  char line[256];
  unsigned long long value = 0;
  while (fgets(line, sizeof line, file))
    if (strncmp(line, name, strlen(name)) == 0) value = strtoull(line + strlen(name) + 1, NULL, 16);
  fclose(file);
  return value;
}

static unsigned long long own(const char *name) { return status("/proc/thread-self/status", name); }

static void same(unsigned long long caught, unsigned long long ignored, unsigned long long blocked) {
  if (own("SigCgt") == caught && own("SigIgn") == ignored && own("SigBlk") == blocked) return;
  fprintf(stderr, "caught %llx, ignored %llx, blocked %llx, and it was %llx, %llx, %llx\n", own("SigCgt"), own("SigIgn"),
          own("SigBlk"), caught, ignored, blocked);
  exit(1);
}

static pid_t thread_id(void) { return (pid_t)syscall(SYS_gettid); }

/* What a thread has that blocks all signals. */
static unsigned long long all_blocked(void) {
  sigset_t all, before;
  sigfillset(&all);
  CHECK(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
  unsigned long long mask = own("SigBlk");
  CHECK(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
  return mask;
}

static int of_callbacks(const char *name) { return strcmp(name, "loopwire-events\n") == 0; }

/* What the threads take that call callbacks. */
static unsigned long long without_those_of_code(unsigned long long mask) {
  const int taken[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGPWR, SIGXCPU};
  for (size_t each = 0; each < sizeof taken / sizeof *taken; each++) mask &= ~(1ULL << (taken[each] - 1));
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; signal++) mask &= ~(1ULL << (signal - 1));
  return mask;
}

/* Looks at all threads but this one; how many there are. */
static int check_threads(unsigned long long wanted) {
  int count = 0;
  DIR *tasks = opendir("/proc/self/task");
  CHECK(tasks != NULL);
  for (struct dirent *task; (task = readdir(tasks));) {
    if (task->d_name[0] == '.' || atoi(task->d_name) == thread_id()) continue;
    char path[512];
    snprintf(path, sizeof path, "/proc/self/task/%s/status", task->d_name);
    unsigned long long mask = status(path, "SigBlk");
    /* One that has just ended has no file, or an empty one. */
    if (mask == 0 && access(path, F_OK) != 0) continue;
    /* While it begins or ends, the two signals of the C library itself are blocked, too. */
    if ((mask & wanted) != wanted) {
      snprintf(path, sizeof path, "/proc/self/task/%s/comm", task->d_name);
      char name[64] = "";
      FILE *file = fopen(path, "re");
      if (!file) continue;
      if (!fgets(name, sizeof name, file)) name[0] = 0;
      fclose(file);
      unsigned long long least = without_those_of_code(wanted);
      if (of_callbacks(name) && (mask & least) == least) {
        count++;
        continue;
      }
      fprintf(stderr, "thread %s %s blocks %llx and not %llx\n", task->d_name, name, mask, wanted);
      exit(1);
    }
    count++;
  }
  closedir(tasks);
  return count;
}

static pid_t main_thread;
static volatile sig_atomic_t alarms, elsewhere;
static int release_pipe[2];

static void on_alarm(int signal) {
  (void)signal;
  alarms = alarms + 1;
  if (thread_id() != main_thread) elsewhere = elsewhere + 1;
}

static void on_alarm_release(int signal) {
  on_alarm(signal);
  if (write(release_pipe[1], "x", 1) != 1) _exit(3);
}

static void handle(void (*handler)(int)) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  /* Without SA_RESTART: what waits is told EINTR. */
  action.sa_handler = handler;
  CHECK(sigaction(SIGALRM, &action, NULL) == 0);
}

static void every(int micros) {
  struct itimerval time;
  memset(&time, 0, sizeof time);
  time.it_value.tv_usec = time.it_interval.tv_usec = micros;
  CHECK(setitimer(ITIMER_REAL, &time, NULL) == 0);
}

/* Waits until the handler has run, and stays in the callback until then. */
static void wait_for_release(void *userdata, const char *event, size_t len) {
  (void)userdata, (void)event, (void)len;
  static int once;
  if (once++) return;
  char byte;
  ssize_t got;
  while ((got = read(release_pipe[0], &byte, 1)) < 0 && errno == EINTR) continue;
  CHECK(got == 1);
}

static pthread_t callback_thread;
static sem_t inside, suspended;

static volatile sig_atomic_t idle;

static void on_idle(int signal) {
  (void)signal;
  idle = idle + 1;
  sem_post(&suspended);
}

/* A thread that has run a callback is suspended for a collection of garbage also while it waits for the next event. */
static void suspend_idle_threads(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_idle;
  CHECK(sigaction(SIGPWR, &action, NULL) == 0);
  int count = 0;
  DIR *tasks = opendir("/proc/self/task");
  CHECK(tasks != NULL);
  for (struct dirent *task; (task = readdir(tasks));) {
    char path[512], name[64] = "";
    snprintf(path, sizeof path, "/proc/self/task/%s/comm", task->d_name);
    FILE *file = fopen(path, "re");
    if (!file) continue;
    if (!fgets(name, sizeof name, file)) name[0] = 0;
    fclose(file);
    if (!of_callbacks(name)) continue;
    CHECK(syscall(SYS_tgkill, getpid(), atoi(task->d_name), SIGPWR) == 0);
    count++;
    while (sem_wait(&suspended) != 0) CHECK(errno == EINTR);
  }
  closedir(tasks);
  CHECK(count > 0 && idle == count);
}

static void on_suspend(int signal) {
  (void)signal;
  if (pthread_equal(pthread_self(), callback_thread)) sem_post(&suspended);
}

/* The runtimes of other languages catch faults of their code, and suspend its threads by signals. */
static void of_a_runtime(void *userdata, const char *event, size_t len) {
  (void)userdata, (void)event, (void)len;
  const int taken[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGPWR, SIGRTMIN};
  const int of_host[] = {SIGALRM, SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGPIPE, SIGUSR1, SIGUSR2, SIGPROF, SIGWINCH, SIGXCPU};
  sigset_t mask;
  CHECK(pthread_sigmask(SIG_SETMASK, NULL, &mask) == 0);
  for (size_t each = 0; each < sizeof taken / sizeof *taken; each++) CHECK(sigismember(&mask, taken[each]) == 0);
  for (size_t each = 0; each < sizeof of_host / sizeof *of_host; each++) CHECK(sigismember(&mask, of_host[each]) == 1);
  /* The same behind a call that waits. */
  CHECK(loopwire_emit(NULL, NULL, NULL, NULL) == LOOPWIRE_RESULT_INVALID_ARGUMENT);
  callback_thread = pthread_self();
  sem_post(&inside);
  while (sem_wait(&suspended) != 0) CHECK(errno == EINTR);
}

static void check_callback(struct everything *use, unsigned long long all) {
  sigset_t xcpu;
  sigemptyset(&xcpu);
  sigaddset(&xcpu, SIGXCPU);
  CHECK(sem_init(&inside, 0, 0) == 0 && sem_init(&suspended, 0, 0) == 0);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_suspend;
  CHECK(sigaction(SIGPWR, &action, NULL) == 0);
  /* What the host blocks where it sets the callback, it does not want there either. */
  CHECK(pthread_sigmask(SIG_BLOCK, &xcpu, NULL) == 0);
  loopwire_events *events = NULL;
  CHECK_OK(loopwire_events_start(use->runtime, of_a_runtime, NULL, false, &events));
  CHECK(pthread_sigmask(SIG_UNBLOCK, &xcpu, NULL) == 0);
  suspend_idle_threads();
  CHECK(sigaction(SIGPWR, &action, NULL) == 0);
  CHECK_OK(loopwire_emit(use->runtime, "suspend", NULL, NULL));
  while (sem_wait(&inside) != 0) CHECK(errno == EINTR);
  CHECK(pthread_kill(callback_thread, SIGPWR) == 0);
  CHECK_OK(loopwire_events_free(events));
  check_threads(all);
  CHECK(signal(SIGPWR, SIG_DFL) == on_suspend);
}

static void *nothing(void *unused) { return unused; }

int main(int argc, char **argv) {
  CHECK(argc == 5);
  main_thread = thread_id();
  CHECK(pipe2(release_pipe, O_CLOEXEC) == 0);
  /* The host has a mask of its own, which stays. */
  sigset_t some;
  sigemptyset(&some);
  sigaddset(&some, SIGUSR2);
  CHECK(pthread_sigmask(SIG_BLOCK, &some, NULL) == 0);
  handle(on_alarm);
  /* The C library has a handler of its own from the first thread on. */
  pthread_t first;
  CHECK(pthread_create(&first, NULL, nothing, NULL) == 0 && pthread_join(first, NULL) == 0);
  unsigned long long caught = own("SigCgt"), ignored = own("SigIgn"), blocked = own("SigBlk"), all = all_blocked();

  struct everything use;
  everything_of(&use, argv);
  everything_start(&use);
  same(caught, ignored, blocked);
  CHECK(check_threads(all) > 2);

  /* The host has an alarm every millisecond: no call fails for it, and its handler runs in this thread alone. */
  every(1000);
  for (int round = 0; round < 20; round++) {
    loopwire_runtime *runtime = NULL;
    loopwire_events *events = NULL;
    CHECK_OK(loopwire_runtime_new(&runtime));
    CHECK_OK(loopwire_events_start(runtime, events_collect, &use.events, false, &events));
    for (int each = 0; each < 100; each++) CHECK_OK(loopwire_emit(runtime, "tick", "1", NULL));
    check_threads(all);
    CHECK_OK(loopwire_events_free(events));
    CHECK_OK(loopwire_runtime_free(runtime));
    CHECK(RemovePort(use.first_port) == 0 && StopHttpApi() == 0);
    CHECK(StartHttpApi(use.api_port) == 0);
    CHECK(CreateWithId(use.first_port, (char *)"straight", (char *)"1", (char *)"manual") == 0);
    loopwire_execution *done = NULL;
    CHECK_OK(loopwire_workspace_execute(use.workspace, "sleep 0.01", NULL, 0, NULL, &done));
    loopwire_execution_free(done);
    loopwire_terminal *terminals[8];
    for (int each = 0; each < 8; each++)
      CHECK_OK(loopwire_terminal_start(use.workspace, "{\"command\":\"sleep 1000\"}", &terminals[each]));
    check_threads(all);
    for (int each = 0; each < 8; each++) CHECK_OK(loopwire_terminal_end(terminals[each]));
    for (int each = 0; each < 8; each++) {
      CHECK_OK(loopwire_terminal_exit(terminals[each], UINT32_MAX, NULL));
      CHECK_OK(loopwire_terminal_free(terminals[each]));
    }
  }
  every(0);
  CHECK(alarms > 20 && elsewhere == 0);

  /* While a call waits, the handler runs: here it ends the wait itself. */
  loopwire_events *slow = NULL;
  CHECK_OK(loopwire_events_start(use.runtime, wait_for_release, NULL, false, &slow));
  size_t seen = events_count(&use.events);
  CHECK_OK(loopwire_emit(use.runtime, "slow", NULL, NULL));
  events_wait(&use.events, seen, "slow");
  handle(on_alarm_release);
  struct itimerval once;
  memset(&once, 0, sizeof once);
  once.it_value.tv_usec = 200 * 1000;
  CHECK(setitimer(ITIMER_REAL, &once, NULL) == 0);
  CHECK_OK(loopwire_events_free(slow));
  CHECK(elsewhere == 0);

  check_callback(&use, all);
  everything_end(&use);
  same(caught, ignored, blocked);
  puts("done");
  return 0;
}
