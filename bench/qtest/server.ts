import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FIRMWARE = 0x1_0000;
const NEW_LINE = 0x0a;
const BUFFER = 1 << 16;

/** A server on the wire as for a single-threaded client: two FIFOs, one call to write and one to read. */
export class Server {
  private readonly folder: string;
  private readonly process: ChildProcess;
  private readonly to: number;
  private readonly from: number;
  private readonly buffer = Buffer.alloc(BUFFER);

  /** @param command the program and its options without the wire; `FIRMWARE` is replaced by a file that halts. */
  constructor([program, ...options]: readonly string[]) {
    this.folder = mkdtempSync(join(tmpdir(), 'guestrig-bench-'));
    const wire = join(this.folder, 'q');
    execFileSync('mkfifo', [`${wire}.in`, `${wire}.out`]);
    const firmware = join(this.folder, 'halt.bin');
    // HLT everywhere.
    writeFileSync(firmware, Buffer.alloc(FIRMWARE, 0xf4));
    const argv = options.map((word) => (word === 'FIRMWARE' ? firmware : word));
    this.process = spawn(program!, [...argv, '-qtest', `pipe:${wire}`], { stdio: 'ignore' });
    this.to = openSync(`${wire}.in`, 'w');
    this.from = openSync(`${wire}.out`, 'r');
  }

  /** Lines per second, measured for so many milliseconds. */
  measure(line: string, ahead: number, ms: number): number {
    const bytes = Buffer.from(`${line}\n`.repeat(ahead));
    const from = performance.now();
    let lines = 0;
    let past = 0;
    while (past < ms) {
      writeSync(this.to, bytes);
      for (let answers = 0; answers < ahead; ) answers += this.answers();
      lines += ahead;
      past = performance.now() - from;
    }
    return (lines * 1000) / past;
  }

  close(): void {
    this.process.kill();
    closeSync(this.to);
    closeSync(this.from);
    rmSync(this.folder, { recursive: true });
  }

  /** Returns how many lines came; waits for some bytes. */
  private answers(): number {
    const length = readSync(this.from, this.buffer);
    let lines = 0;
    for (let at = 0; at < length; at++) if (this.buffer[at] === NEW_LINE) lines++;
    return lines;
  }
}
