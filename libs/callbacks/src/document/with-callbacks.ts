import { Logger } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { OpenAPIObject, SwaggerDocumentOptions } from '@nestjs/swagger';
import type { CallbackClass } from '../contract/callback-class.js';
import type { CallbackProblem } from '../contract/callback-problem.js';
import { LINK_EXTENSION, linksOfOperation } from '../contract/operation-links.js';
import { readAppCallbacks } from './app-callbacks.js';
import { CallbackDocumentError, describeProblems } from './callback-document.error.js';
import { CallbackGraph } from './callback-graph.js';
import type { CallbackNode } from './callback-graph.js';
import { exploreOperations } from './explore-operations.js';
import { findMountedCallbackControllers } from './find-mounted-callback-controllers.js';
import { mapOperations } from './map-operations.js';
import { mergeCallbacks } from './merge-callbacks.js';
import { mergeSchemas } from './merge-schemas.js';
import type { ComponentCallbacks, OperationObject, SchemasObject } from './openapi-types.js';
import { ProblemList } from './problem-list.js';
import { createCallbackWriter } from './write-callbacks.js';

/**
 * The options of `withCallbacks()`. Give it the options that `SwaggerModule.createDocument()` was given: those that
 * shape an operation or a model (`operationIdFactory`, `linkNameFactory`, `standardSchemaConverter`, `extraModels`,
 * `excludeDynamicDefaults`, `exampleMaxDepth`) shape the callbacks too; the others place the operations of your own
 * API and say nothing of the receiver's.
 */
export interface WithCallbacksOptions extends SwaggerDocumentOptions {
  /**
   * What happens when a callback cannot be documented: `throw` one error that lists every problem, or log them with
   * Nest's Logger (`warn`) and give the document without the callbacks in question.
   *
   * @default 'throw'
   */
  onProblem?: 'throw' | 'warn';
}

/**
 * Puts the callbacks that `@ApiCallback()` links under the `callbacks` of their operations, and their models into
 * `components.schemas`. Works on documents of OpenAPI 3.0, 3.1 and 3.2.
 *
 * @param app - the application that the document was created from.
 * @param document - what `SwaggerModule.createDocument()` gave. It is not changed.
 * @returns a new document.
 * @throws CallbackDocumentError with every problem of the app's callbacks, unless `onProblem` is `warn`.
 * @see https://spec.openapis.org/oas/v3.1.1.html#callback-object
 * @example
 * const document = SwaggerModule.createDocument(app, new DocumentBuilder().build());
 * SwaggerModule.setup('docs', app, withCallbacks(app, document));
 */
export function withCallbacks(
  app: INestApplication,
  document: OpenAPIObject,
  options: WithCallbacksOptions = {},
): OpenAPIObject {
  const problems = new ProblemList();
  findMountedCallbackControllers(app.get(ModulesContainer)).forEach((problem) => problems.add(problem));

  const graph = new CallbackGraph(problems);
  const linked = linkOperations(document, readAppCallbacks(app), graph, problems);
  const explored = exploreOperations(app, document.openapi, graph.operations(), options);
  const writer = createCallbackWriter(graph, explored.operations, {
    operationIds: [...linked.keys()].flatMap(({ operationId }) => operationId ?? []),
    callbacks: Object.keys(document.components?.callbacks ?? {}),
  });
  const written = mapOperations(document, (operation, title) => {
    const { [LINK_EXTENSION]: _, ...rest } = operation as OperationObject & Record<string, unknown>;
    const callbacks = mergeCallbacks(rest.callbacks, linked.get(operation) ?? [], writer, (problem) =>
      problems.add(problem, title),
    );
    return Object.keys(callbacks).length === 0 ? rest : { ...rest, callbacks };
  });
  const schemas = mergeSchemas(document.components?.schemas ?? {}, explored, graph, problems);

  settle(problems.all(), options.onProblem ?? 'throw');
  return { ...written, components: mergeComponents(document.components, schemas, writer.shared) };
}

/** The callbacks of each operation of a document. */
function linkOperations(
  document: OpenAPIObject,
  appCallbacks: readonly CallbackClass[],
  graph: CallbackGraph,
  problems: ProblemList,
): Map<OperationObject, CallbackNode[]> {
  const appLinks = appCallbacks.map((callbacks) => ({ callbacks }));
  const linked = new Map<OperationObject, CallbackNode[]>();
  mapOperations(document, (operation, title) => {
    const id = (operation as unknown as Record<string, unknown>)[LINK_EXTENSION];
    const links = id === undefined ? [] : linksOfOperation(id);
    if (!links) problems.add(unknownLink(title));
    linked.set(operation, graph.add([...appLinks, ...(links ?? [])], title));
    return operation;
  });
  return linked;
}

function mergeComponents(
  components: OpenAPIObject['components'],
  schemas: SchemasObject,
  shared: ComponentCallbacks,
): NonNullable<OpenAPIObject['components']> {
  if (Object.keys(shared).length === 0) return { ...components, schemas };
  return { ...components, schemas, callbacks: { ...components?.callbacks, ...shared } };
}

function settle(problems: readonly CallbackProblem[], onProblem: 'throw' | 'warn'): void {
  if (problems.length === 0) return;
  if (onProblem === 'throw') throw new CallbackDocumentError(problems);
  new Logger('withCallbacks').warn(describeProblems(problems));
}

function unknownLink(title: string): CallbackProblem {
  const message = '@ApiCallback() was put on it by another copy of nestjs-callbacks than the one that documents it.';
  return {
    code: 'unknown-link',
    place: title,
    message,
    fix: 'Install one copy only: `npm ls nestjs-callbacks` lists them.',
  };
}
