import type { Machine } from '../machine/machine.ts';
import { DialogueError } from '../serial/dialogue.ts';
import type { Statement } from './script-file.ts';

/** A script at work on a guest's console. */
export class Script {
  private readonly path: string;
  private readonly dialogue;
  private line = 0;
  private ended = false;

  constructor(machine: Machine, path: string, statements: readonly Statement[]) {
    this.path = path;
    this.dialogue = machine.serial[0]!.dialogue();
    for (const statement of statements) this.add(statement);
  }

  /** It has nothing more to say, and wants the run to end; or an expectation was not met in its time. */
  get over(): boolean {
    return this.ended || this.dialogue.failed !== null;
  }

  /** Ends it. @returns what it waited for in vain, by file and line; null if all of it was done. */
  finish(): string | null {
    try {
      this.dialogue.finish();
      return null;
    } catch (error) {
      if (!(error instanceof DialogueError)) throw error;
      return `script ${this.path}:${this.line}: ${error.complaint}`;
    }
  }

  private add(statement: Statement): void {
    const { dialogue } = this;
    dialogue.do(() => {
      this.line = statement.line;
    });
    if (statement.kind === 'expect') dialogue.expect(statement.pattern, statement.within);
    else if (statement.kind === 'send') dialogue.type(statement.text);
    else if (statement.kind === 'pause') dialogue.pause(statement.time);
    else
      dialogue.do(() => {
        this.ended = true;
      });
  }
}
