import { posix } from 'node:path';
import ts from 'typescript';
import { readSource } from './source.ts';

export type ExportKind = 'class' | 'function' | 'const' | 'interface' | 'type';

/** What a module exports. */
export interface Exported {
  readonly name: string;
  readonly kind: ExportKind;
  /** It exists only for the compiler: an interface, a type, or a class that callers cannot construct. */
  readonly typeOnly: boolean;
  /** First sentence of its doc comment; empty if it has none. */
  readonly summary: string;
  /** Where it is declared, from `src/`. */
  readonly path: string;
}

/** Every name that an entry passes on asks the same file. */
const READ = new Map<string, readonly Exported[]>();

/** All that the file at `path`, from `src/`, exports: what others declare, too, however often it is passed on. */
export function exportsOf(path: string): readonly Exported[] {
  if (!READ.has(path)) READ.set(path, read(path));
  return READ.get(path)!;
}

function read(path: string): Exported[] {
  const { statements } = ts.createSourceFile(path, readSource(path), ts.ScriptTarget.Latest, true);
  return statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) return passedOn(statement, path, statements);
    return isExported(statement) ? declared(statement, path) : [];
  });
}

/** `export { a, type b as c } from './d.ts'`, or of what was imported. */
function passedOn(
  { moduleSpecifier, exportClause, isTypeOnly }: ts.ExportDeclaration,
  path: string,
  statements: readonly ts.Statement[],
): readonly Exported[] {
  if (exportClause === undefined) return exportsFrom(moduleSpecifier, path);
  if (!ts.isNamedExports(exportClause)) throw new Error(`${path}: an export of a namespace`);
  return exportClause.elements.map(({ name, propertyName, isTypeOnly: one }) => {
    const local = (propertyName ?? name).text;
    const from = moduleSpecifier ?? importOf(local, statements);
    const found = exportsFrom(from, path).find((candidate) => candidate.name === local);
    if (found === undefined) throw new Error(`${path}: no module declares ${local}`);
    return { ...found, name: name.text, typeOnly: found.typeOnly || isTypeOnly || one };
  });
}

function exportsFrom(specifier: ts.Expression | undefined, path: string): readonly Exported[] {
  if (specifier === undefined || !ts.isStringLiteral(specifier)) return [];
  return exportsOf(posix.join(posix.dirname(path), specifier.text));
}

function importOf(name: string, statements: readonly ts.Statement[]): ts.Expression | undefined {
  const brings = ({ importClause }: ts.ImportDeclaration) => {
    const named = importClause?.namedBindings;
    return (
      named !== undefined && ts.isNamedImports(named) && named.elements.some((one) => one.name.text === name)
    );
  };
  return statements.filter(ts.isImportDeclaration).find(brings)?.moduleSpecifier;
}

function declared(statement: ts.Statement, path: string): Exported[] {
  const summary = summaryOf(statement);
  const one = (kind: ExportKind, name: ts.Node | undefined, typeOnly = false) => [
    { name: name?.getText() ?? '', kind, typeOnly, summary, path },
  ];
  if (ts.isFunctionDeclaration(statement)) return one('function', statement.name);
  if (ts.isClassDeclaration(statement)) return one('class', statement.name);
  if (ts.isInterfaceDeclaration(statement)) return one('interface', statement.name, true);
  if (ts.isTypeAliasDeclaration(statement)) return one('type', statement.name, true);
  if (!ts.isVariableStatement(statement)) return [];
  return statement.declarationList.declarations.flatMap(({ name }) => one('const', name));
}

function isExported(statement: ts.Statement): boolean {
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
  return modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
}

/** The comment right before the declaration: one that stands above the imports is of the file. */
function summaryOf(statement: ts.Statement): string {
  const doc = ts.getJSDocCommentsAndTags(statement).filter(ts.isJSDoc).at(-1);
  const text = (ts.getTextOfJSDocComment(doc?.comment) ?? '').replaceAll(/\s+/g, ' ').trim();
  return /^.*?\.(?=\s|$)/.exec(text)?.[0] ?? text;
}
