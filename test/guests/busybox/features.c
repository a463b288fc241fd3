/* Says of each feature of eth0 what `ethtool -k` says, by the same calls: whether it is on, and whether it is fixed. */
#include <linux/sockios.h>

#define MOST 128
#define BLOCKS (MOST / 32)

/* <linux/ethtool.h> and <linux/if.h> want a C library. */
#define ETHTOOL_GSTRINGS 0x1b
#define ETHTOOL_GSSET_INFO 0x37
#define ETHTOOL_GFEATURES 0x3a
#define ETH_SS_FEATURES 4
struct block {
	unsigned available, requested, active, never_changed;
};
struct request {
	char name[16];
	void *data;
	char room[16];
};

static struct __attribute__((packed)) {
	unsigned cmd, reserved;
	unsigned long long mask;
	unsigned count;
} sets = { ETHTOOL_GSSET_INFO, 0, 1ull << ETH_SS_FEATURES, 0 };
static struct {
	unsigned cmd, string_set, len;
	char names[MOST][32];
} strings = { ETHTOOL_GSTRINGS, ETH_SS_FEATURES, 0, {} };
static struct {
	unsigned cmd, size;
	struct block blocks[BLOCKS];
} features = { ETHTOOL_GFEATURES, BLOCKS, {} };

static int ask(int fd, void *command)
{
	struct request request = { .name = "eth0", .data = command };

	return ioctl(fd, SIOCETHTOOL, &request);
}

int main(void)
{
	int fd = my_syscall3(__NR_socket, 2 /* AF_INET */, 2 /* SOCK_DGRAM */, 0);

	if (ask(fd, &sets) < 0 || sets.count > MOST)
		return 1;
	strings.len = sets.count;
	if (ask(fd, &strings) < 0 || ask(fd, &features) < 0)
		return 1;
	for (unsigned i = 0; i < strings.len; i++) {
		const struct block *block = &features.blocks[i / 32];
		unsigned bit = 1u << i % 32;
		int fixed = !(block->available & bit) || block->never_changed & bit;

		if (strings.names[i][0])
			printf("%s %s%s\n", strings.names[i], block->active & bit ? "on" : "off", fixed ? " [fixed]" : "");
	}
	return 0;
}
