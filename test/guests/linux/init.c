/*
 * Process 1 of the test guest. It tries what it finds, all at once, and reports over ttyS0 in lines that begin
 * with "report: ", which test/guest/report.ts reads. Then it powers off.
 *
 * Words after " -- " on the kernel's command line: "quick" tries nothing, "hotplug" waits for a disk to come and go,
 * "reboot" reboots, "clock" tells the time for a minute. "answer" sends back what frames come, and "ping" sends such frames and says how long the slowest was
 * under way; with these two nothing else is tried.
 * Built on the kernel's nolibc: no library, no division of 64 bits.
 */
#include <linux/fs.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <linux/termios.h>

#define DISK "/dev/sda"
#define DISK_BYTES (64u << 20)
#define CHUNK (256u << 10)
#define FRAMES 256
#define ETHERTYPE 0x88b5 /* IEEE 802: for local experiments */
#define PINGS 16
#define CLOCK_PORT 0x1230 /* no device has it */
#define SECONDS 61
#define LOOKS 16
#define TALK_BYTES 2048
#define TALK_CHUNK 64
/* Multiplier and step are odd, so that no word of the disk repeats and every word counts in the digest. */
#define STEP 0x9e3779b9u
#define PRIME 0x01000193u

/* <linux/if.h> wants a C library. */
struct interface {
	char name[16];
	union {
		short flags;
		int index;
		char room[16];
	};
};
#define INTERFACE_UP 1

static unsigned char buffer[CHUNK] __attribute__((aligned(4096)));

/* One write a line: lines of several processes must not mix. */
static void report(const char *what, const char *how, unsigned number)
{
	char line[128];
	int length = 0;
	const char *parts[] = { "report: ", what, " ", how, " ", u64toh(number), "\n" };

	for (unsigned i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		for (const char *p = parts[i]; *p && length < (int)sizeof(line); p++)
			line[length++] = *p;
	write(1, line, length);
}

/* nolibc's poll() and msleep() take 32-bit times, which this kernel does without. */
static int wait_for(int fd, int milliseconds)
{
	struct pollfd one = { .fd = fd, .events = POLLIN };

	return my_syscall3(__NR_poll, &one, fd < 0 ? 0 : 1, milliseconds) > 0;
}

static unsigned mix(unsigned digest, unsigned word)
{
	digest ^= word;
	return (digest << 5 | digest >> 27) * PRIME;
}

static unsigned fill(unsigned *words, unsigned count, unsigned *state, unsigned hash)
{
	unsigned word = *state;

	for (unsigned i = 0; i < count; i++) {
		word += STEP;
		words[i] = word;
		hash = mix(hash, word);
	}
	*state = word;
	return hash;
}

static unsigned digest(const unsigned *words, unsigned count, unsigned hash)
{
	for (unsigned i = 0; i < count; i++)
		hash = mix(hash, words[i]);
	return hash;
}

static void try_disk(void)
{
	unsigned state = 0, hash = 0, back = 0, done = 0;
	int fd = open(DISK, O_RDWR);

	if (fd < 0) {
		report("disk", "absent", errno);
		return;
	}
	for (done = 0; done < DISK_BYTES; done += CHUNK) {
		hash = fill((unsigned *)buffer, CHUNK / 4, &state, hash);
		if (write(fd, buffer, CHUNK) != CHUNK)
			report("disk", "write-failed", done);
	}
	report("disk", "flushed", my_syscall1(__NR_fsync, fd));
	report("disk", "wrote", hash);
	ioctl(fd, BLKFLSBUF, 0); /* so that the reads come from the disk */
	lseek(fd, 0, SEEK_SET);
	for (done = 0; done < DISK_BYTES; done += CHUNK) {
		if (read(fd, buffer, CHUNK) != CHUNK)
			report("disk", "read-failed", done);
		back = digest((unsigned *)buffer, CHUNK / 4, back);
	}
	report("disk", "read", back);
	close(fd);
}

static int packet_socket(const char *name)
{
	struct interface request = { 0 };
	struct sockaddr_ll at = { .sll_family = 17 /* AF_PACKET */, .sll_protocol = __builtin_bswap16(ETHERTYPE) };
	int fd = my_syscall3(__NR_socket, 17, 3 /* SOCK_RAW */, __builtin_bswap16(ETHERTYPE));

	if (fd < 0)
		return -1;
	strlcpy(request.name, name, sizeof(request.name));
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		return -1;
	request.flags |= INTERFACE_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0 || ioctl(fd, SIOCGIFINDEX, &request) < 0)
		return -1;
	at.sll_ifindex = request.index;
	return my_syscall3(__NR_bind, fd, &at, sizeof(at)) < 0 ? -1 : fd;
}

/* Sends frames of every size from 60 to 1514 bytes; each is to come back as it went. */
static void try_net(void)
{
	static unsigned char sent[1514], got[2048];
	unsigned good = 0, bad = 0, state = 1;
	int fd = packet_socket("eth0");

	if (fd < 0) {
		report("net", "absent", errno);
		return;
	}
	for (unsigned i = 0; i < FRAMES; i++) {
		unsigned size = 60 + (i * 97) % 1455;

		fill((unsigned *)sent, sizeof(sent) / 4, &state, 0);
		memset(sent, 0xff, 6);
		memcpy(sent + 6, "\x02guest", 6);
		sent[12] = ETHERTYPE >> 8;
		sent[13] = ETHERTYPE & 0xff;
		if (my_syscall6(__NR_sendto, fd, sent, size, 0, 0, 0) != (long)size || !wait_for(fd, 1000)) {
			bad++;
			continue;
		}
		if (my_syscall6(__NR_recvfrom, fd, got, sizeof(got), 0, 0, 0) == (long)size && !memcmp(sent, got, size))
			good++;
		else
			bad++;
	}
	report("net", "returned", good);
	report("net", "lost", bad);
	close(fd);
}

/* Whatever the guest's time is: microseconds, which wrap. */
static unsigned micros(void)
{
	long long now[2]; /* struct __kernel_timespec */

	my_syscall2(__NR_clock_gettime64, 1 /* CLOCK_MONOTONIC */, now);
	return (unsigned)now[0] * 1000000u + (unsigned)now[1] / 1000u;
}

/* The longest way there and back of PINGS frames, once the other end answers. */
static void ping(void)
{
	static unsigned char frame[60], got[2048];
	unsigned longest = 0, lost = 0, good = 0;
	int fd = packet_socket("eth0");

	memset(frame, 0xff, 6);
	frame[12] = ETHERTYPE >> 8;
	frame[13] = ETHERTYPE & 0xff;
	while (good < PINGS && lost < PINGS) {
		unsigned begin = micros(), took;

		my_syscall6(__NR_sendto, fd, frame, sizeof(frame), 0, 0, 0);
		if (!wait_for(fd, 1000)) {
			lost++;
			continue;
		}
		my_syscall6(__NR_recvfrom, fd, got, sizeof(got), 0, 0, 0);
		took = micros() - begin;
		if (took > longest)
			longest = took;
		good++;
		wait_for(-1, 20);
	}
	report("ping", "longest", longest);
	report("ping", "returned", good);
}

static void answer(void)
{
	static unsigned char got[2048];
	int fd = packet_socket("eth0");

	for (unsigned done = 0; done < PINGS && wait_for(fd, 20000); done++) {
		int size = my_syscall6(__NR_recvfrom, fd, got, sizeof(got), 0, 0, 0);

		my_syscall6(__NR_sendto, fd, got, size, 0, 0, 0);
	}
	report("answer", "done", 0);
}

static int open_serial(const char *path)
{
	struct termios mode = { .c_cflag = B115200 | CS8 | CREAD | CLOCAL, .c_cc[VMIN] = 1 };
	int fd = open(path, O_RDWR | O_NOCTTY);

	if (fd >= 0)
		ioctl(fd, TCSETS, &mode);
	return fd;
}

/* Sends bytes of every value; the other end sends each back. */
static void try_serial(const char *path, const char *name)
{
	unsigned char sent[TALK_CHUNK], got[TALK_CHUNK];
	unsigned good = 0, state = name[4];
	int fd = open_serial(path);

	if (fd < 0) {
		report(name, "absent", errno);
		return;
	}
	for (unsigned done = 0; done < TALK_BYTES; done += TALK_CHUNK) {
		unsigned have = 0;

		fill((unsigned *)sent, TALK_CHUNK / 4, &state, 0);
		write(fd, sent, TALK_CHUNK);
		while (have < TALK_CHUNK && wait_for(fd, 1000))
			have += read(fd, got + have, TALK_CHUNK - have);
		if (have == TALK_CHUNK && !memcmp(sent, got, TALK_CHUNK))
			good += TALK_CHUNK;
	}
	report(name, "echoed", good);
	close(fd);
}

/* A line typed at the console is answered. */
static void try_console(void)
{
	char line[32];
	int length;

	report("ttyS0", "say", 0);
	if (!wait_for(0, 5000)) {
		report("ttyS0", "silent", 0);
		return;
	}
	length = read(0, line, sizeof(line) - 1);
	while (length > 0 && line[length - 1] == '\n')
		length--;
	line[length < 0 ? 0 : length] = 0;
	report("ttyS0", line, length);
}

static int appears(const char *path, int wanted)
{
	for (int i = 0; i < 500; i++) {
		int fd = open(path, O_RDONLY);

		if (fd >= 0)
			close(fd);
		if ((fd >= 0) == wanted)
			return i;
		wait_for(-1, 10);
	}
	return -1;
}

static void try_hotplug(void)
{
	report("hotplug", "plug", 0);
	report("hotplug", appears("/dev/sdb", 1) < 0 ? "absent" : "came", 0);
	report("hotplug", "pull", 0);
	report("hotplug", appears("/dev/sdb", 0) < 0 ? "stayed" : "went", 0);
}

static void show(const char *path)
{
	int length, fd = open(path, O_RDONLY);

	while (fd >= 0 && (length = read(fd, buffer, sizeof(buffer))) > 0)
		write(1, buffer, length);
	if (fd >= 0)
		close(fd);
}

static int start(void (*run)(void))
{
	int child = fork();

	if (child == 0) {
		run();
		exit(0);
	}
	return child;
}

static void serial1(void) { try_serial("/dev/ttyS1", "ttyS1"); }
static void serial2(void) { try_serial("/dev/ttyS2", "ttyS2"); }
static void serial3(void) { try_serial("/dev/ttyS3", "ttyS3"); }

/* The time by the kernel's clock, once a second, each time several times in a row: as bytes of a port and those behind. */
static void tell_time(void)
{
	struct { long long sec, nsec; } now;
	int fd = open("/dev/port", O_WRONLY);

	for (int second = 0; second < SECONDS; second++) {
		for (int look = 0; look < LOOKS; look++) {
			lseek(fd, CLOCK_PORT, SEEK_SET);
			my_syscall2(__NR_clock_gettime64, CLOCK_MONOTONIC_RAW, &now);
			write(fd, &now, sizeof now);
		}
		sleep(1);
	}
	close(fd);
}

static void try_all(void)
{
	int children = 0;

	children += start(serial1) > 0;
	children += start(serial2) > 0;
	children += start(serial3) > 0;
	children += start(try_net) > 0;
	children += start(try_console) > 0;
	try_disk();
	while (children-- > 0)
		waitpid(-1, NULL, 0);
}

int main(int argc, char **argv)
{
	int quick = 0, hotplug = 0, clock = 0, again = 0, pings = 0, answers = 0;

	for (int i = 1; i < argc; i++) {
		quick |= !strcmp(argv[i], "quick");
		hotplug |= !strcmp(argv[i], "hotplug");
		clock |= !strcmp(argv[i], "clock");
		again |= !strcmp(argv[i], "reboot");
		pings |= !strcmp(argv[i], "ping");
		answers |= !strcmp(argv[i], "answer");
	}
	mkdir("/proc", 0755);
	mount("none", "/proc", "proc", 0, 0);
	mount("none", "/dev", "devtmpfs", 0, 0);
	report("init", "started", getpid());
	if (pings)
		ping();
	else if (answers)
		answer();
	else if (!quick)
		try_all();
	if (hotplug)
		try_hotplug();
	if (clock)
		tell_time();
	show("/proc/interrupts");
	report("init", "done", 0);
	ioctl(1, TCSBRK, (void *)1); /* until all of it is sent */
	reboot(again ? LINUX_REBOOT_CMD_RESTART : LINUX_REBOOT_CMD_POWER_OFF);
	return 0;
}
