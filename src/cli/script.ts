import type { Clock } from '../core/clock.ts';
import { Dialogue, DialogueError } from '../serial/dialogue.ts';
import type { SerialPeer } from '../serial/endpoint.ts';
import { PlainText } from './plain-text.ts';
import type { ScriptFile, Statement } from './script-file.ts';

/** A script running on a guest's console. */
export class Script {
  private readonly path: string;
  private readonly dialogue: Dialogue;
  private line = 0;
  private ended = false;

  constructor(port: SerialPeer, clock: Clock, { path, statements }: ScriptFile) {
    this.path = path;
    this.dialogue = new Dialogue(screenOf(port), clock);
    for (const statement of statements) this.add(statement);
  }

  /** It is done, and ends the run; or an expectation was not met in time. */
  get over(): boolean {
    return this.ended || this.dialogue.failed !== null;
  }

  /** Ends it. @returns the expectation that was not met, with file and line; null if all were. */
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

/** A port's output as a terminal shows it: a script waits for what people read. */
function screenOf(port: SerialPeer): SerialPeer {
  return {
    name: port.name,
    type: (bytes) => port.type(bytes),
    listen: (endpoint) => {
      const decoder = new TextDecoder();
      const screen = new PlainText();
      const show = (text: string) => {
        for (const byte of new TextEncoder().encode(text)) endpoint.receive(byte);
      };
      return port.listen({
        receive: (byte) => {
          for (const sign of decoder.decode(Uint8Array.of(byte), { stream: true })) show(screen.take(sign));
        },
      });
    },
  };
}
