import type { OpenAPIObject } from '@nestjs/swagger';
import type { LinkedMethod } from '../contract/operation-links.js';
import { routeArgumentsOf } from '../contract/route-arguments.js';
import type { ArgumentSource } from '../contract/route-arguments.js';
import { staticHeadersOf } from '../contract/route-metadata.js';
import { findInSchema } from './find-in-schema.js';
import type { SchemaSearch } from './find-in-schema.js';
import type { DocumentOperation } from './document-operations.js';

type Json = Readonly<Record<string, unknown>>;
type Surroundings = Pick<OpenAPIObject, 'components' | 'security'>;

/** The methods whose requests are made with a body. */
const WITH_BODY = /^(?:POST|PUT|PATCH) /;

/**
 * What one operation declares of the messages that it exchanges, as far as expressions can read them: by the document,
 * and for what is not in it because it has no type, by the method that the operation came from. Each answer is read
 * when it is asked for: most expressions need one of them.
 */
export class DeclaredExchange {
  constructor(
    private readonly documented: DocumentOperation,
    private readonly document: Surroundings,
    private readonly linked?: LinkedMethod,
  ) {}

  /** The names of the parameters in a part of the request, or `undefined` where it can have any. */
  parameters(source: 'header' | 'query' | 'path'): readonly string[] | undefined {
    const { operation, item } = this.documented;
    const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map((value) =>
      this.#resolve(value),
    );
    const own = parameters.filter((parameter) => parameter['in'] === source);
    const names = own.flatMap((parameter) => namesOf(parameter, this.#resolve(parameter['schema'] ?? {})));
    const declared = [...names, ...apiKeysIn(source, operation, this.document)];
    return declared.length === 0 && isTakenUntyped(source, this.linked) ? undefined : declared;
  }

  /** Whether the request has a body. */
  hasBody(): boolean {
    const { operation, title } = this.documented;
    if (operation.requestBody) return true;
    return this.linked ? isTakenUntyped('body', this.linked) : WITH_BODY.test(title);
  }

  findInRequest(pointer: readonly string[]): SchemaSearch {
    const { requestBody } = this.documented.operation;
    return this.#findInAny(requestBody ? schemasOf(this.#resolve(requestBody)) : [undefined], pointer);
  }

  findInResponse(pointer: readonly string[]): SchemaSearch {
    return this.#findInAny(this.#successfulResponses().flatMap(schemasOf), pointer);
  }

  /** The headers of the successful responses. */
  responseHeaders(): string[] {
    const declared = this.#successfulResponses().flatMap((response) =>
      Object.keys((response['headers'] as Json) ?? {}),
    );
    return [...declared, ...(this.linked ? staticHeadersOf(this.linked.method) : [])];
  }

  #successfulResponses(): Json[] {
    return Object.entries(this.documented.operation.responses)
      .filter(([status]) => /^(?:2|default)/.test(status))
      .map(([, response]) => this.#resolve(response));
  }

  #findInAny(candidates: readonly unknown[], pointer: readonly string[]): SchemaSearch {
    const schemas = this.document.components?.schemas ?? {};
    const searches = candidates.map((schema) => findInSchema(schema, pointer, schemas));
    const found = searches.some((search) => search.found);
    return { found, declared: searches.flatMap(({ declared }) => declared) };
  }

  #resolve(value: unknown): Json {
    return dereference(value, this.document.components);
  }
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

/** A parameter's own name and, where it is an object that is spread over the query, the names of its properties. */
function namesOf(parameter: Json, schema: Json): string[] {
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

/** Whether the method takes a part of the request as it comes, without a type that a document could show. */
function isTakenUntyped(part: ArgumentSource, linked: LinkedMethod | undefined): boolean {
  const taken = linked ? routeArgumentsOf(linked.controller, linked.methodName) : [];
  return taken.some(({ source, name, type, schema }) => {
    if (source !== part || schema !== undefined) return false;
    return source === 'body' || (name === undefined && (type === undefined || type === Object));
  });
}
