import type { ParameterObject, Referable } from '../openapi/openapi-types.js';
import type { Resolver } from '../openapi/resolve-reference.js';

/** Returns a key that identifies a parameter within an operation. */
export function parameterKey(parameter: Referable<ParameterObject>, resolver: Resolver): string {
  const { in: location, name }: Partial<ParameterObject> = resolver.resolve(parameter) ?? {};
  return `${location} ${location === 'header' ? name?.toLowerCase() : name}`;
}
