import type { ParameterObject, Referable } from '../openapi/openapi-types.js';
import type { Resolver } from '../openapi/resolve-reference.js';

/** Two parameters of one key are one parameter. */
export function parameterKey(parameter: Referable<ParameterObject>, resolver: Resolver): string {
  const { in: location, name }: Partial<ParameterObject> = resolver.resolve(parameter) ?? {};
  return `${location} ${location === 'header' ? name?.toLowerCase() : name}`;
}
