import { parseUrl, withoutEndSlashes } from '../expression/parse-url.js';
import type { DeclaredExchange } from '../openapi/declared-exchange.js';
import type { ServerObject } from '../openapi/openapi-types.js';
import type { SentOperation } from './collect-operations.js';
import { exampleOfValue, describeExpression, describeSources, nameExpressions } from './describe-expression.js';
import type { ValueSource } from './describe-expression.js';
import { groupBy } from './group-by.js';
import { expressionsIn, isExpression, withNames } from './url-segments.js';
import type { Segment } from './url-segments.js';

/** The receiver's URL if the document has no example of it. It must be a valid URL, for Swagger UI to try it out. */
const ANY_URL = 'https://www.external.org';
const ANY_NAME = 'example';

interface ServerVariable {
  readonly name: string;
  readonly default: string;
  /** The source of the value; absent if the value was agreed on elsewhere. */
  readonly source?: ValueSource;
}

/** A server of the receiver, as one operation uses it. */
export interface Server {
  readonly url: string;
  readonly variables: readonly ServerVariable[];
  /** The Server Object in the document, if there is one. */
  readonly given?: ServerObject;
}

/** Returns the server for the beginning of a callback's URL. */
export function serverOf(base: readonly Segment[], title: string, exchange: DeclaredExchange): Server {
  const expressions = expressionsIn(base);
  const names = nameExpressions(expressions);
  const variables = expressions.map((expression, index) => {
    const example = exampleOfValue(expression, exchange);
    const source = { phrase: describeExpression(expression), title };
    return { name: names[index]!, default: isExpression(base) ? asServerUrl(example) : asName(example), source };
  });
  return { url: withNames(base, names), variables };
}

/** Returns a server whose URL was agreed on outside of the API. */
export function agreedServer(name: string): Server {
  return { url: `{${name}}`, variables: [{ name, default: ANY_URL }] };
}

/** Returns the servers that the document declares. */
export function givenServers({ servers }: SentOperation): Server[] | undefined {
  return servers?.map((given) => ({ url: given.url, variables: [], given }));
}

/** Writes a Server Object for each URL. Its description names the sources of all its variables. */
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
    // Not at the variables: validators with the first JSON schema of OpenAPI 3.1 reject descriptions there. Swagger UI
    // shows the description of a server as plain text.
    const description = describeVariables([...variables.values()]).replaceAll('`', '');
    return { url, description, variables: Object.fromEntries(values) };
  });
}

function describeVariables(variables: readonly (readonly ServerVariable[])[]): string {
  return variables
    .map((same) => {
      const sources = same.flatMap(({ source }) => source ?? []);
      if (sources.length === 0) return 'The URL that was registered in advance.';
      const agreed = sources.length < same.length ? ', or the URL that was registered in advance' : '';
      return `From ${describeSources(sources)}${agreed}.`;
    })
    .join(' ');
}

/** Returns an example URL without what a server cannot have: a query, a fragment, or a trailing slash. */
function asServerUrl(example: unknown): string {
  const url = typeof example === 'string' && /^https?:/i.test(example) ? parseUrl(example) : undefined;
  return url === undefined ? ANY_URL : url.origin + withoutEndSlashes(url.pathname);
}

/** Returns an example for a part of a host or a scheme. */
function asName(example: unknown): string {
  return typeof example === 'string' && /^[\w.-]+$/.test(example) ? example : ANY_NAME;
}
