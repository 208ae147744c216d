/* What the programs of this test share, beside check.h. C11 and C++17. */
#ifndef EXPECT_H
#define EXPECT_H

#include "check.h"

#include <unistd.h>

#define OK(call) CHECK_OK(call)

/* The call is refused with this result. */
#define REFUSED(call, result) CHECK((call) == LOOPWIRE_RESULT_##result)

/* The call fails with this code. */
#define FAILED(call, code) CHECK((call) == LOOPWIRE_RESULT_FAILED && last_code_is(code))

static inline int last_code_is(const char *code) {
  char *last = loopwire_last_error_code();
  int same = last != NULL && strcmp(last, code) == 0;
  loopwire_free(last);
  return same;
}

/* Prints a value of JSON and the type that it has in binding.d.ts, for the test to compare, and frees it. */
static inline void shape(const char *type, char *json) {
  CHECK(json != NULL);
  printf("SHAPE %s %s\n", type, json);
  fflush(stdout);
  loopwire_free(json);
}

static inline int has(const char *text, const char *part) {
  if (strstr(text, part) != NULL) return 1;
  fprintf(stderr, "%s is not in %s\n", part, text);
  return 0;
}

/* The text of a key of JSON, allocated. */
static inline char *text_of(const char *json, const char *key) {
  const char *at = strstr(json, key);
  CHECK(at != NULL && at[strlen(key)] == '"');
  at += strlen(key) + 3;
  const char *end = strchr(at, '"');
  CHECK(at[-1] == '"' && end != NULL);
  return strndup(at, (size_t)(end - at));
}

static inline double now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static inline pthread_t start(void *(*run)(void *), void *argument) {
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, run, argument) == 0);
  return thread;
}

static inline void join(pthread_t thread) { CHECK(pthread_join(thread, NULL) == 0); }

/* Runs a command of the shell of this machine, not of a workspace. */
static inline void shell(const char *command) { CHECK(system(command) == 0); }

#endif
