import { isDeepStrictEqual } from 'node:util';
import { Logger } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { SwaggerModule } from '@nestjs/swagger';
import type { SwaggerDocumentOptions } from '@nestjs/swagger';
import type { CallbackClass } from '../../metadata/callback-class.js';
import type { ReceiverOperation } from '../../contract/callback-contract.js';
import { refuseOldPeer } from '../../errors/require-peer.js';
import { SWAGGER_METADATA } from '../../metadata/swagger-metadata.js';
import type { OperationObject, SchemasObject } from '../../openapi/openapi-types.js';
import { declareFields, fillFields } from './declare-parameters.js';
import { createStandInController, fieldPath } from './stand-in-controller.js';
import type { StandInController } from './stand-in-controller.js';

/** What `@nestjs/swagger` writes for the operations of callback classes. */
export interface ExploredOperations {
  /** The Operation Object of each operation that is not excluded. */
  readonly operations: ReadonlyMap<ReceiverOperation, OperationObject>;
  /** The models that they use. */
  readonly schemas: SchemasObject;
  /** The names under which two of their models differ. */
  readonly clashingModels: readonly string[];
}

/** The options that shape an operation or a model; the others select and place the API's own operations. */
const SHAPING = [
  'operationIdFactory',
  'linkNameFactory',
  'standardSchemaConverter',
  'extraModels',
  'excludeDynamicDefaults',
  'exampleMaxDepth',
] as const satisfies readonly (keyof SwaggerDocumentOptions)[];

/**
 * Lets `@nestjs/swagger` itself explore the operations of callback classes, all in one pass.
 *
 * This is the only file that relies on its internals: `SwaggerModule.createDocument()` reads from an app no more than
 * the stand-in below has. The stand-in has a configuration of its own, so no prefix and no version of the API gets
 * into a callback. Each method stands under a path that is only a number, because no URL expression survives Nest's
 * path code.
 */
export function exploreOperations(
  app: INestApplication,
  openapi: string,
  operations: readonly ReceiverOperation[],
  options: SwaggerDocumentOptions,
): ExploredOperations {
  refuseOldPeer('@nestjs/swagger', 'withCallbacks()');
  const controllers = [...groupByClass(operations)].map(([callbacks, paths]) =>
    createStandInController(callbacks, paths),
  );
  const shaping = Object.fromEntries(
    SHAPING.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  );
  const create = () =>
    SwaggerModule.createDocument(
      standInApp(app, controllers),
      { openapi, info: { title: '', version: '' } },
      { ...shaping, autoTagControllers: false },
    );
  const {
    result: { document, clashingModels },
    clashingEnums,
  } = lookingAtEnums(() => withoutGlobals(create));
  const explored = new Map<ReceiverOperation, OperationObject>();
  operations.forEach((operation, index) => {
    const find = (path: string) => (document.paths[path] as Paths | undefined)?.[operation.httpMethod];
    const found = find(`/${index}`);
    if (!found) return;
    const fields = declareFields(operation).map((_, field) => bodySchemaOf(find(fieldPath(`/${index}`, field))));
    explored.set(operation, fields.length === 0 ? found : fillFields(found, operation, fields));
  });
  return {
    operations: explored,
    schemas: document.components?.schemas ?? {},
    clashingModels: [...clashingModels, ...clashingEnums],
  };
}

type Paths = Record<string, OperationObject>;

function bodySchemaOf(operation: OperationObject | undefined): SchemasObject[string] | undefined {
  const { content = {} } = (operation?.requestBody ?? {}) as { content?: Record<string, { schema?: object }> };
  return Object.values(content)[0]?.schema;
}

/** The operations of each class, with the paths that they stand under: their indices. */
function groupByClass(operations: readonly ReceiverOperation[]): Map<CallbackClass, Map<ReceiverOperation, string>> {
  const classes = new Map<CallbackClass, Map<ReceiverOperation, string>>();
  operations.forEach((operation, index) => {
    const paths = classes.get(operation.callbacks) ?? new Map<ReceiverOperation, string>();
    classes.set(operation.callbacks, paths.set(operation, `/${index}`));
  });
  return classes;
}

function standInApp(app: INestApplication, controllers: readonly StandInController[]): INestApplication {
  const module = { metatype: class Callbacks {}, imports: new Set(), controllers: new Map(controllers.entries()) };
  const standIn = {
    container: { getModules: () => new Map([['callbacks', module]]) },
    config: new ApplicationConfig(),
    getHttpAdapter: () => app.getHttpAdapter(),
  };
  // createDocument() is typed for a whole application and reads these three members of it.
  return standIn as unknown as INestApplication;
}

interface GlobalStorage<T> {
  getAll(): T;
  clear(): void;
}

/**
 * Runs an exploration with the process-wide stores of global parameters and responses empty (they describe the API,
 * and would reach the callbacks), and hears what it says of two models under one name. It is synchronous: nothing
 * else can run while the stores are empty.
 */
function withoutGlobals<T>(explore: () => T): { document: T; clashingModels: string[] } {
  const stores = globalThis as unknown as {
    SwaggerGlobalParametersStorage: GlobalStorage<object[]> & { add(...parameters: object[]): void };
    SwaggerGlobalResponsesStorage: GlobalStorage<object> & { add(responses: object): void };
  };
  const { SwaggerGlobalParametersStorage: parameterStore, SwaggerGlobalResponsesStorage: responseStore } = stores;
  const parameters = parameterStore.getAll();
  const responses = responseStore.getAll();
  const { warn, error } = Logger;
  const clashingModels: string[] = [];
  const listenFor =
    (log: typeof warn) =>
    (message: unknown, ...rest: unknown[]) => {
      const model = /^Duplicate DTO detected: "(.*?)"/.exec(String(message))?.[1];
      if (model === undefined) log.call(Logger, message, ...rest);
      else clashingModels.push(model);
    };
  parameterStore.clear();
  responseStore.clear();
  // A warning since 11.3, an error before.
  Object.assign(Logger, { warn: listenFor(warn), error: listenFor(error) });
  try {
    return { document: explore(), clashingModels };
  } finally {
    Object.assign(Logger, { warn, error });
    parameterStore.add(...parameters);
    responseStore.add(responses);
  }
}

/** What `@ApiProperty()`, `@ApiQuery()` and their kin say of an enum. */
interface EnumMetadata {
  readonly enumName?: string;
  readonly enum?: unknown;
  readonly items?: EnumMetadata;
  readonly schema?: EnumMetadata;
}

/**
 * Runs an exploration and lists the names that two different enums have. `@nestjs/swagger` keeps the first of them and
 * says nothing: what decorators wrote of enums is looked at while it reads it.
 */
function lookingAtEnums<T>(explore: () => T): { result: T; clashingEnums: string[] } {
  const known = new Map<string, unknown>();
  const clashing = new Set<string>();
  const look = ({ enumName, ...metadata }: EnumMetadata) => {
    if (enumName === undefined) return;
    const values = enumValuesOf(metadata);
    if (!known.has(enumName)) known.set(enumName, values);
    else if (!isDeepStrictEqual(known.get(enumName), values)) clashing.add(enumName);
  };
  const { getMetadata } = Reflect;
  Reflect.getMetadata = (key: unknown, target: object, property?: string | symbol): unknown => {
    const found: unknown = property === undefined ? getMetadata(key, target) : getMetadata(key, target, property);
    if (key === SWAGGER_METADATA.MODEL_PROPERTIES || key === SWAGGER_METADATA.PARAMETERS) {
      for (const metadata of [found ?? []].flat() as EnumMetadata[]) look(metadata);
    }
    return found;
  };
  try {
    return { result: explore(), clashingEnums: [...clashing] };
  } finally {
    Reflect.getMetadata = getMetadata;
  }
}

function enumValuesOf({ enum: values, items, schema }: EnumMetadata): unknown {
  return values ?? items?.enum ?? (schema && enumValuesOf(schema));
}
