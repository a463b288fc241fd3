import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';

/** A file of `src/` as the rules see it. */
export interface Source {
  /** From `src/`: `virtio/net/device.ts`. */
  readonly path: string;
  /** Its first folder; empty for `index.ts`. */
  readonly room: string;
  /** A test, a script or driver that breaks a rule, or a rig that only these build. */
  readonly isTest: boolean;
  readonly lines: number;
  /** Files of `src/` that it imports or exports from, types too, as paths from `src/`. */
  readonly imports: readonly string[];
  /** Its imports that are not relative paths: packages and `node:` modules. */
  readonly packages: readonly string[];
  readonly nodes: readonly ts.Node[];
}

/** No rule reads a comment, and reading all takes a third of the time. */
const UNCOMMENTED: ts.CreateSourceFileOptions = {
  languageVersion: ts.ScriptTarget.Latest,
  jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
};

export function roomOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : '';
}

export function parse(path: string, text: string): Source {
  const nodes = flatten(ts.createSourceFile(path, text, UNCOMMENTED, true));
  const specifiers = nodes.flatMap(specifierOf);
  return {
    path,
    room: roomOf(path),
    isTest: /\.(test|proof|mutants)\.ts$|(^|[/-])rig\.ts$/.test(path),
    lines: text.replace(/\n$/, '').split('\n').length,
    imports: specifiers
      .filter((name) => name.startsWith('.'))
      .map((name) => posix.join(posix.dirname(path), name)),
    packages: specifiers.filter((name) => !name.startsWith('.')),
    nodes,
  };
}

/** Every TypeScript file below `folder`; `prefix` is its path from `src/`. */
export function parseFolder(folder: string, prefix = ''): Source[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => parse(prefix + path, readFileSync(join(folder, path), 'utf8')));
}

function flatten(node: ts.Node): ts.Node[] {
  const all = [node];
  for (let i = 0; i < all.length; i++) ts.forEachChild(all[i]!, (child) => void all.push(child));
  return all;
}

/** `import … from`, `export … from`, `import()`, the type `import('…')`, and what loads a module of Node when it is needed. */
function specifierOf(node: ts.Node): string[] {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return textOf(node.moduleSpecifier);
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    return textOf(node.arguments[0]);
  if (ts.isCallExpression(node) && loadsBuiltin(node.expression)) return textOf(node.arguments[0]);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return textOf(node.argument.literal);
  return [];
}

/** Such a module is imported. */
export function loadsBuiltin(node: ts.Node): boolean {
  return (
    ts.isPropertyAccessExpression(node) &&
    node.name.text === 'getBuiltinModule' &&
    node.expression.getText() === 'process'
  );
}

function textOf(node: ts.Node | undefined): string[] {
  return node !== undefined && ts.isStringLiteral(node) ? [node.text] : [];
}
