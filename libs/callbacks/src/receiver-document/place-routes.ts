import type { Equality } from '../openapi/equality.js';
import type { OperationObject } from '../openapi/openapi-types.js';
import type { Route } from './route.js';
import { joinSegments } from './url-segments.js';
import type { Segment } from './url-segments.js';

/** An HTTP method and a path of the receiver's API, with all routes that lead there. */
export interface Endpoint {
  readonly method: string;
  readonly path: readonly Segment[];
  /** The prefix of the path that distinguishes it from another one. */
  readonly prefix: string;
  readonly routes: Route[];
  /** The operations of the routes by their keys: one of each group of equal operations. */
  readonly operations: Map<string, OperationObject>;
  readonly bases: Set<string>;
}

/** The endpoints whose paths begin with the name of a callback. A search continues where the last one ended. */
interface PrefixedEndpoints {
  readonly endpoints: Endpoint[];
  /** The index of the first endpoint that has an operation or a base. */
  readonly indexes: Map<string, number>;
}

/**
 * Gives every route its path, so that receivers can distinguish the operations as far as possible:
 *
 * - Equal operations are merged, whatever triggers them.
 * - Different operations at one URL, or at URLs that nobody can change, become one operation with alternatives.
 * - Different operations at URLs that the receiver chooses get different paths: the name of the callback is put before
 *   the path of the later one.
 */
export function placeRoutes(routes: readonly Route[], equality: Equality): Endpoint[] {
  const endpoints = new Map<string, Endpoint>();
  const prefixed = new Map<string, PrefixedEndpoints>();

  // Routes with a fixed path come first.
  for (const route of routes.toSorted((a, b) => Number(a.isFree) - Number(b.isFree))) {
    // A callback that is written twice has two operationIds.
    const operation = equality.keyOf({ ...route.operation, operationId: undefined });
    const endpoint = endpointAt('', route);
    if (!route.isFree || canShare(endpoint, route, operation)) add(endpoint, route, operation);
    else placeBehindPrefix(route, operation);
  }
  return [...endpoints.values()];

  function placeBehindPrefix(route: Route, operation: string): void {
    const key = `${route.method} ${route.name} ${pathShapeOf(route.path)}`;
    const known = prefixed.get(key) ?? { endpoints: [], indexes: new Map<string, number>() };
    prefixed.set(key, known);
    const { endpoints: taken, indexes } = known;
    const remember = (index: number, keys: Iterable<string>) => {
      for (const one of keys) if (!(indexes.get(one)! <= index)) indexes.set(one, index);
    };
    let index = Math.min(indexes.get(operation) ?? taken.length, indexes.get(route.base) ?? taken.length);
    for (; index === taken.length; index += 1) {
      const next = endpointAt(pathPrefixOf(route.name, index + 1), route);
      taken.push(next);
      remember(index, [...next.operations.keys(), ...next.bases]);
      if (canShare(next, route, operation)) break;
    }
    add(taken[index]!, route, operation);
    remember(index, [operation, route.base]);
  }

  function endpointAt(prefix: string, { method, path: own }: Route): Endpoint {
    const path = withPrefix(prefix, own);
    const key = `${method} ${pathShapeOf(path)}`;
    const endpoint = endpoints.get(key) ?? {
      method,
      path,
      prefix,
      routes: [],
      operations: new Map(),
      bases: new Set(),
    };
    endpoints.set(key, endpoint);
    return endpoint;
  }
}

/** Returns the path with unnamed parameters: paths that differ only in parameter names are equal. */
export function pathShapeOf(path: readonly Segment[]): string {
  return joinSegments(path, () => '{}');
}

function canShare({ routes, operations, bases }: Endpoint, route: Route, operation: string): boolean {
  return routes.length === 0 || operations.has(operation) || bases.has(route.base);
}

function add(endpoint: Endpoint, route: Route, operation: string): void {
  endpoint.routes.push(route);
  endpoint.bases.add(route.base);
  if (!endpoint.operations.has(operation)) endpoint.operations.set(operation, route.operation);
}

function pathPrefixOf(name: string, count: number): string {
  const segment = `/${encodeURIComponent(name.toWellFormed())}`;
  return count === 1 ? segment : `${segment}_${count}`;
}

function withPrefix(prefix: string, path: readonly Segment[]): readonly Segment[] {
  if (prefix === '') return path;
  const isRoot = path.length === 1 && path[0] === '/';
  return isRoot ? [prefix] : [prefix, ...path];
}
