/* SPDX-License-Identifier: MIT-0 */
#include "qtest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LONGEST = 4096 };

static FILE *to, *from;
static pid_t process;
static char line[LONGEST];

static void give_up(const char *why)
{
    fprintf(stderr, "qtest: %s\n", why);
    exit(1);
}

void machine_start(char *const argv[])
{
    char *all[32] = {argv[0], "-qtest", "stdio"};
    int theirs[2], ours[2];

    for (int i = 1; argv[i] != NULL && i < 29; i++)
        all[i + 2] = argv[i];
    if (pipe(theirs) != 0 || pipe(ours) != 0 || (process = fork()) < 0)
        give_up("no pipe, or no process");
    if (process == 0) {
        dup2(theirs[0], 0);
        dup2(ours[1], 1);
        close(theirs[1]);
        close(ours[0]);
        execvp(all[0], all);
        give_up("the machine cannot be started");
    }
    close(theirs[0]);
    close(ours[1]);
    to = fdopen(theirs[1], "w");
    from = fdopen(ours[0], "r");
}

int machine_stop(void)
{
    int status;

    fclose(to);
    waitpid(process, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Sends `line`; it then holds the answer behind OK. */
static const char *ask(void)
{
    fputs(line, to);
    fputc('\n', to);
    fflush(to);
    do
        if (fgets(line, sizeof line, from) == NULL)
            give_up("the machine has gone");
    while (strncmp(line, "IRQ ", 4) == 0);
    if (strncmp(line, "OK", 2) != 0)
        give_up(line);
    return line + 3;
}

static char letter(int width)
{
    return width == 1 ? 'b' : width == 2 ? 'w' : 'l';
}

uint32_t in(uint16_t port, int width)
{
    snprintf(line, sizeof line, "in%c 0x%x", letter(width), port);
    return strtoul(ask(), NULL, 16);
}

void out(uint16_t port, uint32_t value, int width)
{
    snprintf(line, sizeof line, "out%c 0x%x 0x%" PRIx32, letter(width), port, value);
    ask();
}

void ram_read(uint64_t at, void *into, size_t length)
{
    const char *digits;

    snprintf(line, sizeof line, "read 0x%" PRIx64 " %zu", at, length);
    digits = ask() + 2;
    for (size_t i = 0; i < length; i++)
        sscanf(digits + 2 * i, "%2hhx", (unsigned char *)into + i);
}

void ram_write(uint64_t at, const void *from_bytes, size_t length)
{
    const unsigned char *bytes = from_bytes;
    int end = snprintf(line, sizeof line, "write 0x%" PRIx64 " %zu 0x", at, length);

    for (size_t i = 0; i < length; i++)
        end += snprintf(line + end, sizeof line - end, "%02x", bytes[i]);
    ask();
}
