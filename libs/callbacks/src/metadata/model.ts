import { isModelClass } from './model-class.js';

/** The documented type of a value: of a body, a query or a reply. */
export interface Model {
  /** The class of the value or of its items, or what TypeScript writes for other types. */
  readonly type?: unknown;
  /** Whether the value is an array of items that the rest of the model describes. */
  readonly isArray?: boolean | undefined;
  /** The Standard Schema of the value, or of its items. */
  readonly standardSchema?: unknown;
}

/**
 * Reads the model that decorators declare. `@nestjs/swagger` accepts a class, an array with a class, or a function
 * (`{ type: () => Class }`), which it recognizes by its name.
 */
export function readModel({ type, isArray, standardSchema }: Model): Model {
  const given = resolveType(type);
  const isList = Array.isArray(given);
  const item: unknown = isList ? given[0] : given;
  return { type: item, isArray: isList || isArray, standardSchema: standardSchema ?? schemaOfClass(item) };
}

/** `@nestjs/swagger` accepts a function instead of a type, and recognizes it by its name: `{ type: () => Class }`. */
export function resolveType(type: unknown): unknown {
  // A function with this name has no parameters.
  return typeof type === 'function' && type.name === 'type' ? (type as () => unknown)() : type;
}

/** Returns the Standard Schema in the static `schema` of a class, as nestjs-zod's classes have one. */
function schemaOfClass(type: unknown): unknown {
  const schema: unknown = isModelClass(type) ? Reflect.get(type, 'schema') : undefined;
  const isSchema = (typeof schema === 'object' && schema !== null) || typeof schema === 'function';
  return isSchema && '~standard' in schema ? schema : undefined;
}
