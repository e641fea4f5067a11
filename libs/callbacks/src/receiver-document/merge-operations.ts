import type { Equality } from '../openapi/equality.js';
import type {
  ContentObject,
  HeaderObject,
  MediaTypeObject,
  OperationObject,
  ParameterObject,
  Referable,
  RequestBodyObject,
  ResponseObject,
  SchemaObject,
} from '../openapi/openapi-types.js';
import type { Resolver } from '../openapi/resolve-reference.js';
import { parameterKey } from '../openapi/document-operations.js';
import { groupBy } from './group-by.js';

/** Merges operations into one that accepts every request and reply of any of them. */
export function createMerger(resolver: Resolver, equality: Equality) {
  /** Merges maps. An entry that is the same in all maps that have it is not changed. */
  function mergeMaps<T extends object>(
    maps: readonly Readonly<Record<string, Referable<T> | undefined>>[],
    merge: (values: readonly T[]) => T,
  ): Record<string, Referable<T>> {
    const entries = maps
      .flatMap((map) => Object.entries(map))
      .flatMap(([name, value]) => (value === undefined ? [] : { name, value }));
    const merged = [...groupBy(entries, ({ name }) => name)].map(([name, same]): [string, Referable<T>] => {
      const different = equality.distinct(same.map(({ value }) => value));
      if (different.length === 1) return [name, different[0]!];
      return [name, merge(different.flatMap((value) => resolver.resolve<T>(value) ?? []))];
    });
    return Object.fromEntries(merged);
  }

  /** `@nestjs/swagger` types schemas of OpenAPI 3.0 only. */
  function union(described: readonly { schema?: object }[]): { schema: MediaTypeObject['schema'] & object } {
    const schemas = described.map(({ schema }) => schema as SchemaObject | undefined);
    return { schema: unionSchema(schemas, equality) as MediaTypeObject['schema'] & object };
  }

  function mergeContents(messages: readonly { content?: ContentObject }[]): ContentObject {
    const contents = messages.map(({ content = {} }) => content);
    // A media type is never a reference in OpenAPI 3.0 and 3.1.
    return mergeMaps<MediaTypeObject>(contents, (media) => ({ ...media[0]!, ...union(media) })) as ContentObject;
  }

  function mergeResponses(responses: readonly ResponseObject[]): ResponseObject {
    const headers = responses.map((response) => response.headers ?? {});
    return {
      ...responses[0],
      description: joinTexts(responses, 'description', ' / ') ?? '',
      ...(responses.some((response) => response.headers) ? { headers: mergeMaps(headers, mergeParameters) } : {}),
      ...(responses.some((response) => response.content) ? { content: mergeContents(responses) } : {}),
    };
  }

  function mergeParameters<T extends HeaderObject>(parameters: readonly T[]): T {
    return {
      ...parameters[0]!,
      description: joinTexts(parameters, 'description', ' / ') ?? '',
      required: parameters.every(({ required }) => required === true),
      ...(parameters[0]!.content ? {} : union(parameters)),
    };
  }

  function mergeBodies(bodies: readonly OperationObject['requestBody'][]): OperationObject['requestBody'] {
    const given = bodies.filter((body) => body !== undefined);
    const different = equality.distinct(given);
    if (different.length <= 1 && (given.length === bodies.length || given.length === 0)) return different[0];
    const resolved = different.flatMap((body) => resolver.resolve<RequestBodyObject>(body) ?? []);
    const required = given.length === bodies.length && resolved.every((body) => body.required === true);
    const content = different.length > 1 ? { content: mergeContents(resolved) } : {};
    return { ...resolved[0]!, required, ...content };
  }

  function mergeParameterLists(operations: readonly OperationObject[]): Referable<ParameterObject>[] {
    const lists = operations.map(({ parameters = [] }) => new Map(parameters.map((one) => [keyOf(one), one])));
    const merged = mergeMaps<ParameterObject>(
      lists.map((list) => Object.fromEntries(list)),
      mergeParameters,
    );
    return Object.entries(merged).map(([key, parameter]) => {
      if (lists.every((list) => list.has(key))) return parameter;
      return { ...(resolver.resolve<ParameterObject>(parameter) ?? parameter), required: false };
    });
  }

  function keyOf(parameter: Referable<ParameterObject>): string {
    return parameterKey(parameter, resolver);
  }

  /** Any one of several requirements is enough. An empty list means that nothing is required. */
  function mergeSecurity(lists: readonly OperationObject['security'][]): OperationObject['security'] {
    const different = equality.distinct(lists.map((requirements) => requirements ?? []));
    if (different.length === 1) return lists.find((requirements) => requirements !== undefined);
    return different.flatMap((requirements) => (requirements.length === 0 ? [{}] : requirements));
  }

  return function mergeOperations(operations: readonly OperationObject[]): OperationObject {
    if (operations.length === 1) return operations[0]!;
    const responses = mergeMaps<ResponseObject>(
      operations.map((operation) => operation.responses ?? {}),
      mergeResponses,
    );
    const merged = {
      // All other fields come from the first operation that has them.
      ...Object.assign({}, ...operations.toReversed()),
      operationId: joinTexts(operations, 'operationId', '_or_'),
      summary: joinTexts(operations, 'summary', ' / '),
      description: joinTexts(operations, 'description', '\n\n'),
      deprecated: operations.every(({ deprecated }) => deprecated) || undefined,
      parameters: mergeParameterLists(operations),
      requestBody: mergeBodies(operations.map(({ requestBody }) => requestBody)),
      responses,
      security: mergeSecurity(operations.map(({ security }) => security)),
    };
    const present = Object.entries(merged).filter(([, value]) => value !== undefined);
    // It consists of the fields of operations.
    return Object.fromEntries(present) as unknown as OperationObject;
  };
}

function joinTexts<Field extends string>(
  values: readonly Readonly<Partial<Record<Field, unknown>>>[],
  field: Field,
  between: string,
): string | undefined {
  const texts = new Set(values.map((value) => value[field]).filter((text) => typeof text === 'string' && text !== ''));
  return texts.size === 0 ? undefined : [...texts].join(between);
}

/** Returns a schema that allows the values of any of several schemas. A missing schema allows all values. */
export function unionSchema(schemas: readonly (SchemaObject | undefined)[], equality: Equality): SchemaObject {
  if (schemas.length === 1) return schemas[0] ?? {};
  const alternatives = schemas.map((schema) => schemasInUnion(schema ?? {}));
  // Schemas with only a list of strings are merged into one list.
  const firstOther = alternatives.findIndex((some) => some.some((schema) => listedBy(schema) === undefined));
  const count = firstOther === -1 ? schemas.length : firstOther;
  const lists = equality.distinct(alternatives.slice(0, count).flat());
  const listed = count > 1 && lists.length > 1 ? [listOf(lists)] : lists;
  const different = equality.distinct([...listed, ...alternatives.slice(count).flat()]);
  return different.length === 1 ? different[0]! : { anyOf: different };
}

function schemasInUnion(schema: SchemaObject): readonly SchemaObject[] {
  const { anyOf, ...rest } = schema;
  return anyOf && Object.keys(rest).length === 0 ? anyOf : [schema];
}

function listOf(schemas: readonly SchemaObject[]): SchemaObject {
  return { type: 'string', enum: [...new Set(schemas.flatMap((schema) => listedBy(schema) ?? []))] };
}

/** Returns the strings of a schema that consists only of an enum of strings. */
function listedBy(schema: SchemaObject): readonly unknown[] | undefined {
  const { type, enum: values, ...rest } = schema;
  return type === 'string' && Array.isArray(values) && Object.keys(rest).length === 0 ? values : undefined;
}
