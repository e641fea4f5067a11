import 'reflect-metadata';
import { HttpStatus, RequestMethod } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { HEADERS_METADATA, HTTP_CODE_METADATA, METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { SWAGGER_METADATA } from './swagger-metadata.js';

/**
 * The metadata of Nest's and `@nestjs/swagger`'s decorators: read and written here only. Nest keeps what a route
 * decorator says on the method's function. `Reflect.getMetadata` follows the prototype chain, so what inherits from a
 * function or a class has all of its metadata but what is written on itself.
 */
export type Method = (...args: never[]) => unknown;

/** The names that no handler can have: in the objects that have it by its name, they mean something else. */
const RESERVED_NAMES: ReadonlySet<unknown> = new Set(['constructor', '__proto__']);

/** The route methods of a prototype and of all that it inherits from, by name, its own first. Getters are never run. */
export function routeMethodsOf(prototype: object): Map<string, Method> {
  const methods = new Map<string, Method>();
  const seen = new Set(RESERVED_NAMES);
  for (const owner of prototypeChainOf(prototype)) {
    for (const name of Object.getOwnPropertyNames(owner)) {
      if (seen.has(name)) continue;
      seen.add(name);
      const method = routeMethodIn(owner, name);
      if (method) methods.set(name, method);
    }
  }
  return methods;
}

/** The route methods of a class that are no routes to Nest: static ones, and those without a name that can be called. */
export function unreachableMethodsOf(Class: Type): string[] {
  const statics = prototypeChainOf(Class).flatMap((owner) =>
    Reflect.ownKeys(owner).flatMap((key) => (routeMethodIn(owner, key) ? `static ${String(key)}` : [])),
  );
  const unnamed = prototypeChainOf(Class.prototype as object).flatMap((owner) =>
    Reflect.ownKeys(owner)
      .filter((key) => typeof key === 'symbol' || RESERVED_NAMES.has(key))
      .flatMap((key) => (routeMethodIn(owner, key) ? String(key) : [])),
  );
  return [...new Set([...statics, ...unnamed])];
}

/** An object and all that it inherits from, without what every object and every function inherits from. */
function prototypeChainOf(object: object): object[] {
  const prototypes: object[] = [];
  for (let owner: object | null = object; owner; owner = Reflect.getPrototypeOf(owner)) {
    if (owner !== Object.prototype && owner !== Function.prototype) prototypes.push(owner);
  }
  return prototypes;
}

function routeMethodIn(owner: object, key: PropertyKey): Method | undefined {
  const value: unknown = Object.getOwnPropertyDescriptor(owner, key)?.value;
  return typeof value === 'function' && Reflect.hasMetadata(METHOD_METADATA, value) ? (value as Method) : undefined;
}

/** The HTTP method of a route method in lower case, as a path item spells it; `all` for `@All()`. */
export function httpMethodOf(method: Method): string {
  return RequestMethod[Reflect.getMetadata(METHOD_METADATA, method) as RequestMethod].toLowerCase();
}

/** The paths that a route decorator was given; one `/` where it was given none. */
export function pathsOf(method: Method): string[] {
  return [Reflect.getMetadata(PATH_METADATA, method) as string | string[]].flat();
}

/**
 * A function of this name that does nothing and has all metadata of a method. It has no prototype: a look-up of what no
 * decorator wrote ends at once.
 */
export function copyMethod(method: Method, name: string): Method {
  const copy = () => undefined;
  Object.setPrototypeOf(copy, null);
  Object.defineProperty(copy, 'name', { value: name });
  for (const key of Reflect.getMetadataKeys(method) as unknown[]) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, method), copy);
  }
  return copy;
}

export function definePath(method: Method, path: string): void {
  Reflect.defineMetadata(PATH_METADATA, path, method);
}

/** The name that `@ApiWebhook()` gives a method's webhook, if it gives one. */
export function webhookNameOf(method: Method): string | undefined {
  const name: unknown = Reflect.getMetadata(SWAGGER_METADATA.WEBHOOK, method);
  return typeof name === 'string' ? name : undefined;
}

/** Takes back `@ApiWebhook()`, which has `@nestjs/swagger` write a method anywhere but in the paths. */
export function forgetWebhook(method: Method): void {
  Reflect.deleteMetadata(SWAGGER_METADATA.WEBHOOK, method);
}

/** Whether the user's own `@ApiExcludeEndpoint()` leaves a method out of every document. */
export function isExcludedEndpoint(method: Method): boolean {
  const mark = Reflect.getMetadata(SWAGGER_METADATA.EXCLUDE_ENDPOINT, method) as { disable?: boolean } | undefined;
  return mark?.disable === true;
}

/** What `@HttpCode()` says, if anything. */
export function httpCodeOf(method: Method): number | undefined {
  return Reflect.getMetadata(HTTP_CODE_METADATA, method);
}

/** The status that Nest gives the replies of a method: what `@HttpCode()` says, else 201 for POST and 200. */
export function statusOf(method: Method): number {
  return httpCodeOf(method) ?? (httpMethodOf(method) === 'post' ? HttpStatus.CREATED : HttpStatus.OK);
}

/** The class that a method is declared to return, as TypeScript's decorator metadata tells it. */
export function returnTypeOf(prototype: object, name: string): unknown {
  return Reflect.getMetadata('design:returntype', prototype, name);
}

/** The responses that `@ApiResponse()` and its kin declare on a method or a class, by status. */
export function responsesOf(target: object): Readonly<Record<string, object>> {
  return Reflect.getMetadata(SWAGGER_METADATA.RESPONSE, target) ?? {};
}

export function defineResponses(target: object, responses: Readonly<Record<string, object>>): void {
  Reflect.defineMetadata(SWAGGER_METADATA.RESPONSE, responses, target);
}

/** A method of a receiver, and its class. */
interface Declaration {
  readonly callbacks: object;
  readonly method: Method;
}

/** The media types that `@ApiConsumes()` declares for the body of a method, the method's before its class's. */
export function mediaTypesOf(declaration: Declaration): string[] {
  return mediaTypesIn(SWAGGER_METADATA.CONSUMES, declaration);
}

/** The media types that `@ApiProduces()` declares for the replies to a method, the method's before its class's. */
export function replyMediaTypesOf(declaration: Declaration): string[] {
  return mediaTypesIn(SWAGGER_METADATA.PRODUCES, declaration);
}

function mediaTypesIn(key: string, { callbacks, method }: Declaration): string[] {
  const types = [method, callbacks].flatMap((target) => (Reflect.getMetadata(key, target) ?? []) as string[]);
  return types.length === 0 ? ['application/json'] : [...new Set(types)];
}

/** The names of the headers that `@Header()` sets on every response of a method. */
export function staticHeadersOf(method: Method): string[] {
  const headers = (Reflect.getMetadata(HEADERS_METADATA, method) ?? []) as { name: string }[];
  return headers.map(({ name }) => name);
}

/** What `@ApiBody()`, `@ApiQuery()` and their kin declare on a method. */
export function parametersOf(method: Method): readonly object[] {
  return (Reflect.getMetadata(SWAGGER_METADATA.PARAMETERS, method) ?? []) as object[];
}

export function defineParameters(method: Method, parameters: readonly object[]): void {
  Reflect.defineMetadata(SWAGGER_METADATA.PARAMETERS, parameters, method);
}

/** Adds an extension to the operation that `@nestjs/swagger` writes for a method. */
export function defineExtension(method: Method, key: string, value: unknown): void {
  const extensions = Reflect.getMetadata(SWAGGER_METADATA.EXTENSION, method) as object | undefined;
  Reflect.defineMetadata(SWAGGER_METADATA.EXTENSION, { ...extensions, [key]: value }, method);
}

/** Our own mark of exclusion: told from what `@ApiExcludeController()` writes by its identity. */
const NEVER_MOUNTED = [true];

/**
 * Keeps a class out of the paths of every document. Listed in a module's `controllers` by mistake, a callback class
 * must not reach Nest's path code, which no URL expression survives: the mistake could then not be reported.
 */
export function excludeFromPaths(target: object): void {
  if (Reflect.hasOwnMetadata(SWAGGER_METADATA.EXCLUDE_CONTROLLER, target)) return;
  Reflect.defineMetadata(SWAGGER_METADATA.EXCLUDE_CONTROLLER, NEVER_MOUNTED, target);
}

/** Takes back, for a stand-in of the class, what `excludeFromPaths()` wrote on the class. */
export function includeInPaths(target: object): void {
  Reflect.defineMetadata(SWAGGER_METADATA.EXCLUDE_CONTROLLER, [], target);
}

/** Whether the user's own `@ApiExcludeController()` leaves a callback class out of every document. */
export function isExcludedFromDocuments(target: object): boolean {
  const marks = Reflect.getMetadata(SWAGGER_METADATA.EXCLUDE_CONTROLLER, target) as boolean[] | undefined;
  return marks !== undefined && marks !== NEVER_MOUNTED && marks.at(-1) === true;
}
