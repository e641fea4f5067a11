import { Logger } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { CallbackProblem } from '../errors/callback-problem.js';
import { CallbackDocumentError, describeProblems } from '../errors/callback-document.error.js';
import { checkReferences } from '../openapi/check-references.js';
import type { CheckedPart } from '../openapi/check-references.js';
import { linkExtensionOf, documentOperations } from '../openapi/document-operations.js';
import { ProblemList } from '../errors/problem-list.js';
import { termsOf } from '../openapi/delivery-terms.js';
import { Equality } from '../openapi/equality.js';
import { Resolver } from '../openapi/resolve-reference.js';
import { collectOperations } from './collect-operations.js';
import type { SentOperation } from './collect-operations.js';
import { describeDeliveries } from './guidance.js';
import { inlineReferences } from './inline-references.js';
import { placeRoutes } from './place-routes.js';
import { reachableComponents } from './reachable-components.js';
import { routeOf } from './route.js';
import { createSigner } from './sign-operations.js';
import { writePaths } from './write-paths.js';

/** The options of `receiverDocument()`. */
export interface ReceiverDocumentOptions {
  /**
   * The callbacks and webhooks that the document is about, by their keys under `callbacks` and `webhooks`. Callbacks
   * of callbacks are named like all others.
   *
   * @default all of them
   */
  only?: readonly string[];
  /**
   * The path of all webhooks, if they are sent to one URL: `/hooks`. They become one operation with alternatives there.
   *
   * @default a path for each webhook, made of its name
   */
  webhookPath?: string;
  /**
   * What happens when a callback cannot be documented: `throw` one error that lists every problem, or log them with
   * Nest's Logger (`warn`) and document the rest.
   *
   * @default 'throw'
   */
  onProblem?: 'throw' | 'warn';
  /**
   * Fields of the document's `info`, in the place of those that are taken from the API's. A `description` replaces the
   * first sentence: what a receiver must know follows it.
   *
   * @default the API's, with the title `<title>: callbacks`
   */
  info?: Partial<OpenAPIObject['info']>;
}

/**
 * Makes the API that the receivers of your callbacks have to implement: an OpenAPI document of its own, of the same
 * version, in which every callback and every webhook is a path. Hand it to any generator of stubs, mock server or
 * contract tester.
 *
 * The receiver's URL is a server variable, every other expression in the URL of a callback a parameter, and the
 * components are those that are needed. It reads documents of other tools too.
 *
 * @param document - what `withCallbacks()` gave, or any document with callbacks. It is not changed.
 * @returns a new document.
 * @throws CallbackDocumentError with every URL that cannot be read, every reference that leads to no callback, and
 *   every name in `only` that is none.
 * @example
 * const api = withCallbacks(app, document);
 * SwaggerModule.setup('docs', app, api);
 * SwaggerModule.setup('docs/receiver', app, receiverDocument(api));
 */
export function receiverDocument(document: OpenAPIObject, options: ReceiverDocumentOptions = {}): OpenAPIObject {
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
  settle(problems.all(), warnings.all(), onProblem);
  return complete;
}

function settle(
  problems: readonly CallbackProblem[],
  warnings: readonly CallbackProblem[],
  onProblem: 'throw' | 'warn',
): void {
  if (problems.length > 0 && onProblem === 'throw') throw new CallbackDocumentError(problems);
  const logger = new Logger('receiverDocument');
  if (problems.length > 0) logger.warn(describeProblems(problems));
  if (warnings.length > 0) logger.warn(describeProblems(warnings, 'Corrected the URLs of'));
}

/** The mark of `@ApiCallback()` that `withCallbacks()` replaces by the callbacks. */
function findUnfinished(document: OpenAPIObject): CallbackProblem[] {
  const all = documentOperations({ ...document, paths: document.paths ?? {} });
  return all
    .filter(({ operation }) => linkExtensionOf(operation) !== undefined)
    .map(({ title }) => ({
      code: 'unfinished-document',
      place: 'receiverDocument()',
      linkedFrom: [title],
      message: 'The document does not have its callbacks yet: withCallbacks() writes them.',
      fix: 'Give it what withCallbacks() returns: receiverDocument(withCallbacks(app, document)).',
    }));
}

/**
 * An operation that no method links by itself has no mark: neither webhooks nor `forRoot({ callbacks })` leave one. An
 * app may have no callbacks yet, so it is not an error.
 */
function warnOfNothing({ info }: OpenAPIObject): void {
  new Logger('receiverDocument').warn(
    `The document ${info.title || 'without a title'} has neither callbacks nor webhooks. Fix: if the app has some, give it what withCallbacks() returns: receiverDocument(withCallbacks(app, document)).`,
  );
}

function partOf({ name, operation, callback }: SentOperation): CheckedPart {
  const place = `${callback ? 'callback' : 'webhook'} ${name}`;
  return { place, value: operation, linkedFrom: callback ? [callback.trigger.title] : [] };
}

/** Who is behind the API. */
function infoOf({ info }: OpenAPIObject): OpenAPIObject['info'] {
  // A summary of the API is none of its callbacks.
  const { summary, ...rest } = info as OpenAPIObject['info'] & { summary?: string };
  return { ...rest, title: info.title ? `${info.title}: callbacks` : 'Callbacks' };
}

function introductionOf({ info }: OpenAPIObject): string {
  return `The API that a server must implement to receive what ${info.title || 'the API'} sends.`;
}
