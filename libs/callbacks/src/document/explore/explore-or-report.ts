import type { INestApplication } from '@nestjs/common';
import type { SwaggerDocumentOptions } from '@nestjs/swagger';
import { qualifiedNameOf } from '../../contract/callback-contract.js';
import type { ReceiverOperation } from '../../contract/callback-contract.js';
import type { CallbackGraph } from '../link/callback-graph.js';
import { exploreOperations } from './explore-operations.js';
import type { ExploredOperations } from './explore-operations.js';
import type { ProblemList } from '../../errors/callback-problem.js';

/** What was explored, and the operations that could not be and are among the problems. */
export interface ReportedOperations extends ExploredOperations {
  readonly reported: ReadonlySet<ReceiverOperation>;
}

/**
 * Explores operations and, if that throws, reports those at fault and explores the others: a converter of schemas, a
 * factory of the options or a model of the app threw, and its error does not name the callback.
 */
export function exploreOrReport(
  app: INestApplication,
  openapi: string,
  operations: readonly ReceiverOperation[],
  options: SwaggerDocumentOptions,
  graph: CallbackGraph,
  problems: ProblemList,
): ReportedOperations {
  const explore = (some: readonly ReceiverOperation[]) => exploreOperations(app, openapi, some, options);
  try {
    return { ...explore(operations), reported: new Set() };
  } catch (error) {
    // If it throws without any operation, the callbacks are not at fault.
    explore([]);
    const faults = new Map(operations.flatMap((operation) => faultOf(() => explore([operation]), operation)));
    if (faults.size === 0) throw error;
    for (const [operation, fault] of faults) {
      const users = graph.usersOf(operation);
      for (const title of users.length > 0 ? users : [undefined]) problems.add(unexplorable(operation, fault), title);
    }
    return { ...explore(operations.filter((operation) => !faults.has(operation))), reported: new Set(faults.keys()) };
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
