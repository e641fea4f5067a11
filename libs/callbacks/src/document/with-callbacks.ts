import type { INestApplication } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { OpenAPIObject, SwaggerDocumentOptions } from '@nestjs/swagger';
import { ProblemList, throwOrWarn } from '../errors/callback-problem.js';
import type { CallbackProblem } from '../errors/callback-problem.js';
import { urlClassesOf } from '../metadata/callback-metadata.js';
import type { LinkedMethod } from '../metadata/operation-links.js';
import { readAppCallbacks } from './app-callbacks.js';
import { CallbackGraph } from './link/callback-graph.js';
import { checkExplored, exploredParts } from './check/check-explored.js';
import { checkLinks } from './check/check-links.js';
import { checkReferences } from '../openapi/check-references.js';
import { withTerms } from '../openapi/delivery-terms.js';
import { documentOperations, replaceOperations, withoutLinkExtension } from '../openapi/document-operations.js';
import { createAuthorizer, createCallbackWriter } from './write/write-callbacks.js';
import { exploreOperations } from './explore/explore-operations.js';
import { findMountedCallbackControllers } from '../metadata/app-controllers.js';
import { linkOperations, linkWebhooks } from './link/link-operations.js';
import { mergeCallbacks, writeWebhooks } from './write/merge-callbacks.js';
import { mergeSchemas } from './write/merge-schemas.js';
import { Resolver } from '../openapi/resolve-reference.js';
import type { ComponentsObject, OperationObject } from '../openapi/openapi-types.js';

/**
 * The options of `withCallbacks()`. Pass the options of `SwaggerModule.createDocument()` too. Those for operations and
 * models (`operationIdFactory`, `linkNameFactory`, `standardSchemaConverter`, `extraModels`, `excludeDynamicDefaults`,
 * `exampleMaxDepth`) apply to callbacks; the others concern only your own API and are ignored.
 */
export interface WithCallbacksOptions extends SwaggerDocumentOptions {
  /**
   * What happens if callbacks cannot be documented: `throw` throws one error that lists every problem, `warn` logs the
   * problems with Nest's Logger and documents the rest.
   *
   * @default 'throw'
   */
  onProblem?: 'throw' | 'warn';
  /**
   * Whether the description of each operation with callbacks ends with a line that names them: viewers show callbacks
   * in a separate tab, which readers overlook.
   *
   * @default false
   */
  mention?: boolean;
}

/**
 * Puts the callbacks that `@ApiCallback()` links under the `callbacks` of their operations, and their models into
 * `components.schemas`. Works on documents of OpenAPI 3.0, 3.1 and 3.2.
 *
 * @param app - the application that the document was created from.
 * @param document - the result of `SwaggerModule.createDocument()`. It is not changed.
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
  const ofApp = readAppCallbacks(app);
  const operations = documentOperations(document);
  const linked = linkOperations(operations, ofApp, graph, problems);
  const webhooks = linkWebhooks(ofApp.webhooks, graph, problems);

  const sent = [...graph.operations(), ...webhooks];
  const explored = exploreOperations(app, document.openapi, sent, options, graph, problems);
  const unreported = sent.filter((operation) => !explored.reported.has(operation));
  checkExplored(unreported, explored, document.openapi, graph, problems);
  const schemas = mergeSchemas(document.components?.schemas ?? {}, explored, graph, problems);
  const withModels = { ...document, components: { ...document.components, schemas } };
  checkLinks(linked, graph, explored.operations, withModels, problems);
  checkReferences(exploredParts(explored.operations, graph), withModels, problems);

  const authorizer = createAuthorizer(document.components?.securitySchemes);
  const writer = createCallbackWriter(graph, explored.operations, {
    operationIds: operations.flatMap(({ operation }) => operation.operationId ?? []),
    callbacks: Object.keys(document.components?.callbacks ?? {}),
    authorize: authorizer.authorize,
    isSigned: ofApp.isSigned,
  });
  const resolver = new Resolver(document);
  const written = new Map<OperationObject, OperationObject>();
  for (const { operation, title, nodes, linked: method } of linked) {
    const report = (problem: CallbackProblem) => problems.add(problem, title);
    const callbacks = mergeCallbacks(operation.callbacks, nodes, { writer, resolver, report });
    const plain = withRefusal(withoutLinkExtension(operation), method);
    const mentioned = options.mention ? withMention(plain, Object.keys(callbacks)) : plain;
    written.set(operation, Object.keys(callbacks).length === 0 ? plain : { ...mentioned, callbacks });
  }
  const complete = writeWebhooks(replaceOperations(document, written), webhooks, writer, (problem) =>
    problems.add(problem),
  );

  const order = operations.map(({ title }) => title);
  throwOrWarn(problems.all(order), options.onProblem ?? 'throw', 'withCallbacks');
  const added = { callbacks: writer.shared, securitySchemes: authorizer.schemes };
  const hasCallbacks = sent.length > 0;
  const components = { ...mergeComponents(document.components, added), schemas };
  return withTerms({ ...complete, components }, hasCallbacks ? ofApp.terms : undefined);
}

/** Adds the 400 response of `@CallbackUrls()` to an operation, unless it declares one itself. */
function withRefusal(operation: OperationObject, linked: LinkedMethod | undefined): OperationObject {
  const { responses } = operation;
  if (
    !linked ||
    urlClassesOf(linked.controller.prototype, linked.methodName).length === 0 ||
    '400' in responses ||
    '4XX' in responses
  )
    return operation;
  const refusal = { description: 'The callback URL in the request cannot be used.' };
  return { ...operation, responses: { ...responses, 400: refusal } };
}

/** Adds a line that names the callbacks to the description of an operation. */
function withMention(operation: OperationObject, names: readonly string[]): OperationObject {
  const one = names.length === 1 ? 'the callback' : 'the callbacks';
  const line = `Sends ${one} ${names.map((name) => `\`${name}\``).join(', ')}.`;
  const { description = '' } = operation;
  // The line may be there already: a result of withCallbacks() can be passed again.
  return description.endsWith(line)
    ? operation
    : { ...operation, description: description ? `${description}\n\n${line}` : line };
}

/** Returns the components of a document with those that were added. */
function mergeComponents(
  components: ComponentsObject = {},
  added: Pick<ComponentsObject, 'callbacks' | 'securitySchemes'>,
): ComponentsObject {
  const callbacks = { ...components.callbacks, ...added.callbacks };
  const securitySchemes = { ...components.securitySchemes, ...added.securitySchemes };
  return {
    ...components,
    ...(isEmpty(added.callbacks) ? {} : { callbacks }),
    ...(isEmpty(added.securitySchemes) ? {} : { securitySchemes }),
  };
}

function isEmpty(section: object = {}): boolean {
  return Object.keys(section).length === 0;
}
