/*
 * reserve <disk> <deed> <old key> <new key> [<type>]: persistent reservations by Linux's calls. Deeds are register, reserve, release,
 * preempt, abort and clear, keys are decimal; the status says which error it was, 0 for none.
 */
#include <linux/pr.h>

static int deed_of(int fd, const char *deed, unsigned old, unsigned new, unsigned type)
{
	struct pr_registration registration = { .old_key = old, .new_key = new };
	struct pr_reservation reservation = { .key = old, .type = type };
	struct pr_preempt preempt = { .old_key = old, .new_key = new, .type = type };
	struct pr_clear clear = { .key = old };

	if (!strcmp(deed, "register"))
		return ioctl(fd, IOC_PR_REGISTER, &registration);
	if (!strcmp(deed, "reserve"))
		return ioctl(fd, IOC_PR_RESERVE, &reservation);
	if (!strcmp(deed, "release"))
		return ioctl(fd, IOC_PR_RELEASE, &reservation);
	if (!strcmp(deed, "preempt"))
		return ioctl(fd, IOC_PR_PREEMPT, &preempt);
	if (!strcmp(deed, "abort"))
		return ioctl(fd, IOC_PR_PREEMPT_ABORT, &preempt);
	return ioctl(fd, IOC_PR_CLEAR, &clear);
}

int main(int count, char **words)
{
	int fd = count < 5 ? -1 : open(words[1], O_RDWR);
	int end;

	if (fd < 0)
		return 100;
	end = deed_of(fd, words[2], atoi(words[3]), atoi(words[4]), count > 5 ? atoi(words[5]) : PR_WRITE_EXCLUSIVE);
	return end < 0 ? errno : end;
}
