import { isDeepStrictEqual } from 'node:util';
import type { OperationObject } from '../openapi/openapi-types.js';
import type { Route } from './route.js';

/** One operation of the receiver's API: all routes that lead to it. */
export interface Slot {
  /** The path, with `{0}` and the like for its parameters. */
  readonly text: string;
  readonly method: string;
  /** What the path has been given before it, to tell it from another. */
  readonly prefix: string;
  readonly routes: Route[];
  /** The operations of the routes, without those that are equal to another. */
  readonly operations: OperationObject[];
}

/**
 * Gives every route its place, so that what differs is told apart as far as the receiver can tell it apart:
 *
 * - The same operation, from wherever it is sent, is one.
 * - Different operations that go to one URL, or to URLs that nobody can change, are one with alternatives.
 * - Different operations that go to URLs of the receiver's choice are given different paths: the name of the callback
 *   comes before the path of the later one.
 */
export function placeRoutes(routes: readonly Route[]): Slot[] {
  const slots = new Map<string, Slot>();
  // Those that cannot move come first.
  for (const route of routes.toSorted((a, b) => Number(a.isFree) - Number(b.isFree))) {
    for (const prefix of prefixesOf(route)) {
      const text = joinPath(prefix, route.text);
      const key = `${route.method} ${shapeOf(text)}`;
      const slot = slots.get(key);
      if (!slot) {
        slots.set(key, { text, method: route.method, prefix, routes: [route], operations: [route.operation] });
        break;
      }
      if (!canShare(slot, route)) continue;
      slot.routes.push(route);
      if (!holds(slot, route)) slot.operations.push(route.operation);
      break;
    }
  }
  return [...slots.values()];
}

/** Two paths that differ in the names of their parameters are one path. */
export function shapeOf(text: string): string {
  return text.replace(/\{[^}]*\}/g, '{}');
}

function canShare(slot: Slot, route: Route): boolean {
  return !route.isFree || holds(slot, route) || slot.routes.some(({ base }) => base === route.base);
}

function holds({ operations }: Slot, { operation }: Route): boolean {
  return operations.includes(operation) || operations.some((known) => isSameOperation(known, operation));
}

/** A callback that is written in two places has two operationIds. */
function isSameOperation(one: OperationObject, other: OperationObject): boolean {
  return isDeepStrictEqual({ ...one, operationId: undefined }, { ...other, operationId: undefined });
}

function* prefixesOf({ name, isFree }: Route): Generator<string> {
  yield '';
  if (!isFree) return;
  const segment = `/${encodeURIComponent(name)}`;
  yield segment;
  for (let number = 2; ; number += 1) yield `${segment}_${number}`;
}

function joinPath(prefix: string, text: string): string {
  return prefix !== '' && text === '/' ? prefix : prefix + text;
}
