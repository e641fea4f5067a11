import { printRuntimeExpression } from '../../expression/runtime-expression.js';
import type { BodyExpression, NamedExpression, RuntimeExpression } from '../../expression/runtime-expression.js';
import type { DeclaredExchange } from '../../openapi/declared-exchange.js';
import { scalarsWithin, structureOf } from '../../openapi/schema-values.js';

/** An expression whose value cannot be part of a URL. */
export interface Structure {
  readonly message: string;
  /** The values within it that a URL can hold. */
  readonly declared?: readonly string[];
  readonly fix: string;
}

const URL_NAME = /ur[il]|callback|hook|endpoint/i;
const ID_NAME = /id$/i;
const SINGLE_VALUES = 'Only a string, a number or a boolean can be a part of a URL.';

/**
 * Reports an expression whose value is an array or an object, which has no value at run time, and suggests what to
 * write instead.
 *
 * @param isBase - whether the expression begins the URL.
 */
export function structureIssue(
  expression: RuntimeExpression,
  title: string,
  exchange: DeclaredExchange,
  isBase: boolean,
): Structure | undefined {
  if (expression.source === 'body') return findBodyStructure(expression, title, exchange, isBase);
  return 'name' in expression ? findParameterStructure(expression, title, exchange) : undefined;
}

function findBodyStructure(
  expression: BodyExpression,
  title: string,
  exchange: DeclaredExchange,
  isBase: boolean,
): Structure | undefined {
  const { message, pointer = [] } = expression;
  const { schemas } = message === 'request' ? exchange.findInRequest(pointer) : exchange.findInResponse(pointer);
  const structure = structureOf(schemas, exchange.schemas);
  if (structure === undefined) return undefined;
  const owner = message === 'request' ? `the request body of ${title}` : `the successful response of ${title}`;
  const within = schemas.flatMap((schema) => scalarsWithin(schema, exchange.schemas));
  const wanted = isBase ? URL_NAME : ID_NAME;
  const example = within.find((path) => wanted.test(path.join('/'))) ?? within[0];
  return {
    message: `${pointer.length === 0 ? `names ${owner}, which is ${structure}` : `names ${structure} in ${owner}`}. ${SINGLE_VALUES}`,
    ...(example && { declared: within.map((path) => [...pointer, ...path].join('/')) }),
    fix: example
      ? `write {${printRuntimeExpression({ ...expression, pointer: [...pointer, ...example] })}}, or name another value in it.`
      : 'declare its type, such as @ApiProperty({ type: String }), or name a value in it.',
  };
}

function findParameterStructure(
  expression: NamedExpression,
  title: string,
  exchange: DeclaredExchange,
): Structure | undefined {
  const { source, name, message } = expression;
  const isOfRequest = message === 'request';
  const { schema } = (isOfRequest ? exchange.parameter(source, name) : exchange.responseHeader(name)) ?? {};
  const structure = structureOf([schema], exchange.schemas);
  if (structure === undefined) return undefined;
  const what = isOfRequest ? `a ${source} parameter of ${title}` : `a response header of ${title}`;
  return {
    message: `names ${what} that is ${structure}. ${SINGLE_VALUES}`,
    fix: fixOfParameter(expression, structure),
  };
}

function fixOfParameter({ source, name, message }: NamedExpression, structure: string): string {
  const declare = {
    header: `@ApiHeader({ name: '${name}', schema: { type: 'string' } })`,
    query: `@ApiQuery({ name: '${name}', type: String })`,
    path: `@ApiParam({ name: '${name}', type: String })`,
  }[source];
  if (message === 'response') {
    return `declare it as one value: headers: { '${name}': { schema: { type: 'string' } } } in the @ApiResponse().`;
  }
  const inBody = structure === 'an array' ? `${name}/0` : `${name}/url`;
  return `declare it as one value, ${declare}, or let the client send it in the body: {$request.body#/${inBody}}.`;
}
