import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const SRC = new URL('../../src/', import.meta.url);

/** Every file of `src/` that ships, no test and no test's rig, as a path from there: `pci/registers.ts`. */
export function sourceFiles(): string[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !/\.(test|proof|mutants)\.ts$|(^|[/-])rig\.ts$/.test(path))
    .sort();
}

export function readSource(path: string): string {
  return readFileSync(fileURLToPath(new URL(path, SRC)), 'utf8');
}

export async function loadSource(path: string): Promise<Readonly<Record<string, unknown>>> {
  return import(new URL(path, SRC).href);
}

/** A variable at the top of a file. */
export interface Variable {
  readonly name: string;
  /** What it declares, if its value is a declaration: of `register('LCR', …)` it is `LCR`. */
  readonly declares: string | null;
  /** Its comment, in one line; empty if it has none. */
  readonly comment: string;
}

export function variablesOf(text: string): Variable[] {
  const source = ts.createSourceFile('', text, ts.ScriptTarget.Latest, true);
  return source.statements.filter(ts.isVariableStatement).flatMap((statement) =>
    statement.declarationList.declarations.map((declaration) => ({
      name: declaration.name.getText(),
      declares: declaredName(declaration.initializer),
      comment: commentOf(statement),
    })),
  );
}

function declaredName(value: ts.Expression | undefined): string | null {
  if (value === undefined || !ts.isCallExpression(value)) return null;
  const [name] = value.arguments;
  return name !== undefined && ts.isStringLiteral(name) ? name.text : null;
}

function commentOf(statement: ts.VariableStatement): string {
  const [doc] = ts.getJSDocCommentsAndTags(statement).filter(ts.isJSDoc);
  return (ts.getTextOfJSDocComment(doc?.comment) ?? '').replaceAll(/\s+/g, ' ');
}
