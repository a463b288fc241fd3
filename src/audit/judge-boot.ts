import type { Format } from '../media/compression.ts';
import type { Initramfs } from './initramfs.ts';
import { type Evidence, judgeModule } from './judge-option.ts';
import { ROOT_FILE_SYSTEMS, WAY_TO_DISK } from './rules/hardware.ts';
import type { Verdict } from './verdict.ts';

/** The option that lets the kernel unpack an initramfs. */
const UNPACKS: Readonly<Partial<Record<Format, string>>> = {
  gzip: 'RD_GZIP',
  xz: 'RD_XZ',
  zstd: 'RD_ZSTD',
  lz4: 'RD_LZ4',
};

/** The root's file system: a built-in one, else one whose module is in the initramfs, else any module. */
export function judgeRoot({ config, initramfs }: Evidence): Verdict {
  const lines = ROOT_FILE_SYSTEMS.flatMap(({ option, module }) => {
    const at = config.options.get(option);
    return at === undefined ? [] : [{ at, module }];
  });
  const builtIn = lines.find(({ at }) => at.value === 'y');
  if (builtIn !== undefined) return { kind: 'satisfied', at: builtIn.at, note: builtIn.at.text };
  const verdicts = lines
    .filter(({ at }) => at.value === 'm')
    .map(({ at, module }) => judgeModule(module, at, initramfs));
  const names = ROOT_FILE_SYSTEMS.map(({ option }) => option).join(', ');
  return (
    verdicts.find(({ kind }) => kind === 'module in initramfs') ??
    verdicts[0] ?? { kind: 'missing', why: `none of ${names} is set` }
  );
}

/** The modules between the virtio function and the disk, if they are modules; one missing is enough to have no root. */
export function judgeWayToDisk({ config, initramfs }: Evidence): Verdict {
  const wanted = WAY_TO_DISK.flatMap(({ option, modules }) => {
    const at = config.options.get(option);
    return at?.value === 'm' ? modules.map((module) => ({ module, at })) : [];
  });
  const first = wanted[0]?.at;
  if (first === undefined)
    return { kind: 'not applicable', why: 'no part of the way to the disk is a module' };
  const names = wanted.map(({ module }) => module).join(', ');
  if (initramfs === null)
    return {
      kind: 'module not in initramfs',
      at: first,
      why: `no initramfs was given to look for ${names} in`,
    };
  const lacking = wanted.filter(({ module }) => !initramfs.modules.has(module));
  if (lacking.length > 0)
    return {
      kind: 'missing',
      why: `${initramfs.file} lacks ${lacking.map(({ module }) => module).join(', ')}`,
    };
  return { kind: 'module in initramfs', at: first, file: names };
}

/** The options by which the kernel unpacks its initramfs. */
export function unpackingOptions(initramfs: Initramfs | null): string[] {
  return ['BLK_DEV_INITRD', ...[...(initramfs?.formats ?? [])].flatMap((format) => UNPACKS[format] ?? [])];
}

export function judgeUnpacking({ config, initramfs }: Evidence): Verdict {
  if (initramfs === null) return { kind: 'not applicable', why: 'no initramfs was given' };
  const lines = unpackingOptions(initramfs).map((option) => ({ option, at: config.options.get(option) }));
  const absent = lines.find(({ at }) => at === undefined);
  if (absent !== undefined) return { kind: 'missing', why: `no line has ${absent.option}` };
  const found = lines.flatMap(({ at }) => at ?? []);
  const off = found.find(({ value }) => value !== 'y');
  if (off !== undefined) return { kind: 'contradicts', at: off, why: `${initramfs.file} needs it` };
  return { kind: 'satisfied', at: found.at(-1)! };
}
