import type { SchemasObject } from './openapi-types.js';

const PREFIX = '#/components/schemas/';

/** The names of all models that an object refers to, in itself or by way of other models. */
export function reachableSchemas(root: unknown, schemas: SchemasObject): Set<string> {
  const names = new Set<string>();
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== 'object' || value === null) continue;
    const { $ref } = value as { $ref?: unknown };
    if (typeof $ref === 'string' && $ref.startsWith(PREFIX)) {
      const name = $ref.slice(PREFIX.length);
      if (!names.has(name)) pending.push(schemas[name]);
      names.add(name);
    }
    // Not spread: an array of a document can be longer than a list of arguments.
    for (const member of Object.values(value)) pending.push(member);
  }
  return names;
}
