import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

const SOURCE = 'libs/callbacks/src';
const PAGE = 'docs/troubleshooting.md';
const LEVELS = new Set(['log', 'warn', 'error']);

/** Arguments of a logger that are no text: where their texts come from, the page has rows for them too. */
const TEXTS_FROM_ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  // AttemptLogLine begins with the outcome.
  'AttemptLogLine log': ['delivered'],
  'AttemptLogLine warn': ['retry', 'failed', 'postponed'],
  'replyError.message': ['The reply to … does not match its documentation: …'],
  // UndeclaredProperties and StoredUrls, whose texts are found by their about().
  message: [],
  // egressWarnings().
  warning: ['The range … of `egress.…` ….'],
  // What the loops of the queues report: see their explanations of errors.
  trouble: [],
  'describeProblems(problems)': ['Cannot document …'],
  "describeProblems(warnings, 'Corrected the URLs of')": ['Corrected the URLs of …'],
};
/** What the two loops of tables report. */
const TROUBLES = ["The queue's database …", 'Postgres at …'];

interface Logged {
  readonly where: string;
  readonly level: string;
  readonly text: string;
}

/** The text of an expression, with `…` for what is known at run time only; `undefined` if it is no text. */
function textOf(node: ts.Expression): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('');
  }
  if (ts.isParenthesizedExpression(node)) return textOf(node.expression);
  if (ts.isConditionalExpression(node)) return textOf(node.whenTrue);
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const left = textOf(node.left);
    return left === undefined ? undefined : left + (textOf(node.right) ?? '…');
  }
  if (ts.isNewExpression(node) && node.expression.getText() === 'LogLine') return textOf(node.arguments![0]!);
  return ts.isIdentifier(node) ? textOfConstant(node) : undefined;
}

/** The text of a constant that is declared before in the same function. */
function textOfConstant(name: ts.Identifier): string | undefined {
  for (let scope: ts.Node = name; !ts.isSourceFile(scope); scope = scope.parent) {
    if (!ts.isBlock(scope)) continue;
    for (const statement of scope.statements) {
      if (!ts.isVariableStatement(statement)) continue;
      const found = statement.declarationList.declarations.find((one) => one.name.getText() === name.text);
      if (found?.initializer) return textOf(found.initializer);
    }
  }
  return undefined;
}

/** Names where the text of a line comes from. */
function sourceOf(argument: ts.Expression, level: string): string {
  if (!ts.isNewExpression(argument)) return argument.getText();
  const Line = argument.expression.getText();
  return Line === 'LogLine' ? argument.arguments![0]!.getText() : `${Line} ${level}`;
}

/** Every call of a logger in a file, and every warning that is given once. */
function loggedIn(file: string): Logged[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2023, true);
  const logged: Logged[] = [];
  const visit = (node: ts.Node): void => {
    ts.forEachChild(node, visit);
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return;
    const { expression: owner, name } = node.expression;
    const where = `${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
    const add = (level: string, argument: ts.Expression) => {
      const text = textOf(argument);
      if (text !== undefined) return logged.push({ where, level, text });
      const texts = TEXTS_FROM_ELSEWHERE[sourceOf(argument, level)];
      if (!texts) throw new Error(`${where} logs ${argument.getText()}. Fix: say in this test which texts that are.`);
      return logged.push(...texts.map((one) => ({ where, level, text: one })));
    };
    // WarnOnce has a function of a logger.
    const isLogger = /(logger|^this)$/i.test(owner.getText()) || /^new (App)?Logger\(/.test(owner.getText());
    if (isLogger && LEVELS.has(name.text)) add(name.text, node.arguments[0]!);
    const [, described] = node.arguments;
    if (name.text === 'about' && described && ts.isArrowFunction(described))
      add('warn', described.body as ts.Expression);
  };
  visit(source);
  return logged;
}

const files = readdirSync(SOURCE, { recursive: true })
  .map((name) => join(SOURCE, String(name)))
  // The wrapper of Nest's logger has no lines of its own.
  .filter((file) => file.endsWith('.ts') && !/\.spec\.ts$|app-logger/.test(file));
const logged = files.flatMap(loggedIn);

/** The rows of the tables of the log: the texts of a row, and its level. */
const rows = [
  ...readFileSync(PAGE, 'utf8')
    .split('## Every line of the log')[1]!
    .matchAll(/^\| (`.*?) +\| (\w+) +\|/gm),
].flatMap(([, cell = '', level = '']) =>
  [...cell.matchAll(/``(.+?)``|`(.+?)`/g)].map(([, long, short = '']) => ({ level, text: (long ?? short).trim() })),
);

/** Whether a row shows a message: as a whole, or its beginning. */
function shows(row: Omit<Logged, 'where'>, { level, text }: Omit<Logged, 'where'>): boolean {
  return row.level === level && beginning(text).startsWith(beginning(row.text));
}

/** The page spells no code within code, and `…` at the end stands for all that follows. */
const beginning = (text: string) =>
  text
    .replaceAll('`', '')
    .replace(/[ :]*…$/, '')
    .replace(/^…/, '');

describe('the table of all lines of the log', () => {
  it('has each message that the code logs, with its level', () => {
    expect(logged.length).toBeGreaterThan(30);
    const missing = logged.filter((message) => !rows.some((row) => shows(row, message)));
    expect(missing).toEqual([]);
  });

  it('has no message that the code does not log', () => {
    const known = [...logged, ...TROUBLES.map((text) => ({ where: '', level: 'error', text }))];
    const stale = rows.filter((row) => !known.some((message) => shows(row, message)));
    expect(stale).toEqual([]);
  });
});
