import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from '../../src/index.ts';
import { workFolder } from './work-folder.ts';

/** iasl's words for errors, in a table or in a source. */
const COMPLAINT = /\b(error|warning|remark|invalid|could not|not recognized|checksum)\b.*/gi;
/** iasl's marks in a disassembly for parts that it does not understand. */
const QUERY = /.*(\*{4}|Invalid|Unknown).*/g;
/** At this place it explains revision 1. */
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

  /** The whole output of a program. */
  run(program: string, ...args: string[]): string {
    const { stdout, stderr } = spawnSync(program, args, {
      cwd: this.folder,
      encoding: 'utf8',
      timeout: 60_000,
    });
    return stdout + stderr;
  }

  /** Disassembles a table to `DSDT.dsl`. @returns iasl's complaints. */
  disassemble(name: string): string[] {
    const said = this.run('iasl', '-d', `${name}.dat`);
    const text = this.text(`${name}.dsl`).replace(REVISION, '');
    return [...(said.match(COMPLAINT) ?? []), ...(text.match(QUERY) ?? [])];
  }

  /** iasl's output as it compiles its disassembly of a table to `again-DSDT.aml`, without optimizing. */
  compileAgain(name: string): string {
    this.disassemble(name);
    return this.run('iasl', '-oa', '-tc', '-p', `again-${name}`, `${name}.dsl`);
  }
}
