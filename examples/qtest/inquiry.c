/* SPDX-License-Identifier: MIT-0 */
/* Enumerates PCI, prints on COM1, and sends INQUIRY to a disk behind virtio-scsi: ./inquiry [COMMAND] */
#include "qtest.h"

#include <stdio.h>
#include <string.h>

enum { COM1 = 0x3f8, BASE = 0xc000, COMMANDS = 2, TARGET = 1, LENGTH = 36 };
enum { RING = 0x100000, REQUEST = 0x120000, RESPONSE = 0x121000, DATA = 0x122000 };
enum { NEXT = 1, WRITE = 2 };
enum { ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4 };
enum { FEATURES = 0, ACCEPTED = 4, PFN = 8, SIZE = 12, SELECT = 14, NOTIFY = 16, STATUS = 18 };

struct descriptor {
    uint64_t address;
    uint32_t length;
    uint16_t flags, next;
};

static uint32_t config_read(int slot, int reg)
{
    out(0xcf8, 0x80000000u | slot << 11 | reg, 4);
    return in(0xcfc, 4);
}

static void config_write(int slot, int reg, uint32_t value, int width)
{
    out(0xcf8, 0x80000000u | slot << 11 | reg, 4);
    out(0xcfc, value, width);
}

/* The slot of the SCSI host adapter; every function is printed. */
static int enumerate(void)
{
    int found = -1;

    for (int slot = 0; slot < 32; slot++) {
        uint32_t identity = config_read(slot, 0);

        if ((identity & 0xffff) == 0xffff)
            continue;
        printf("00:%02x.0 %04x:%04x\n", slot, identity & 0xffff, identity >> 16);
        if (identity == 0x10041af4)
            found = slot;
    }
    return found;
}

static void say(const char *text)
{
    static const uint8_t open[][2] = {{3, 0x83}, {0, 1}, {1, 0}, {3, 3}, {2, 7}, {4, 3}};

    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++)
        out(COM1 + open[i][0], open[i][1], 1);
    for (; *text; text++) {
        while ((in(COM1 + 5, 1) & 0x20) == 0)
            ;
        out(COM1, *text, 1);
    }
}

static void reset(void)
{
    out(BASE + STATUS, 0, 1);
    while (in(BASE + STATUS, 1) != 0)
        ;
}

/* The legacy interface. Returns the size of the ring. */
static uint32_t begin(int slot)
{
    uint32_t size;

    config_write(slot, 0x10, BASE, 4);
    config_write(slot, 0x04, 0x0005, 2);
    reset();
    out(BASE + STATUS, ACKNOWLEDGE, 1);
    out(BASE + STATUS, ACKNOWLEDGE | DRIVER, 1);
    in(BASE + FEATURES, 4);
    out(BASE + ACCEPTED, 0, 4);
    out(BASE + SELECT, COMMANDS, 2);
    size = in(BASE + SIZE, 2);
    out(BASE + PFN, RING >> 12, 4);
    out(BASE + STATUS, ACKNOWLEDGE | DRIVER | DRIVER_OK, 1);
    return size;
}

/* INQUIRY to LUN 0 of the target. Returns its status. */
static int inquiry(uint32_t size, char data[LENGTH])
{
    const uint8_t request[51] = {1, TARGET, 0x40, [19] = 0x12, [23] = LENGTH};
    const struct descriptor chain[] = {
        {REQUEST, sizeof request, NEXT, 1}, {RESPONSE, 108, NEXT | WRITE, 2}, {DATA, LENGTH, WRITE, 0}};
    const uint16_t head = 0, one = 1;
    uint64_t avail = RING + 16 * size, used = (avail + 6 + 2 * size + 4095) & ~4095ull;
    uint8_t answer[12];
    uint16_t done;

    ram_write(REQUEST, request, sizeof request);
    ram_write(RING, chain, sizeof chain);
    ram_write(avail + 4, &head, 2);
    ram_write(avail + 2, &one, 2);
    out(BASE + NOTIFY, COMMANDS, 2);
    do
        ram_read(used + 2, &done, 2);
    while (done != one);
    ram_read(RESPONSE, answer, sizeof answer);
    ram_read(DATA, data, LENGTH);
    return answer[11] != 0 ? -answer[11] : answer[10];
}

int main(int argc, char *argv[])
{
    char *machine[] = {argc > 1 ? argv[1] : "guestrig-system-x86_64",
                       "-device", "virtio-scsi-pci,addr=04.0,disable-modern=on",
                       "-drive", "id=d,if=none,format=raw,file=null-co://",
                       "-device", "scsi-hd,drive=d,scsi-id=1", NULL};
    char data[LENGTH];
    int slot, status;

    machine_start(machine);
    slot = enumerate();
    say("hello\n");
    status = inquiry(begin(slot), data);
    printf("INQUIRY: status %d, %.8s %.16s\n", status, data + 8, data + 16);
    reset();
    return machine_stop() ? 0 : 1;
}
