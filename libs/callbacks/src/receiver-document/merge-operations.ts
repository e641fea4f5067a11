import type { JsonObject } from '../expression/json-object.js';
import { isDeepStrictEqual } from 'node:util';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { OperationObject } from '../openapi/openapi-types.js';
import { resolveReference } from '../openapi/resolve-reference.js';
import { parameterKey } from './complete-operation.js';
import { unionSchema } from './union-schema.js';

type Merge = (one: JsonObject, other: JsonObject) => JsonObject;

/** One operation that takes what either of two takes, and answers what either answers. */
export function mergeOperations(
  one: OperationObject,
  other: OperationObject,
  document: OpenAPIObject,
): OperationObject {
  const resolve = (value: unknown) => (resolveReference(value, document) ?? {}) as JsonObject;

  /** What only one of the two has stays as it is. */
  function mergeMaps(a: unknown, b: unknown, merge: Merge): JsonObject {
    const [first, second] = [(a ?? {}) as JsonObject, (b ?? {}) as JsonObject];
    const names = new Set([...Object.keys(first), ...Object.keys(second)]);
    return Object.fromEntries(
      [...names].map((name) => {
        const [left, right] = [first[name], second[name]];
        if (left === undefined || right === undefined || isDeepStrictEqual(left, right)) return [name, left ?? right];
        return [name, merge(resolve(left), resolve(right))];
      }),
    );
  }

  const mergeMedia: Merge = (a, b) => ({ ...a, schema: unionSchema(a['schema'], b['schema']) });
  const mergeContents = (a: JsonObject, b: JsonObject) => mergeMaps(a['content'], b['content'], mergeMedia);

  const mergeResponses: Merge = (a, b) => ({
    ...a,
    description: joinTexts(a['description'], b['description'], ' / ') ?? '',
    ...(a['headers'] || b['headers'] ? { headers: mergeMaps(a['headers'], b['headers'], mergeParameterObjects) } : {}),
    ...(a['content'] || b['content'] ? { content: mergeContents(a, b) } : {}),
  });

  function mergeBodies(a: unknown, b: unknown): unknown {
    if (isDeepStrictEqual(a, b)) return a;
    if (a === undefined || b === undefined) return { ...resolve(a ?? b), required: false };
    const [first, second] = [resolve(a), resolve(b)];
    const required = first['required'] === true && second['required'] === true;
    return { ...first, required, content: mergeContents(first, second) };
  }

  function mergeParameters(a: readonly unknown[] = [], b: readonly unknown[] = []): unknown[] {
    const byKey = (parameters: readonly unknown[]) =>
      Object.fromEntries(parameters.map((parameter) => [parameterKey(parameter, document), parameter]));
    const [first, second] = [byKey(a), byKey(b)];
    const merged = mergeMaps(first, second, mergeParameterObjects);
    return Object.entries(merged).map(([key, parameter]) =>
      Object.hasOwn(first, key) && Object.hasOwn(second, key) ? parameter : { ...resolve(parameter), required: false },
    );
  }

  const merged = {
    ...other,
    ...one,
    operationId: joinTexts(one.operationId, other.operationId, '_or_'),
    summary: joinTexts(one.summary, other.summary, ' / '),
    description: joinTexts(one.description, other.description, '\n\n'),
    deprecated: (one.deprecated && other.deprecated) || undefined,
    parameters: mergeParameters(one.parameters, other.parameters),
    requestBody: mergeBodies(one.requestBody, other.requestBody),
    responses: mergeMaps(one.responses, other.responses, mergeResponses),
    security: mergeSecurity(one.security, other.security),
  };
  const present = Object.entries(merged).filter(([, value]) => value !== undefined);
  // Made of operations, field by field.
  return Object.fromEntries(present) as unknown as OperationObject;
}

const mergeParameterObjects: Merge = (a, b) => ({
  ...a,
  description: joinTexts(a['description'], b['description'], ' / ') ?? '',
  required: a['required'] === true && b['required'] === true,
  ...(a['content'] ? {} : { schema: unionSchema(a['schema'], b['schema']) }),
});

/** Either of two lists of requirements is enough; none at all is one that everybody meets. */
function mergeSecurity(one: OperationObject['security'], other: OperationObject['security']) {
  if (isDeepStrictEqual(one ?? [], other ?? [])) return one ?? other;
  return [one ?? [], other ?? []].flatMap((requirements) => (requirements.length === 0 ? [{}] : requirements));
}

function joinTexts(one: unknown, other: unknown, between: string): string | undefined {
  const texts = [...new Set([one, other].filter((text) => typeof text === 'string' && text !== ''))];
  return texts.length === 0 ? undefined : texts.join(between);
}
