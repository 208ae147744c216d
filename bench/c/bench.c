/* The rows of `npm run bench:c` that run without Node: `bench ROW SUBJECT COUNT` prints one line of JSON.
 *
 * Rows: callback, delivery, lone, emit (COUNT events), calls (COUNT calls). Subjects: loopwire, alone (emit only), deque, ring.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "loopwire.h"
#include "queue.h"

/* `{"type":"harness","payload":"0:<n>:<padding>"}`, as the other benchmarks have it. */
#define EVENT_BYTES 120
#define HEAD "{\"type\":\"harness\",\"payload\":\""
#define TAIL "\"}"
#define PAYLOAD_BYTES (EVENT_BYTES - (sizeof HEAD - 1) - (sizeof TAIL - 1))

/* Small enough for the journal's default bounds. */
#define BURST 5000u
/* Below the mark at which sources are asked to slow down. */
#define FILL 40000u

static void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "Error: ");
  vfprintf(stderr, format, arguments);
  fprintf(stderr, "\n");
  va_end(arguments);
  exit(1);
}

static uint64_t clock_of(clockid_t id) {
  struct timespec time;
  clock_gettime(id, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static uint64_t now(void) { return clock_of(CLOCK_MONOTONIC); }

static void pause_for(uint64_t nanoseconds) {
  struct timespec time = {(time_t)(nanoseconds / 1000000000u), (long)(nanoseconds % 1000000000u)};
  nanosleep(&time, NULL);
}

/* ---- the event: its text, of which Loopwire gets the payload alone ---- */

struct event {
  char text[EVENT_BYTES + 1];
  char payload[PAYLOAD_BYTES + 1];
};

static void event_init(struct event *event) {
  memset(event->payload, 'x', PAYLOAD_BYTES);
  event->payload[PAYLOAD_BYTES] = 0;
  memcpy(event->text, HEAD, sizeof HEAD - 1);
  memset(event->text + sizeof HEAD - 1, 'x', PAYLOAD_BYTES);
  memcpy(event->text + EVENT_BYTES - (sizeof TAIL - 1), TAIL, sizeof TAIL);
}

/* Begins a payload with `number:`. printf would cost more than what is measured. */
static void number_into(char *payload, uint64_t number) {
  char digits[20];
  size_t count = 0;
  do digits[count++] = (char)('0' + number % 10);
  while (number /= 10);
  while (count) *payload++ = digits[--count];
  *payload = ':';
}

/* ---- whatever takes events ---- */

struct seen {
  _Alignas(64) atomic_uint_fast64_t count;
  atomic_uint_fast64_t bytes;
  /* How many there will be. */
  uint64_t total;
  /* A call that finds it shut says so, and waits until it is opened. */
  atomic_bool shut, held;
  uint64_t opened;
  /* When the one with this number came. */
  uint64_t last;
  uint64_t ended;
  /* Of lone events: how old each was. */
  uint64_t *ages;
};

static void on_event(void *userdata, const char *text, size_t len) {
  struct seen *seen = userdata;
  if (atomic_load_explicit(&seen->shut, memory_order_acquire)) {
    atomic_store_explicit(&seen->held, true, memory_order_release);
    while (atomic_load_explicit(&seen->shut, memory_order_acquire)) pause_for(50000);
    atomic_store_explicit(&seen->held, false, memory_order_relaxed);
    seen->opened = now();
  }
  uint64_t count = atomic_load_explicit(&seen->count, memory_order_relaxed);
  if (seen->ages) seen->ages[count] = now() - strtoull(text + sizeof HEAD - 1, NULL, 10);
  uint64_t bytes = atomic_load_explicit(&seen->bytes, memory_order_relaxed);
  atomic_store_explicit(&seen->bytes, bytes + len, memory_order_relaxed);
  if (count + 1 == seen->last) seen->ended = now();
  atomic_store_explicit(&seen->count, count + 1, memory_order_release);
}

static void await(struct seen *seen, uint64_t count) {
  while (atomic_load_explicit(&seen->count, memory_order_acquire) < count) pause_for(20000);
}

/* ---- subjects: how an event is published, and who calls `on_event` ---- */

static struct loopwire_runtime *runtime;
static struct loopwire_events *events;
static struct deque deque;
static struct ring ring;
static pthread_t consumer;

static void done(loopwire_result result, const char *call) {
  if (result != LOOPWIRE_RESULT_OK) fail("%s: %u: %s", call, (unsigned)result, loopwire_last_error_message());
}

static void loopwire_publish(const struct event *event) {
  bool behind = false;
  loopwire_result result;
  while ((result = loopwire_emit(runtime, "harness", event->payload, &behind)) == LOOPWIRE_RESULT_JOURNAL_FULL)
    sched_yield();
  done(result, "loopwire_emit");
  /* As the documentation asks: slower while the callback is far behind. */
  if (behind) pause_for(100000);
}

static void deque_publish(const struct event *event) { deque_push(&deque, event->text, EVENT_BYTES); }
static void ring_publish(const struct event *event) { ring_push(&ring, event->text, EVENT_BYTES); }

static void *deque_consume(void *userdata) {
  struct seen *seen = userdata;
  while (atomic_load_explicit(&seen->count, memory_order_relaxed) < seen->total) {
    struct message message = deque_pop(&deque);
    on_event(seen, message.text, message.len);
    free(message.text);
  }
  return NULL;
}

static void *ring_consume(void *userdata) {
  struct seen *seen = userdata;
  while (atomic_load_explicit(&seen->count, memory_order_relaxed) < seen->total) {
    struct message message = ring_pop(&ring);
    on_event(seen, message.text, message.len);
    free(message.text);
  }
  return NULL;
}

typedef void (*publisher)(const struct event *event);

/* Starts who calls `on_event`, and says how to publish. */
static publisher start(const char *subject, struct seen *seen) {
  if (!strcmp(subject, "deque")) {
    deque_init(&deque);
    pthread_create(&consumer, NULL, deque_consume, seen);
    return deque_publish;
  }
  if (!strcmp(subject, "ring")) {
    ring_init(&ring);
    pthread_create(&consumer, NULL, ring_consume, seen);
    return ring_publish;
  }
  done(loopwire_runtime_new(&runtime), "loopwire_runtime_new");
  if (strcmp(subject, "alone")) done(loopwire_events_start(runtime, on_event, seen, false, &events), "loopwire_events_start");
  return loopwire_publish;
}

static void stop(void) {
  if (!runtime) {
    pthread_join(consumer, NULL);
    return;
  }
  done(loopwire_events_free(events), "loopwire_events_free");
  done(loopwire_runtime_free(runtime), "loopwire_runtime_free");
}

static void check(struct seen *seen, uint64_t count) {
  uint64_t bytes = atomic_load(&seen->bytes);
  if (bytes != count * EVENT_BYTES) fail("%" PRIu64 " bytes instead of %" PRIu64, bytes, count * EVENT_BYTES);
}

static int by_size(const void *a, const void *b) {
  uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
  return (left > right) - (left < right);
}

static uint64_t part_of(uint64_t *values, size_t count, double part) {
  qsort(values, count, sizeof *values, by_size);
  size_t at = (size_t)((double)count * part);
  return values[at < count ? at : count - 1];
}

/* ---- rows ---- */

static void row_callback(const char *subject, uint64_t count) {
  struct seen seen = {.total = count, .last = count};
  struct event event;
  event_init(&event);
  publisher publish = start(subject, &seen);
  uint64_t cpu = clock_of(CLOCK_PROCESS_CPUTIME_ID), own = clock_of(CLOCK_THREAD_CPUTIME_ID), began = now();
  for (uint64_t n = 0; n < count; n++) {
    number_into(event.payload, n);
    number_into(event.text + sizeof HEAD - 1, n);
    publish(&event);
  }
  own = clock_of(CLOCK_THREAD_CPUTIME_ID) - own;
  await(&seen, count);
  uint64_t took = seen.ended - began;
  cpu = clock_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  stop();
  check(&seen, count);
  printf("{\"rate\":%.6f,\"publisherNs\":%.3f,\"processNs\":%.3f}\n", (double)count * 1e3 / (double)took,
         (double)own / (double)count, (double)cpu / (double)count);
}

/* All events are there already; the callback is held in its first call until then. */
static void row_delivery(const char *subject, uint64_t count) {
  uint64_t rounds = count / FILL ? count / FILL : 1, fill = count < FILL ? count : FILL;
  uint64_t *costs = calloc(rounds, sizeof *costs);
  struct seen seen = {.total = rounds * fill};
  struct event event;
  event_init(&event);
  publisher publish = start(subject, &seen);
  for (uint64_t round = 0; round < rounds; round++) {
    seen.last = (round + 1) * fill;
    atomic_store_explicit(&seen.shut, true, memory_order_release);
    publish(&event);
    while (!atomic_load_explicit(&seen.held, memory_order_acquire)) pause_for(50000);
    for (uint64_t n = 1; n < fill; n++) publish(&event);
    atomic_store_explicit(&seen.shut, false, memory_order_release);
    await(&seen, seen.last);
    costs[round] = seen.ended - seen.opened;
  }
  stop();
  check(&seen, rounds * fill);
  printf("{\"rate\":%.6f}\n", (double)fill * 1e3 / (double)part_of(costs, rounds, 0.5));
  free(costs);
}

static void row_lone(const char *subject, uint64_t count) {
  struct seen seen = {.total = count, .ages = calloc(count, sizeof(uint64_t))};
  struct event event;
  event_init(&event);
  publisher publish = start(subject, &seen);
  for (uint64_t n = 0; n < count; n++) {
    pause_for(1000000);
    uint64_t birth = now();
    number_into(event.payload, birth);
    number_into(event.text + sizeof HEAD - 1, birth);
    publish(&event);
  }
  await(&seen, count);
  stop();
  check(&seen, count);
  double p50 = (double)part_of(seen.ages, count, 0.5) / 1e3, p99 = (double)part_of(seen.ages, count, 0.99) / 1e3;
  printf("{\"p50\":%.3f,\"p99\":%.3f}\n", p50, p99);
  free(seen.ages);
}

static void row_emit(const char *subject, uint64_t count) {
  bool alone = !strcmp(subject, "alone");
  uint64_t bursts = count / BURST ? count / BURST : 1, burst = count < BURST ? count : BURST;
  uint64_t *costs = calloc(bursts, sizeof *costs);
  /* A half as many before: warm memory. */
  uint64_t before = bursts / 2;
  struct seen seen = {.total = (before + bursts) * burst};
  struct event event;
  event_init(&event);
  publisher publish = start(subject, &seen);
  for (uint64_t round = 0; round < before + bursts; round++) {
    uint64_t began = now();
    for (uint64_t n = 0; n < burst; n++) publish(&event);
    if (round >= before) costs[round - before] = now() - began;
    if (!alone) await(&seen, (round + 1) * burst);
  }
  stop();
  if (!alone) check(&seen, (before + bursts) * burst);
  printf("{\"ns\":%.3f}\n", (double)part_of(costs, bursts, 0.5) / (double)burst);
  free(costs);
}

static void row_calls(const char *subject, uint64_t count) {
  (void)subject;
  done(loopwire_runtime_new(&runtime), "loopwire_runtime_new");
  uint32_t *ports;
  int len;
  /* The engine starts at its first use; and there is an error to be told. */
  done(loopwire_forward_get_ports(runtime, &ports, &len), "loopwire_forward_get_ports");
  loopwire_free(ports);
  if (loopwire_emit(runtime, "gap", NULL, NULL) == LOOPWIRE_RESULT_OK) fail("a reserved type was taken");

  uint64_t began = now();
  for (uint64_t n = 0; n < count; n++) {
    done(loopwire_forward_get_ports(runtime, &ports, &len), "loopwire_forward_get_ports");
    loopwire_free(ports);
  }
  double ports_ns = (double)(now() - began) / (double)count;

  began = now();
  for (uint64_t n = 0; n < count; n++) FreeBuf(SDKGetLastError());
  double error_ns = (double)(now() - began) / (double)count;

  began = now();
  for (uint64_t n = 0; n < count; n++)
    if (loopwire_emit(NULL, "a", NULL, NULL) == LOOPWIRE_RESULT_OK) fail("no runtime was taken");
  double refused_ns = (double)(now() - began) / (double)count;

  done(loopwire_runtime_free(runtime), "loopwire_runtime_free");
  printf("{\"ports\":%.3f,\"lastError\":%.3f,\"refused\":%.3f}\n", ports_ns, error_ns, refused_ns);
}

int main(int argc, char **argv) {
  if (argc != 4) fail("usage: bench ROW SUBJECT COUNT");
  static const struct {
    const char *name;
    void (*run)(const char *subject, uint64_t count);
  } rows[] = {
      {"callback", row_callback}, {"delivery", row_delivery}, {"lone", row_lone}, {"emit", row_emit}, {"calls", row_calls},
  };
  uint64_t count = strtoull(argv[3], NULL, 10);
  if (!count) fail("COUNT must be a number from 1");
  for (size_t at = 0; at < sizeof rows / sizeof *rows; at++) {
    if (!strcmp(argv[1], rows[at].name)) {
      rows[at].run(argv[2], count);
      return 0;
    }
  }
  fail("there is no row %s", argv[1]);
}
