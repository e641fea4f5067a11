/**
 * Computes the result of a node from the results of its children. Each node is visited once, however many parents it
 * has, and without recursion: a document can be deep and can repeat itself.
 *
 * @param combine - gets a function that returns the result of a child; `undefined` for a child that contains the node.
 * @param known - the results so far; it is added to.
 */
export function foldGraph<Node extends object, Result>(
  root: Node,
  childrenOf: (node: Node) => readonly Node[],
  combine: (node: Node, resultOf: (child: Node) => Result | undefined) => Result,
  known = new Map<Node, Result>(),
): Result {
  const pending = [root];
  const open = new Set<Node>();
  const resultOf = (child: Node) => known.get(child);
  for (let node = pending.at(-1); node !== undefined; node = pending.at(-1)) {
    if (open.has(node)) {
      known.set(node, combine(node, resultOf));
      open.delete(node);
      pending.pop();
    } else if (known.has(node)) {
      pending.pop();
    } else {
      open.add(node);
      for (const child of childrenOf(node).toReversed()) {
        if (!open.has(child) && !known.has(child)) pending.push(child);
      }
    }
  }
  // The root is combined last.
  return known.get(root)!;
}
