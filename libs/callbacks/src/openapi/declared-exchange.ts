import type { OpenAPIObject } from '@nestjs/swagger';
import { currentMethodOf } from '../metadata/operation-links.js';
import type { LinkedMethod } from '../metadata/operation-links.js';
import { routeArgumentsOf } from '../metadata/route-arguments.js';
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
  SchemasObject,
  SecuritySchemeObject,
} from './openapi-types.js';
import { Resolver } from './resolve-reference.js';

type Surroundings = Pick<OpenAPIObject, 'components' | 'security'>;

/** The methods whose requests are made with a body. */
const WITH_BODY = /^(?:POST|PUT|PATCH) /;

/**
 * What one operation declares of the messages that it exchanges, as far as expressions can read them: by the document,
 * and for what is not in it because it has no type, by the method that the operation came from. Each answer is read
 * when it is asked for: most expressions need one of them.
 */
export class DeclaredExchange {
  readonly #resolver: Resolver;

  constructor(
    private readonly documented: DocumentOperation,
    private readonly document: Surroundings,
    private readonly linked?: LinkedMethod,
    resolver = new Resolver(document),
  ) {
    this.#resolver = resolver;
  }

  /** The models that the schemas of the exchange refer to. */
  get schemas(): SchemasObject {
    return this.document.components?.schemas ?? {};
  }

  /** The names of the parameters in a part of the request, or `undefined` if it can have any. */
  parameters(source: 'header' | 'query' | 'path'): readonly string[] | undefined {
    const names = this.#parametersIn(source).flatMap((parameter) => [
      String(parameter.name),
      // Those of an object that is spread over the query.
      ...Object.keys(this.#propertiesOf(parameter)),
    ]);
    const declared = [...names, ...this.#apiKeysIn(source)];
    return declared.length === 0 && isTakenUntyped(source, this.linked) ? undefined : declared;
  }

  /** The Parameter Object of a name in a part of the request; of a name in a spread object, one with its schema. */
  parameter(source: 'header' | 'query' | 'path', name: string): HeaderObject | undefined {
    const parameters = this.#parametersIn(source);
    // An operation's own parameters come after those of its path item, and count before them.
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
    return this.#findInAny(
      requestBody ? schemasOf(this.#resolver.resolve(requestBody)?.content) : [undefined],
      pointer,
    );
  }

  findInResponse(pointer: readonly string[]): SchemaSearch {
    const schemas = this.#successfulResponses().flatMap(({ content }) => schemasOf(content));
    return this.#findInAny(schemas, pointer);
  }

  /** The headers of the successful responses. */
  responseHeaders(): string[] {
    const declared = this.#successfulResponses().flatMap(({ headers }) => Object.keys(headers ?? {}));
    return [...declared, ...(this.linked ? staticHeadersOf(currentMethodOf(this.linked)) : [])];
  }

  /** The Header Object of a successful response. */
  responseHeader(name: string): HeaderObject | undefined {
    const headers = this.#successfulResponses().flatMap((response) => Object.entries(response.headers ?? {}));
    return this.#resolver.resolve(headers.find(([field]) => isNamed(field, name, 'header'))?.[1]);
  }

  #parametersIn(source: string): ParameterObject[] {
    const { operation, item } = this.documented;
    return [...(item.parameters ?? []), ...(operation.parameters ?? [])]
      .flatMap((value) => this.#resolver.resolve(value) ?? [])
      .filter((parameter) => parameter.in === source);
  }

  #propertiesOf({ schema }: ParameterObject) {
    return this.#resolver.resolve(schema)?.properties ?? {};
  }

  #successfulResponses(): ResponseObject[] {
    // Documents of other tools can have operations without responses.
    return Object.entries(this.documented.operation.responses ?? {})
      .filter(([status]) => /^(?:2|default)/.test(status))
      .map(([, response]) => this.#resolver.resolve(response) ?? { description: '' });
  }

  #findInAny(candidates: readonly unknown[], pointer: readonly string[]): SchemaSearch {
    const searches = candidates.map((schema) => findInSchema(schema, pointer, this.schemas));
    return {
      found: searches.some(({ found }) => found),
      declared: searches.flatMap(({ declared }) => declared),
      schemas: searches.flatMap(({ schemas }) => schemas),
    };
  }

  /** The API keys that the operation asks for are parameters too. */
  #apiKeysIn(source: string): string[] {
    const { security = this.document.security ?? [] } = this.documented.operation;
    const schemes = security
      .flatMap((requirement) => Object.keys(requirement))
      .map((name) => this.#resolver.resolve<SecuritySchemeObject>(this.document.components?.securitySchemes?.[name]));
    return schemes.flatMap((scheme) =>
      scheme?.type === 'apiKey' && scheme.in === source ? [String(scheme.name)] : [],
    );
  }
}

/** Header names are the same in any case, all others are not. */
function isNamed(declared: string, name: string, source: string): boolean {
  return source === 'header' ? declared.toLowerCase() === name.toLowerCase() : declared === name;
}

/** The schemas of a body, one for each media type; what has no content or no schema can be anything. */
function schemasOf(content: ContentObject = {}): unknown[] {
  const media = Object.values(content);
  return media.length === 0 ? [undefined] : media.map(({ schema }) => schema);
}

/** Whether the method takes a part of the request as it comes, without a type that a document could show. */
function isTakenUntyped(part: ArgumentSource, linked: LinkedMethod | undefined): boolean {
  const taken = linked ? routeArgumentsOf(linked.controller, linked.methodName) : [];
  return taken.some(({ source, name, type, standardSchema }) => {
    if (source !== part || standardSchema !== undefined) return false;
    return source === 'body' || (name === undefined && (type === undefined || type === Object));
  });
}
