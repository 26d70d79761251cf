/* SPDX-License-Identifier: Apache-2.0
 *
 * What a hostile plugin would try. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confinement.h"

static bool refused(long result) { return result < 0; }

static bool refused_fd(long fd) {
    if (fd >= 0) close((int)fd);
    return fd < 0;
}

static const char *in_folder(const char *folder, const char *name) {
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static const char *of_parent(const char *name) {
    static char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)world.parent, name);
    return path;
}

/* ------------------------------------------------------------------------------------------------------ network -- */

static bool tcp_connect(void) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)world.port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return refused(fd) || refused(connect(fd, (struct sockaddr *)&to, sizeof to));
}
static bool udp_socket(void) { return refused_fd(socket(AF_INET6, SOCK_DGRAM, 0)); }
static bool unix_connect(void) {
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    snprintf(to.sun_path, sizeof to.sun_path, "%s", world.socket_path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    return refused(fd) || refused(connect(fd, (struct sockaddr *)&to, sizeof to));
}
static bool raw_packets(void) { return refused_fd(socket(AF_PACKET, SOCK_RAW, 0)); }
static bool netlink(void) { return refused_fd(socket(AF_NETLINK, SOCK_RAW, 0)); }
static bool pair_of_sockets(void) {
    int pair[2];
    return refused(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
}

/* -------------------------------------------------------------------------------------------------------- files -- */

static bool read_passwd(void) { return refused_fd(open("/etc/passwd", O_RDONLY)); }
static bool read_shadow(void) { return refused_fd(open("/etc/shadow", O_RDONLY)); }
static bool read_secret(void) { return refused_fd(open(in_folder(world.other_dir, "secret"), O_RDONLY)); }
static bool read_by_dots(void) {
    char path[1024];
    snprintf(path, sizeof path, "%s/../../../../../../etc/passwd", world.data_dir);
    return refused_fd(open(path, O_RDONLY));
}
static bool read_by_link(void) { return refused_fd(open(in_folder(world.data_dir, "link-out"), O_RDONLY)); }
static bool list_root(void) { return refused_fd(open("/", O_RDONLY | O_DIRECTORY)); }
static bool parent_memory(void) { return refused_fd(open(of_parent("mem"), O_RDONLY)); }
static bool parent_environment(void) { return refused_fd(open(of_parent("environ"), O_RDONLY)); }
static bool parent_files(void) { return refused_fd(open(of_parent("fd/0"), O_RDONLY)); }
static bool own_memory_for_writing(void) { return refused_fd(open("/proc/self/mem", O_RDWR)); }
static bool create_file(void) { return refused_fd(open(in_folder(world.data_dir, "new"), O_WRONLY | O_CREAT, 0600)); }
static bool create_in_tmp(void) { return refused_fd(open("/tmp/syrinx-confined", O_RDONLY | O_CREAT, 0600)); }
static bool nameless_file(void) { return refused_fd(open("/tmp", O_TMPFILE | O_RDWR, 0600)); }
static bool write_data(void) { return refused_fd(open(in_folder(world.data_dir, "words"), O_WRONLY)); }
static bool append_data(void) { return refused_fd(open(in_folder(world.data_dir, "words"), O_RDWR | O_APPEND)); }
static bool truncate_data(void) { return refused(truncate(in_folder(world.data_dir, "words"), 0)); }
static bool make_folder(void) { return refused(mkdir(in_folder(world.data_dir, "folder"), 0700)); }
static bool unlink_data(void) { return refused(unlink(in_folder(world.data_dir, "words"))); }
static bool rename_data(void) {
    char to[512];
    snprintf(to, sizeof to, "%s/stolen", world.data_dir);
    return refused(rename(in_folder(world.data_dir, "words"), to));
}
static bool make_link(void) { return refused(symlink("/etc/passwd", in_folder(world.data_dir, "passwd"))); }
static bool change_mode(void) { return refused(chmod(in_folder(world.data_dir, "words"), 0777)); }
static bool make_device(void) { return refused(mknod(in_folder(world.data_dir, "pipe"), S_IFIFO | 0600, 0)); }
static bool openat2_call(void) {
    uint64_t how[3] = {O_RDONLY, 0, 0};
    return refused_fd(syscall(437, AT_FDCWD, "/etc/passwd", how, sizeof how));
}
static bool terminal_input(void) { return refused(ioctl(0, TIOCSTI, "x")); }

/* ---------------------------------------------------------------------------------------------------- processes -- */

static bool fork_off(void) {
    pid_t child = fork();
    if (child == 0) _exit(0);
    if (child > 0) waitpid(child, NULL, 0);
    return refused(child);
}
static bool vfork_off(void) {
    pid_t child = vfork();
    if (child == 0) _exit(0);
    return refused(child);
}
static bool clone3_off(void) {
    uint64_t args[8] = {0};
    long child = syscall(435, args, sizeof args);
    if (child == 0) _exit(0);
    return refused(child);
}
static bool execute(void) { return refused(execl("/bin/true", "true", (char *)NULL)); }
static bool execute_at(void) { return refused(syscall(SYS_execveat, -1, "/bin/true", NULL, NULL, 0)); }
static bool trace_parent(void) { return refused(ptrace(PTRACE_ATTACH, world.parent, NULL, NULL)); }
static bool trace_me(void) { return refused(ptrace(PTRACE_TRACEME, 0, NULL, NULL)); }
static bool read_parent(void) {
    char byte;
    struct iovec here = {&byte, 1}, there = {(void *)&world, 1};
    return refused(process_vm_readv(world.parent, &here, 1, &there, 1, 0));
}
static bool write_parent(void) {
    char byte = 0;
    struct iovec here = {&byte, 1}, there = {(void *)&world, 1};
    return refused(process_vm_writev(world.parent, &here, 1, &there, 1, 0));
}
static bool kill_parent(void) { return refused(kill(world.parent, SIGKILL)); }
static bool kill_all(void) { return refused(kill(-1, SIGTERM)) && refused(kill(0, SIGTERM)); }
static bool tgkill_parent(void) { return refused(syscall(SYS_tgkill, world.parent, world.parent, SIGKILL)); }
static bool tkill_parent(void) { return refused(syscall(SYS_tkill, world.parent, SIGKILL)); }
static bool queue_to_parent(void) { return refused(sigqueue(world.parent, SIGTERM, (union sigval){0})); }
static bool pidfd_of_parent(void) { return refused_fd(syscall(434, world.parent, 0)); }
static bool signal_by_file(void) {
    int ends[2];
    if (pipe(ends) != 0) return false;
    bool denied = refused(fcntl(ends[0], F_SETOWN, world.parent)) && refused(fcntl(ends[0], F_SETSIG, SIGKILL));
    int owner = world.parent;
    denied = denied && refused(ioctl(ends[0], FIOSETOWN, &owner));
    close(ends[0]), close(ends[1]);
    return denied;
}
/* The parent's end of a pair of wake-ups has the same flags. */
static bool make_blocking(void) {
    int event = eventfd(0, EFD_NONBLOCK), off = 0;
    bool denied = event >= 0 && refused(fcntl(event, F_SETFL, 0)) && refused(ioctl(event, FIONBIO, &off))
        && refused(fcntl(event, F_SETFL, O_NONBLOCK | O_ASYNC));
    close(event);
    return denied;
}
static bool slow_parent(void) { return refused(setpriority(PRIO_PROCESS, (id_t)world.parent, 19)); }
static bool pin_parent(void) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    return refused(sched_setaffinity(world.parent, sizeof one, &one));
}
static bool limit_parent(void) {
    struct rlimit none = {0, 0};
    return refused(prlimit(world.parent, RLIMIT_NOFILE, &none, NULL));
}

/* ------------------------------------------------------------------------------------------------------- rights -- */

static bool become_root(void) { return refused(setuid(0)) && refused(setgid(0)); }
static bool become_nobody(void) { return refused(setresuid(65534, 65534, 65534)); }
static bool raise_limit(void) {
    struct rlimit more = {4096, 4096};
    return refused(setrlimit(RLIMIT_NOFILE, &more));
}
static bool outlive_parent(void) { return refused(prctl(PR_SET_PDEATHSIG, 0)); }
static bool be_traceable(void) { return refused(prctl(PR_SET_DUMPABLE, 1)); }
static bool user_space(void) { return refused(unshare(CLONE_NEWUSER)); }
static bool join_space(void) { return refused(setns(0, 0)); }
static bool mount_something(void) { return refused(mount("none", "/tmp", "tmpfs", 0, NULL)); }
static bool change_root(void) { return refused(chroot("/tmp")); }
static bool host_name(void) { return refused(sethostname("x", 1)); }
static bool set_clock(void) { return refused(clock_settime(CLOCK_REALTIME, &(struct timespec){1, 0})); }
static bool reboot_machine(void) { return refused(syscall(SYS_reboot, 0, 0, 0, NULL)); }

/* ------------------------------------------------------------------------------------------------------- kernel -- */

static bool bpf(void) { return refused_fd(syscall(SYS_bpf, 0, NULL, 0)); }
static bool keys(void) { return refused(syscall(SYS_keyctl, 0, -3, 1)); }
static bool add_key_call(void) { return refused(syscall(SYS_add_key, "user", "x", "y", 1, -3)); }
static bool io_uring(void) {
    char params[256] = {0};
    return refused_fd(syscall(425, 4, params));
}
static bool user_faults(void) { return refused_fd(syscall(SYS_userfaultfd, 0)); }
static bool perf(void) {
    char attr[128] = {0};
    return refused_fd(syscall(SYS_perf_event_open, attr, 0, -1, -1, 0));
}
static bool modules(void) { return refused(syscall(SYS_finit_module, 0, "", 0)); }
static bool kernel_log(void) { return refused(syscall(SYS_syslog, 2, NULL, 0)); }
static bool shared_memory(void) { return refused(shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600)); }
static bool message_queue(void) { return refused_fd(syscall(SYS_mq_open, "x", O_CREAT | O_RDWR, 0600, NULL)); }
static bool watch_files(void) { return refused_fd(syscall(SYS_inotify_init1, 0)); }
#ifdef __x86_64__
/* The calls of 32-bit programs have other numbers: 20 is getpid there, and would slip past a filter of numbers. */
static bool old_calls(void) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory", "r8", "r9", "r10", "r11");
    return result < 0;
}
static bool x32_calls(void) { return refused(syscall(0x40000000 + SYS_getpid)); }
#endif

/* ------------------------------------------------------------------------------------------------------- limits -- */

static bool too_much_memory(void) {
    size_t size = (size_t)600 << 20;
    void *block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (block != MAP_FAILED) munmap(block, size);
    return block == MAP_FAILED;
}
/* Every file in memory that may be open, filled as far as it goes: no more than the limit of memory. */
static bool too_large_files(void) {
    int opened[256], count = 0;
    uint64_t total = 0;
    while (count < 256 && (opened[count] = memfd_create("x", 0)) >= 0) {
        uint64_t size = UINT64_C(1) << 40;
        while (size > 0 && ftruncate(opened[count], (off_t)size) != 0) size /= 2;
        total += size;
        count++;
    }
    for (int i = 0; i < count; i++) close(opened[i]);
    return count > 0 && total <= UINT64_C(512) << 20;
}
static bool too_many_files(void) {
    int opened[256], count = 0;
    while (count < 256 && (opened[count] = eventfd(0, 0)) >= 0) count++;
    int reason = errno;
    for (int i = 0; i < count; i++) close(opened[i]);
    return count < 64 && reason == EMFILE;
}
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static void *wait_at_gate(void *argument) {
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
    return argument;
}
/* By their count, or by the memory of their stacks. */
static bool too_many_threads(void) {
    enum { MANY = 20000 };
    static pthread_t threads[MANY];
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 16384);
    pthread_mutex_lock(&gate);
    int count = 0;
    while (count < MANY && pthread_create(&threads[count], &small, wait_at_gate, NULL) == 0) count++;
    pthread_mutex_unlock(&gate);
    for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
    return count < MANY;
}

#define TRY(name) {#name, name}
const attempt forbidden[] = {
    TRY(tcp_connect), TRY(udp_socket), TRY(unix_connect), TRY(raw_packets), TRY(netlink), TRY(pair_of_sockets),
    TRY(read_passwd), TRY(read_shadow), TRY(read_secret), TRY(read_by_dots), TRY(read_by_link), TRY(list_root),
    TRY(parent_memory), TRY(parent_environment), TRY(parent_files), TRY(own_memory_for_writing), TRY(create_file),
    TRY(create_in_tmp), TRY(nameless_file), TRY(write_data), TRY(append_data), TRY(truncate_data), TRY(make_folder),
    TRY(unlink_data), TRY(rename_data), TRY(make_link), TRY(change_mode), TRY(make_device), TRY(openat2_call),
    TRY(terminal_input), TRY(fork_off), TRY(vfork_off), TRY(clone3_off), TRY(execute), TRY(execute_at),
    TRY(trace_parent), TRY(trace_me), TRY(read_parent), TRY(write_parent), TRY(kill_parent), TRY(kill_all),
    TRY(tgkill_parent), TRY(tkill_parent), TRY(queue_to_parent), TRY(pidfd_of_parent), TRY(signal_by_file),
    TRY(make_blocking), TRY(slow_parent), TRY(pin_parent), TRY(limit_parent), TRY(become_root), TRY(become_nobody),
    TRY(raise_limit),
    TRY(outlive_parent), TRY(be_traceable), TRY(user_space), TRY(join_space), TRY(mount_something), TRY(change_root),
    TRY(host_name), TRY(set_clock), TRY(reboot_machine), TRY(bpf), TRY(keys), TRY(add_key_call), TRY(io_uring),
    TRY(user_faults), TRY(perf), TRY(modules), TRY(kernel_log), TRY(shared_memory), TRY(message_queue),
    TRY(watch_files), TRY(too_much_memory), TRY(too_many_files), TRY(too_large_files), TRY(too_many_threads),
#ifdef __x86_64__
    TRY(old_calls), TRY(x32_calls),
#endif
};
const size_t forbidden_count = sizeof forbidden / sizeof *forbidden;
