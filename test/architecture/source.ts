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
  /** Those that some rule looks at. */
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
  const nodes = flatten(ts.createSourceFile(path, text, UNCOMMENTED));
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

/** What rules look at; of identifiers, which are half of all nodes, only those of one name. */
const READ: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.ImportDeclaration,
  ts.SyntaxKind.ImportType,
  ts.SyntaxKind.ExportDeclaration,
  ts.SyntaxKind.ExportSpecifier,
  ts.SyntaxKind.VariableStatement,
  ts.SyntaxKind.FunctionDeclaration,
  ts.SyntaxKind.ClassDeclaration,
  ts.SyntaxKind.InterfaceDeclaration,
  ts.SyntaxKind.TypeAliasDeclaration,
  ts.SyntaxKind.EnumDeclaration,
  ts.SyntaxKind.BindingElement,
  ts.SyntaxKind.CallExpression,
  ts.SyntaxKind.PropertyAccessExpression,
  ts.SyntaxKind.ElementAccessExpression,
  ts.SyntaxKind.QualifiedName,
  ts.SyntaxKind.StringLiteral,
  ts.SyntaxKind.PrivateIdentifier,
]);

/** The nodes that rules look at, each with its parent, which the parser leaves out: it would take a walk of its own. */
function flatten(root: ts.Node): ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (node: ts.Node, parent: ts.Node) => {
    (node as { parent: ts.Node }).parent = parent;
    if (READ.has(node.kind) || (ts.isIdentifier(node) && node.text === 'Date')) found.push(node);
    ts.forEachChild(node, (child) => visit(child, node));
  };
  ts.forEachChild(root, (child) => visit(child, root));
  return found;
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
