import type { OperationObject, ParameterObject, Referable } from '../openapi/openapi-types.js';
import type { Equality } from '../openapi/equality.js';
import type { Resolver } from '../openapi/resolve-reference.js';
import { describeSources } from './describe-expression.js';
import { groupBy } from './group-by.js';
import { createMerger, unionSchema } from './merge-operations.js';
import { parameterKey } from '../openapi/document-operations.js';
import type { Endpoint } from './place-routes.js';
import type { UrlParameter } from './route.js';

export const WEBHOOKS_TAG = 'Webhooks';

/** Writes the operation that the receiver serves at an endpoint, without its servers. */
export function createOperationWriter(resolver: Resolver, equality: Equality) {
  const mergeOperations = createMerger(resolver, equality);

  /** @param names - the names of the path parameters. */
  return function writeOperation(
    endpoint: Endpoint,
    names: readonly string[],
  ): OperationObject & { operationId: string } {
    const { routes, operations, method } = endpoint;
    const merged = mergeOperations([...operations.values()]);
    const { operationId = asOperationId(routes[0]!.name) || method, description, parameters = [], ...rest } = merged;
    const note = describePrefix(endpoint);
    return {
      ...rest,
      ...(description === undefined && note === undefined ? {} : { description: joinNotEmpty([description, note]) }),
      operationId,
      tags: [...new Set(routes.map(({ trigger }) => trigger?.title ?? WEBHOOKS_TAG))],
      parameters: mergeParameters(writeUrlParameters(endpoint, names), parameters),
    };
  };

  function writeUrlParameters({ routes }: Endpoint, names: readonly string[]): ParameterObject[] {
    const path = names.map((name, index) => {
      const parameters = routes.map((route) => route.pathParameters[index]!);
      return { name, in: 'path' as const, required: true, ...describeParameter(parameters) };
    });
    const byName = groupBy(
      routes.flatMap(({ query }) => query),
      ({ name }) => name,
    );
    const query = [...byName].map(([name, parameters]) => {
      // Names are unique within a route.
      const required = parameters.length === routes.length;
      return { name, in: 'query' as const, required, ...describeParameter(parameters) };
    });
    return [...path, ...query];
  }

  function describeParameter(parameters: readonly UrlParameter[]) {
    const sources = parameters.flatMap(({ source }) => source ?? []);
    const own = parameters.map((parameter) => resolver.resolve(parameter.schema)?.description);
    const texts = [...new Set(own), ...(sources.length > 0 ? [`From ${describeSources(sources)}.`] : [])];
    const schema = unionSchema(
      parameters.map((parameter) => parameter.schema),
      equality,
    );
    // `@nestjs/swagger` types schemas of OpenAPI 3.0 only.
    const written = { schema: schema as ParameterObject['schema'] & object };
    const description = joinNotEmpty(texts);
    return { ...(description === '' ? {} : { description }), ...written };
  }

  /**
   * Declarations of the operation take precedence over its URL. Path parameters that are not in the path are dropped.
   */
  function mergeParameters(
    ofUrl: readonly ParameterObject[],
    own: readonly Referable<ParameterObject>[],
  ): Referable<ParameterObject>[] {
    const keyOf = (parameter: Referable<ParameterObject>) => parameterKey(parameter, resolver);
    const known = new Map(ofUrl.map((parameter) => [keyOf(parameter), parameter]));
    const kept = own
      .filter((parameter) => !keyOf(parameter).startsWith('path ') || known.has(keyOf(parameter)))
      .map((parameter) => withSource(parameter, known.get(keyOf(parameter))));
    const declared = new Set(kept.map(keyOf));
    return [...ofUrl.filter((parameter) => !declared.has(keyOf(parameter))), ...kept];
  }

  /** Adds the source of the value to the description of a declared parameter. */
  function withSource(
    declared: Referable<ParameterObject>,
    ofUrl: ParameterObject | undefined,
  ): Referable<ParameterObject> {
    const parameter = resolver.resolve(declared);
    if (!ofUrl?.description || !parameter) return declared;
    return { ...parameter, description: joinNotEmpty([parameter.description, ofUrl.description]) };
  }
}

/** Describes a path that was changed because another callback has the same one. */
function describePrefix({ prefix, routes }: Endpoint): string | undefined {
  if (prefix === '') return undefined;
  const sources = routes
    .flatMap(({ servers }) => servers.flatMap(({ variables }) => variables))
    .flatMap(({ source }) => source ?? []);
  const url = sources.length === 0 ? 'The URL of this operation' : `Here ${describeSources(sources)}`;
  return `${url} ends in \`${prefix}\`, to distinguish it from another callback with the same path.`;
}

/**
 * Makes an operationId from the name of a callback. The name can be any string; generators and links need one that is
 * safe in URLs.
 */
function asOperationId(name: string): string {
  // The lookbehind keeps it linear for a name with thousands of underscores.
  return name.replace(/[^\w.-]+/g, '_').replace(/^_+|(?<!_)_+$/g, '');
}

function joinNotEmpty(texts: readonly (string | undefined)[]): string {
  return texts.filter((text) => text).join('\n\n');
}
