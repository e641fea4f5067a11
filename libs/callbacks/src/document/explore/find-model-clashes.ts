import { isDeepStrictEqual } from 'node:util';
import type { ReceiverOperation } from '../../contract/callback-contract.js';
import { replyModelsOf } from '../../contract/reply-models.js';
import { isJsonObject } from '../../expression/json.js';
import {
  isModelClass,
  documentedPropertiesOf,
  extraModelsOf,
  schemaNameOf,
  resolveType,
} from '../../metadata/model.js';
import type { DeclaredSchema, Model, ModelClass } from '../../metadata/model.js';
import type { SchemasObject } from '../../openapi/openapi-types.js';
import { declareFields, declareParameters } from './declare-parameters.js';

/** What decorators declare about a parameter, a reply or a property. */
type Declared = Model & DeclaredSchema;

/**
 * Returns the names that two different models or two different enums of these operations share. `@nestjs/swagger` keeps
 * only one of them: the last model, or the first enum.
 *
 * @param describeModel - returns the schemas of a class and of what it refers to.
 */
export function findModelClashes(
  operations: readonly ReceiverOperation[],
  extraModels: readonly unknown[],
  describeModel: (Class: ModelClass) => SchemasObject,
): string[] {
  const found = new NamedModels();
  for (const operation of operations) found.addOperation(operation);
  for (const model of extraModels) found.addType(model);
  const models = [...found.models].filter(([name, classes]) =>
    differ([...classes].map((Class) => (classes.size > 1 ? describeModel(Class)[name] : undefined))),
  );
  const enums = [...found.enums].filter(([, values]) => differ(values));
  return [...models, ...enums].map(([name]) => name);
}

function differ([first, ...others]: readonly unknown[]): boolean {
  return others.some((other) => !isDeepStrictEqual(first, other));
}

/** The models and enums that decorators name, as `@nestjs/swagger` reads them. */
class NamedModels {
  readonly models = new Map<string, Set<ModelClass>>();
  /** The values of the enums of each `enumName`. */
  readonly enums = new Map<string, unknown[]>();
  readonly #read = new Set<ModelClass>();

  addOperation(operation: ReceiverOperation): void {
    const { callbacks, method, arguments: taken } = operation;
    const declared = [...declareParameters(operation), ...declareFields(operation)];
    const reflected = taken
      .map(({ source, ...argument }): Declared => ({ in: source, ...argument }))
      .filter((argument) => !declared.some((parameter) => isSameParameter(parameter, argument)));
    for (const parameter of [...declared, ...reflected]) this.#addParameter(parameter);
    for (const reply of Object.values(replyModelsOf(operation))) this.#addDeclared({ ...reply });
    for (const model of [...extraModelsOf(callbacks), ...extraModelsOf(method)]) this.addType(model);
  }

  /** Adds a type as decorators accept it: a class, a function that returns one, an array, an object of properties. */
  addType(given: unknown): void {
    const type = resolveType(given);
    if (Array.isArray(type)) type.forEach((item) => this.addType(item));
    else if (isModelClass(type)) this.#addModel(type);
    else if (isJsonObject(type))
      Object.values(type)
        .filter(isJsonObject)
        .forEach((property) => this.#addDeclared(property));
  }

  #addParameter(parameter: Declared): void {
    const { in: location, name, type } = parameter;
    // The properties of a whole query become separate parameters: the class itself is not in the document.
    const isSpread = location !== 'body' && name === undefined && isModelClass(type);
    if (isSpread) this.#addProperties(type);
    else this.#addDeclared(parameter);
  }

  #addDeclared(declared: Declared): void {
    const { enumName, type, standardSchema } = declared;
    if (typeof enumName === 'string') {
      this.enums.set(enumName, [...(this.enums.get(enumName) ?? []), enumValuesOf(declared)]);
    }
    if (standardSchema === undefined) this.addType(type);
  }

  #addModel(Class: ModelClass): void {
    if (this.#read.has(Class)) return;
    const name = schemaNameOf(Class);
    this.models.set(name, (this.models.get(name) ?? new Set()).add(Class));
    this.#addProperties(Class);
    for (const model of extraModelsOf(Class)) this.addType(model);
  }

  #addProperties(Class: ModelClass): void {
    this.#read.add(Class);
    for (const property of documentedPropertiesOf(Class).values()) this.#addDeclared(property);
  }
}

/** Whether an explicit decorator replaces what is reflected: it has the same name, or both are bodies. */
function isSameParameter(one: Declared, other: Declared): boolean {
  return one.in === other.in && (one.in === 'body' || one.name === other.name);
}

function enumValuesOf({ enum: values, items, schema }: DeclaredSchema): unknown {
  if (values !== undefined) return values;
  const { enum: ofItems } = isJsonObject(items) ? items : {};
  return ofItems ?? (isJsonObject(schema) ? enumValuesOf(schema) : undefined);
}
