import type { MetadataStorage, ValidationError } from 'class-validator';
import { isObject } from '../expression/json.js';
import type { ContractIssue } from '../errors/contract.errors.js';
import type { ModelClass } from '../metadata/model.js';
import { memoize } from './memoize.js';
import { loadValidator } from './model-libraries.js';

/** A value as its model returns it, or what does not match. */
export type Checked = { readonly value: unknown } | { readonly issues: readonly ContractIssue[] };

type Key = PropertyKey | { readonly key: PropertyKey };

/** The used part of a Standard Schema: https://standardschema.dev */
interface StandardSchema {
  readonly '~standard': {
    validate(value: unknown): StandardResult | Promise<StandardResult>;
  };
}
interface StandardResult {
  readonly value?: unknown;
  readonly issues?: readonly { readonly message: string; readonly path?: readonly Key[] | undefined }[] | undefined;
}

/** Checks a value with a Standard Schema, and returns the output of the schema. */
export async function checkBySchema(schema: unknown, value: unknown): Promise<Checked> {
  const result = await (schema as StandardSchema)['~standard'].validate(value);
  if (!result.issues) return { value: result.value };
  return { issues: result.issues.map(({ path, message }) => ({ path: pathOfKeys(path ?? []), message })) };
}

/** Checks a value, or each of its items if it must be an array. */
export async function checkEach(
  isArray: boolean | undefined,
  value: unknown,
  check: (item: unknown) => Promise<Checked>,
): Promise<Checked> {
  if (!isArray) return check(value);
  if (!Array.isArray(value)) return { issues: [{ path: '', message: 'must be an array' }] };
  const checked = await Promise.all(value.map(check));
  const issues = checked.flatMap((result, index): ContractIssue[] =>
    'issues' in result
      ? result.issues.map(({ path, message }) => ({ path: joinPaths(`[${index}]`, path), message }))
      : [],
  );
  return issues.length > 0 ? { issues } : { value: checked.map((result) => 'value' in result && result.value) };
}

/**
 * Checks an instance with class-validator. A class without its decorators is not checked.
 *
 * @param isPart - the value is an item of a list in an instance of the class.
 */
export async function checkByClass(Class: ModelClass, value: unknown, isPart = false): Promise<Checked> {
  const { getMetadataStorage, validate } = await loadValidator();
  if (!isObject(value) || (Array.isArray(value) && !isPart)) {
    return { issues: [{ path: '', message: `must be an object (${Class.name})` }] };
  }
  // An instance of a subclass is checked with the rules of the subclass.
  if (!isKnown(getMetadataStorage())(value.constructor as ModelClass)) return { value };
  const errors = await validate(value, { forbidUnknownValues: false });
  return errors.length === 0 ? { value } : { issues: validationIssues(errors, '') };
}

/** Whether class-validator knows a class. It searches all its classes for the answer, so it is asked once. */
const isKnown = memoize((storage: MetadataStorage) =>
  memoize((Class: ModelClass) => storage.getTargetValidationMetadatas(Class, '', false, false).length > 0),
);

function validationIssues(errors: readonly ValidationError[], parent: string): ContractIssue[] {
  return errors.flatMap(({ property, constraints = {}, children = [] }) => {
    const path = appendKey(parent, property);
    const messages = Object.values(constraints).map((message) => ({ path, message }));
    return [...messages, ...validationIssues(children, path)];
  });
}

function pathOfKeys(keys: readonly Key[]): string {
  return keys.map((key) => String(typeof key === 'object' ? key.key : key)).reduce(appendKey, '');
}

/** Returns the path of a property or an item of the value at a path. */
export function appendKey(path: string, key: string): string {
  if (/^\d+$/.test(key)) return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** Returns the path of a part within the value at another path. */
export function joinPaths(outer: string, inner: string): string {
  return outer === '' || inner === '' || inner.startsWith('[') ? outer + inner : `${outer}.${inner}`;
}
