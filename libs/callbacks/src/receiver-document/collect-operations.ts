import type { OpenAPIObject } from '@nestjs/swagger';
import type { CallbackProblem } from '../errors/callback-problem.js';
import type { ProblemList } from '../errors/problem-list.js';
import { ExpressionSyntaxError } from '../expression/expression-syntax.error.js';
import { suggestUrl } from '../expression/suggest-url.js';
import { parseUrlTemplate } from '../expression/url-template.js';
import type { UrlTemplate } from '../expression/url-template.js';
import { unknownReference } from '../openapi/check-references.js';
import { operationsOfItem } from '../openapi/document-operations.js';
import type { DocumentOperation } from '../openapi/document-operations.js';
import type {
  CallbackObject,
  OperationObject,
  OpenAPIDocument,
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

/** Which operations are collected, and where what is wrong with them is reported. */
export interface Collecting {
  /** The names of the callbacks and webhooks that are wanted; all, if it is not given. */
  readonly only: readonly string[] | undefined;
  readonly problems: ProblemList;
  /** What is wrong and can be read all the same. */
  readonly warnings: ProblemList;
}

/**
 * All operations that an API sends: the callbacks of its operations and webhooks, the callbacks of these, and the
 * webhooks themselves. One that several operations lead to comes once for each of them. Of those that are not wanted,
 * nothing is reported.
 */
export function collectOperations(
  document: OpenAPIObject,
  resolver: Resolver,
  { only, problems, warnings }: Collecting,
): SentOperation[] {
  const wanted = only && new Set(only);
  const names = new Set<string>();
  const completed = new Map<OperationObject, OperationObject>();
  const sent: SentOperation[] = [];
  const { paths = {}, webhooks } = document;
  const { 'x-webhooks': oldWebhooks }: OpenAPIDocument = document;

  function collectCallbacks(trigger: DocumentOperation): void {
    for (const [name, value] of Object.entries(trigger.operation.callbacks ?? {})) {
      names.add(name);
      const place = { name, place: `callback ${name}`, linkedFrom: trigger.title };
      for (const [text, pathItem] of withoutExtensions(resolve<CallbackObject>(value, place) ?? {})) {
        const url = parse(text, place);
        if (url) collectItem(name, pathItem, 'callback', { trigger, url });
      }
    }
  }

  function collectItem(name: string, value: PathItemObject, kind: string, callback?: SentOperation['callback']): void {
    names.add(name);
    const item = resolveItem(value, { name, place: `${kind} ${name}`, linkedFrom: callback?.trigger.title });
    for (const [method, original] of operationsOfItem(item)) {
      const known = completed.get(original);
      const operation = known ?? completeOperation(original, item, resolver);
      completed.set(original, operation);
      const servers = original.servers ?? item.servers;
      if (isWanted({ name })) sent.push({ name, method, operation, servers, ...(callback && { callback }) });
      // Callbacks can lead to each other in circles.
      if (!known) collectCallbacks({ operation: original, item, title: `${method.toUpperCase()} ${kind} ${name}` });
    }
  }

  function resolveItem(value: PathItemObject, place: Place): PathItemObject {
    const { $ref, ...siblings } = value;
    return $ref === undefined ? value : { ...resolve<PathItemObject>({ $ref }, place), ...siblings };
  }

  function resolve<T extends object>(value: Referable<T>, place: Place): T | undefined {
    const resolved = resolver.resolve(value);
    if (!resolved) report(problems, place, unknownReference(referenceIn(value) ?? '', place, document));
    return resolved;
  }

  function parse(text: string, place: Place): UrlTemplate | undefined {
    try {
      return parseUrlTemplate(text);
    } catch (error) {
      if (!(error instanceof ExpressionSyntaxError)) throw error;
      const problem = { code: 'expression-syntax' as const, place: place.place, fix: error.fix };
      const meant = suggestUrl(text);
      const url = meant === text ? undefined : parse(meant, { ...place, isMeant: true });
      const message = `${error.message}.${url ? ` It is read as ${meant}.` : ''}`;
      if (!place.isMeant) report(url ? warnings : problems, place, { ...problem, message });
      return url;
    }
  }

  function report(list: ProblemList, place: Place, problem: CallbackProblem): void {
    if (isWanted(place)) list.add(problem, place.linkedFrom);
  }

  function isWanted({ name }: Pick<Place, 'name'>): boolean {
    return wanted === undefined || name === undefined || wanted.has(name);
  }

  // A document of webhooks alone need have no paths.
  for (const [path, value] of withoutExtensions(paths)) {
    const item = resolveItem(value, { place: path });
    for (const [method, operation] of operationsOfItem(item)) {
      collectCallbacks({ operation, item, title: `${method.toUpperCase()} ${path}` });
    }
  }
  for (const [name, item] of Object.entries({ ...oldWebhooks, ...webhooks })) collectItem(name, item, 'webhook');
  for (const name of only ?? []) if (!names.has(name)) problems.add(unknownName(name, names));
  return sent;
}

/** Where something is read in a document. */
interface Place {
  /** Of the callback or webhook; not of what may lead to any of them. */
  readonly name?: string;
  /** How messages name it. */
  readonly place: string;
  readonly linkedFrom?: string | undefined;
  /** Whether what is read is not what is written. */
  readonly isMeant?: boolean;
}

function unknownName(name: string, declared: ReadonlySet<string>): CallbackProblem {
  return {
    code: 'no-such-callback',
    place: 'receiverDocument()',
    message: `\`only\` names ${name}, which is no callback of the document.`,
    declared: [...declared],
    fix: 'name one that is declared: the keys under `callbacks` and `webhooks`.',
  };
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
