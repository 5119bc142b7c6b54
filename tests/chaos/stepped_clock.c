/* A wall clock that can be stepped for one process: loaded with LD_PRELOAD by the chaos harness.
 *
 * CHAOS_CLOCK_FILE names a file of 8 bytes: seconds (int64) to add to CLOCK_REALTIME. It is mapped,
 * so that changing the file steps the clock of every process that maps it at once, as ntpd or an
 * administrator would. CLOCK_MONOTONIC is left alone, as it is there. A wait until a time of day
 * lasts as long as it would have without the step: libraries that wait so would otherwise sleep for
 * the length of the step, which the kernel would let them do, too, but no test has time for.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *offset_s;
static int (*real_clock_gettime)(clockid_t, struct timespec *);
static int (*real_cond_timedwait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);

__attribute__((constructor)) static void open_file(void) {
    real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
    real_cond_timedwait = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    const char *path = getenv("CHAOS_CLOCK_FILE");
    int file = path ? open(path, O_RDONLY) : -1;
    if (file < 0) return;
    void *mapped = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED) offset_s = mapped;
    close(file);
}

static int64_t step_s(void) { return offset_s ? *offset_s : 0; }

int clock_gettime(clockid_t clock, struct timespec *at) {
    int result = real_clock_gettime(clock, at);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) at->tv_sec += step_s();
    return result;
}

int gettimeofday(struct timeval *at, void *zone) {
    (void)zone;
    struct timespec now;
    real_clock_gettime(CLOCK_REALTIME, &now);
    at->tv_sec = now.tv_sec + step_s();
    at->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *at) {
    struct timespec now;
    real_clock_gettime(CLOCK_REALTIME, &now);
    time_t seconds = now.tv_sec + step_s();
    if (at) *at = seconds;
    return seconds;
}

int timespec_get(struct timespec *at, int base) {
    if (base != TIME_UTC) return 0;
    clock_gettime(CLOCK_REALTIME, at);
    return base;
}

/* Condition variables wait by the time of day unless told otherwise; one that was told otherwise
 * (CLOCK_MONOTONIC) is waited for with times far below any of the day, and is left alone. */
int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *until) {
    struct timespec true_until = *until;
    if (until->tv_sec > 1000000000) true_until.tv_sec -= step_s();
    return real_cond_timedwait(cond, mutex, &true_until);
}
