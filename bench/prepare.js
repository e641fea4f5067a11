/**
 * Measures what preparing a body that declares nothing costs, as a ratio of `JSON.stringify()` of the same body: it is
 * inspected, written and put into a request.
 */
import { Body, Post } from '@nestjs/common';
// The build of this checkout, with functions that the package does not export.
import { readCallbackContract } from '../libs/callbacks/dist/contract/read-contract.js';
import { CallbackController } from '../libs/callbacks/dist/index.js';
import { renderRequest } from '../libs/callbacks/dist/message/render-request.js';

const ROWS = 50_000;
const ROUNDS = 15;

class Rows {
  changed(body) {
    void body;
  }
}
const descriptor = Object.getOwnPropertyDescriptor(Rows.prototype, 'changed');
Reflect.defineMetadata('design:paramtypes', [Object], Rows.prototype, 'changed');
Body()(Rows.prototype, 'changed', 0);
Post()(Rows.prototype, 'changed', descriptor);
CallbackController('https://x.example/hook')(Rows);
const [operation] = readCallbackContract(Rows).operations;

class Entity {}

const rowOf = (id) => ({ id, name: `Row ${id}`, amount: id / 2, isPaid: true });
const nestedOf = (id) => ({ ...rowOf(id), tags: ['a', 'b'], owner: { id } });
const listOf = (row) => Array.from({ length: ROWS }, (_, id) => row(id));
const bodies = {
  'plain rows': listOf(rowOf),
  'nested rows': listOf(nestedOf),
  'entities of a class of which nothing is declared': listOf((id) => Object.assign(new Entity(), nestedOf(id))),
  'rows with a toJSON() in each': listOf((id) => ({ ...rowOf(id), total: { toJSON: () => '1.00' } })),
};

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
function cpuMilliseconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
async function measure(run) {
  const start = cpuMilliseconds();
  await run();
  return cpuMilliseconds() - start;
}

console.log(
  `Preparing ${ROWS} untyped rows, beside JSON.stringify() of the same. Medians of ${ROUNDS} rounds, in CPU.`,
);
for (const [title, body] of Object.entries(bodies)) {
  const plain = [];
  const prepared = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    plain.push(await measure(() => JSON.stringify(body)));
    prepared.push(await measure(() => renderRequest(operation, 'https://x.example/hook', [body])));
  }
  const [ours, theirs] = [median(prepared), median(plain)];
  console.log(`${title}: ${ours.toFixed(1)} ms, ${theirs.toFixed(1)} ms; ratio ${(ours / theirs).toFixed(2)}`);
}
