import { CallbackContractError } from '../contract/callback-contract.error.js';
import type { ContractIssue } from '../contract/callback-contract.error.js';
import { placeOf } from '../contract/callback-contract.js';
import type { ReceiverOperation } from '../contract/callback-contract.js';
import { isModelClass } from '../contract/model-class.js';
import { missingParameters, requiredParametersOf } from '../contract/required-parameters.js';
import type { RequiredParameter } from '../contract/required-parameters.js';
import { routeArgumentsOf } from '../contract/route-arguments.js';
import type { RouteArgument } from '../contract/route-arguments.js';
import { mediaTypesOf } from '../contract/route-metadata.js';
import { SIGNATURE_HEADERS } from '../contract/signature-headers.js';
import { checkByClass, checkBySchema, joinPaths } from './check-value.js';
import { toInstance, toPlain } from './convert-value.js';
import { encodeBody } from './encode-body.js';
import { errorName } from './error-name.js';
import { oncePer } from './once-per.js';
import { textOf } from './text-of.js';

/** A request that is ready to be signed and sent: the same bytes on every attempt. */
export interface CallbackRequest {
  /** The HTTP method in upper case. */
  readonly method: string;
  readonly url: string;
  /** Header fields, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What connects two machines belongs to the client, and is not the callback's to set. */
const HOP_HEADERS = new Set(['host', 'content-length', 'transfer-encoding', 'connection', 'expect', 'upgrade']);

/** What the decorators of an operation say of its request. */
interface RequestShape {
  readonly declared: readonly RouteArgument[];
  /** The required parameters that are arguments. What only `@ApiHeader()` declares may be an interceptor's to add. */
  readonly required: readonly RequiredParameter[];
  readonly httpMethod: string;
  readonly mediaType: string;
}

const shapeOf = oncePer((operation: ReceiverOperation): RequestShape => {
  const declared = routeArgumentsOf(operation.callbacks, operation.methodName);
  return {
    declared,
    required: requiredParametersOf(operation).filter(
      ({ source, name }) =>
        declared.some((argument) => argument.source === source && argument.name === name) &&
        !(source === 'header' && SIGNATURE_HEADERS.includes(name.toLowerCase())),
    ),
    httpMethod: operation.httpMethod.toUpperCase(),
    mediaType: mediaTypesOf(operation)[0] ?? 'application/json',
  };
});

/**
 * Makes the request of a callback from the arguments that its method was called with.
 *
 * @throws CallbackContractError with every argument that does not fit what the method declares.
 */
export async function renderRequest(
  operation: ReceiverOperation,
  url: string,
  values: readonly unknown[],
): Promise<CallbackRequest> {
  try {
    return await render(operation, url, values);
  } catch (error) {
    if (error instanceof CallbackContractError) throw error;
    // A schema that throws, a BigInt, a circle, a date that is none. The message may hold the value: it stays here.
    throw new CallbackContractError(placeOf(operation), [
      { path: '', message: `an argument cannot be written (${errorName(error)})` },
    ]);
  }
}

async function render(operation: ReceiverOperation, url: string, values: readonly unknown[]): Promise<CallbackRequest> {
  const { declared, required, httpMethod, mediaType } = shapeOf(operation);
  const written = await Promise.all(declared.map((argument) => writeArgument(argument, values[argument.index])));
  const issues = written.flatMap((result) => ('issues' in result ? result.issues : []));
  const parts = declared.map((argument, index) => ({
    argument,
    value: 'value' in written[index]! ? written[index].value : undefined,
  }));
  // Several values of a header are one, with commas between them (RFC 9110, section 5.3).
  const headers = collect(parts, 'header').flatMap(([name, value]) => {
    const texts = scalars(value);
    return texts.length === 0 ? [] : [[name.toLowerCase(), texts.join(', ')] as const];
  });
  const query = collect(parts, 'query').flatMap(([name, value]) =>
    scalars(value).map((text): [string, string] => [name, text]),
  );
  const given = { query: new Set(query.map(([name]) => name)), header: new Set(headers.map(([name]) => name)) };
  issues.push(
    ...headers.flatMap(([name, value]) => whyNoHeader(name, value)),
    ...missingParameters(required, given).map(describeMissing),
  );
  const body = bodyOf(parts);
  const encoded = body === undefined ? undefined : encodeBody(body, mediaType);
  if (encoded && 'issue' in encoded) issues.push(encoded.issue);
  if (issues.length > 0) throw new CallbackContractError(placeOf(operation), issues);
  return {
    method: httpMethod,
    url: appendQuery(url, query),
    headers: {
      accept: 'application/json',
      ...(encoded ? { 'content-type': mediaType } : {}),
      ...Object.fromEntries(headers),
    },
    ...(encoded && 'text' in encoded ? { body: encoded.text } : {}),
  };
}

/** An argument as it is sent, checked by its schema or by its class before. */
async function writeArgument(argument: RouteArgument, value: unknown) {
  const written = await writeValue(argument, value);
  if (!('issues' in written) || argument.name === undefined) return written;
  const { name } = argument;
  return { issues: written.issues.map(({ path, message }) => ({ path: joinPaths(name, path), message })) };
}

async function writeValue({ type, schema, source }: RouteArgument, value: unknown) {
  if (value === undefined && source !== 'body') return { value };
  if (schema !== undefined) {
    const checked = await checkBySchema(schema, value);
    // What the schema makes of the value is for the receiver to have: what was written is what is sent.
    return 'issues' in checked ? checked : { value };
  }
  if (!isModelClass(type)) return { value: await toPlain(value) };
  const checked = await checkByClass(type, await toInstance(type, value));
  return 'issues' in checked ? checked : { value: await toPlain(checked.value) };
}

interface Part {
  readonly argument: RouteArgument;
  readonly value: unknown;
}

/** The named values of a source: `@Query('a') a` and the properties of `@Query() all`. */
function collect(parts: readonly Part[], source: string): [string, unknown][] {
  return parts
    .filter(({ argument }) => argument.source === source)
    .flatMap(({ argument, value }) =>
      argument.name === undefined
        ? Object.entries((value as object | undefined) ?? {})
        : [[argument.name, value] as [string, unknown]],
    )
    .filter(([, value]) => value !== undefined && value !== null);
}

/** `@Body() all`, or an object of every `@Body('name') value`. */
function bodyOf(parts: readonly Part[]): unknown {
  const bodies = parts.filter(({ argument }) => argument.source === 'body');
  const whole = bodies.find(({ argument }) => argument.name === undefined);
  if (whole || bodies.length === 0) return whole?.value;
  return Object.fromEntries(bodies.map(({ argument, value }) => [argument.name, value]));
}

function appendQuery(url: string, pairs: [string, string][]): string {
  if (pairs.length === 0) return url;
  const query = new URLSearchParams(pairs).toString();
  const [, head = url, fragment = ''] = /^([^#]*)(#.*)?$/s.exec(url) ?? [];
  return `${head}${head.includes('?') ? '&' : '?'}${query}${fragment}`;
}

function scalars(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(scalars);
  return [textOf(value)];
}

function describeMissing({ source, name }: RequiredParameter): ContractIssue {
  const decorator = source === 'query' ? '@ApiQuery' : '@ApiHeader';
  const message = `is missing, and required unless ${decorator}({ name: '${name}', required: false }) says otherwise`;
  return { path: name, message };
}

function whyNoHeader(name: string, value: string): ContractIssue[] {
  if (HOP_HEADERS.has(name)) return [{ path: name, message: 'is a header that the client sets itself' }];
  if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) return [{ path: name, message: 'is no name of a header' }];
  return /[^\t\x20-\x7e\x80-\xff]/.test(value)
    ? [{ path: name, message: 'has a character that no header can hold' }]
    : [];
}
