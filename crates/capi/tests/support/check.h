/* For the programs of the tests: CHECK, and a queue of events that the callback fills. C11 and C++17. */
#ifndef CHECK_H
#define CHECK_H

#include "loopwire.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Longer than any step takes, even under Valgrind on a machine that stalls. */
#define STUCK_MS 60000

static inline void check_failed(const char *file, int line, const char *expression) {
  char *code = loopwire_last_error_code();
  char *message = loopwire_last_error_message();
  fprintf(stderr, "%s:%d: %s is not so; the last error here: [%s] %s\n", file, line, expression,
          code ? code : "", message ? message : "");
  loopwire_free(code);
  loopwire_free(message);
  fflush(NULL);
  /* Without the exit handlers: a failure in a callback must not wait for itself. */
  _Exit(1);
}

/* Ends the program with the place and the last error of this thread unless it is so. */
#define CHECK(expression) ((expression) ? (void)0 : check_failed(__FILE__, __LINE__, #expression))

/* The call succeeds. */
#define CHECK_OK(call) CHECK((call) == LOOPWIRE_RESULT_OK)

/* The last error of this thread has this text in it. */
static inline int last_error_has(const char *part) {
  char *message = loopwire_last_error_message();
  int has = message != NULL && strstr(message, part) != NULL;
  if (!has) fprintf(stderr, "the last error has no \"%s\": %s\n", part, message ? message : "NULL");
  loopwire_free(message);
  return has;
}

static inline int no_last_error(void) {
  char *message = SDKGetLastError();
  int none = message != NULL && message[0] == '\0';
  if (!none) fprintf(stderr, "there is a last error: %s\n", message ? message : "NULL");
  FreeBuf(message);
  return none;
}

/* Events in the order in which they came. */
struct events {
  pthread_mutex_t lock;
  pthread_cond_t more;
  char **texts;
  size_t count, room;
};

#define EVENTS_EMPTY {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL, 0, 0}

/* The callback: `userdata` is a struct events. */
static inline void events_collect(void *userdata, const char *event, size_t len) {
  struct events *events = (struct events *)userdata;
  CHECK(strlen(event) == len);
  pthread_mutex_lock(&events->lock);
  if (events->count == events->room) {
    events->room = events->room ? events->room * 2 : 64;
    events->texts = (char **)realloc((void *)events->texts, events->room * sizeof(char *));
    CHECK(events->texts != NULL);
  }
  events->texts[events->count] = strdup(event);
  CHECK(events->texts[events->count] != NULL);
  events->count++;
  pthread_cond_broadcast(&events->more);
  pthread_mutex_unlock(&events->lock);
}

static inline size_t events_count(struct events *events) {
  pthread_mutex_lock(&events->lock);
  size_t count = events->count;
  pthread_mutex_unlock(&events->lock);
  return count;
}

/* Waits until `count` events with `part` in them have come since event `from`, and returns the number of the last one. */
static inline size_t events_wait_n(struct events *events, size_t from, const char *part, size_t count) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += STUCK_MS / 1000;
  pthread_mutex_lock(&events->lock);
  size_t found = 0;
  for (size_t at = from;; at++) {
    while (at >= events->count) {
      if (pthread_cond_timedwait(&events->more, &events->lock, &until) != ETIMEDOUT) continue;
      fprintf(stderr, "%zu of %zu events with \"%s\" came; all that came:\n", found, count, part);
      for (size_t each = 0; each < events->count; each++)
        fprintf(stderr, "  %s%s\n", each < from ? "(before) " : "", events->texts[each]);
      fflush(NULL);
      _Exit(1);
    }
    if (strstr(events->texts[at], part) && ++found == count) {
      pthread_mutex_unlock(&events->lock);
      return at;
    }
  }
}

/* The same for one event. */
static inline size_t events_wait(struct events *events, size_t from, const char *part) {
  return events_wait_n(events, from, part, 1);
}

/* How many events with `part` in them have come. */
static inline size_t events_matching(struct events *events, const char *part) {
  size_t matching = 0;
  pthread_mutex_lock(&events->lock);
  for (size_t at = 0; at < events->count; at++) matching += strstr(events->texts[at], part) != NULL;
  pthread_mutex_unlock(&events->lock);
  return matching;
}

/* Frees all events. The callback was stopped before. */
static inline void events_free(struct events *events) {
  for (size_t at = 0; at < events->count; at++) free(events->texts[at]);
  free((void *)events->texts);
  events->texts = NULL;
  events->count = events->room = 0;
}

#endif
