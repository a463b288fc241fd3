import type { ClauseId } from '../../../src/rules/index.ts';

/** What stands on the page before the tables of breaches. */
export const WATCHED = `Devices put up with drivers. A monitor drops what makes no sense, guesses what was meant, or stops without a
word, and the driver that caused it works, until it meets another device. The judge stands beside the devices of guestrig and sees
what they see and more; what he says changes nothing of what they do. Off, he costs nothing:
[architecture.md](architecture.md#the-judge) tells how he is built.

Every rule is a row of [clauses.md](clauses.md), and three proofs show that it is watched. What the standard asks of a driver, and
which of it is not watched and why, is listed whole in [statements.md](statements.md).

## What is watched`;

/** What is watched, how, and a clause of that kind. */
export const KINDS: readonly (readonly [what: string, how: string, suchAs: ClauseId])[] = [
  [
    'registers',
    'each access as the device takes it: which, how wide, in which order, with what',
    'virtio/PCI-LAYOUT-D2',
  ],
  [
    'rings',
    'each chain when the device takes it: indexes, descriptors, tables, against the chains that it has already',
    'virtio/VQ-IMP-4',
  ],
  [
    'stores',
    'each store of a driver to memory, in order: what no device sees between two kicks',
    'virtio/VQ-BARRIER-D1',
  ],
  [
    'lent memory',
    'what a device has, against what it was when the device took it: changed, read early, lent twice, freed',
    'virtio/CLEAN-D1',
  ],
  [
    'claims',
    'what a header says of a frame or a request, against its bytes: lengths, checksums, types, segments',
    'virtio/NET-TX-D22',
  ],
  [
    'commands',
    'what is asked of a NIC, a disk, a port, an interrupt controller, by its data sheet or standard',
    'uart/THR-FULL',
  ],
  [
    'liveness',
    'what a driver leaves undone, after a time that is long for it and at the end of a run: a kick, a buffer, an interrupt, an answer',
    'virtio/VQ-AVSUP-D4',
  ],
  [
    'stimuli',
    'what a driver must bear is done to it: [scenarios](scenarios.md) that delay, overtake, refuse, reset, pull out',
    'virtio/VQ-USED-D2',
  ],
  [
    'what was found',
    "the driver's own account of what it found and read, against the machine",
    'gce/SCSI-READ',
  ],
];

export const AND_SO = `**Met means tried.** A rule that no driver came by is \`unreached\`, never \`pass\`. It is met where it could have been broken.

**Without stores.** A host whose guest has a CPU of its own, or a WebAssembly build that tells of no access, stores past the judge. What
devices have is compared there, which shows that something changed and not in which order; rules that need the order stay \`unreached\`.

## What is not

- **Thoughts.** Whether a driver relied on bytes beyond the used length shows only if what it does next depends on them. Such a rule is
  watched under a stimulus that makes the difference visible, or not at all.
- **Barriers.** The guest's memory is coherent and its stores come in program order, so that a missing fence breaks nothing here.
  That an index was stored before its entry is seen; that a weaker machine could have let it be seen first is not.
- **Absence, before its time.** A driver may always be about to do it. So it is said late, and of what a good driver does at once.
- **What is too much.** Of what a driver makes available at once the judge follows a bounded part, as a device does: no guest can
  hold him up, either. [The bounds](architecture.md#how-much-at-a-time) are wide.
- **Devices that are not here.** No rule speaks of a queue or a feature that no device of ours can be told to offer.

## How strong

MUST and SHOULD are the standard's words, and fail a run. Where a data sheet speaks, it is MUST if data is lost or the machine hangs,
SHOULD if it advises. NOTE is our own advice, or a MUST that every driver breaks and every device serves; it fails no driver. What the
text leaves open is not held against a driver. A good driver that is told of something is a fault of ours, and worse than a bad one
that is not: the reference drivers, and Linux, are run against every rule.

## Devices that lie

\`guestrig conform --hostile\`, and \`hostile: true\` of \`conform\` and \`conformance\`, play a driver once more for each of some forty lies. A lie
is told between an honest device and the guest: in the used ring that the device has just written, in the buffers that it filled, or in what a
register reads. The seed says when it is told, and with which numbers: with seed 1 at the first chance; with odd seeds always from then on, with
even ones now and then.

Of a driver one thing is asked: that it ends, and knows how. It may refuse, throw an error of its own, return -1, or lose what was under way. It falls if it

- loads or stores memory that it did not allocate, or where no RAM is; tables of the firmware may be read;
- goes on for ever, by accesses or without;
- crashes: a trap of WebAssembly, a TypeError, a ReferenceError, a RangeError of the engine, a call of its port with what is no address or number;
- gives a frame that is longer than all that it lent, or lends a buffer again that the device still has.

A driver in WebAssembly has all RAM for its memory: what it touches is known of a build that tells of its accesses, and else its traps alone are.
Each lie is a rule, \`hard/…\`, met in a run in which it was told, and unreached for a driver that never looks where it is told. Nothing else is judged in
these runs: what a driver does with a ring that lies says nothing about conformance. So the outcomes are two, \`conforms\` and \`hard\`, and the last
line of a report says both. No standard asks for most of it, and the rule then says so; where one does, it names the place.

## One mistake, one finding

A driver that sets DRIVER_OK and never DRIVER breaks three rules by it. It is told of one, and the others stand below it:

- where a rule says which others bring its breach with them (\`follows\`), and those were broken on the same device;
- where one access broke both, each time, in every run.

What was broken even once for a reason of its own is told for itself. So is what would stand below a clause that is waived.`;

export const VILLAIN = `## The other side

[virtio-villain](https://github.com/weltling/virtio-villain) is a guest that breaks one MUST of virtio 1.4 a test, by the modern
interface, and watches the device: that it serves the request or leaves it alone is well, that it dies or waits for a reset is not.
It asks whether a device bears a bad driver; guestrig asks whether a driver is one. A device may serve all of it and pass, a driver
may do none of it.

## A log

\`guestrig judge-log\` does once more on a machine what a log says that a guest did, and the rules watch that machine. Ours tells of the machine in its
first line, \`"kind":"machine"\`, with the \`format\` of what follows, 2: options, time, seed. Media are empty disks of their size there, and what came
from the other end stands in the log. Beside accesses it has each load and store of a driver in RAM, what it was given of it, when it waited,
looked and was interrupted, and what it returned for those that judge by that; and of a boot, from where to where it was the turn of the firmware (\`"kind":"turn"\`),
which is not judged. So a run and its log come to the same verdict, which a slow test
holds for every scenario and every broken driver. Where the machine answers otherwise than the log has it, the report names the line.

A log comes from anybody. What it says of its machine, and of what was plugged in later, is checked against a list of what a log may say: nothing there is
a file, a socket or a program, RAM is 4 GiB at most, and there are no more disks, NICs and devices than a machine has. A log that says anything else
is refused in one line, with exit status 2, before a machine is made. Every disk of a log reads as zeros and keeps nothing, so what a
guest wrote is seen as a command and is not there afterwards. Of a line that has more than 67,108,864 characters no more is read, and its number is told.

A trace of QEMU's has accesses to registers, and neither time nor RAM. It is read twice: once for what there is, which features a device
offers, how long its queues and tables are; then each access is made on a machine that has those functions. Its virtio devices have the
registers of ours and serve no queue, so no rule is met that needs what stands in a ring. A clause is judged if it rests on nothing but what
registers were accessed how, and in which order; all others stay unreached, whatever was seen. QEMU's memory core cuts accesses for some
chips into bytes before it traces them, and leaves out those that no device answers: how wide an access to a UART was, and whether a base
address was off, is not known.`;

export const BESIDE = `## Beside other monitors

What a driver does, by which clause guestrig tells it so, and what others do about it. "Goes along" is as if it were right. Only
what "logs" says a word, to the host; only DEVICE_NEEDS_RESET tells the guest, and nothing tells it which rule it was.`;

export const LEGACY = `### By the legacy header

The other three have none.`;

export const RINGS = `### In a split ring

Both interfaces have the same; QEMU was asked by the legacy one. crosvm and Firecracker offer no INDIRECT_DESC.`;

export const MODERN = '### By the modern structures';

export const ODD = `### What looks odd and breaks nothing

Asked of QEMU, too, and told to no driver. The rest of what it was asked is about its machine and not about a driver:`;
