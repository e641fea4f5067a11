import type { INestApplication } from '@nestjs/common';
import type { SwaggerDocumentOptions } from '@nestjs/swagger';
import type { ReceiverOperation } from '../../contract/callback-contract.js';
import { refuseOldPeer } from '../../errors/require-peer.js';
import type { CallbackClass } from '../../metadata/callback-metadata.js';
import { operationIn } from '../../openapi/document-operations.js';
import type { OperationObject, SchemasObject } from '../../openapi/openapi-types.js';
import { createDocument } from './create-document.js';
import { bodySchemaOf, declareFields, fillFields } from './declare-parameters.js';
import { findModelClashes } from './find-model-clashes.js';
import { createStandInController, fieldPath } from './stand-in-controller.js';

/** What `@nestjs/swagger` writes for the operations of callback classes. */
export interface ExploredOperations {
  /** The Operation Object of each operation that is not excluded. */
  readonly operations: ReadonlyMap<ReceiverOperation, OperationObject>;
  /** The models that they use. */
  readonly schemas: SchemasObject;
  /** The names under which two of their models differ. */
  readonly clashingModels: readonly string[];
}

/**
 * Lets `@nestjs/swagger` itself explore the operations of callback classes, all in one pass. Each method is explored
 * under a path that is only a number, because no URL expression survives Nest's path code.
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
  const document = createDocument(app, openapi, controllers, options);
  const explored = new Map<ReceiverOperation, OperationObject>();
  operations.forEach((operation, index) => {
    const find = (path: string) => operationIn(document.paths[path], operation.httpMethod);
    const found = find(`/${index}`);
    if (!found) return;
    const fields = declareFields(operation).map((_, field) => {
      const ofField = find(fieldPath(`/${index}`, field));
      return ofField && bodySchemaOf(ofField);
    });
    explored.set(operation, fields.length === 0 ? found : fillFields(found, operation, fields));
  });
  const describeModel = (Class: new () => object) =>
    createDocument(app, openapi, [], { ...options, extraModels: [Class] }).components?.schemas ?? {};
  return {
    operations: explored,
    schemas: document.components?.schemas ?? {},
    clashingModels: findModelClashes([...explored.keys()], options.extraModels ?? [], describeModel),
  };
}

/** The operations of each class, with the paths that they are explored under: their indices. */
function groupByClass(operations: readonly ReceiverOperation[]): Map<CallbackClass, Map<ReceiverOperation, string>> {
  const classes = new Map<CallbackClass, Map<ReceiverOperation, string>>();
  operations.forEach((operation, index) => {
    const paths = classes.get(operation.callbacks) ?? new Map<ReceiverOperation, string>();
    classes.set(operation.callbacks, paths.set(operation, `/${index}`));
  });
  return classes;
}
