import 'reflect-metadata';
import { PARAMTYPES_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { isModelClass, readModel } from './model.js';
import type { Model } from './model.js';
import type { Method } from './route-metadata.js';
import { SWAGGER_METADATA } from './swagger-metadata.js';

/** The source of an argument of a route method that a document can describe. */
export type ArgumentSource = 'body' | 'query' | 'header' | 'path';

const SOURCES: Readonly<Record<number, ArgumentSource>> = {
  [RouteParamtypes.BODY]: 'body',
  [RouteParamtypes.QUERY]: 'query',
  [RouteParamtypes.HEADERS]: 'header',
  [RouteParamtypes.PARAM]: 'path',
};

/** One argument of a route method, with its declared model. Without decorator metadata it has no type. */
export interface RouteArgument extends Model {
  /** The position of the argument. */
  readonly index: number;
  readonly source: ArgumentSource;
  /** The name in `@Query('name')`; absent if the argument is the whole source. */
  readonly name?: string;
  /** Whether the body is optional. */
  readonly isOptional?: boolean;
  /** The schema in `@ApiBody({ schema })`. */
  readonly schema?: unknown;
}

/** Returns the arguments of a route method that come from the body, the query, the headers or the path, in order. */
export function routeArgumentsOf(controller: { prototype: object }, methodName: string): RouteArgument[] {
  const types = (Reflect.getMetadata(PARAMTYPES_METADATA, controller.prototype, methodName) ?? []) as unknown[];
  const metadata = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, methodName) ?? {}) as Record<
    string,
    { index: number; data?: unknown; schema?: unknown }
  >;
  return Object.entries(metadata)
    .flatMap(([key, { index, data, schema }]): RouteArgument[] => {
      const source = SOURCES[Number(key.split(':')[0])];
      const given = { type: types[index], standardSchema: schema };
      if (!source) return [];
      if (typeof data === 'string') return [{ index, source, name: data, ...readModel(given) }];
      const model = source === 'body' ? bodyModelOf(controller, methodName, given) : readModel(given);
      return [{ index, source, ...model }];
    })
    .toSorted((a, b) => a.index - b.index);
}

/**
 * A parameter as `@ApiBody()`, `@ApiQuery()` and similar decorators store it, with all their options. If it has a
 * schema, its type is String and ignored.
 */
export interface DeclaredParameter extends Model {
  readonly in?: string;
  readonly name?: string;
  readonly required?: boolean;
  readonly schema?: unknown;
  readonly [option: string]: unknown;
}

/** Returns a key that identifies a parameter within an operation: the case of header names does not matter. */
export function parameterKeyOf(location: string, name: string): string {
  return `${location} ${location === 'header' ? name.toLowerCase() : name}`;
}

/** Returns the parameters that decorators of `@nestjs/swagger` declare on a method. */
export function parametersOf(method: Method): readonly DeclaredParameter[] {
  return Reflect.getMetadata(SWAGGER_METADATA.PARAMETERS, method) ?? [];
}

export function defineParameters(method: Method, parameters: readonly DeclaredParameter[]): void {
  Reflect.defineMetadata(SWAGGER_METADATA.PARAMETERS, parameters, method);
}

/** Returns the parameters that decorators of `@nestjs/swagger` declare on a method, and the headers on its class. */
export function declaredParametersOf(controller: object, method: Method): DeclaredParameter[] {
  const ofClass = (Reflect.getMetadata(SWAGGER_METADATA.HEADERS, controller) ?? []) as DeclaredParameter[];
  return [...parametersOf(method), ...ofClass];
}

/** Whether TypeScript has written no type of an argument that says what it is. */
export function isUntyped({ type, standardSchema }: Model): boolean {
  return standardSchema === undefined && (type === undefined || type === Object);
}

/**
 * Returns the model of a whole body. If the type of the parameter is not a class, the type in `@ApiBody()` is used:
 * TypeScript does not record the item type of an array. `@nestjs/swagger` writes `String` if `@ApiBody()` has no type.
 */
function bodyModelOf(controller: { prototype: object }, methodName: string, given: Model): Partial<RouteArgument> {
  const method = Reflect.get(controller.prototype, methodName) as Method;
  const declared = declaredParametersOf(controller, method).find((parameter) => parameter.in === 'body');
  const isKnown = given.standardSchema !== undefined || isModelClass(given.type) || declared?.type === String;
  const isOptional = declared?.required === false;
  return { ...readModel(isKnown ? given : (declared ?? given)), isOptional, schema: declared?.schema };
}

/** Returns the names of the parameters that `@ApiParam()` declares on a method. */
export function declaredPathParametersOf(controller: object, method: Method): string[] {
  const parameters = declaredParametersOf(controller, method);
  return parameters.flatMap((parameter) => (parameter.in === 'path' ? (parameter.name ?? []) : []));
}

/**
 * Removes the recorded type of a parameter whose decorator and type share a name. TypeScript recorded the decorator,
 * and a pipe that creates instances would call it.
 */
export function forgetParameterType(prototype: object, methodName: string | symbol, index: number): void {
  const types = Reflect.getMetadata(PARAMTYPES_METADATA, prototype, methodName) as unknown[] | undefined;
  if (types) types[index] = Object;
}
