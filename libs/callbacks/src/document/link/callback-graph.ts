import { qualifiedNameOf } from '../../contract/callback-contract.js';
import type { CallbackOperation, ReceiverOperation } from '../../contract/callback-contract.js';
import type { CallbackLink } from '../../metadata/callback-metadata.js';
import type { ProblemList } from '../../errors/callback-problem.js';
import { selectCallbacks } from './select-callbacks.js';

/** One Callback Object of the document: operations under one name. */
export interface CallbackNode {
  readonly name: string;
  readonly operations: readonly CallbackOperation[];
  /** The operations, of the API or of callbacks, that have this very callback; named as `POST /invoices`. */
  readonly users: string[];
}

/**
 * The callbacks of all operations, and the callbacks of these callbacks. What several operations have is one node;
 * a cycle ends at a node that is known already, and which therefore has several users.
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

  /** Adds the callbacks of an operation that the receiver serves, named as `InvoiceCallbacks.notify of POST /invoices`. */
  addNested(operation: ReceiverOperation, title: string): void {
    const { links } = operation;
    if (links.length > 0) this.#nested.set(operation, this.add(links, title));
  }

  /** The callbacks of an operation that the receiver serves. */
  nestedIn(operation: ReceiverOperation): readonly CallbackNode[] {
    return this.#nested.get(operation) ?? [];
  }

  /** The operations that have a callback with this operation in it. */
  usersOf(operation: ReceiverOperation): string[] {
    return (this.#nodesOf.get(operation) ?? []).flatMap(({ users }) => users);
  }

  /** All operations of all callbacks, in the order in which they were found. */
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
