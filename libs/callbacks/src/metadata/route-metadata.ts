import 'reflect-metadata';
import { HttpStatus, RequestMethod } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { HEADERS_METADATA, HTTP_CODE_METADATA, METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { SWAGGER_METADATA } from './swagger-metadata.js';

/**
 * A function with the metadata of Nest's and `@nestjs/swagger`'s decorators. Only this room reads and writes that
 * metadata. Nest stores the metadata of a route on the function of its method. `Reflect.getMetadata` follows the
 * prototype chain, so an object that inherits from a function or class has its metadata too.
 */
export type Method = (...args: never[]) => unknown;

/** The names that a handler cannot have: in objects with handlers as keys they have another meaning. */
const RESERVED_NAMES: ReadonlySet<unknown> = new Set(['constructor', '__proto__']);

/** Returns the route methods of a prototype chain by name, own methods first. It never runs getters. */
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

/** Returns the route methods that Nest ignores: static methods, and methods whose name cannot be used. */
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

/** Returns an object and its prototypes, without `Object.prototype` and `Function.prototype`. */
export function prototypeChainOf(object: object): object[] {
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

/** Returns the HTTP method of a route method in lower case, as in a path item; `all` for `@All()`. */
export function httpMethodOf(method: Method): string {
  return RequestMethod[Reflect.getMetadata(METHOD_METADATA, method) as RequestMethod].toLowerCase();
}

/** Returns the paths in a route decorator; `/` if it has none. */
export function pathsOf(method: Method): string[] {
  return [Reflect.getMetadata(PATH_METADATA, method) as string | string[]].flat();
}

/**
 * Creates a function that does nothing and has the metadata of a method. It has no prototype, so a lookup of missing
 * metadata ends at once.
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

/** Returns the webhook name in `@ApiWebhook()`, if there is one. */
export function webhookNameOf(method: Method): string | undefined {
  const name: unknown = Reflect.getMetadata(SWAGGER_METADATA.WEBHOOK, method);
  return typeof name === 'string' ? name : undefined;
}

/** Removes `@ApiWebhook()`, which keeps `@nestjs/swagger` from writing a method to the paths. */
export function forgetWebhook(method: Method): void {
  Reflect.deleteMetadata(SWAGGER_METADATA.WEBHOOK, method);
}

/** Whether `@ApiExcludeEndpoint()` leaves a method out of every document. */
export function isExcludedEndpoint(method: Method): boolean {
  const mark = Reflect.getMetadata(SWAGGER_METADATA.EXCLUDE_ENDPOINT, method) as { disable?: boolean } | undefined;
  return mark?.disable === true;
}

/** Returns the status in `@HttpCode()`, if there is one. */
export function httpCodeOf(method: Method): number | undefined {
  return Reflect.getMetadata(HTTP_CODE_METADATA, method);
}

/** Returns the status of Nest's replies: the one in `@HttpCode()`, otherwise 201 for POST and 200 for the rest. */
export function statusOf(method: Method): number {
  return httpCodeOf(method) ?? (httpMethodOf(method) === 'post' ? HttpStatus.CREATED : HttpStatus.OK);
}

/** Returns the declared return class of a method, from TypeScript's decorator metadata. */
export function returnTypeOf(prototype: object, name: string): unknown {
  return Reflect.getMetadata('design:returntype', prototype, name);
}

/** Returns the responses that `@ApiResponse()` and similar decorators declare on a method or a class, by status. */
export function responsesOf(target: object): Readonly<Record<string, object>> {
  return Reflect.getMetadata(SWAGGER_METADATA.RESPONSE, target) ?? {};
}

export function defineResponses(target: object, responses: Readonly<Record<string, object>>): void {
  Reflect.defineMetadata(SWAGGER_METADATA.RESPONSE, responses, target);
}

/** A handler and its class. */
interface HandlerDeclaration {
  readonly callbacks: object;
  readonly method: Method;
}

/** Returns the media types that `@ApiConsumes()` declares, first on the method, then on its class. */
export function mediaTypesOf(declaration: HandlerDeclaration): string[] {
  return mediaTypesIn(SWAGGER_METADATA.CONSUMES, declaration);
}

/** Returns the media types that `@ApiProduces()` declares, first on the method, then on its class. */
export function replyMediaTypesOf(declaration: HandlerDeclaration): string[] {
  return mediaTypesIn(SWAGGER_METADATA.PRODUCES, declaration);
}

function mediaTypesIn(key: string, { callbacks, method }: HandlerDeclaration): string[] {
  const types = [method, callbacks].flatMap((target) => (Reflect.getMetadata(key, target) ?? []) as string[]);
  return types.length === 0 ? ['application/json'] : [...new Set(types)];
}

/** Returns the names of the headers that `@Header()` sets on every response of a method. */
export function staticHeadersOf(method: Method): string[] {
  const headers = (Reflect.getMetadata(HEADERS_METADATA, method) ?? []) as { name: string }[];
  return headers.map(({ name }) => name);
}

/** Adds an extension to the operation that `@nestjs/swagger` writes for a method. */
export function defineExtension(method: Method, key: string, value: unknown): void {
  const extensions = Reflect.getMetadata(SWAGGER_METADATA.EXTENSION, method) as object | undefined;
  Reflect.defineMetadata(SWAGGER_METADATA.EXTENSION, { ...extensions, [key]: value }, method);
}

/** Our own mark of exclusion. Its identity distinguishes it from what `@ApiExcludeController()` writes. */
const NEVER_MOUNTED = [true];

/**
 * Keeps a class out of the paths of every document. A callback class may be listed in `controllers` by mistake. Nest's
 * path code would fail at its URL expressions before the mistake is reported.
 */
export function excludeFromPaths(target: object): void {
  if (Reflect.hasOwnMetadata(SWAGGER_METADATA.EXCLUDE_CONTROLLER, target)) return;
  Reflect.defineMetadata(SWAGGER_METADATA.EXCLUDE_CONTROLLER, NEVER_MOUNTED, target);
}

/** Undoes `excludeFromPaths()` for a stand-in of the class. */
export function includeInPaths(target: object): void {
  Reflect.defineMetadata(SWAGGER_METADATA.EXCLUDE_CONTROLLER, [], target);
}

/** Whether `@ApiExcludeController()` leaves a callback class out of every document. */
export function isExcludedFromDocuments(target: object): boolean {
  const marks = Reflect.getMetadata(SWAGGER_METADATA.EXCLUDE_CONTROLLER, target) as boolean[] | undefined;
  return marks !== undefined && marks !== NEVER_MOUNTED && marks.at(-1) === true;
}
