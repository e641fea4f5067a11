import { expect } from '@jest/globals';
import type { Type } from '@nestjs/common';
import type { CallbackQueue } from 'nestjs-callbacks';
import { blocksOf, prepareExamples, runExamples, SECRET } from './documentation.js';
import { event, ok, receiving, start } from './enqueueing.js';
import { eventually } from './eventually.js';
import { InvoiceCallbacks } from './invoices.js';

const PAGE = 'docs/operating.md';
const FIRST = 'invoice-2expen51ve-paid';

/** One command of an operator, and its result. */
interface Command {
  readonly command: string;
  readonly status: number;
  readonly output: unknown;
}

/** JSON without the parts that differ between runs: ids, times and hosts. */
const withoutChance = (value: unknown) =>
  JSON.parse(
    JSON.stringify(value, (name, part: unknown) => (name === 'duration' ? 0 : part))
      .replaceAll(/msg_[\w-]+/g, 'msg_')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'a time')
      .replaceAll(/https?:\/\/[\w.:]+\d|https:\/\/www\.external\.org/g, 'origin'),
  ) as unknown;

/**
 * Plays the night call of the guide on a queue, by the controller of the guide, and expects what the guide shows: a
 * receiver answers 500, the whole queue is checked, one delivery is found by its key and read, one is cancelled, one is
 * sent again too early, the receiver comes back, all is sent again, and one is forgotten.
 *
 * @returns what the operator typed and saw.
 */
export async function playNightCall(queue: CallbackQueue): Promise<readonly Command[]> {
  await prepareExamples();
  const { exported } = await runExamples(PAGE);
  let isBroken = false;
  const receiver = await receiving((request, response) => {
    if (isBroken) response.writeHead(500).end('the disk is full');
    else ok(request, response);
  });
  const options = { queue, signing: { secret: SECRET }, retry: { schedule: [3_600_000], jitter: 0 } };
  const controllers = [exported['CallbacksAdminController'] as Type];
  const { app, callbacks } = await start(receiver.port, options, { controllers });
  await app.listen(0, '127.0.0.1');
  const api = `${await app.getUrl()}/admin/callbacks`;

  const commands: Command[] = [];
  const type = async <Output>(method: string, path: string): Promise<Output> => {
    const response = await fetch(`${api}${path}`, { method });
    const output = await response.json();
    const curl = method === 'GET' ? 'curl' : `curl -X ${method}`;
    commands.push({ command: `${curl} "$API${path}"`, status: response.status, output });
    return output as Output;
  };
  const enqueue = async (invoice: string) => {
    const urls = { invoiceNotification: `${receiver.url}/events/invoices/${invoice}` };
    const key = `invoice-${invoice}-paid`;
    const queued = await callbacks.enqueue(InvoiceCallbacks, urls, { key }).invoiceNotification(event);
    return 'id' in queued ? queued.id : '';
  };
  const counts = (expected: object) =>
    eventually(async () => expect(await callbacks.stats()).toMatchObject({ inFlight: 0, ...expected }));

  const arrived = await enqueue('1rst');
  await counts({ delivered: 1 });
  isBroken = true;
  const noon = new Date().toISOString();
  const waiting = await enqueue('2expen51ve');
  await counts({ queued: 1, due: 0 });
  const failed = await enqueue('9kd02ns8zq');
  const writtenOff = await enqueue('4off');
  await counts({ queued: 3, due: 0 });

  await type('GET', '/stats');
  await type('GET', `?key=${FIRST}`);
  await type('GET', `/${waiting}`);
  await type('POST', `/${writtenOff}/cancel`);
  // The receiver is not back yet, and this was the last attempt.
  await type('POST', `/${failed}/retry`);
  await counts({ queued: 1, failed: 1, cancelled: 1 });
  isBroken = false;
  await type('POST', `/retry?since=${noon}`);
  await counts({ queued: 0, failed: 0, cancelled: 1, delivered: 3 });
  await type('GET', `?state=delivered&key=${FIRST}`);
  await type('DELETE', `/${waiting}`);

  const shown = blocksOf(PAGE, 'json').map((block) => JSON.parse(block) as unknown);
  expect(commands.map(({ output }) => withoutChance(output))).toEqual(shown.map(withoutChance));
  expect(await callbacks.delivery(waiting)).toBeUndefined();
  expect(await callbacks.deliveries({ key: FIRST })).toEqual({ deliveries: [] });
  // Delivered callbacks were not sent again. The others arrived once, under their ids.
  const idsAt = (invoice: string) =>
    receiver.requests.filter(({ url }) => url.endsWith(invoice)).map(({ headers }) => headers['webhook-id']);
  expect(idsAt('1rst')).toEqual([arrived]);
  expect(idsAt('2expen51ve')).toEqual([waiting, waiting]);
  expect(idsAt('9kd02ns8zq')).toEqual([failed, failed, failed]);
  expect(idsAt('4off')).toEqual([writtenOff]);
  return commands;
}
