import { CallbackContractError, errorName } from '../errors/contract.errors.js';
import type { ContractIssue } from '../errors/contract.errors.js';
import { qualifiedNameOf } from '../contract/callback-contract.js';
import type { ReceiverOperation } from '../contract/callback-contract.js';
import { PackageError } from '../errors/require-peer.js';
import { missingParameters, requiredParametersOf, SIGNATURE_HEADERS } from '../contract/request-arguments.js';
import type { RequiredParameter } from '../contract/request-arguments.js';
import { extraModelsOf } from '../metadata/model.js';
import type { ModelClass } from '../metadata/model.js';
import { declaredParametersOf } from '../metadata/route-arguments.js';
import type { RouteArgument } from '../metadata/route-arguments.js';
import { mediaTypesOf, replyMediaTypesOf } from '../metadata/route-metadata.js';
import { appendQuery, encodeBody, headerIssue, queryIssue, writeHeaders, writeQuery } from './encode-request.js';
import type { WrittenArgument } from './encode-request.js';
import { memoize } from './memoize.js';
import { REMOVE_UNDECLARED } from './undeclared-properties.js';
import type { UndeclaredProperties } from './undeclared-properties.js';
import { writeArgument } from './write-argument.js';
import type { ArgumentContext } from './write-argument.js';

/**
 * A request that is ready to be signed and sent: the same bytes on every attempt. It is plain JSON, for a JSON column.
 */
export type CallbackRequest = {
  /** The HTTP method in upper case. */
  readonly method: string;
  readonly url: string;
  /** Header fields, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as a string, or its bytes in base64: see `bodyEncoding`. */
  readonly body?: string;
  /** How `body` encodes bytes that are not text. */
  readonly bodyEncoding?: 'base64';
};

/** The request of an operation, as its decorators declare it. */
interface RequestShape {
  readonly declared: readonly RouteArgument[];
  /** The required parameters that are arguments. An interceptor may add a header that only `@ApiHeader()` declares. */
  readonly required: readonly RequiredParameter[];
  readonly httpMethod: string;
  /** The media types of the body; the first one that fits is used. */
  readonly mediaTypes: readonly string[];
  readonly accept: string;
  readonly parameterNames: ArgumentContext['parameterNames'];
  readonly extraModels: readonly ModelClass[];
}

const requestShapeOf = memoize((operation: ReceiverOperation): RequestShape => {
  const { arguments: declared } = operation;
  return {
    declared,
    required: requiredParametersOf(operation).filter(
      ({ source, name }) =>
        declared.some((argument) => argument.source === source && argument.name === name) &&
        !(source === 'header' && SIGNATURE_HEADERS.includes(name.toLowerCase())),
    ),
    httpMethod: operation.httpMethod.toUpperCase(),
    mediaTypes: mediaTypesOf(operation),
    accept: replyMediaTypesOf(operation).join(', '),
    parameterNames: parameterNamesOf(operation),
    extraModels: [...extraModelsOf(operation.method), ...extraModelsOf(operation.callbacks)],
  };
});

function parameterNamesOf({
  callbacks,
  method,
  arguments: taken,
}: ReceiverOperation): ArgumentContext['parameterNames'] {
  const declared = declaredParametersOf(callbacks, method).map(({ in: source, name }) => ({ source, name }));
  const parameters = [...declared, ...taken];
  const namesOf = (wanted: string) => parameters.flatMap(({ source, name }) => (source === wanted ? (name ?? []) : []));
  return { query: new Set(namesOf('query')), header: new Set(namesOf('header').map((name) => name.toLowerCase())) };
}

/**
 * Renders the request of a callback from the arguments of its handler.
 *
 * @throws CallbackContractError with every argument that does not match its declaration.
 */
export async function renderRequest(
  operation: ReceiverOperation,
  url: string,
  values: readonly unknown[],
  undeclared: UndeclaredProperties = REMOVE_UNDECLARED,
): Promise<CallbackRequest> {
  try {
    return await render(operation, url, values, undeclared);
  } catch (error) {
    if (error instanceof CallbackContractError || error instanceof PackageError) throw error;
    // A schema that throws, a BigInt, a circular object, an invalid date. The message may contain the value, so it is
    // left out.
    throw new CallbackContractError(qualifiedNameOf(operation), [
      { path: '', message: `an argument cannot be written (${errorName(error)})` },
    ]);
  }
}

async function render(
  operation: ReceiverOperation,
  url: string,
  values: readonly unknown[],
  undeclared: UndeclaredProperties,
): Promise<CallbackRequest> {
  const { declared, required, httpMethod, mediaTypes, accept, parameterNames, extraModels } = requestShapeOf(operation);
  const context: ArgumentContext = { callback: qualifiedNameOf(operation), undeclared, parameterNames, extraModels };
  const checked = await Promise.all(
    declared.map((argument) => writeArgument(argument, values[argument.index], context)),
  );
  const written = declared.map((argument, index) => ({
    argument,
    value: 'value' in checked[index]! ? checked[index].value : undefined,
  }));
  const headers = writeHeaders(written);
  const query = writeQuery(written);
  const given = { query: new Set(query.map(([name]) => name)), header: new Set(headers.keys()) };
  const body = bodyValueOf(written);
  const encoded = body === undefined ? undefined : encodeBody(body, mediaTypes);
  const issues = [
    ...checked.flatMap((result) => ('issues' in result ? result.issues : [])),
    ...[...headers].flatMap(([name, value]) => headerIssue(name, value) ?? []),
    ...query.flatMap(([name, value]) => queryIssue(name, value) ?? []),
    ...missingParameters(required, given).map(describeMissing),
    ...(encoded && 'issues' in encoded ? encoded.issues : []),
    ...unsentArguments(declared, values),
  ];
  if (issues.length > 0) throw new CallbackContractError(qualifiedNameOf(operation), issues);
  return {
    method: httpMethod,
    url: appendQuery(url, query),
    headers: {
      accept,
      ...(encoded && 'mediaType' in encoded ? { 'content-type': encoded.mediaType } : {}),
      ...Object.fromEntries(headers),
    },
    ...(encoded && 'text' in encoded ? { body: encoded.text } : {}),
    ...(encoded && 'bytes' in encoded ? { body: encoded.bytes.toString('base64'), bodyEncoding: 'base64' } : {}),
  };
}

/** `@Body() all`, or an object of every `@Body('name') value`. */
function bodyValueOf(written: readonly WrittenArgument[]): unknown {
  const bodies = written.filter(({ argument }) => argument.source === 'body');
  const whole = bodies.find(({ argument }) => argument.name === undefined);
  if (whole || bodies.length === 0) return whole?.value;
  return Object.fromEntries(bodies.map(({ argument, value }) => [argument.name, value]));
}

/** Reports arguments that would not be sent, most likely because `@Body()` is missing. */
function unsentArguments(declared: readonly RouteArgument[], values: readonly unknown[]): ContractIssue[] {
  return values.flatMap((value, position) =>
    value === undefined || declared.some(({ index }) => index === position)
      ? []
      : [
          {
            path: '',
            message: `argument ${position + 1} has no @Body(), @Query() or @Headers(), and would not be sent`,
          },
        ],
  );
}

function describeMissing({ source, name }: RequiredParameter): ContractIssue {
  const decorator = source === 'query' ? '@ApiQuery' : '@ApiHeader';
  const message = `is missing. It is required unless ${decorator}({ name: '${name}', required: false }) says otherwise`;
  return { path: name, message };
}

/** The headers that every request may have. */
const USUAL_HEADERS: ReadonlySet<string> = new Set(['accept', 'content-type']);

/** Returns what a stored request has that its operation could not have rendered: its HTTP method or header fields. */
export function requestIssues(operation: ReceiverOperation, { method, headers }: CallbackRequest): ContractIssue[] {
  const { httpMethod, declared, parameterNames } = requestShapeOf(operation);
  // `@Headers() all` accepts any name.
  const isOpen = declared.some(({ source, name }) => source === 'header' && name === undefined);
  const isKnown = (name: string) => isOpen || USUAL_HEADERS.has(name) || parameterNames.header.has(name);
  return [
    ...(method === httpMethod ? [] : [{ path: 'request.method', message: `must be ${httpMethod}` }]),
    ...Object.entries(headers).flatMap(([name, value]): ContractIssue | [] => {
      // The name is left out, since it could be anything.
      if (!isKnown(name)) return { path: 'request.headers', message: 'has a header that the handler does not declare' };
      return headerIssue(name, value) ?? [];
    }),
  ];
}
