import type { INestApplication } from '@nestjs/common';
import type { SwaggerDocumentOptions } from '@nestjs/swagger';
import { qualifiedNameOf } from '../../contract/callback-contract.js';
import type { ReceiverOperation } from '../../contract/callback-contract.js';
import { refuseOldPeer } from '../../errors/require-peer.js';
import type { CallbackClass } from '../../metadata/callback-metadata.js';
import { operationIn } from '../../openapi/document-operations.js';
import type { OperationObject, SchemasObject } from '../../openapi/openapi-types.js';
import { createDocument } from './create-document.js';
import { bodySchemaOf, declareFields, fillFields } from './declare-parameters.js';
import { createStandInController, fieldPath } from './stand-in-controller.js';
import { findModelClashes } from './find-model-clashes.js';
import type { CallbackGraph } from '../link/callback-graph.js';
import type { ProblemList } from '../../errors/callback-problem.js';

/** What `@nestjs/swagger` writes for the operations of callback classes. */
export interface ExploredOperations {
  /** The Operation Object of each operation that is not excluded. */
  readonly operations: ReadonlyMap<ReceiverOperation, OperationObject>;
  /** The models that they use. */
  readonly schemas: SchemasObject;
  /** The names under which two of their models differ. */
  readonly clashingModels: readonly string[];
}

/** What was explored, and the operations that could not be explored and were reported. */
interface ReportedOperations extends ExploredOperations {
  readonly reported: ReadonlySet<ReceiverOperation>;
}

/**
 * Explores the operations of callback classes. If that throws, it reports those at fault and explores the others: a
 * converter of schemas, a factory of the options or a model of the app threw, and its error does not name the callback.
 */
export function exploreOperations(
  app: INestApplication,
  openapi: string,
  operations: readonly ReceiverOperation[],
  options: SwaggerDocumentOptions,
  graph: CallbackGraph,
  problems: ProblemList,
): ReportedOperations {
  const attempt = (some: readonly ReceiverOperation[]) => explore(app, openapi, some, options);
  try {
    return { ...attempt(operations), reported: new Set() };
  } catch (error) {
    // If it throws without any operation, the callbacks are not at fault.
    attempt([]);
    const faults = new Map(operations.flatMap((operation) => faultOf(() => attempt([operation]), operation)));
    if (faults.size === 0) throw error;
    for (const [operation, fault] of faults) problems.add(unexplorable(operation, fault), graph.usersOf(operation));
    return { ...attempt(operations.filter((operation) => !faults.has(operation))), reported: new Set(faults.keys()) };
  }
}

function faultOf(act: () => unknown, operation: ReceiverOperation): [ReceiverOperation, unknown][] {
  try {
    act();
    return [];
  } catch (error) {
    return [[operation, error]];
  }
}

function unexplorable(operation: ReceiverOperation, error: unknown) {
  const reason = error instanceof Error ? error.message : String(error);
  return {
    code: 'unreadable-model' as const,
    place: qualifiedNameOf(operation),
    message: `@nestjs/swagger cannot describe it: ${reason.replace(/\s+/g, ' ').trim()}`,
    fix: /\bdate\b/i.test(reason)
      ? 'JSON has no dates. Declare the date as the string that is sent: z.iso.datetime() instead of z.date().'
      : 'Correct the model that the message is about, or the option of withCallbacks() that reads it.',
  };
}

/**
 * Lets `@nestjs/swagger` itself explore the operations of callback classes, all in one pass. Each method is explored
 * under a path that is only a number, because no URL expression survives Nest's path code.
 */
function explore(
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

/** Returns the operations of each class, with the paths that they are explored under: their indices. */
function groupByClass(operations: readonly ReceiverOperation[]): Map<CallbackClass, Map<ReceiverOperation, string>> {
  const classes = new Map<CallbackClass, Map<ReceiverOperation, string>>();
  operations.forEach((operation, index) => {
    const paths = classes.get(operation.callbacks) ?? new Map<ReceiverOperation, string>();
    classes.set(operation.callbacks, paths.set(operation, `/${index}`));
  });
  return classes;
}
