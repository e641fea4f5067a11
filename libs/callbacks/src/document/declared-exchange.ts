import type { OpenAPIObject } from '@nestjs/swagger';
import type { LinkedMethod } from '../contract/operation-links.js';
import { routeArgumentsOf } from '../contract/route-arguments.js';
import type { ArgumentSource } from '../contract/route-arguments.js';
import { staticHeadersOf } from '../contract/route-metadata.js';
import { findInSchema } from './find-in-schema.js';
import type { SchemaSearch } from './find-in-schema.js';
import type { DocumentOperation } from './document-operations.js';

/** What one operation declares of the messages that it exchanges, as far as expressions can read them. */
export interface DeclaredExchange {
  /** The names of the parameters in a part of the request, or `undefined` where it can have any. */
  parameters(source: 'header' | 'query' | 'path'): readonly string[] | undefined;
  /** Whether the request has a body. */
  readonly hasBody: boolean;
  findInRequest(pointer: readonly string[]): SchemaSearch;
  findInResponse(pointer: readonly string[]): SchemaSearch;
  /** The headers of the successful responses. */
  readonly responseHeaders: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;
type Surroundings = Pick<OpenAPIObject, 'components' | 'security'>;

/** The methods whose requests are made with a body. */
const WITH_BODY = /^(?:POST|PUT|PATCH) /;

/**
 * Reads what an operation declares: from the document, and for what is not in it because it has no type, from the
 * method that the operation came from.
 */
export function readDeclaredExchange(
  { operation, title, item }: Omit<DocumentOperation, 'path'>,
  document: Surroundings,
  linked?: LinkedMethod,
): DeclaredExchange {
  const resolve = (value: unknown) => dereference(value, document.components);
  const schemas = document.components?.schemas ?? {};
  const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map(resolve);
  const untyped = untypedSourcesOf(linked);
  const bodySchemas = operation.requestBody && schemasOf(resolve(operation.requestBody));
  const responses = Object.entries(operation.responses)
    .filter(([status]) => /^(?:2|default)/.test(status))
    .map(([, response]) => resolve(response));

  return {
    parameters(source) {
      const own = parameters.filter((parameter) => parameter['in'] === source);
      const names = [
        ...own.flatMap((parameter) => namesOf(parameter, resolve)),
        ...apiKeysIn(source, operation, document),
      ];
      return names.length === 0 && untyped.has(source) ? undefined : names;
    },
    hasBody: bodySchemas !== undefined || (linked ? untyped.has('body') : WITH_BODY.test(title)),
    findInRequest: (pointer) => findInAny(bodySchemas ?? [undefined], pointer, schemas),
    findInResponse: (pointer) => findInAny(responses.flatMap(schemasOf), pointer, schemas),
    responseHeaders: [
      ...responses.flatMap((response) => Object.keys((response['headers'] as Json | undefined) ?? {})),
      ...(linked ? staticHeadersOf(linked.method) : []),
    ],
  };
}

function dereference(value: unknown, components: OpenAPIObject['components']): Json {
  const { $ref } = value as { $ref?: string };
  const [, section, name] = /^#\/components\/(\w+)\/(.+)$/.exec($ref ?? '') ?? [];
  if (section === undefined || name === undefined) return value as Json;
  return (components as Record<string, Record<string, Json>> | undefined)?.[section]?.[name] ?? {};
}

/** The schemas of a body, one for each media type; what has no content or no schema can be anything. */
function schemasOf(message: Json): unknown[] {
  const media = Object.values((message['content'] as Record<string, { schema?: unknown }> | undefined) ?? {});
  return media.length === 0 ? [undefined] : media.map(({ schema }) => schema);
}

function findInAny(candidates: readonly unknown[], pointer: readonly string[], schemas: object): SchemaSearch {
  const searches = candidates.map((schema) => findInSchema(schema, pointer, schemas as Record<string, object>));
  const found = searches.some((search) => search.found);
  return { found, declared: searches.flatMap(({ declared }) => declared) };
}

/** A parameter's own name and, where it is an object that is spread over the query, the names of its properties. */
function namesOf(parameter: Json, resolve: (value: unknown) => Json): string[] {
  const schema = resolve(parameter['schema'] ?? {});
  return [String(parameter['name']), ...Object.keys((schema['properties'] as Json | undefined) ?? {})];
}

/** The API keys that the operation asks for are parameters too. */
function apiKeysIn(source: string, operation: Json | object, { components, security }: Surroundings): string[] {
  const requirements = (operation as { security?: object[] }).security ?? security ?? [];
  const names = requirements.flatMap((requirement) => Object.keys(requirement));
  const schemes = names.map((name) => dereference(components?.securitySchemes?.[name] ?? {}, components));
  return schemes
    .filter((scheme) => scheme['type'] === 'apiKey' && scheme['in'] === source)
    .map((scheme) => String(scheme['name']));
}

/** The parts of the request that the method takes as they come, without a type that a document could show. */
function untypedSourcesOf(linked: LinkedMethod | undefined): Set<ArgumentSource> {
  const taken = linked ? routeArgumentsOf(linked.controller, linked.methodName) : [];
  const untyped = taken.filter(({ source, name, type, schema }) => {
    if (schema !== undefined) return false;
    return source === 'body' ? true : name === undefined && (type === undefined || type === Object);
  });
  return new Set(untyped.map(({ source }) => source));
}
