/** A boot to a login. */
export interface BootCell {
  readonly name: string;
  readonly about: string;
  /** The kernel's parameters if our host starts it; null if SeaBIOS and GRUB of the disk do. */
  readonly append: string | null;
}

const ROOT = 'root=/dev/sda1 ro console=ttyS0,115200';

export const BOOT_CELLS: readonly BootCell[] = [
  {
    name: 'disk',
    about: 'the disk as it is: SeaBIOS and GRUB load kernel and initramfs, which unpack themselves',
    append: null,
  },
  {
    name: 'kernel',
    about: 'the same kernel and initramfs by `--kernel` and `--initrd`, with the disk as root',
    append: ROOT,
  },
  {
    name: 'kernel, cryptomgr.notests',
    about: 'the same without the self-tests of ciphers',
    append: `${ROOT} cryptomgr.notests`,
  },
];

/** Console output that marks each stage. */
export const MARKS = {
  kernel: 'Linux version',
  init: 'Run /init',
  systemd: 'Welcome to',
  login: 'guest login: ',
} as const;
