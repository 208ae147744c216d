// A Node that has V8's memory cage, as Electron has from version 21 on: memory that does not come from V8 is refused. The
// native core asks the system's linker for the functions of Node-API, so that is where others can be put in their place.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

/* napi_no_external_buffers_allowed */
#define REFUSED 22

static int refused(void) {
  fputs("refused an external buffer\n", stderr);
  return REFUSED;
}

void *dlsym(void *handle, const char *name) {
  static void *(*next)(void *, const char *);
  if (next == NULL) next = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34");
  if (next == NULL) next = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.2.5");
  int external = strcmp(name, "napi_create_external_buffer") == 0 ||
                 strcmp(name, "napi_create_external_arraybuffer") == 0;
  return external ? (void *)refused : next(handle, name);
}
