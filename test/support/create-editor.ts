import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';

/** What an editor shows of a TypeScript file. */
export interface Editor {
  /** The errors of the file. */
  readonly errors: readonly string[];
  /** What it shows where the pointer rests on the name that follows a mark: `/*here*\/ name`. */
  hover(mark: string): { readonly type: string; readonly explanation: string };
  /** The names of all that a module exports, types too, which the file has imported. */
  exportsOf(specifier: string): string[];
}

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  strict: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  // As in `nest new`: inferred types of the package must have a name.
  declaration: true,
  skipLibCheck: true,
  types: ['node'],
  typeRoots: [resolve('node_modules/@types')],
};

/** Opens a file that is not written to the disk, in a folder from which packages are found. */
export function createEditor(folder: string, source: string): Editor {
  const file = join(folder, 'editor.mts');
  const exists = (path: string) => path === file || existsSync(path);
  const read = (path: string) => (path === file ? source : readFileSync(path, 'utf8'));
  const service = ts.createLanguageService({
    ...ts.sys,
    fileExists: exists,
    readFile: read,
    getScriptFileNames: () => [file],
    getScriptVersion: () => '1',
    getScriptSnapshot: (path) => (exists(path) ? ts.ScriptSnapshot.fromString(read(path)) : undefined),
    getCurrentDirectory: () => dirname(file),
    getCompilationSettings: () => OPTIONS,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
  });
  const program = service.getProgram()!;
  return {
    errors: [
      ...service.getSyntacticDiagnostics(file),
      ...service.getSemanticDiagnostics(file),
      ...program.getDeclarationDiagnostics(program.getSourceFile(file)),
    ].map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
    hover(mark) {
      const begin = source.indexOf(`/*${mark}*/ `);
      if (begin === -1) throw new Error(`There is no mark ${mark} in the file.`);
      const shown = service.getQuickInfoAtPosition(file, begin + mark.length + 5);
      return {
        type: ts.displayPartsToString(shown?.displayParts),
        explanation: ts.displayPartsToString(shown?.documentation),
      };
    },
    exportsOf(specifier) {
      const checker = program.getTypeChecker();
      const imports = program.getSourceFile(file)!.statements.filter(ts.isImportDeclaration);
      const found = imports.find(({ moduleSpecifier }) => (moduleSpecifier as ts.StringLiteral).text === specifier);
      const module = found && checker.getSymbolAtLocation(found.moduleSpecifier);
      if (!module) throw new Error(`The file does not import ${specifier}.`);
      return checker.getExportsOfModule(module).map(({ name }) => name);
    },
  };
}
