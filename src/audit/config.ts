import { match } from 'ts-pattern';
import { MisuseError } from '../core/misuse.ts';
import type { Place } from './place.ts';
import { ARCHITECTURES, type Architecture } from './rules/rule.ts';
import { type KernelVersion, kernelVersion } from './version.ts';

/** An option's line: `value` is `y`, `m`, `n` for "is not set", or the text behind the equals sign. */
export interface OptionLine extends Place {
  readonly value: string;
}

/** A kernel's configuration as it was written by kconfig. */
export interface KernelConfig {
  readonly file: string;
  readonly version: KernelVersion;
  readonly architecture: Architecture;
  readonly options: ReadonlyMap<string, OptionLine>;
}

const SET = /^CONFIG_(\w+)=(.*)$/;
const UNSET = /^# CONFIG_(\w+) is not set$/;
/** `# Linux/x86 6.12.0 Kernel Configuration`, and before 3.0 `# Linux kernel version: 2.6.32`. */
const HEADER = /^# (?:Linux\/(\S+) (\S+) Kernel Configuration|Linux kernel version: (\S+))$/;
const WANTED = 'a kernel configuration';

/**
 * Reads a `.config`. If an option occurs twice the last line counts, as with kconfig.
 *
 * @param wished the architecture if the configuration has none.
 * @throws MisuseError with file and line for text that is not a configuration, or has no version in its
 * header.
 */
export function parseConfig(file: string, text: string, wished?: Architecture): KernelConfig {
  const options = new Map<string, OptionLine>();
  let version: KernelVersion | null = null;
  let header: string | undefined;
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.trimEnd();
    const set = SET.exec(line);
    const unset = set === null ? UNSET.exec(line) : null;
    const place = { file, line: i + 1, text: line };
    if (set !== null) options.set(set[1]!, { ...place, value: set[2]! });
    else if (unset !== null) options.set(unset[1]!, { ...place, value: 'n' });
    else if (line.startsWith('#')) {
      const named: RegExpExecArray | null = version === null ? HEADER.exec(line) : null;
      version ??= named === null ? null : kernelVersion(named[2] ?? named[3]!);
      header ??= named?.[1];
    } else if (line !== '') {
      throw new MisuseError(`config ${file}:${i + 1}`, line.slice(0, 60), `a line of ${WANTED}`);
    }
  }
  if (options.size === 0) throw new MisuseError(`config ${file}`, '', WANTED, 'holds no option of a kernel');
  if (version === null)
    throw new MisuseError(
      `config ${file}`,
      '',
      WANTED,
      'no line names the version (example # Linux/x86 6.12.0 Kernel Configuration)',
    );
  return { file, version, architecture: architectureOf(file, options, header, wished), options };
}

function architectureOf(
  file: string,
  options: ReadonlyMap<string, OptionLine>,
  header: string | undefined,
  wished: Architecture | undefined,
): Architecture {
  const is = (option: string) => options.get(option)?.value === 'y';
  const said = is('X86_64') ? 'x86_64' : is('X86_32') ? 'i386' : is('ARM64') ? 'arm64' : ofHeader(header);
  const architecture = said ?? wished;
  const known = ARCHITECTURES.join(', ');
  if (architecture === undefined)
    throw new MisuseError(
      `config ${file}`,
      header,
      known,
      `names no architecture of Compute Engine (${known})`,
    );
  if (wished !== undefined && wished !== architecture)
    throw new MisuseError(`config ${file}`, wished, architecture, `is for ${architecture}, not ${wished}`);
  return architecture;
}

/** `x86` alone has no width: 64 bits are as likely as 32. */
function ofHeader(header: string | undefined): Architecture | undefined {
  return match(header)
    .with('x86_64', () => 'x86_64' as const)
    .with('i386', () => 'i386' as const)
    .with('arm64', () => 'arm64' as const)
    .otherwise(() => undefined);
}
