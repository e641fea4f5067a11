import { Logger } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { CallbackDocumentError, describeProblems, ProblemList, throwOrWarn } from '../errors/callback-problem.js';
import type { CallbackProblem } from '../errors/callback-problem.js';
import { checkReferences } from '../openapi/check-references.js';
import type { CheckedPart } from '../openapi/check-references.js';
import { linkExtensionOf, documentOperations } from '../openapi/document-operations.js';
import { termsOf } from '../openapi/delivery-terms.js';
import { Equality } from '../openapi/equality.js';
import { Resolver } from '../openapi/resolve-reference.js';
import { collectOperations } from './collect-operations.js';
import type { SentOperation } from './collect-operations.js';
import { describeDeliveries } from './guidance.js';
import { inlineReferences, reachableComponents } from './referenced-parts.js';
import { placeRoutes } from './place-routes.js';
import { routeOf } from './route.js';
import { createSigner, writePaths } from './write-paths.js';

/** The options of `receiverDocument()`. */
export interface ReceiverDocumentOptions {
  /**
   * The callbacks and webhooks to document, by their keys under `callbacks` and `webhooks`. Name callbacks of callbacks
   * in the same way.
   *
   * @default all of them
   */
  only?: readonly string[];
  /**
   * The path of all webhooks, if they are sent to one URL: `/hooks`. They become one operation with alternatives.
   *
   * @default a path for each webhook, made from its name
   */
  webhookPath?: string;
  /**
   * What happens if callbacks cannot be documented: `throw` throws one error that lists every problem, `warn` logs the
   * problems with Nest's Logger and documents the rest.
   *
   * @default 'throw'
   */
  onProblem?: 'throw' | 'warn';
  /**
   * Fields of the document's `info` that replace those of the API. A `description` replaces the first sentence of the
   * default one; the rules for receivers follow it.
   *
   * @default the `info` of the API, with the title `<title>: callbacks`
   */
  info?: Partial<OpenAPIObject['info']>;
}

/**
 * Creates the OpenAPI document of the API that receivers of your callbacks must implement, in the same OpenAPI version.
 * Every callback and every webhook is a path of it. Use it with any code generator, mock server or contract tester.
 *
 * The URL of the receiver becomes a server variable, every other expression in the URL of a callback a parameter. Only
 * the needed components are included. Documents of other tools are accepted too.
 *
 * @param document - the result of `withCallbacks()`, or any document with callbacks. It is not changed.
 * @returns a new document.
 * @throws CallbackDocumentError with every invalid URL, every dangling reference, and every name in `only` that is not
 *   a callback or webhook. It is also thrown if the document is not a valid OpenAPI document and cannot be read.
 * @example
 * const api = withCallbacks(app, document);
 * SwaggerModule.setup('docs', app, api);
 * SwaggerModule.setup('docs/receiver', app, receiverDocument(api));
 */
export function receiverDocument(document: OpenAPIObject, options: ReceiverDocumentOptions = {}): OpenAPIObject {
  try {
    return writeReceiverDocument(document, options);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CallbackDocumentError([unreadableDocument(error)], { cause: error });
  }
}

function writeReceiverDocument(document: OpenAPIObject, options: ReceiverDocumentOptions): OpenAPIObject {
  const { only, webhookPath, onProblem = 'throw' } = options;
  const [problems, warnings] = [new ProblemList(), new ProblemList()];
  findUnfinished(document).forEach((problem) => problems.add(problem));
  const [resolver, equality] = [new Resolver(document), new Equality()];
  const sent = collectOperations(document, resolver, { only, problems, warnings });
  if (sent.length === 0 && problems.all().length === 0) warnOfNothing(document);
  checkReferences(sent.map(partOf), document, problems);
  const routes = sent.map((operation) => routeOf(operation, resolver, webhookPath));
  const signer = createSigner(document, resolver);
  const written = writePaths(placeRoutes(routes, equality), resolver, equality, signer.sign);
  const isSigned = Object.keys(signer.schemes).length > 0;
  const guidance = describeDeliveries({ paths: written.paths, terms: termsOf(document), isSigned });
  const { securitySchemes, ...components } = reachableComponents(written.paths, document, resolver);
  const schemes = { ...securitySchemes, ...signer.schemes };
  const { jsonSchemaDialect } = document as { jsonSchemaDialect?: string };

  const receiver: OpenAPIObject = {
    openapi: document.openapi,
    info: {
      ...infoOf(document),
      ...options.info,
      description: [options.info?.description ?? introductionOf(document), guidance].filter(Boolean).join('\n\n'),
    },
    ...(jsonSchemaDialect === undefined ? {} : { jsonSchemaDialect }),
    ...written,
    components: { ...components, ...(Object.keys(schemes).length > 0 ? { securitySchemes: schemes } : {}) },
  };
  const complete = inlineReferences(receiver, resolver, problems);
  throwOrWarn(problems.all(), onProblem, 'receiverDocument');
  warnOfCorrected(warnings.all());
  return complete;
}

/**
 * Returns the problem of a document with a value of a wrong type, such as the `null` that YAML gives for `parameters:`
 * without a list. A validator names each of them better than checks in every reader could.
 */
function unreadableDocument({ message }: TypeError): CallbackProblem {
  return {
    code: 'unreadable-document',
    place: 'receiverDocument()',
    message: `The document cannot be read, most likely because it is not a valid OpenAPI document (${message}).`,
    fix: 'Correct what a validator reports, for example `npx @redocly/cli lint openapi.json`.',
  };
}

function warnOfCorrected(warnings: readonly CallbackProblem[]): void {
  if (warnings.length === 0) return;
  new Logger('receiverDocument').warn(describeProblems(warnings, 'Corrected the URLs of'));
}

/** Finds the marks of `@ApiCallback()` that `withCallbacks()` replaces by callbacks. */
function findUnfinished(document: OpenAPIObject): CallbackProblem[] {
  const all = documentOperations({ ...document, paths: document.paths ?? {} });
  return all
    .filter(({ operation }) => linkExtensionOf(operation) !== undefined)
    .map(({ title }) => ({
      code: 'unfinished-document',
      place: 'receiverDocument()',
      linkedFrom: [title],
      message: 'The document does not contain its callbacks yet: withCallbacks() adds them.',
      fix: 'Pass the result of withCallbacks(): receiverDocument(withCallbacks(app, document)).',
    }));
}

/**
 * Warns about a document without callbacks and webhooks. Webhooks and `forRoot({ callbacks })` leave no marks, so a
 * forgotten withCallbacks() cannot be detected. It is not an error, since an app may have no callbacks yet.
 */
function warnOfNothing({ info }: OpenAPIObject): void {
  new Logger('receiverDocument').warn(
    `The document ${info.title || 'without a title'} has neither callbacks nor webhooks. Fix: if the app has some, pass the result of withCallbacks(): receiverDocument(withCallbacks(app, document)).`,
  );
}

function partOf({ name, operation, callback }: SentOperation): CheckedPart {
  const place = `${callback ? 'callback' : 'webhook'} ${name}`;
  return { place, value: operation, linkedFrom: callback ? [callback.trigger.title] : [] };
}

/** Returns the `info` of the receiver's document. */
function infoOf({ info }: OpenAPIObject): OpenAPIObject['info'] {
  // The summary of the API does not describe its callbacks.
  const { summary, ...rest } = info as OpenAPIObject['info'] & { summary?: string };
  return { ...rest, title: info.title ? `${info.title}: callbacks` : 'Callbacks' };
}

function introductionOf({ info }: OpenAPIObject): string {
  return `The API that a server must implement to receive the requests of ${info.title || 'the API'}.`;
}
