import 'reflect-metadata';
import { PARAMTYPES_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { isModelClass } from './model-class.js';
import { readModel } from './model.js';
import type { Model } from './model.js';
import { parametersOf } from './route-metadata.js';
import type { Method } from './route-metadata.js';
import { SWAGGER_METADATA } from './swagger-metadata.js';

/** Where an argument of a route method comes from, as far as a document can say it. */
export type ArgumentSource = 'body' | 'query' | 'header' | 'path';

const SOURCES: Readonly<Record<number, ArgumentSource>> = {
  [RouteParamtypes.BODY]: 'body',
  [RouteParamtypes.QUERY]: 'query',
  [RouteParamtypes.HEADERS]: 'header',
  [RouteParamtypes.PARAM]: 'path',
};

/** One argument of a route method, and what it is declared to be; of no type without decorator metadata. */
export interface RouteArgument extends Model {
  /** The position of the argument. */
  readonly index: number;
  readonly source: ArgumentSource;
  /** The one name that is taken, as of `@Query('name')`; the whole source where there is none. */
  readonly name?: string;
  /** Whether a body may be left out. */
  readonly isOptional?: boolean;
  /** The schema that `@ApiBody({ schema })` gives a body. */
  readonly schema?: unknown;
}

/** The arguments of a route method that come from the body, the query, the headers or the path, in their order. */
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
      const model = source === 'body' ? bodyOf(controller, methodName, given) : readModel(given);
      return [{ index, source, ...model }];
    })
    .toSorted((a, b) => a.index - b.index);
}

/** A parameter as `@ApiQuery()`, `@ApiHeader()` and their kin declare it. */
export interface DeclaredParameter extends Model {
  readonly in?: string;
  readonly name?: string;
  readonly required?: boolean;
  readonly schema?: unknown;
}

/** The parameters that decorators of `@nestjs/swagger` declare on a method, and the headers that they do on its class. */
export function declaredParametersOf(controller: object, method: Method): DeclaredParameter[] {
  const ofMethod = parametersOf(method) as readonly DeclaredParameter[];
  const ofClass = (Reflect.getMetadata(SWAGGER_METADATA.HEADERS, controller) ?? []) as DeclaredParameter[];
  return [...ofMethod, ...ofClass];
}

/**
 * The model of a whole body. Where the method's own types name no class, that of `@ApiBody()` is it: of an array
 * TypeScript leaves no more than that it is one. `@nestjs/swagger` writes `String` where `@ApiBody()` names no type.
 */
function bodyOf(controller: { prototype: object }, methodName: string, given: Model): Partial<RouteArgument> {
  const method = Reflect.get(controller.prototype, methodName) as Method;
  const declared = declaredParametersOf(controller, method).find((parameter) => parameter.in === 'body');
  const isKnown = given.standardSchema !== undefined || isModelClass(given.type) || declared?.type === String;
  const isOptional = declared?.required === false;
  return { ...readModel(isKnown ? given : (declared ?? given)), isOptional, schema: declared?.schema };
}

/** The names of the parameters that `@ApiParam()` declares on a method. */
export function declaredPathParametersOf(controller: object, method: Method): string[] {
  const parameters = declaredParametersOf(controller, method);
  return parameters.flatMap((parameter) => (parameter.in === 'path' ? (parameter.name ?? []) : []));
}

/**
 * Takes back what TypeScript wrote for a parameter whose decorator and type have one name: it is the decorator, which is
 * no class, and a pipe that makes instances of it would call it.
 */
export function forgetParameterType(prototype: object, methodName: string | symbol, index: number): void {
  const types = Reflect.getMetadata(PARAMTYPES_METADATA, prototype, methodName) as unknown[] | undefined;
  if (types) types[index] = Object;
}
