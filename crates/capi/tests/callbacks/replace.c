/* SetEventCallback while events come: from outside, from inside, from two threads at once, with NULL. No event is lost or comes
 * twice, and what a callback was given may be freed when the function returns. */
#include "check.h"

#define EVENTS 300

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;
/* The number of the next event; how many callbacks run, of whatever target. */
static int expected, running, stop;

struct target {
  int alive;
  struct target *then;
};

static struct target *target_new(struct target *then) {
  struct target *target = (struct target *)malloc(sizeof *target);
  CHECK(target != NULL);
  target->alive = 0x600d;
  target->then = then;
  return target;
}

static void target_free(struct target *target) {
  target->alive = 0xdead;
  free(target);
}

static void on_event(void *userdata, const char *event, size_t len) {
  struct target *target = (struct target *)userdata;
  (void)len;
  /* The first use of the range says so. */
  if (strstr(event, "proxyError") == NULL) return;
  pthread_mutex_lock(&lock);
  CHECK(++running == 1);
  pthread_mutex_unlock(&lock);
  CHECK(target->alive == 0x600d);
  int number;
  CHECK(sscanf(event, "{\"type\":\"proxyError\",\"payload\":\"%d:", &number) == 1);
  if (target->then != NULL) {
    struct target *then = target->then;
    target->then = NULL;
    SetEventCallback(on_event, then);
  }
  /* The running call keeps what it was given. */
  CHECK(target->alive == 0x600d);
  pthread_mutex_lock(&lock);
  CHECK(number == expected);
  expected++;
  running--;
  pthread_cond_broadcast(&more);
  pthread_mutex_unlock(&lock);
}

/* One event: a request that fails at once. */
static void publish(int number) {
  char id[16];
  snprintf(id, sizeof id, "%d", number);
  CHECK(CreateWithId(60000, id, "1", "manual") == 1);
}

static void wait_until(int number) {
  pthread_mutex_lock(&lock);
  while (expected < number) pthread_cond_wait(&more, &lock);
  pthread_mutex_unlock(&lock);
}

static void *publish_all(void *from) {
  for (int number = *(int *)from; number < *(int *)from + EVENTS; number++) publish(number);
  return NULL;
}

static int is_stopped(void) {
  pthread_mutex_lock(&lock);
  int stopped = stop;
  pthread_mutex_unlock(&lock);
  return stopped;
}

static void *replace_often(void *own) {
  while (!is_stopped()) SetEventCallback(on_event, own);
  return NULL;
}

int main(void) {
  SetAPIHost("file:///there/is/none.json");
  struct target *target = target_new(NULL);
  SetEventCallback(on_event, target);

  /* From outside: when it returns, the one before is not called any more. */
  pthread_t publisher;
  int from = 0;
  CHECK(pthread_create(&publisher, NULL, publish_all, &from) == 0);
  while (expected < EVENTS) {
    struct target *next = target_new(NULL);
    SetEventCallback(on_event, next);
    target_free(target);
    target = next;
  }
  pthread_join(publisher, NULL);
  CHECK(expected == EVENTS);

  /* From two threads at once. */
  struct target others[2] = {{0x600d, NULL}, {0x600d, NULL}};
  pthread_t threads[2];
  for (int at = 0; at < 2; at++) CHECK(pthread_create(&threads[at], NULL, replace_often, &others[at]) == 0);
  from = EVENTS;
  publish_all(&from);
  wait_until(2 * EVENTS);
  pthread_mutex_lock(&lock);
  stop = 1;
  pthread_mutex_unlock(&lock);
  for (int at = 0; at < 2; at++) pthread_join(threads[at], NULL);

  /* From inside, each time. */
  SetEventCallback(on_event, target);
  struct target *chain[EVENTS + 1];
  chain[EVENTS] = target_new(NULL);
  for (int at = EVENTS - 1; at >= 0; at--) chain[at] = target_new(chain[at + 1]);
  SetEventCallback(on_event, chain[0]);
  target_free(target);
  from = 2 * EVENTS;
  publish_all(&from);
  wait_until(3 * EVENTS);

  /* NULL: nobody is called, and everything may be freed. Afterwards it begins with what comes then. */
  SetEventCallback(NULL, NULL);
  for (int at = 0; at <= EVENTS; at++) target_free(chain[at]);
  publish(-1);
  SetEventCallback(NULL, NULL);
  target = target_new(NULL);
  SetEventCallback(on_event, target);
  publish(3 * EVENTS);
  wait_until(3 * EVENTS + 1);

  /* The end stops it, too. */
  SafeExit();
  target_free(target);
  SetEventCallback(on_event, NULL);
  CHECK(last_error_has("SafeExit"));
  SetEventCallback(NULL, NULL);

  /* And it starts again. */
  target = target_new(NULL);
  RunAsync();
  SetAPIHost("file:///there/is/none.json");
  SetEventCallback(on_event, target);
  publish(3 * EVENTS + 1);
  wait_until(3 * EVENTS + 2);
  SafeExit();
  target_free(target);
  puts("done");
  return 0;
}
