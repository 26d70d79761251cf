/* SPDX-License-Identifier: Apache-2.0
 *
 * What a plugin, its engine and its language's runtime need. */
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "confinement.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn = PTHREAD_COND_INITIALIZER;
static int arrived;

static void *arrive(void *argument) {
    pthread_mutex_lock(&lock);
    arrived++;
    pthread_cond_broadcast(&turn);
    pthread_mutex_unlock(&lock);
    return argument;
}

static bool threads(void) {
    enum { THREADS = 8 };
    pthread_t all[THREADS];
    arrived = 0;
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&all[i], NULL, arrive, NULL) != 0) return false;
    pthread_mutex_lock(&lock);
    while (arrived < THREADS) pthread_cond_wait(&turn, &lock);
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < THREADS; i++) pthread_join(all[i], NULL);
    return true;
}
static bool thread_name(void) { return prctl(PR_SET_NAME, "worker") == 0; }
static bool thread_stack(void) {
    pthread_attr_t attr;
    bool known = pthread_getattr_np(pthread_self(), &attr) == 0; /* reads /proc/self/maps on the first thread */
    if (known) pthread_attr_destroy(&attr);
    return known;
}
static bool semaphore(void) {
    sem_t one;
    return sem_init(&one, 0, 1) == 0 && sem_wait(&one) == 0 && sem_destroy(&one) == 0;
}
static bool yield_cpu(void) { return sched_yield() == 0; }
static bool count_cpus(void) { return sysconf(_SC_NPROCESSORS_ONLN) >= 1; }

static bool much_memory(void) {
    size_t size = (size_t)100 << 20;
    char *block = malloc(size);
    if (block) memset(block, 1, size);
    bool ok = block && block[size - 1] == 1;
    free(block);
    return ok;
}
static bool small_blocks(void) {
    void *blocks[1000];
    for (int i = 0; i < 1000; i++)
        if (!(blocks[i] = malloc((size_t)i * 37))) return false;
    for (int i = 0; i < 1000; i++) free(blocks[i]);
    return true;
}
static bool memory_hints(void) {
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page != MAP_FAILED && madvise(page, 4096, MADV_DONTNEED) == 0 && mprotect(page, 4096, PROT_READ) == 0
        && munmap(page, 4096) == 0;
}
#ifdef __x86_64__
static bool made_code(void) {
    static const unsigned char seven[] = {0xb8, 7, 0, 0, 0, 0xc3}; /* mov eax, 7; ret */
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return false;
    memcpy(page, seven, sizeof seven);
    if (mprotect(page, 4096, PROT_READ | PROT_EXEC) != 0) return false;
    int (*code)(void);
    memcpy(&code, &page, sizeof code);
    bool ok = code() == 7;
    munmap(page, 4096);
    return ok;
}
#endif

static bool read_data(void) {
    char path[512], line[32] = "";
    snprintf(path, sizeof path, "%s/words", world.data_dir);
    FILE *file = fopen(path, "r");
    bool ok = file && fgets(line, sizeof line, file) && strcmp(line, "hello\n") == 0;
    if (file) fclose(file);
    return ok;
}
static bool map_data(void) {
    char path[512];
    snprintf(path, sizeof path, "%s/words", world.data_dir);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    void *text = mmap(NULL, 6, PROT_READ, MAP_PRIVATE, fd, 0);
    bool ok = fd >= 0 && text != MAP_FAILED && memcmp(text, "hello", 5) == 0;
    if (text != MAP_FAILED) munmap(text, 6);
    if (fd >= 0) close(fd);
    return ok;
}
static bool list_data(void) {
    DIR *folder = opendir(world.data_dir);
    bool found = false;
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        found = found || strcmp(entry->d_name, "words") == 0;
    if (folder) closedir(folder);
    return found;
}
static bool file_in_memory(void) {
    char path[64], line[16] = "";
    int fd = memfd_create("model", MFD_CLOEXEC);
    bool ok = fd >= 0 && write(fd, "hello\n", 6) == 6 && ftruncate(fd, 5) == 0;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    FILE *file = fopen(path, "r");
    ok = ok && file && fgets(line, sizeof line, file) && strcmp(line, "hello") == 0;
    if (file) fclose(file);
    if (fd >= 0) close(fd);
    return ok;
}
static bool load_library(void) {
    void *library = dlopen("libz.so.1", RTLD_NOW);
    return library && dlsym(library, "zlibVersion");
}
static bool load_cxx(void) { return dlopen("libstdc++.so.6", RTLD_NOW) != NULL; }
static bool time_zone(void) {
    time_t now = time(NULL);
    struct tm parts;
    return localtime_r(&now, &parts) != NULL;
}

static bool clocks(void) {
    struct timespec now, resolution;
    return clock_gettime(CLOCK_MONOTONIC, &now) == 0 && clock_getres(CLOCK_REALTIME, &resolution) == 0;
}
static bool sleep_shortly(void) { return nanosleep(&(struct timespec){0, 1000}, NULL) == 0; }
static bool random_bytes(void) {
    unsigned char bytes[16];
    return getrandom(bytes, sizeof bytes, 0) == sizeof bytes;
}
static bool random_device(void) {
    unsigned char byte;
    int fd = open("/dev/urandom", O_RDONLY);
    bool ok = fd >= 0 && read(fd, &byte, 1) == 1;
    if (fd >= 0) close(fd);
    return ok;
}
static bool timer_fd(void) {
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    struct itimerspec soon = {.it_value = {0, 1000}};
    uint64_t expired = 0;
    bool ok = fd >= 0 && timerfd_settime(fd, 0, &soon, NULL) == 0 && read(fd, &expired, 8) == 8 && expired >= 1;
    if (fd >= 0) close(fd);
    return ok;
}
static bool waiting_for_events(void) {
    int event = eventfd(1, EFD_CLOEXEC), set = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event wanted = {.events = EPOLLIN}, got;
    bool ok = event >= 0 && set >= 0 && epoll_ctl(set, EPOLL_CTL_ADD, event, &wanted) == 0
        && epoll_wait(set, &got, 1, 1000) == 1;
    struct pollfd one = {.fd = event, .events = POLLIN};
    ok = ok && poll(&one, 1, 1000) == 1;
    close(event), close(set);
    return ok;
}
static bool own_pipe(void) {
    int ends[2];
    char byte = 'x';
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    bool ok = write(ends[1], &byte, 1) == 1 && read(ends[0], &byte, 1) == 1;
    close(ends[0]), close(ends[1]);
    return ok;
}

static bool make_non_blocking(void) {
    int event = eventfd(0, 0);
    bool ok = event >= 0 && fcntl(event, F_SETFL, O_NONBLOCK) == 0;
    close(event);
    return ok;
}

static sigjmp_buf back;
static void jump(int number) { siglongjmp(back, number); }
static bool own_signals(void) {
    signal(SIGUSR1, jump);
    if (sigsetjmp(back, 1) == 0) raise(SIGUSR1);
    else return true;
    return false;
}
static bool signal_stack(void) {
    static char memory[65536];
    stack_t other = {.ss_sp = memory, .ss_size = sizeof memory}, old;
    return sigaltstack(&other, &old) == 0 && sigaltstack(&old, NULL) == 0;
}
static bool ask_limits(void) {
    struct rlimit now;
    return getrlimit(RLIMIT_STACK, &now) == 0;
}
static bool formatted_output(void) {
    char text[64];
    return snprintf(text, sizeof text, "%.3f", 1.5) == 5 && isatty(2) >= 0;
}

#define TRY(name) {#name, name}
const attempt allowed[] = {
    TRY(threads), TRY(thread_name), TRY(thread_stack), TRY(semaphore), TRY(yield_cpu), TRY(count_cpus),
    TRY(much_memory), TRY(small_blocks), TRY(memory_hints), TRY(read_data), TRY(map_data), TRY(list_data),
    TRY(file_in_memory), TRY(load_library), TRY(load_cxx), TRY(time_zone), TRY(clocks), TRY(sleep_shortly),
    TRY(random_bytes),
    TRY(random_device), TRY(timer_fd), TRY(waiting_for_events), TRY(own_pipe),
    TRY(make_non_blocking), TRY(own_signals), TRY(signal_stack), TRY(ask_limits), TRY(formatted_output),
#ifdef __x86_64__
    TRY(made_code),
#endif
};
const size_t allowed_count = sizeof allowed / sizeof *allowed;
