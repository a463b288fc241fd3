import { posix } from 'node:path';
import ts from 'typescript';
import type { Source } from './source.ts';

/** What package.json exports: users of the package import from here. */
const PUBLIC = /^(index|(guest|conformance|trace|audit|vitest|hosts\/(kvm|v86|vfio-user|wasm))\/index)\.ts$/;
/** A declaration of hardware. docs/generate reads all declarations of a file. */
const DECLARES = /\b(register|struct)\(/;

/** Exports of files of `src/` that no other file imports, as `src/path: name`; `others` are files outside `src/`. */
export function unusedExports(sources: readonly Source[], others: readonly Source[] = []): string[] {
  const used = new Set([...sources, ...others].flatMap(usesOf));
  return sources
    .filter(({ path }) => !PUBLIC.test(path) && !used.has(`src/${path}: *`))
    .flatMap(({ path, nodes }) => {
      const needed = new Set(nodes.flatMap(annotating));
      const names = nodes.flatMap(exportedBy).filter((name) => !needed.has(name));
      return names.map((name) => `src/${path}: ${name}`);
    })
    .filter((name) => !used.has(name));
}

/** Types of exported constants: where such a constant is passed on, a file of declarations must be able to name them. */
function annotating(node: ts.Node): string[] {
  if (!ts.isVariableStatement(node) || !isExported(node)) return [];
  return node.declarationList.declarations.flatMap(({ type }) => type?.getText().match(/\w+/g) ?? []);
}

function exportedBy(node: ts.Node): string[] {
  if (ts.isVariableStatement(node))
    return isExported(node) ? node.declarationList.declarations.flatMap(variables) : [];
  const isNamed = ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node);
  if (isNamed || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node))
    return isExported(node) && node.name !== undefined ? [node.name.text] : [];
  return ts.isExportSpecifier(node) ? [node.name.text] : [];
}

function isExported(node: ts.HasModifiers): boolean {
  return node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

function variables({ name, initializer }: ts.VariableDeclaration): string[] {
  if (DECLARES.test(initializer?.getText() ?? '')) return [];
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? [element.name.getText()] : []));
}

/** What a file imports or re-exports, as `src/path: name`; `src/path: *` if it may be anything. */
function usesOf({ path, nodes }: Source): string[] {
  return nodes.flatMap((node) => {
    const [from, names] = importedBy(node, nodes);
    return names.map((name) => `${posix.join('src', posix.dirname(path), from)}: ${name}`);
  });
}

function importedBy(node: ts.Node, all: readonly ts.Node[]): [from: string, names: readonly string[]] {
  if (ts.isImportDeclaration(node))
    return [textOf(node.moduleSpecifier), boundBy(node.importClause?.namedBindings, all)];
  if (ts.isExportDeclaration(node)) return [textOf(node.moduleSpecifier), boundBy(node.exportClause, all)];
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    return [textOf(node.argument.literal), [node.qualifier?.getText() ?? '*']];
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    return [textOf(node.arguments[0]), ['*']];
  return ['', []];
}

function boundBy(
  bindings: ts.NamedImportBindings | ts.NamedExportBindings | undefined,
  all: readonly ts.Node[],
): readonly string[] {
  if (bindings === undefined) return ['*'];
  if (ts.isNamedImports(bindings) || ts.isNamedExports(bindings))
    return bindings.elements.map(({ propertyName, name }) => (propertyName ?? name).text);
  const whole = bindings.name.text;
  return all.flatMap((node) => memberOf(whole, node));
}

/** `whole.member`, as a value or as a type. */
function memberOf(whole: string, node: ts.Node): string[] {
  if (ts.isPropertyAccessExpression(node)) return hasName(node.expression, whole) ? [node.name.text] : [];
  if (ts.isQualifiedName(node)) return hasName(node.left, whole) ? [node.right.text] : [];
  return [];
}

function hasName(node: ts.Node, name: string): boolean {
  return ts.isIdentifier(node) && node.text === name;
}

function textOf(node: ts.Node | undefined): string {
  return node !== undefined && ts.isStringLiteral(node) ? node.text : '';
}
