import type { JsonObject } from '../expression/json-object.js';
import type { OpenAPIObject } from '@nestjs/swagger';
import { currentMethodOf } from '../metadata/operation-links.js';
import type { LinkedMethod } from '../metadata/operation-links.js';
import { routeArgumentsOf } from '../metadata/route-arguments.js';
import type { ArgumentSource } from '../metadata/route-arguments.js';
import { staticHeadersOf } from '../metadata/route-metadata.js';
import { findInSchema } from './find-in-schema.js';
import type { SchemaSearch } from './find-in-schema.js';
import type { DocumentOperation } from './document-operations.js';
import type { SchemasObject } from './openapi-types.js';
import { resolveReference } from './resolve-reference.js';

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

  /** The models that the schemas of the exchange refer to. */
  get schemas(): SchemasObject {
    return this.document.components?.schemas ?? {};
  }

  /** The names of the parameters in a part of the request, or `undefined` where it can have any. */
  parameters(source: 'header' | 'query' | 'path'): readonly string[] | undefined {
    const names = this.#parametersIn(source).flatMap((parameter) =>
      namesOf(parameter, this.#resolve(parameter['schema'] ?? {})),
    );
    const declared = [...names, ...apiKeysIn(source, this.documented.operation, this.document)];
    return declared.length === 0 && isTakenUntyped(source, this.linked) ? undefined : declared;
  }

  /** The Parameter Object of a name in a part of the request; of a name in a spread object, one with its schema. */
  parameter(source: 'header' | 'query' | 'path', name: string): JsonObject | undefined {
    const parameters = this.#parametersIn(source);
    // An operation's own parameters come after those of its path item, and count before them.
    const named = parameters.findLast((parameter) => isNamed(String(parameter['name']), name, source));
    if (named) return named;
    const properties = parameters.map(
      (parameter) => this.#resolve(parameter['schema'] ?? {})['properties'] as JsonObject | undefined,
    );
    const spread = properties.find((candidates) => candidates !== undefined && Object.hasOwn(candidates, name));
    return spread && { schema: spread[name] };
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
      Object.keys((response['headers'] as JsonObject) ?? {}),
    );
    return [...declared, ...(this.linked ? staticHeadersOf(currentMethodOf(this.linked)) : [])];
  }

  /** The Header Object of a successful response. */
  responseHeader(name: string): JsonObject | undefined {
    const headers = this.#successfulResponses().flatMap((response) =>
      Object.entries((response['headers'] as JsonObject) ?? {}),
    );
    const declared = headers.find(([field]) => isNamed(field, name, 'header'))?.[1];
    return declared === undefined ? undefined : this.#resolve(declared);
  }

  #parametersIn(source: string): JsonObject[] {
    const { operation, item } = this.documented;
    return [...(item.parameters ?? []), ...(operation.parameters ?? [])]
      .map((value) => this.#resolve(value))
      .filter((parameter) => parameter['in'] === source);
  }

  #successfulResponses(): JsonObject[] {
    // Documents of other tools can have operations without responses.
    return Object.entries(this.documented.operation.responses ?? {})
      .filter(([status]) => /^(?:2|default)/.test(status))
      .map(([, response]) => this.#resolve(response));
  }

  #findInAny(candidates: readonly unknown[], pointer: readonly string[]): SchemaSearch {
    const searches = candidates.map((schema) => findInSchema(schema, pointer, this.schemas));
    return {
      found: searches.some(({ found }) => found),
      declared: searches.flatMap(({ declared }) => declared),
      schemas: searches.flatMap(({ schemas }) => schemas),
    };
  }

  #resolve(value: unknown): JsonObject {
    return (resolveReference(value, this.document) as JsonObject | undefined) ?? {};
  }
}

/** Header names are the same in any case, all others are not. */
function isNamed(declared: string, name: string, source: string): boolean {
  return source === 'header' ? declared.toLowerCase() === name.toLowerCase() : declared === name;
}

/** The schemas of a body, one for each media type; what has no content or no schema can be anything. */
function schemasOf(message: JsonObject): unknown[] {
  const media = Object.values((message['content'] as Record<string, { schema?: unknown }> | undefined) ?? {});
  return media.length === 0 ? [undefined] : media.map(({ schema }) => schema);
}

/** A parameter's own name and, where it is an object that is spread over the query, the names of its properties. */
function namesOf(parameter: JsonObject, schema: JsonObject): string[] {
  return [String(parameter['name']), ...Object.keys((schema['properties'] as JsonObject | undefined) ?? {})];
}

/** The API keys that the operation asks for are parameters too. */
function apiKeysIn(source: string, operation: JsonObject | object, document: Surroundings): string[] {
  const requirements = (operation as { security?: object[] }).security ?? document.security ?? [];
  const names = requirements.flatMap((requirement) => Object.keys(requirement));
  const schemes = names.map(
    (name) => resolveReference(document.components?.securitySchemes?.[name], document) as JsonObject | undefined,
  );
  return schemes
    .filter((scheme) => scheme !== undefined)
    .filter((scheme) => scheme['type'] === 'apiKey' && scheme['in'] === source)
    .map((scheme) => String(scheme['name']));
}

/** Whether the method takes a part of the request as it comes, without a type that a document could show. */
function isTakenUntyped(part: ArgumentSource, linked: LinkedMethod | undefined): boolean {
  const taken = linked ? routeArgumentsOf(linked.controller, linked.methodName) : [];
  return taken.some(({ source, name, type, standardSchema }) => {
    if (source !== part || standardSchema !== undefined) return false;
    return source === 'body' || (name === undefined && (type === undefined || type === Object));
  });
}
