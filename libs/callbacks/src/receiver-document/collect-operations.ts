import type { OpenAPIObject } from '@nestjs/swagger';
import type { CallbackProblem, ProblemList } from '../errors/callback-problem.js';
import { ExpressionSyntaxError } from '../expression/runtime-expression.js';
import { suggestUrl } from '../expression/suggest-expression.js';
import { parseUrlTemplate } from '../expression/url-template.js';
import type { UrlTemplate } from '../expression/url-template.js';
import { unknownReference } from '../openapi/check-references.js';
import { operationsOfItem, parameterKey } from '../openapi/document-operations.js';
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

/** One operation that the API sends and its receiver must serve, found through one link. */
export interface SentOperation {
  /** The key under `callbacks` or `webhooks`. */
  readonly name: string;
  /** The field of the path item that holds it: `post`. */
  readonly method: string;
  /** The complete operation. It is the same object for all links. */
  readonly operation: OperationObject;
  /** Its own servers, which a relative URL is resolved against. */
  readonly servers: readonly ServerObject[] | undefined;
  /** The operation that triggers the callback, and the URL. A webhook has neither. */
  readonly callback?: { readonly trigger: DocumentOperation; readonly url: UrlTemplate };
}

/** Which operations are collected, and where problems are reported. */
export interface Collecting {
  /** The names of the wanted callbacks and webhooks; all if it is absent. */
  readonly only: readonly string[] | undefined;
  readonly problems: ProblemList;
  /** Mistakes that do not prevent an operation from being read. */
  readonly warnings: ProblemList;
}

/**
 * Collects all operations that an API sends: webhooks, the callbacks of operations and webhooks, and the callbacks of
 * these. A callback with several triggers is listed once for each of them. Problems of unwanted callbacks are not
 * reported.
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
      // Callbacks can trigger each other in a cycle.
      if (!known) collectCallbacks({ operation: original, item, title: `${method.toUpperCase()} ${kind} ${name}` });
    }
  }

  function resolveItem(value: PathItemObject, place: DocumentPosition): PathItemObject {
    const { $ref, ...siblings } = value;
    return $ref === undefined ? value : { ...resolve<PathItemObject>({ $ref }, place), ...siblings };
  }

  function resolve<T extends object>(value: Referable<T>, place: DocumentPosition): T | undefined {
    const resolved = resolver.resolve(value);
    if (!resolved) report(problems, place, unknownReference(referenceIn(value) ?? '', place, document));
    return resolved;
  }

  function parse(text: string, place: DocumentPosition): UrlTemplate | undefined {
    try {
      return parseUrlTemplate(text);
    } catch (error) {
      if (!(error instanceof ExpressionSyntaxError)) throw error;
      const problem = { code: 'expression-syntax' as const, place: place.place, fix: error.fix };
      const meant = suggestUrl(text);
      const url = meant === text ? undefined : parse(meant, { ...place, isMeant: true });
      const message = `${error.message}.${url ? ` It was read as ${meant}.` : ''}`;
      if (!place.isMeant) report(url ? warnings : problems, place, { ...problem, message });
      return url;
    }
  }

  function report(list: ProblemList, place: DocumentPosition, problem: CallbackProblem): void {
    if (isWanted(place)) list.add(problem, place.linkedFrom);
  }

  function isWanted({ name }: Pick<DocumentPosition, 'name'>): boolean {
    return wanted === undefined || name === undefined || wanted.has(name);
  }

  // A document with webhooks only may lack paths.
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

/** A position in the document. */
interface DocumentPosition {
  /** The name of the callback or webhook, if the position belongs to only one. */
  readonly name?: string;
  /** Its name in messages. */
  readonly place: string;
  readonly linkedFrom?: string | undefined;
  /** Whether the URL is a corrected one. */
  readonly isMeant?: boolean;
}

function unknownName(name: string, declared: ReadonlySet<string>): CallbackProblem {
  return {
    code: 'no-such-callback',
    place: 'receiverDocument()',
    message: `\`only\` names ${name}, which is not a callback or webhook of the document.`,
    declared: [...declared],
    fix: 'use the declared names, which are the keys under `callbacks` and `webhooks`.',
  };
}

/**
 * Adds what the path item declares to an operation, and removes what is written elsewhere in the receiver's document:
 * callbacks, servers and tags.
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
