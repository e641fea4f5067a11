import { isModelClass } from './model-class.js';

/** What a value is documented to be: a body, a query, a reply. */
export interface Model {
  /** The class of the value, or of its items, or what TypeScript writes for a type that is none. */
  readonly type?: unknown;
  /** Whether the value is an array of what the rest of the model says. */
  readonly isArray?: boolean | undefined;
  /** The Standard Schema of the value, or of its items. */
  readonly standardSchema?: unknown;
}

/**
 * The model that decorators declare. `@nestjs/swagger` takes a class as it is, in an array, or by a function
 * (`{ type: () => Class }`), which it knows by its name.
 */
export function readModel({ type, isArray, standardSchema }: Model): Model {
  const given = resolveType(type);
  const isList = Array.isArray(given);
  const item: unknown = isList ? given[0] : given;
  return { type: item, isArray: isList || isArray, standardSchema: standardSchema ?? schemaOfClass(item) };
}

/** `@nestjs/swagger` takes a type by a function, which it knows by its name: `{ type: () => Class }`. */
export function resolveType(type: unknown): unknown {
  // A function of that name is one of these: it takes nothing.
  return typeof type === 'function' && type.name === 'type' ? (type as () => unknown)() : type;
}

/** The Standard Schema that a class carries as its static `schema`: those that nestjs-zod makes do. */
function schemaOfClass(type: unknown): unknown {
  const schema: unknown = isModelClass(type) ? Reflect.get(type, 'schema') : undefined;
  const isSchema = (typeof schema === 'object' && schema !== null) || typeof schema === 'function';
  return isSchema && '~standard' in schema ? schema : undefined;
}
