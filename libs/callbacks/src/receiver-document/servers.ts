import { parseUrl } from '../expression/parse-url.js';
import type { DeclaredExchange } from '../openapi/declared-exchange.js';
import type { ServerObject } from '../openapi/openapi-types.js';
import type { Resolver } from '../openapi/resolve-reference.js';
import type { SentOperation } from './collect-operations.js';
import { exampleOfValue } from './declared-value.js';
import { describeExpression, describeSources, nameExpressions } from './describe-expression.js';
import type { ValueSource } from './describe-expression.js';
import { groupBy } from './group-by.js';
import { expressionsIn, isExpression, withNames } from './url-segments.js';
import type { Segment } from './url-segments.js';

/** Stands for the receiver where the document has no example of its URL; it has to be one that can be tried. */
const ANY_URL = 'https://www.external.org';
const ANY_NAME = 'example';

interface ServerVariable {
  readonly name: string;
  readonly default: string;
  /** Where the value comes from, unless it is agreed on elsewhere. */
  readonly source?: ValueSource;
}

/** A server of the receiver, as one operation names it. */
export interface Server {
  readonly url: string;
  readonly variables: readonly ServerVariable[];
  /** The Server Object that the document has of it itself. */
  readonly given?: ServerObject;
}

/** The server that the beginning of a callback's URL stands for. */
export function serverOf(
  base: readonly Segment[],
  title: string,
  exchange: DeclaredExchange,
  resolver: Resolver,
): Server {
  const expressions = expressionsIn(base);
  const names = nameExpressions(expressions);
  const variables = expressions.map((expression, index) => {
    const example = exampleOfValue(expression, exchange, resolver);
    const source = { phrase: describeExpression(expression), title };
    return { name: names[index]!, default: isExpression(base) ? asServerUrl(example) : asName(example), source };
  });
  return { url: withNames(base, names), variables };
}

/** A server whose URL no request of the API brings. */
export function agreedServer(name: string): Server {
  return { url: `{${name}}`, variables: [{ name, default: ANY_URL }] };
}

/** The servers that the document names itself. */
export function givenServers({ servers }: SentOperation): Server[] | undefined {
  return servers?.map((given) => ({ url: given.url, variables: [], given }));
}

/** Writes servers as Server Objects: one for each URL, whose description tells the sources of all its variables. */
export function writeServers(servers: readonly Server[]): ServerObject[] {
  return [...groupBy(servers, ({ url }) => url)].map(([url, same]) => {
    const given = same.find((server) => server.given)?.given;
    if (given) return given;
    const variables = groupBy(
      same.flatMap((server) => server.variables),
      ({ name }) => name,
    );
    if (variables.size === 0) return { url };
    const values = [...variables].map(([name, [variable]]) => [name, { default: variable!.default }]);
    // Here, and not at the variables: the validators of OpenAPI 3.1 that use its first schema refuse descriptions there.
    // Swagger UI lists servers as plain text.
    const description = describeVariables([...variables.values()]).replaceAll('`', '');
    return { url, description, variables: Object.fromEntries(values) };
  });
}

function describeVariables(variables: readonly (readonly ServerVariable[])[]): string {
  return variables
    .map((same) => {
      const sources = same.flatMap(({ source }) => source ?? []);
      const agreed = sources.length < same.length ? ['the URL that was agreed on elsewhere'] : [];
      return [...(sources.length > 0 ? [describeSources(sources)] : []), ...agreed].join(', or ');
    })
    .join('; ');
}

/** An example of a URL without what a server cannot have: a query, a fragment, or the slash that its paths begin with. */
function asServerUrl(example: unknown): string {
  const url = typeof example === 'string' && /^https?:/i.test(example) ? parseUrl(example) : undefined;
  return url === undefined ? ANY_URL : url.origin + url.pathname.replace(/\/+$/, '');
}

/** An example of a part of a host or of a scheme. */
function asName(example: unknown): string {
  return typeof example === 'string' && /^[\w.-]+$/.test(example) ? example : ANY_NAME;
}
