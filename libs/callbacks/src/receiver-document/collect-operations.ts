import type { OpenAPIObject } from '@nestjs/swagger';
import type { ProblemList } from '../errors/problem-list.js';
import { ExpressionSyntaxError } from '../expression/expression-syntax.error.js';
import { parseUrlTemplate } from '../expression/url-template.js';
import type { UrlTemplate } from '../expression/url-template.js';
import { unknownReference } from '../openapi/check-references.js';
import { operationsOfItem } from '../openapi/document-operations.js';
import type { DocumentOperation } from '../openapi/document-operations.js';
import type {
  CallbackObject,
  OperationObject,
  PathItemObject,
  Referable,
  ServerObject,
} from '../openapi/openapi-types.js';
import { referenceIn } from '../openapi/resolve-reference.js';
import type { Resolver } from '../openapi/resolve-reference.js';
import { parameterKey } from './parameter-key.js';

/** One operation that the API sends, which its receiver has to serve, as one link to it was found. */
export interface SentOperation {
  /** The key under `callbacks` or `webhooks`. */
  readonly name: string;
  /** The field of the path item that holds it: `post`. */
  readonly method: string;
  /** Complete in itself; the same object however many operations lead to it. */
  readonly operation: OperationObject;
  /** Where it says itself what a relative URL is relative to. */
  readonly servers: readonly ServerObject[] | undefined;
  /** The operation that leads to the callback, and its URL; a webhook has none. */
  readonly callback?: { readonly trigger: DocumentOperation; readonly url: UrlTemplate };
}

/**
 * All operations that an API sends: the callbacks of its operations and webhooks, the callbacks of these, and the
 * webhooks themselves. One that several operations lead to comes once for each of them.
 */
export function collectOperations(document: OpenAPIObject, resolver: Resolver, problems: ProblemList): SentOperation[] {
  const completed = new Map<OperationObject, OperationObject>();
  const sent: SentOperation[] = [];
  const { paths = {}, webhooks } = document;
  const { 'x-webhooks': oldWebhooks } = document as { 'x-webhooks'?: Record<string, PathItemObject> };

  function collectCallbacks(trigger: DocumentOperation): void {
    for (const [name, value] of Object.entries(trigger.operation.callbacks ?? {})) {
      const place = `callback ${name}`;
      for (const [text, pathItem] of withoutExtensions(resolve<CallbackObject>(value, place, trigger.title) ?? {})) {
        const url = parse(text, place, trigger.title);
        if (url) collectItem(name, pathItem, 'callback', { trigger, url });
      }
    }
  }

  function collectItem(name: string, value: PathItemObject, kind: string, callback?: SentOperation['callback']): void {
    const item = resolveItem(value, `${kind} ${name}`, callback?.trigger.title);
    for (const [method, original] of operationsOfItem(item)) {
      const known = completed.get(original);
      const operation = known ?? completeOperation(original, item, resolver);
      completed.set(original, operation);
      sent.push({ name, method, operation, servers: original.servers ?? item.servers, ...(callback && { callback }) });
      // Callbacks can lead to each other in circles.
      if (!known) collectCallbacks({ operation: original, item, title: `${method.toUpperCase()} ${kind} ${name}` });
    }
  }

  function resolveItem(value: PathItemObject, place: string, linkedFrom?: string): PathItemObject {
    const { $ref, ...siblings } = value;
    return $ref === undefined ? value : { ...resolve<PathItemObject>({ $ref }, place, linkedFrom), ...siblings };
  }

  function resolve<T extends object>(value: Referable<T>, place: string, linkedFrom?: string): T | undefined {
    const resolved = resolver.resolve(value);
    if (!resolved) problems.add(unknownReference(referenceIn(value) ?? '', { place }, document), linkedFrom);
    return resolved;
  }

  function parse(text: string, place: string, linkedFrom: string): UrlTemplate | undefined {
    try {
      return parseUrlTemplate(text);
    } catch (error) {
      if (!(error instanceof ExpressionSyntaxError)) throw error;
      problems.add({ code: 'expression-syntax', place, message: `${error.message}.`, fix: error.fix }, linkedFrom);
      return undefined;
    }
  }

  // A document of webhooks alone need have no paths.
  for (const [path, value] of withoutExtensions(paths)) {
    const item = resolveItem(value, path);
    for (const [method, operation] of operationsOfItem(item)) {
      collectCallbacks({ operation, item, title: `${method.toUpperCase()} ${path}` });
    }
  }
  for (const [name, item] of Object.entries({ ...oldWebhooks, ...webhooks })) collectItem(name, item, 'webhook');
  return sent;
}

/** The operations of the callbacks and webhooks with these names. A name that there is not is reported. */
export function selectOperations(
  sent: readonly SentOperation[],
  only: readonly string[] | undefined,
  problems: ProblemList,
): readonly SentOperation[] {
  if (only === undefined) return sent;
  const declared = new Set(sent.map(({ name }) => name));
  for (const name of only) {
    if (declared.has(name)) continue;
    problems.add({
      code: 'no-such-callback',
      place: 'receiverDocument()',
      message: `\`only\` names ${name}, which is no callback of the document.`,
      declared: [...declared],
      fix: 'name one that is declared: the keys under `callbacks` and `webhooks`.',
    });
  }
  const wanted = new Set(only);
  return sent.filter(({ name }) => wanted.has(name));
}

/**
 * An operation of a callback with what its path item says of it, and without what has its own place in the document of
 * the receiver: its callbacks, its servers and its tags.
 */
export function completeOperation(operation: OperationObject, item: PathItemObject, resolver: Resolver) {
  const { callbacks, servers, tags, ...own } = operation;
  const { summary, description, parameters: shared = [] } = item;
  const declared = new Set(own.parameters?.map((parameter) => parameterKey(parameter, resolver)));
  const inherited = shared.filter((parameter) => !declared.has(parameterKey(parameter, resolver)));
  return {
    ...(summary === undefined ? {} : { summary }),
    ...(description === undefined ? {} : { description }),
    ...own,
    ...(inherited.length > 0 ? { parameters: [...inherited, ...(own.parameters ?? [])] } : {}),
  };
}

function withoutExtensions<T>(object: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(object).filter(([name]) => !name.startsWith('x-'));
}
