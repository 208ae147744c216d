/* The host's descriptors: no program that it starts gets one of the library's. */
#include "everything.h"

#include <dirent.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* Every descriptor above 2 is closed on exec; how many there are. */
static int check_descriptors(void) {
  int count = 0;
  DIR *folder = opendir("/proc/self/fd");
  CHECK(folder != NULL);
  for (struct dirent *entry; (entry = readdir(folder));) {
    if (entry->d_name[0] == '.' || atoi(entry->d_name) <= 2) continue;
    char path[512], target[512] = "", line[256];
    snprintf(path, sizeof path, "/proc/self/fd/%s", entry->d_name);
    if (readlink(path, target, sizeof target - 1) < 0) continue;
    snprintf(path, sizeof path, "/proc/self/fdinfo/%s", entry->d_name);
    FILE *info = fopen(path, "re");
    if (!info) continue;
    while (fgets(line, sizeof line, info)) {
      if (strncmp(line, "flags:", 6) != 0) continue;
      if (!(strtoul(line + 6, NULL, 8) & O_CLOEXEC)) {
        fprintf(stderr, "descriptor %s (%s) is not closed on exec\n", entry->d_name, target);
        exit(1);
      }
      count++;
    }
    fclose(info);
  }
  closedir(folder);
  return count;
}

/* What a program has that is started with fork and exec. */
static void check_program(void) {
  int ends[2];
  CHECK(pipe2(ends, O_CLOEXEC) == 0);
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    dup2(ends[1], 1);
    execlp("sh", "sh", "-c", "echo /proc/$$/fd/*", (char *)NULL);
    _exit(127);
  }
  close(ends[1]);
  char said[4096];
  size_t have = 0;
  for (ssize_t got; (got = read(ends[0], said + have, sizeof said - 1 - have)) > 0;) have += (size_t)got;
  said[have] = 0;
  close(ends[0]);
  int status;
  CHECK(waitpid(child, &status, 0) == child && status == 0);
  char wanted[256];
  snprintf(wanted, sizeof wanted, "/proc/%d/fd/0 /proc/%d/fd/1 /proc/%d/fd/2\n", child, child, child);
  /* Some shells have the folder open while they list it. */
  if (strcmp(said, wanted) != 0) {
    snprintf(wanted + strlen(wanted) - 1, 64, " /proc/%d/fd/3\n", child);
    if (strcmp(said, wanted) != 0) fprintf(stderr, "a program has more than it should: %s", said);
    CHECK(strcmp(said, wanted) == 0);
  }
}

int main(int argc, char **argv) {
  CHECK(argc == 5);
  /* Those of whoever has started this program are not looked at. */
  CHECK(syscall(SYS_close_range, 3U, ~0U, 0U) == 0);
  struct everything use;
  everything_of(&use, argv);
  everything_start(&use);
  CHECK(check_descriptors() > 3);
  check_program();
  everything_end(&use);
  puts("done");
  return 0;
}
