import { distance } from 'fastest-levenshtein';
import { placeOf } from '../contract/callback-contract.js';
import type { CallbackOperation } from '../contract/callback-contract.js';
import type { CallbackProblem } from '../contract/callback-problem.js';
import { printRuntimeExpression } from '../expression/print-runtime-expression.js';
import type { RuntimeExpression } from '../expression/runtime-expression.js';
import type { DeclaredExchange } from './declared-exchange.js';
import type { ReportProblem } from './select-callbacks.js';

/** Headers that every request can have without declaring them: OpenAPI describes them elsewhere. */
const STANDARD_REQUEST_HEADERS = ['Accept', 'Content-Type', 'Authorization'];
const STANDARD_RESPONSE_HEADERS = ['Content-Type'];

/** What is wrong with an expression: what it names, the expressions that are there instead, and what to do. */
interface Mistake {
  readonly message: string;
  readonly declared: readonly string[];
  readonly candidates: readonly RuntimeExpression[];
  readonly fix: string;
}

/**
 * Checks that every expression in the URL of a callback names something that the operation declares which leads to
 * the callback.
 *
 * @param title - how messages name that operation: `POST /invoices`.
 */
export function checkExpressions(
  operation: CallbackOperation,
  title: string,
  exchange: DeclaredExchange,
  report: ReportProblem,
): void {
  for (const part of operation.url.parts) {
    if (typeof part === 'string') continue;
    const mistake = findMistake(part, title, exchange);
    if (mistake) report(undeclaredValue(operation, part, mistake));
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

type NamedExpression = Extract<RuntimeExpression, { name: string }>;
type BodyExpression = Extract<RuntimeExpression, { source: 'body' }>;

const DECORATORS = {
  header: '@ApiHeader()',
  query: '@Query() or @ApiQuery()',
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
  return {
    message: `names a ${source} parameter that ${title} does not declare.`,
    declared,
    candidates: declared.map((candidate) => ({ ...expression, name: candidate })),
    fix: `declare ${name} with ${DECORATORS[source]}, or name a parameter that is declared.`,
  };
}

function findResponseMistake(
  expression: NamedExpression,
  title: string,
  exchange: DeclaredExchange,
): Mistake | undefined {
  const { source, name } = expression;
  if (source !== 'header') {
    const message = `reads the ${source} of the response, and a response has none.`;
    const request: RuntimeExpression = { ...expression, message: 'request' };
    return { message, declared: [], candidates: [], fix: `did you mean {${printRuntimeExpression(request)}}?` };
  }
  const declared = exchange.responseHeaders();
  if (declares(declared, expression, STANDARD_RESPONSE_HEADERS)) return undefined;
  return {
    message: `names a header that no successful response of ${title} declares.`,
    declared,
    candidates: declared.map((candidate) => ({ ...expression, name: candidate })),
    fix: `declare ${name} in the \`headers\` of @ApiOkResponse() or its kin, or name a header that is declared.`,
  };
}

/** Header names are the same in any case, all others are not. */
function declares(
  declared: readonly string[],
  { source, name }: NamedExpression,
  standardHeaders: readonly string[],
): boolean {
  if (source !== 'header') return declared.includes(name);
  return [...declared, ...standardHeaders].some((header) => header.toLowerCase() === name.toLowerCase());
}

function findBodyMistake(expression: BodyExpression, title: string, exchange: DeclaredExchange): Mistake | undefined {
  const { message, pointer = [] } = expression;
  if (message === 'request' && !exchange.hasBody()) {
    const fix = 'declare the body with @Body() or @ApiBody(), or take the value from another part of the request.';
    return { message: `reads the body of the request, and ${title} has none.`, declared: [], candidates: [], fix };
  }
  const { found, declared } =
    message === 'request' ? exchange.findInRequest(pointer) : exchange.findInResponse(pointer);
  if (found) return undefined;
  const candidates = declared.map((other) => ({ ...expression, pointer: other }));
  const owner = message === 'request' ? `the request body of ${title}` : `the successful response of ${title}`;
  return {
    message: `names a property that ${owner} does not have.`,
    declared: declared.map((tokens) => tokens.join('/')),
    candidates,
    fix: 'declare the property with @ApiProperty(), or name one that is declared.',
  };
}

function undeclaredValue(
  operation: CallbackOperation,
  expression: RuntimeExpression,
  mistake: Mistake,
): CallbackProblem {
  const text = printRuntimeExpression(expression);
  const nearest = nearestTo(text, mistake.candidates.map(printRuntimeExpression));
  return {
    code: 'undeclared-value',
    place: placeOf(operation),
    message: `{${text}} ${mistake.message}`,
    declared: [...new Set(mistake.declared)],
    fix: nearest === undefined ? mistake.fix : `did you mean {${nearest}}?`,
  };
}

/** The candidate that is most likely meant: a slip in every third letter at most, or two letters in each other's place. */
function nearestTo(text: string, candidates: readonly string[]): string | undefined {
  const name = lastName(text);
  const near = candidates
    .map((candidate) => ({ candidate, edits: distance(lastName(candidate).toLowerCase(), name.toLowerCase()) }))
    .filter(({ edits }) => edits < name.length && edits <= Math.max(2, Math.floor(name.length / 3)))
    .toSorted((a, b) => a.edits - b.edits);
  return near[0]?.candidate;
}

function lastName(expression: string): string {
  return /[^./#]*$/.exec(expression)![0];
}
