import { qualifiedNameOf } from '../../contract/callback-contract.js';
import type { CallbackOperation, ReceiverOperation, CallbackContract } from '../../contract/callback-contract.js';
import type { CallbackLink } from '../../metadata/callback-metadata.js';
import type { CallbackProblem, ProblemList, ReportProblem } from '../../errors/callback-problem.js';
import { readCallbackContract } from '../../contract/read-contract.js';

/** One Callback Object of the document: operations under one name. */
export interface CallbackNode {
  readonly name: string;
  readonly operations: readonly CallbackOperation[];
  /** The operations that have this callback, of the API or of other callbacks: `POST /invoices`. */
  readonly users: string[];
}

/**
 * The callbacks of all operations, and the callbacks of these callbacks. A callback that several operations share is
 * one node. A cycle ends at a node that is already known, which therefore has several users.
 */
export class CallbackGraph {
  readonly #nodes = new Map<string, CallbackNode>();
  readonly #nested = new Map<ReceiverOperation, readonly CallbackNode[]>();
  readonly #numbers = new Map<CallbackOperation, number>();
  readonly #nodesOf = new Map<ReceiverOperation, CallbackNode[]>();

  constructor(private readonly problems: ProblemList) {}

  /** Adds the callbacks of one operation of the API, named as `POST /invoices`. */
  add(links: readonly CallbackLink[], title: string): CallbackNode[] {
    const selected = selectCallbacks(links, (problem) => this.problems.add(problem, title));
    return [...selected].map(([name, operations]) => this.#node(name, operations, title));
  }

  /** Adds the callbacks of an operation that the receiver serves: `InvoiceCallbacks.notify of POST /invoices`. */
  addNested(operation: ReceiverOperation, title: string): void {
    const { links } = operation;
    if (links.length > 0) this.#nested.set(operation, this.add(links, title));
  }

  /** Returns the callbacks of an operation that the receiver serves. */
  nestedIn(operation: ReceiverOperation): readonly CallbackNode[] {
    return this.#nested.get(operation) ?? [];
  }

  /** Returns the operations that have a callback with this operation. */
  usersOf(operation: ReceiverOperation): string[] {
    return (this.#nodesOf.get(operation) ?? []).flatMap(({ users }) => users);
  }

  /** Returns all operations of all callbacks, in the order in which they were found. */
  operations(): CallbackOperation[] {
    return [...this.#numbers.keys()];
  }

  #node(name: string, operations: readonly CallbackOperation[], title: string): CallbackNode {
    const key = JSON.stringify([name, ...operations.map((operation) => this.#number(operation))]);
    const known = this.#nodes.get(key);
    if (known) {
      known.users.push(title);
      return known;
    }
    const node: CallbackNode = { name, operations, users: [title] };
    this.#nodes.set(key, node);
    for (const operation of operations) {
      this.#nodesOf.set(operation, [...(this.#nodesOf.get(operation) ?? []), node]);
      this.addNested(operation, `${qualifiedNameOf(operation)} of ${title}`);
    }
    return node;
  }

  #number(operation: CallbackOperation): number {
    const number = this.#numbers.get(operation) ?? this.#numbers.size;
    this.#numbers.set(operation, number);
    return number;
  }
}

/** Returns the operations that the links of one operation select, by the name of their callback. */
function selectCallbacks(links: readonly CallbackLink[], report: ReportProblem): Map<string, CallbackOperation[]> {
  const selected = new Map<string, CallbackOperation[]>();
  for (const link of links) {
    const contract = readCallbackContract(link.callbacks);
    contract.problems.forEach(report);
    for (const operation of operationsOfLink(contract, link, report)) {
      const name = link.name ?? contract.name ?? operation.methodName;
      if (name === '__proto__') {
        report(reservedName(qualifiedNameOf(operation), 'callback'));
        continue;
      }
      const siblings = selected.get(name) ?? [];
      const twin = siblings.find((sibling) => urlKeyOf(sibling) === urlKeyOf(operation));
      if (twin) report(duplicateOperation(name, operation, qualifiedNameOf(twin)));
      else selected.set(name, [...siblings, operation]);
    }
  }
  return selected;
}

function operationsOfLink(
  contract: CallbackContract,
  link: CallbackLink,
  report: ReportProblem,
): readonly CallbackOperation[] {
  const { operations } = contract;
  if (contract.problems.some(({ code }) => code === 'not-a-callback-controller')) return [];
  const { only } = link;
  for (const name of only ?? []) {
    if (!contract.methodNames.includes(name)) report(noSuchOperation(contract, name));
  }
  if (contract.excluded) return [];
  return only ? operations.filter(({ methodName }) => only.includes(methodName)) : operations;
}

/** Returns what identifies an operation within a callback: its HTTP method and its URL. */
function urlKeyOf(operation: CallbackOperation): string {
  return `${operation.httpMethod.toUpperCase()} ${operation.urlText}`;
}

function noSuchOperation({ callbacks, methodNames }: CallbackContract, name: string): CallbackProblem {
  const message = `\`only\` names ${name}, which is not an operation of ${callbacks.name}. Its operations: ${methodNames.join(', ')}.`;
  return {
    code: 'no-such-operation',
    place: qualifiedNameOf({ callbacks, methodName: name }),
    message,
    fix: `Use one of these names, or add an HTTP method decorator to ${name}.`,
  };
}

/** Returns the problem of the name `__proto__`: in most programs a property of this name is lost. */
export function reservedName(place: string, kind: 'callback' | 'webhook'): CallbackProblem {
  const message = `Its ${kind} is named __proto__, which most programs that read a document ignore.`;
  return { code: 'reserved-name', place, message, fix: 'Give it another name.' };
}

/** Returns the problem of two operations of one callback with the same URL and HTTP method. */
export function duplicateOperation(name: string, operation: CallbackOperation, other: string): CallbackProblem {
  const message = `The callback ${name} already has ${urlKeyOf(operation)}, from ${other}.`;
  const fix = 'Link it once, or give one of the links another name: @ApiCallback(Class, { name }).';
  return { code: 'duplicate-operation', place: qualifiedNameOf(operation), message, fix };
}
