import type { OpenAPIObject } from '@nestjs/swagger';
import { ExpressionSyntaxError } from '../expression/expression-syntax.error.js';
import { parseUrlTemplate } from '../expression/url-template.js';
import type { UrlTemplate } from '../expression/url-template.js';
import { unknownReference } from '../openapi/check-references.js';
import type { DocumentOperation } from '../openapi/document-operations.js';
import type { CallbackObject, OperationObject, PathItemObject } from '../openapi/openapi-types.js';
import type { ProblemList } from '../errors/problem-list.js';
import { referenceIn, resolveReference } from '../openapi/resolve-reference.js';
import { completeOperation } from './complete-operation.js';
import { operationsOfItem } from './operations-of-item.js';
import type { SentOperation } from './sent-operation.js';

/**
 * All operations that an API sends: the callbacks of its operations and webhooks, the callbacks of these, and the
 * webhooks themselves. One that several operations lead to comes once for each of them.
 */
export function collectOperations(document: OpenAPIObject, problems: ProblemList): SentOperation[] {
  const completed = new Map<OperationObject, OperationObject>();
  const sent: SentOperation[] = [];
  const { paths = {}, webhooks } = document;
  const { 'x-webhooks': oldWebhooks } = document as { 'x-webhooks'?: Record<string, PathItemObject> };

  function collectCallbacks(trigger: DocumentOperation): void {
    for (const [name, value] of Object.entries(trigger.operation.callbacks ?? {})) {
      const place = `callback ${name}`;
      const callback = resolve(value as CallbackObject, place, trigger.title);
      for (const [text, pathItem] of withoutExtensions(callback)) {
        const url = parse(text, place, trigger.title);
        if (url) collectItem(name, pathItem, 'callback', { trigger, url });
      }
    }
  }

  function collectItem(name: string, value: PathItemObject, kind: string, callback?: SentOperation['callback']): void {
    const item = resolveItem(value, `${kind} ${name}`, callback?.trigger.title);
    for (const [method, original] of operationsOfItem(item)) {
      const known = completed.get(original);
      const operation = known ?? completeOperation(original, item, document);
      completed.set(original, operation);
      sent.push({ name, method, operation, servers: original.servers ?? item.servers, ...(callback && { callback }) });
      // Callbacks can lead to each other in circles.
      if (!known) collectCallbacks({ operation: original, item, title: `${method.toUpperCase()} ${kind} ${name}` });
    }
  }

  function resolveItem(value: PathItemObject, place: string, linkedFrom?: string): PathItemObject {
    const { $ref, ...siblings } = value;
    return $ref === undefined ? value : { ...resolve(value, place, linkedFrom), ...siblings };
  }

  function resolve<T extends object>(value: T, place: string, linkedFrom?: string): T {
    const resolved = resolveReference(value, document);
    if (typeof resolved === 'object' && resolved !== null) return resolved as T;
    problems.add(unknownReference(referenceIn(value) ?? '', { place }, document), linkedFrom);
    return {} as T;
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

function withoutExtensions<T>(object: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(object).filter(([name]) => !name.startsWith('x-'));
}
