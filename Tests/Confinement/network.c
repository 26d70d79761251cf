/* SPDX-License-Identifier: Apache-2.0
 *
 * With `allow_network`: connections outwards, datagrams, and nothing else more than without. */
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "confinement.h"

static bool opens(int fd) {
    if (fd >= 0) close(fd);
    return fd >= 0;
}

static int tcp(void) { return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }

static struct sockaddr_in loopback(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static bool connect_outwards(void) {
    struct sockaddr_in to = loopback(world.port);
    int fd = tcp(), none = 0;
    socklen_t size = sizeof none;
    bool ok = fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0
        && getsockopt(fd, SOL_SOCKET, SO_ERROR, &none, &size) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0;
    close(fd);
    return ok;
}
static bool datagram(void) { return opens(socket(AF_INET6, SOCK_DGRAM, 0)) || opens(socket(AF_INET, SOCK_DGRAM, 0)); }
static bool names_of_hosts(void) { return opens(open("/etc/hosts", O_RDONLY)); }

static bool bind_port(void) {
    struct sockaddr_in any = loopback(0);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool bound = fd >= 0 && bind(fd, (struct sockaddr *)&any, sizeof any) == 0;
    close(fd);
    return bound;
}
static bool interfaces(void) { return opens(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)); }
static bool listen_anywhere(void) {
    int fd = tcp();
    bool denied = fd >= 0 && listen(fd, 1) < 0;
    close(fd);
    return denied;
}
static bool local_services(void) { return !opens(socket(AF_UNIX, SOCK_STREAM, 0)); }
static bool audit(void) { return !opens(socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT)); }
static bool raw_packets(void) { return !opens(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)); }
static bool users(void) { return !opens(open("/etc/passwd", O_RDONLY)); }

#define TRY(name) {#name, name}
const attempt network_allowed[] = {TRY(connect_outwards), TRY(datagram), TRY(bind_port), TRY(interfaces), TRY(names_of_hosts)};
const size_t network_allowed_count = sizeof network_allowed / sizeof *network_allowed;
const attempt network_forbidden[] = {
    TRY(listen_anywhere), TRY(local_services), TRY(audit), TRY(raw_packets), TRY(users),
};
const size_t network_forbidden_count = sizeof network_forbidden / sizeof *network_forbidden;
