import { expect, it } from '@jest/globals';
import { foldGraph } from './fold-graph.js';

interface Node {
  readonly name: string;
  readonly children: Node[];
}
const node = (name: string, ...children: Node[]): Node => ({ name, children });

function print(root: Node, known?: Map<Node, string>) {
  const combined: string[] = [];
  const text = foldGraph<Node, string>(
    root,
    ({ children }) => children,
    ({ name, children }, resultOf) => {
      combined.push(name);
      return `${name}(${children.map((child) => resultOf(child) ?? 'again').join()})`;
    },
    known,
  );
  return { text, combined };
}

it('a node is combined once, after its children', () => {
  const shared = node('d');
  const root = node('a', node('b', shared), node('c', shared, shared));
  expect(print(root)).toEqual({ text: 'a(b(d()),c(d(),d()))', combined: ['d', 'b', 'c', 'a'] });
});

it('a node that contains itself has no result for itself', () => {
  const root = node('a', node('b'));
  root.children[0]!.children.push(root);
  expect(print(root).text).toBe('a(b(again))');
});

it('a known result is not computed again', () => {
  const known = new Map<Node, string>();
  const child = node('b');
  expect(print(child, known).combined).toEqual(['b']);
  expect(print(node('a', child), known)).toEqual({ text: 'a(b())', combined: ['a'] });
});

it('is not limited by the depth of the graph', () => {
  let root = node('leaf');
  for (let depth = 0; depth < 100_000; depth += 1) root = node('', root, root);
  const size = foldGraph<Node, number>(
    root,
    ({ children }) => children,
    ({ children }, sizeOf) => (children.length > 0 ? 1 + sizeOf(children[0]!)! : 1),
  );
  expect(size).toBe(100_001);
});
