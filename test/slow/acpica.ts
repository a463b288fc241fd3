import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from '../../src/index.ts';
import { workFolder } from './work-folder.ts';

/** iasl's words for what it found wrong, in a table or in a source. */
const COMPLAINT = /\b(error|warning|remark|invalid|could not|not recognized|checksum)\b.*/gi;
/** What it writes into a disassembly beside what it does not understand. */
const QUERY = /.*(\*{4}|Invalid|Unknown).*/g;
/** In this place it says what revision 1 means. */
const REVISION = '0x01 **** 32-bit table';

/** A folder for a machine's tables, and the programs of Debian's acpica-tools that read them there. */
export class Acpica {
  readonly folder = workFolder();

  /** Writes each table to a file of its name, `DSDT.dat`. */
  write({ chassis }: Machine): void {
    for (const { name, bytes } of chassis.tables) writeFileSync(this.file(`${name}.dat`), bytes);
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  text(name: string): string {
    return readFileSync(this.file(name), 'utf8');
  }

  /** All that a program says. */
  run(program: string, ...args: string[]): string {
    const { stdout, stderr } = spawnSync(program, args, {
      cwd: this.folder,
      encoding: 'utf8',
      timeout: 60_000,
    });
    return stdout + stderr;
  }

  /** Disassembles a table to `DSDT.dsl`. @returns what iasl finds wrong with it. */
  disassemble(name: string): string[] {
    const said = this.run('iasl', '-d', `${name}.dat`);
    const text = this.text(`${name}.dsl`).replace(REVISION, '');
    return [...(said.match(COMPLAINT) ?? []), ...(text.match(QUERY) ?? [])];
  }

  /** What iasl says as it compiles its disassembly of a table to `again-DSDT.aml`, without optimizing. */
  compileAgain(name: string): string {
    this.disassemble(name);
    return this.run('iasl', '-oa', '-tc', '-p', `again-${name}`, `${name}.dsl`);
  }
}
