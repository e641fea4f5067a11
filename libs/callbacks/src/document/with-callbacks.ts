import { Logger } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { OpenAPIObject, SwaggerDocumentOptions } from '@nestjs/swagger';
import type { CallbackClass } from '../contract/callback-class.js';
import type { CallbackProblem } from '../contract/callback-problem.js';
import { linksOfOperation } from '../contract/operation-links.js';
import { readAppCallbacks } from './app-callbacks.js';
import { CallbackDocumentError, describeProblems } from './callback-document.error.js';
import { CallbackGraph } from './callback-graph.js';
import type { CallbackNode } from './callback-graph.js';
import { linkExtensionOf, operationsOf, replaceOperations, withoutLinkExtension } from './document-operations.js';
import type { DocumentOperation } from './document-operations.js';
import { exploreOperations } from './explore-operations.js';
import { findMountedCallbackControllers } from './find-mounted-callback-controllers.js';
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
  const operations = operationsOf(document);
  const linked = linkOperations(operations, readAppCallbacks(app), graph, problems);
  const explored = exploreOperations(app, document.openapi, graph.operations(), options);
  const writer = createCallbackWriter(graph, explored.operations, {
    operationIds: operations.flatMap(({ operation }) => operation.operationId ?? []),
    callbacks: Object.keys(document.components?.callbacks ?? {}),
  });
  const written = new Map<OperationObject, OperationObject>();
  for (const { operation, title, nodes } of linked) {
    const callbacks = mergeCallbacks(operation.callbacks, nodes, writer, (problem) => problems.add(problem, title));
    const plain = withoutLinkExtension(operation);
    written.set(operation, Object.keys(callbacks).length === 0 ? plain : { ...plain, callbacks });
  }
  const schemas = mergeSchemas(document.components?.schemas ?? {}, explored, graph, problems);

  settle(problems.all(), options.onProblem ?? 'throw');
  const components = mergeComponents(document.components, schemas, writer.shared);
  return { ...replaceOperations(document, written), components };
}

interface LinkedOperation extends DocumentOperation {
  readonly nodes: readonly CallbackNode[];
}

/** The operations that have links, with the callbacks that they link to. */
function linkOperations(
  operations: readonly DocumentOperation[],
  appCallbacks: readonly CallbackClass[],
  graph: CallbackGraph,
  problems: ProblemList,
): LinkedOperation[] {
  const appLinks = appCallbacks.map((callbacks) => ({ callbacks }));
  const linked: LinkedOperation[] = [];
  for (const { operation, title } of operations) {
    const id = linkExtensionOf(operation);
    if (id === undefined && appLinks.length === 0) continue;
    const links = id === undefined ? [] : linksOfOperation(id);
    if (!links) problems.add(unknownLink(title));
    linked.push({ operation, title, nodes: graph.add([...appLinks, ...(links ?? [])], title) });
  }
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
