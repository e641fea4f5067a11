import type { OpenAPIObject } from '@nestjs/swagger';
import type { OperationObject } from '../openapi/openapi-types.js';
import { parameterKey } from './complete-operation.js';
import { unionSchema } from './union-schema.js';
import { groupBy } from './group-by.js';
import { mergeOperations } from './merge-operations.js';
import type { Slot } from './place-routes.js';
import type { UrlParameter } from './url-parameter.js';
import { describeSources } from './value-source.js';

export const WEBHOOKS_TAG = 'Webhooks';

/**
 * The operation that the receiver serves in a place, without its servers.
 *
 * @param names - of the parameters in its path.
 */
export function writeOperation(slot: Slot, names: readonly string[], document: OpenAPIObject): OperationObject {
  const { routes, operations, method } = slot;
  const merged = operations.reduce((one, other) => mergeOperations(one, other, document));
  const { operationId = asOperationId(routes[0]!.name) || method, description, parameters = [], ...rest } = merged;
  const note = describePrefix(slot);
  return {
    ...rest,
    ...(description === undefined && note === undefined ? {} : { description: joinNotEmpty([description, note]) }),
    operationId,
    tags: [...new Set(routes.map(({ trigger }) => trigger?.title ?? WEBHOOKS_TAG))],
    parameters: mergeParameters(writeUrlParameters(slot, names), parameters, document),
  };
}

function writeUrlParameters({ routes }: Slot, names: readonly string[]) {
  const path = names.map((name, index) => {
    const parameters = routes.map((route) => route.path[index]!);
    return { name, in: 'path' as const, required: true, ...describeParameter(parameters) };
  });
  const byName = groupBy(
    routes.flatMap(({ query }) => query),
    ({ name }) => name,
  );
  const query = [...byName].map(([name, parameters]) => {
    const required = routes.every((route) => route.query.some((parameter) => parameter.name === name));
    return { name, in: 'query' as const, required, ...describeParameter(parameters) };
  });
  return [...path, ...query];
}

function describeParameter(parameters: readonly UrlParameter[]) {
  const sources = parameters.flatMap(({ source }) => source ?? []);
  const schema = parameters.map((parameter) => parameter.schema).reduce(unionSchema);
  return { ...(sources.length > 0 ? { description: describeSources(sources) } : {}), schema };
}

/** What the operation declares itself counts before what its URL says; what is in no path is no path parameter. */
function mergeParameters(
  ofUrl: ReturnType<typeof writeUrlParameters>,
  own: NonNullable<OperationObject['parameters']>,
  document: OpenAPIObject,
) {
  const known = new Set(ofUrl.map((parameter) => parameterKey(parameter, document)));
  const kept = own.filter((parameter) => {
    const key = parameterKey(parameter, document);
    return !key.startsWith('path ') || known.has(key);
  });
  const declared = new Set(kept.map((parameter) => parameterKey(parameter, document)));
  return [...ofUrl.filter((parameter) => !declared.has(parameterKey(parameter, document))), ...kept];
}

/** What a receiver has to know of a path that another callback had taken. */
function describePrefix({ prefix, routes }: Slot): string | undefined {
  if (prefix === '') return undefined;
  const sources = routes
    .flatMap(({ servers }) => servers.flatMap(({ variables }) => variables))
    .flatMap(({ source }) => source ?? []);
  const url = sources.length === 0 ? 'The URL of this' : `Here ${describeSources(sources)}`;
  return `${url} ends in \`${prefix}\`, to tell it from another callback with the same path.`;
}

/** The name of a callback can be any text; generators and links want operationIds that stand in a URL. */
function asOperationId(name: string): string {
  return name.replace(/[^\w.-]+/g, '_').replace(/^_+|_+$/g, '');
}

function joinNotEmpty(texts: readonly (string | undefined)[]): string {
  return texts.filter((text) => text).join('\n\n');
}
