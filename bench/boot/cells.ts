/** A boot to a login. */
export interface BootCell {
  readonly name: string;
  readonly about: string;
  /** What the kernel is started with by our host; null where SeaBIOS and GRUB of the disk do it. */
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

/** What a console prints, by what is reached with it. */
export const MARKS = {
  kernel: 'Linux version',
  init: 'Run /init',
  systemd: 'Welcome to',
  login: 'guest login: ',
} as const;
