import { currentMethodOf } from '../metadata/operation-links.js';
import type { LinkedMethod } from '../metadata/operation-links.js';
import { isUntyped, routeArgumentsOf } from '../metadata/route-arguments.js';
import type { ArgumentSource } from '../metadata/route-arguments.js';
import { staticHeadersOf } from '../metadata/route-metadata.js';
import { findInSchema } from './find-in-schema.js';
import type { SchemaSearch } from './find-in-schema.js';
import type { DocumentOperation } from './document-operations.js';
import type {
  ContentObject,
  HeaderObject,
  ParameterObject,
  ResponseObject,
  SecuritySchemeObject,
} from './openapi-types.js';
import type { Resolver } from './resolve-reference.js';

/** The HTTP methods whose requests have a body. */
const WITH_BODY = /^(?:POST|PUT|PATCH) /;

/**
 * What one operation declares about its request and its responses, as far as expressions can read them. The document is
 * read first. What it lacks because it has no type is read from the method that the operation came from. Each answer is
 * computed on demand, since most expressions need only one.
 */
export class DeclaredExchange {
  /**
   * @param resolver - follows the references of the document that contains the operation.
   * @param linked - the method that the operation came from, if it is known.
   */
  constructor(
    private readonly documented: DocumentOperation,
    readonly resolver: Resolver,
    private readonly linked?: LinkedMethod,
  ) {}

  /** Returns the names of the parameters at a location, or `undefined` if any name is possible. */
  parameters(source: 'header' | 'query' | 'path'): readonly string[] | undefined {
    const names = this.#parametersIn(source).flatMap((parameter) => [
      String(parameter.name),
      // The properties of an object that is spread over the query.
      ...Object.keys(this.#propertiesOf(parameter)),
    ]);
    const declared = [...names, ...this.#apiKeysIn(source)];
    return declared.length === 0 && isTakenUntyped(source, this.linked) ? undefined : declared;
  }

  /** Returns the Parameter Object of a name; for a property of a spread object, one with its schema. */
  parameter(source: 'header' | 'query' | 'path', name: string): HeaderObject | undefined {
    const parameters = this.#parametersIn(source);
    // The operation's own parameters come last, and replace those of its path item.
    const named = parameters.findLast((parameter) => isNamed(String(parameter.name), name, source));
    if (named) return named;
    const properties = parameters.map((parameter) => this.#propertiesOf(parameter));
    const spread = properties.find((candidates) => Object.hasOwn(candidates, name));
    return spread && { schema: spread[name]! };
  }

  /** Whether the request has a body. */
  hasBody(): boolean {
    const { operation, title } = this.documented;
    if (operation.requestBody) return true;
    return this.linked ? isTakenUntyped('body', this.linked) : WITH_BODY.test(title);
  }

  findInRequest(pointer: readonly string[]): SchemaSearch {
    const { requestBody } = this.documented.operation;
    return this.#findInAny(requestBody ? schemasOf(this.resolver.resolve(requestBody)?.content) : [undefined], pointer);
  }

  findInResponse(pointer: readonly string[]): SchemaSearch {
    const schemas = this.#successfulResponses().flatMap(({ content }) => schemasOf(content));
    return this.#findInAny(schemas, pointer);
  }

  /** Returns the names of the headers of the successful responses. */
  responseHeaders(): string[] {
    const declared = this.#successfulResponses().flatMap(({ headers }) => Object.keys(headers ?? {}));
    return [...declared, ...(this.linked ? staticHeadersOf(currentMethodOf(this.linked)) : [])];
  }

  /** Returns the Header Object of a successful response. */
  responseHeader(name: string): HeaderObject | undefined {
    const headers = this.#successfulResponses().flatMap((response) => Object.entries(response.headers ?? {}));
    return this.resolver.resolve(headers.find(([field]) => isNamed(field, name, 'header'))?.[1]);
  }

  #parametersIn(source: string): ParameterObject[] {
    const { operation, item } = this.documented;
    return [...(item.parameters ?? []), ...(operation.parameters ?? [])]
      .flatMap((value) => this.resolver.resolve(value) ?? [])
      .filter((parameter) => parameter.in === source);
  }

  #propertiesOf({ schema }: ParameterObject) {
    return this.resolver.resolve(schema)?.properties ?? {};
  }

  #successfulResponses(): ResponseObject[] {
    // An operation in a document of another tool may have no responses.
    return Object.entries(this.documented.operation.responses ?? {})
      .filter(([status]) => /^(?:2|default)/.test(status))
      .map(([, response]) => this.resolver.resolve(response) ?? { description: '' });
  }

  #findInAny(candidates: readonly unknown[], pointer: readonly string[]): SchemaSearch {
    const searches = candidates.map((schema) => findInSchema(schema, pointer, this.resolver));
    return {
      found: searches.some(({ found }) => found),
      declared: searches.flatMap(({ declared }) => declared),
      schemas: searches.flatMap(({ schemas }) => schemas),
    };
  }

  /** Returns the API keys that the operation requires, which are parameters too. */
  #apiKeysIn(source: string): string[] {
    const { components, security: ofApi = [] } = this.resolver.document;
    const { security = ofApi } = this.documented.operation;
    const schemes = security
      .flatMap((requirement) => Object.keys(requirement))
      .map((name) => this.resolver.resolve<SecuritySchemeObject>(components?.securitySchemes?.[name]));
    return schemes.flatMap((scheme) =>
      scheme?.type === 'apiKey' && scheme.in === source ? [String(scheme.name)] : [],
    );
  }
}

/** Whether two names are equal. The case of header names does not matter. */
function isNamed(declared: string, name: string, source: string): boolean {
  return source === 'header' ? declared.toLowerCase() === name.toLowerCase() : declared === name;
}

/** Returns the schemas of a body, one for each media type; `undefined` stands for any value. */
function schemasOf(content: ContentObject = {}): unknown[] {
  const media = Object.values(content);
  return media.length === 0 ? [undefined] : media.map(({ schema }) => schema);
}

/** Whether the method takes a part of the request without a type, which a document cannot show. */
function isTakenUntyped(part: ArgumentSource, linked: LinkedMethod | undefined): boolean {
  const taken = linked ? routeArgumentsOf(linked.controller, linked.methodName) : [];
  return taken.some((argument) => {
    const { source, name, standardSchema } = argument;
    if (source !== part) return false;
    return source === 'body' ? standardSchema === undefined : name === undefined && isUntyped(argument);
  });
}
