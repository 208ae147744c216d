/* What a program would have without a library: copies of messages from one thread to another. */
#ifndef BENCH_QUEUE_H
#define BENCH_QUEUE_H

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* As many as the journal holds by default. */
#define QUEUE_ROOM 65536u

struct message {
  char *text;
  size_t len;
};

static struct message copied(const char *text, size_t len) {
  struct message copy = {malloc(len + 1), len};
  if (!copy.text) abort();
  memcpy(copy.text, text, len + 1);
  return copy;
}

/* A deque behind a mutex. Who finds it empty, or full, waits for the other one. */
struct deque {
  pthread_mutex_t lock;
  pthread_cond_t filled, emptied;
  struct message *slots;
  size_t first, count;
};

static void deque_init(struct deque *deque) {
  pthread_mutex_init(&deque->lock, NULL);
  pthread_cond_init(&deque->filled, NULL);
  pthread_cond_init(&deque->emptied, NULL);
  deque->slots = calloc(QUEUE_ROOM, sizeof *deque->slots);
  if (!deque->slots) abort();
  deque->first = deque->count = 0;
}

static void deque_push(struct deque *deque, const char *text, size_t len) {
  struct message copy = copied(text, len);
  pthread_mutex_lock(&deque->lock);
  while (deque->count == QUEUE_ROOM) pthread_cond_wait(&deque->emptied, &deque->lock);
  deque->slots[(deque->first + deque->count) % QUEUE_ROOM] = copy;
  bool was_empty = deque->count++ == 0;
  pthread_mutex_unlock(&deque->lock);
  if (was_empty) pthread_cond_signal(&deque->filled);
}

static struct message deque_pop(struct deque *deque) {
  pthread_mutex_lock(&deque->lock);
  while (deque->count == 0) pthread_cond_wait(&deque->filled, &deque->lock);
  struct message message = deque->slots[deque->first];
  deque->first = (deque->first + 1) % QUEUE_ROOM;
  bool was_full = deque->count-- == QUEUE_ROOM;
  pthread_mutex_unlock(&deque->lock);
  if (was_full) pthread_cond_signal(&deque->emptied);
  return message;
}

/* A ring without a lock, for one thread at each end. Nobody sleeps: who has to wait gives the processor away. */
struct ring {
  _Alignas(64) atomic_size_t pushed;
  _Alignas(64) atomic_size_t popped;
  struct message *slots;
};

static void ring_init(struct ring *ring) {
  atomic_init(&ring->pushed, 0);
  atomic_init(&ring->popped, 0);
  ring->slots = calloc(QUEUE_ROOM, sizeof *ring->slots);
  if (!ring->slots) abort();
}

static void ring_push(struct ring *ring, const char *text, size_t len) {
  struct message copy = copied(text, len);
  size_t at = atomic_load_explicit(&ring->pushed, memory_order_relaxed);
  while (at - atomic_load_explicit(&ring->popped, memory_order_acquire) == QUEUE_ROOM) sched_yield();
  ring->slots[at % QUEUE_ROOM] = copy;
  atomic_store_explicit(&ring->pushed, at + 1, memory_order_release);
}

static struct message ring_pop(struct ring *ring) {
  size_t at = atomic_load_explicit(&ring->popped, memory_order_relaxed);
  while (atomic_load_explicit(&ring->pushed, memory_order_acquire) == at) sched_yield();
  struct message message = ring->slots[at % QUEUE_ROOM];
  atomic_store_explicit(&ring->popped, at + 1, memory_order_release);
  return message;
}

#endif
