import 'reflect-metadata';
import { HttpStatus, RequestMethod } from '@nestjs/common';
import { HTTP_CODE_METADATA, METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DECORATORS } from '@nestjs/swagger';

/**
 * The metadata of Nest's and `@nestjs/swagger`'s decorators: read and written here only. Nest keeps what a route
 * decorator says on the method's function. `Reflect.getMetadata` follows the prototype chain, so a function whose
 * prototype is another one has all of its metadata but what is written on itself.
 */
export type Method = (...args: never[]) => unknown;

/** The names of the route methods of a prototype and of all that it inherits from, its own first. */
export function routeMethodNames(prototype: object): string[] {
  const names = new Set(prototypeChain(prototype).flatMap((owner) => Object.getOwnPropertyNames(owner)));
  return [...names].filter((name) => name !== 'constructor' && methodNamed(prototype, name) !== undefined);
}

/** The route method of this name, or `undefined` where there is none. Getters are never run. */
export function methodNamed(prototype: object, name: string): Method | undefined {
  const owner = prototypeChain(prototype).find((candidate) => Object.hasOwn(candidate, name));
  const value: unknown = owner && Object.getOwnPropertyDescriptor(owner, name)?.value;
  return typeof value === 'function' && Reflect.hasMetadata(METHOD_METADATA, value) ? (value as Method) : undefined;
}

function prototypeChain(prototype: object): object[] {
  const parent = Reflect.getPrototypeOf(prototype);
  return parent === null || prototype === Object.prototype ? [] : [prototype, ...prototypeChain(parent)];
}

/** The HTTP method of a route method in lower case, as a path item spells it; `all` for `@All()`. */
export function httpMethodOf(method: Method): string {
  return RequestMethod[Reflect.getMetadata(METHOD_METADATA, method) as RequestMethod].toLowerCase();
}

/** The paths that a route decorator was given; one `/` where it was given none. */
export function pathsOf(method: Method): string[] {
  return [Reflect.getMetadata(PATH_METADATA, method) as string | string[]].flat();
}

export function definePath(method: Method, path: string): void {
  Reflect.defineMetadata(PATH_METADATA, path, method);
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
  return Reflect.getMetadata(DECORATORS.API_RESPONSE, target) ?? {};
}

export function defineResponses(target: object, responses: Readonly<Record<string, object>>): void {
  Reflect.defineMetadata(DECORATORS.API_RESPONSE, responses, target);
}

/** Adds an extension to the operation that `@nestjs/swagger` writes for a method. */
export function defineExtension(method: Method, key: string, value: unknown): void {
  const extensions = Reflect.getMetadata(DECORATORS.API_EXTENSION, method) as object | undefined;
  Reflect.defineMetadata(DECORATORS.API_EXTENSION, { ...extensions, [key]: value }, method);
}

/** Our own mark of exclusion: told from what `@ApiExcludeController()` writes by its identity. */
const NEVER_MOUNTED = [true];

/**
 * Keeps a class out of the paths of every document. Listed in a module's `controllers` by mistake, a callback class
 * must not reach Nest's path code, which no URL expression survives: the mistake could then not be reported.
 */
export function excludeFromPaths(target: object): void {
  if (Reflect.hasOwnMetadata(DECORATORS.API_EXCLUDE_CONTROLLER, target)) return;
  Reflect.defineMetadata(DECORATORS.API_EXCLUDE_CONTROLLER, NEVER_MOUNTED, target);
}

/** Takes back, for a stand-in of the class, what `excludeFromPaths()` wrote on the class. */
export function includeInPaths(target: object): void {
  Reflect.defineMetadata(DECORATORS.API_EXCLUDE_CONTROLLER, [], target);
}

/** Whether the user's own `@ApiExcludeController()` leaves a callback class out of every document. */
export function isExcludedFromDocuments(target: object): boolean {
  const marks = Reflect.getMetadata(DECORATORS.API_EXCLUDE_CONTROLLER, target) as boolean[] | undefined;
  return marks !== undefined && marks !== NEVER_MOUNTED && marks.at(-1) === true;
}
