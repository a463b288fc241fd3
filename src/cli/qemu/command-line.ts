import { hex } from '../../core/bits.ts';

/** The guest of QEMU, and our devices in it. */
export interface QemuGuest {
  readonly kernel: string | undefined;
  readonly initrd: string | undefined;
  readonly append: string | undefined;
  readonly firmware: string | undefined;
  /** CPUs; left out, one. */
  readonly smp: number | undefined;
  /** RAM, in bytes. */
  readonly ram: number;
  /** Our functions: address of each on the bus, and its socket. */
  readonly devices: readonly { readonly bdf: number; readonly socket: string }[];
  /** A file for SeaBIOS's debug output. */
  readonly debug: string;
  /** A file with an option ROM. */
  readonly rom: string;
  /** It ends when this process does, for any reason. */
  readonly endsWithParent: boolean;
  /** The user's own arguments, which come last: of two of a kind QEMU takes the second. */
  readonly more: readonly string[];
}

const CONSOLE = 'console=ttyS0,115200';
/** The port of SeaBIOS's debug output. */
const DEBUG_PORT = 0x402;
const DEVICE_BITS = 3;

/**
 * Arguments of a QEMU with the minimum of parts: an i440FX board, a serial port, and our functions at their addresses in
 * our machine. RAM is a file that it can share.
 */
export function qemuArguments({
  kernel,
  initrd,
  append,
  firmware,
  smp,
  ram,
  devices,
  debug,
  rom,
  endsWithParent,
  more,
}: QemuGuest): string[] {
  const option = (name: string, value: string | undefined) => (value === undefined ? [] : [name, value]);
  return [
    ...['-nodefaults', '-no-user-config', '-display', 'none'],
    // Of several accelerators QEMU takes the first that works.
    ...option('-accel', more.includes('-accel') ? undefined : 'tcg'),
    ...['-machine', machineArgument(kernel), '-m', `${ram}B`],
    ...['-object', `memory-backend-memfd,id=ram,size=${ram}B,share=on`],
    ...['-chardev', 'stdio,id=console,signal=off', '-serial', 'chardev:console'],
    ...['-chardev', `file,id=firmware,path=${debug.replaceAll(',', ',,')}`],
    ...[
      '-device',
      `isa-debugcon,iobase=${DEBUG_PORT},chardev=firmware`,
      '-option-rom',
      rom.replaceAll(',', ',,'),
    ],
    ...option('-run-with', endsWithParent ? 'exit-with-parent=on' : undefined),
    ...option('-smp', smp === undefined ? undefined : String(smp)),
    ...option('-bios', firmware),
    ...option('-kernel', kernel),
    ...option('-initrd', initrd),
    ...option('-append', append ?? (kernel === undefined ? undefined : CONSOLE)),
    ...devices.flatMap(({ bdf, socket }) => ['-device', deviceArgument(bdf, socket)]),
    ...more,
  ];
}

/**
 * Without graphics QEMU's SeaBIOS shows its screen on the serial port: the output of a disk's boot loader is then
 * visible.
 */
function machineArgument(kernel: string | undefined): string {
  return `pc,memory-backend=ram${kernel === undefined ? ',graphics=off' : ''}`;
}

function deviceArgument(bdf: number, path: string): string {
  const addr = hex(bdf >> DEVICE_BITS, 2);
  return JSON.stringify({ driver: 'vfio-user-pci', addr, socket: { type: 'unix', path } });
}
