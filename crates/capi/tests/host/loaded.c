/* The library is loaded while the program runs, and "unloaded" while its threads run. */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(expression) \
  ((expression) ? (void)0 : (fprintf(stderr, "line %d: %s: %s\n", __LINE__, #expression, dlerror()), exit(1)))

static void *symbol(void *library, const char *name) {
  void *found = dlsym(library, name);
  if (!found) fprintf(stderr, "%s\n", name);
  CHECK(found != NULL);
  return found;
}

int main(int argc, char **argv) {
  CHECK(argc == 3);
  for (int round = 0; round < 3; round++) {
    void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    CHECK(library != NULL);
    const char *(*version)(void);
    void (*run)(void), (*end)(void);
    int (*make)(void **), (*release)(void *);
    int (*emit)(void *, const char *, const char *, bool *);
    *(void **)&version = symbol(library, "loopwire_version");
    *(void **)&run = symbol(library, "RunAsync");
    *(void **)&end = symbol(library, "SafeExit");
    *(void **)&make = symbol(library, "loopwire_runtime_new");
    *(void **)&release = symbol(library, "loopwire_runtime_free");
    *(void **)&emit = symbol(library, "loopwire_emit");
    CHECK(strcmp(version(), argv[2]) == 0);
    run();
    void *runtime = NULL;
    CHECK(make(&runtime) == 0);
    CHECK(emit(runtime, "loaded", NULL, NULL) == 0);
    CHECK(dlclose(library) == 0);
    /* Its threads run, and so does what the program has still got. */
    CHECK(emit(runtime, "unloaded", NULL, NULL) == 0);
    if (round == 1) end();
    CHECK(release(runtime) == 0);
  }
  puts("done");
  return 0;
}
