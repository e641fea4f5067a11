import { qualifiedNameOf } from '../../contract/callback-contract.js';
import type { CallbackOperation } from '../../contract/callback-contract.js';
import type { CallbackProblem, ReportProblem } from '../../errors/callback-problem.js';
import { printRuntimeExpression } from '../../expression/runtime-expression.js';
import { printJsonPointer } from '../../expression/json.js';
import type { BodyExpression, NamedExpression, RuntimeExpression } from '../../expression/runtime-expression.js';
import type { DeclaredExchange } from '../../openapi/declared-exchange.js';
import type { SchemaSearch } from '../../openapi/find-in-schema.js';
import { structureIssue } from './structure-issue.js';
import type { Structure } from './structure-issue.js';
import { nearestPointer, nearNames } from './nearest-pointer.js';

/** Headers that every request can have without a declaration, because OpenAPI describes them elsewhere. */
const STANDARD_REQUEST_HEADERS = ['Accept', 'Content-Type', 'Authorization'];
const STANDARD_RESPONSE_HEADERS = ['Content-Type'];

/** What is wrong with an expression: what it names, what is declared instead, and what to do. */
interface Mistake {
  readonly message: string;
  readonly declared: readonly string[];
  /** What is probably meant. */
  readonly meant?: RuntimeExpression | undefined;
  /** What probably follows it, outside its braces: `/events`. */
  readonly rest?: string;
  /** What to do if nothing similar is declared. */
  readonly fix: string;
}

/**
 * Checks that every expression in the URL of a callback names something that the triggering operation declares.
 *
 * @param title - how messages name that operation: `POST /invoices`.
 */
export function checkExpressions(
  operation: CallbackOperation,
  title: string,
  exchange: DeclaredExchange,
  report: ReportProblem,
): void {
  for (const [index, part] of operation.url.parts.entries()) {
    if (typeof part === 'string') continue;
    const mistake = findMistake(part, title, exchange);
    if (mistake) {
      report(undeclaredValue(operation, part, mistake));
      continue;
    }
    const structure = structureIssue(part, title, exchange, index === 0);
    if (structure) report(unusableValue(operation, part, structure));
  }
}

function findMistake(expression: RuntimeExpression, title: string, exchange: DeclaredExchange): Mistake | undefined {
  switch (expression.source) {
    case 'url':
    case 'method':
    case 'statusCode':
      return undefined;
    case 'body':
      return findBodyMistake(expression, title, exchange);
    default:
      return expression.message === 'request'
        ? findParameterMistake(expression, title, exchange)
        : findResponseMistake(expression, title, exchange);
  }
}

/** A name, and what belongs to the URL instead if the braces end too late: a path, a query, another expression. */
const NAME_AND_REST = /^(?<head>[^/?#{]+)(?<rest>[/?#{].*)$/s;

const DECORATORS = {
  header: '@ApiHeader()',
  // SWC writes no metadata for a type such as `string | undefined`, so the document lacks the parameter.
  query: '@Query() and the plain type string, or @ApiQuery()',
  path: '@Param() or @ApiParam()',
};

function findParameterMistake(
  expression: NamedExpression,
  title: string,
  exchange: DeclaredExchange,
): Mistake | undefined {
  const { source, name } = expression;
  const declared = exchange.parameters(source);
  if (declared === undefined || declares(declared, expression, STANDARD_REQUEST_HEADERS)) return undefined;
  const message = `names a ${source} parameter that ${title} does not declare.`;
  const { head, rest } = NAME_AND_REST.exec(name)?.groups ?? {};
  if (head !== undefined && rest !== undefined) {
    const shorter = { ...expression, name: head };
    const meant = declares(declared, shorter, []) ? shorter : nearestParameter(shorter, declared, exchange);
    const fix = `write {${printRuntimeExpression(shorter)}}${rest}, and declare ${head} with ${DECORATORS[source]}.`;
    return { message, declared, meant, rest, fix };
  }
  return {
    message,
    declared,
    meant: nearestParameter(expression, declared, exchange),
    fix:
      name === ''
        ? 'write the name of the parameter after the dot.'
        : `declare ${name} with ${DECORATORS[source]}, or use a declared parameter.`,
  };
}

function findResponseMistake(
  expression: NamedExpression,
  title: string,
  exchange: DeclaredExchange,
): Mistake | undefined {
  const { source, name } = expression;
  if (source !== 'header') {
    const message = `reads the ${source} of the response, but a response has none.`;
    const meant: NamedExpression = { ...expression, message: 'request' };
    const mistake = findParameterMistake(meant, title, exchange);
    return {
      ...mistake,
      message,
      declared: [],
      meant: mistake ? mistake.meant : meant,
      fix: 'read it from the request.',
    };
  }
  const declared = exchange.responseHeaders();
  if (declares(declared, expression, STANDARD_RESPONSE_HEADERS)) return undefined;
  return {
    message: `names a header that no successful response of ${title} declares.`,
    declared,
    meant: withName(expression, nearNames(name, declared)[0]),
    fix: `declare ${name} in the \`headers\` of @ApiOkResponse() or a similar decorator, or use a declared header.`,
  };
}

/** Whether an expression names something declared. The case of header names does not matter. */
function declares(
  declared: readonly string[],
  { source, name }: NamedExpression,
  standardHeaders: readonly string[],
): boolean {
  if (source !== 'header') return declared.includes(name);
  return [...declared, ...standardHeaders].some((header) => header.toLowerCase() === name.toLowerCase());
}

/** Returns the parameter with a similar name, or a value with the same name elsewhere in the request. */
function nearestParameter(
  expression: NamedExpression,
  declared: readonly string[],
  exchange: DeclaredExchange,
): RuntimeExpression | undefined {
  const { source, name } = expression;
  const [near] = nearNames(name, declared);
  if (near !== undefined) return withName(expression, near);
  const elsewhere = (['query', 'path', 'header'] as const).find(
    (other) => other !== source && exchange.parameters(other)?.includes(name),
  );
  if (elsewhere) return { ...expression, source: elsewhere };
  const inBody = exchange.findInRequest([name]);
  const isInBody = inBody.found && inBody.schemas.some((schema) => schema !== undefined);
  return isInBody ? { source: 'body', message: 'request', pointer: [name] } : undefined;
}

function withName(expression: NamedExpression, name: string | undefined): RuntimeExpression | undefined {
  return name === undefined ? undefined : { ...expression, name };
}

function findBodyMistake(expression: BodyExpression, title: string, exchange: DeclaredExchange): Mistake | undefined {
  const { message, pointer = [] } = expression;
  if (message === 'request' && !exchange.hasBody()) {
    const fix = 'declare the body with @Body() or @ApiBody(), or read the value from another part of the request.';
    return { message: `reads the body of the request, but ${title} has none.`, declared: [], fix };
  }
  const find = (other: readonly string[]) =>
    message === 'request' ? exchange.findInRequest(other) : exchange.findInResponse(other);
  const { found, declared } = find(pointer);
  if (found) return undefined;
  const nearest = nearestPointer(pointer, find);
  const owner = message === 'request' ? `the request body of ${title}` : `the successful response of ${title}`;
  const end = nearest ? pointer.length : valueLength(pointer, find);
  return {
    message: pointer.includes('-')
      ? `names the element after the last one of an array in ${owner}, which never has a value.`
      : `names a property that ${owner} does not have.`,
    declared: declared.map((tokens) => tokens.join('/')),
    ...(nearest && { meant: { ...expression, pointer: nearest } }),
    ...(end < pointer.length && {
      meant: { ...expression, pointer: pointer.slice(0, end) },
      rest: printJsonPointer(pointer.slice(end)),
    }),
    fix: 'declare the property with @ApiProperty(), or use a declared one.',
  };
}

/** Returns how many steps of a failing pointer lead to a value without members. The rest belongs to the URL. */
function valueLength(pointer: readonly string[], find: (pointer: readonly string[]) => SchemaSearch): number {
  const failing = pointer.findIndex((_, index) => !find(pointer.slice(0, index + 1)).found);
  const { declared } = find(pointer.slice(0, failing + 1));
  const hasMembers = declared.some(({ length }) => length > failing);
  return failing > 0 && !hasMembers ? failing : pointer.length;
}

function undeclaredValue(
  operation: CallbackOperation,
  expression: RuntimeExpression,
  { message, declared, meant, rest = '', fix }: Mistake,
): CallbackProblem {
  return {
    code: 'undeclared-value',
    place: qualifiedNameOf(operation),
    message: `${operation.url.bare ? printRuntimeExpression(expression) : `{${printRuntimeExpression(expression)}}`} ${message}`,
    declared: [...new Set(declared)],
    fix: meant === undefined ? fix : `did you mean {${printRuntimeExpression(meant)}}${rest}?`,
  };
}

function unusableValue(
  operation: CallbackOperation,
  expression: RuntimeExpression,
  { message, ...structure }: Structure,
): CallbackProblem {
  const text = `{${printRuntimeExpression(expression)}} ${message}`;
  return { code: 'unusable-value', place: qualifiedNameOf(operation), message: text, ...structure };
}
