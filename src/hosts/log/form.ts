/** The program whose log format it is; null is an unknown one. */
type LogForm = 'guestrig' | 'qemu' | null;

/** The first lines, in which a log has to show its format: a console may print that much before. */
const LOOKED_AT = 20_000;
/** And their characters, which are kept until then. */
const MOST_KEPT = 1 << 24;
const RECORDED = /^[^{]*\{"at":[\d.]+,"kind":"/;
/** As QEMU's log and simple backends write it: an event's name first, perhaps behind a process and a time. */
const TRACED =
  /(^|[\s:])(pci_cfg_(read|write)|memory_region_ops_(read|write)|virtio_(set_status|queue_notify|notify|pci_\w+)|virtqueue_(pop|fill|flush)) /;

/** The format of a log by its first lines, and all of its lines. */
export function formOf(lines: Generator<string>): { form: LogForm; lines: Generator<string> } {
  const before: string[] = [];
  let form: LogForm = null;
  let kept = 0;
  while (form === null && before.length < LOOKED_AT && kept < MOST_KEPT) {
    const { value, done } = lines.next();
    if (done) break;
    before.push(value);
    kept += value.length;
    form = RECORDED.test(value) ? 'guestrig' : TRACED.test(value) ? 'qemu' : null;
  }
  return { form, lines: both(before, lines) };
}

function* both(before: readonly string[], rest: Generator<string>): Generator<string> {
  yield* before;
  yield* rest;
}
