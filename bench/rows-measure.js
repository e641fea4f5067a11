/** What the benchmarks of many rows share: what an operator asks, how long it takes, and what stands still meanwhile. */

const ROUNDS = 5;

/** For how long the event loop stands still at most, in ms. */
class Watch {
  longest = 0;
  #last = performance.now();
  #isOver = false;
  constructor() {
    const turn = () => {
      const now = performance.now();
      this.longest = Math.max(this.longest, now - this.#last);
      this.#last = now;
      if (!this.#isOver) setImmediate(turn);
    };
    setImmediate(turn);
  }
  async end() {
    await new Promise((resolve) => setImmediate(resolve));
    this.#isOver = true;
    return this.longest;
  }
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

async function measure(title, ask) {
  const times = [];
  const blocks = [];
  let answer;
  for (let round = 0; round < ROUNDS; round += 1) {
    const watch = new Watch();
    const begin = performance.now();
    answer = await ask();
    times.push(performance.now() - begin);
    blocks.push(await watch.end());
  }
  const found = Array.isArray(answer?.deliveries) ? `${answer.deliveries.length} found` : '';
  const [time, block] = [median(times), Math.max(...blocks)].map((value) => value.toFixed(1).padStart(8));
  console.log(`${title.padEnd(58)} ${time} ms   blocks for ${block} ms at most   ${found}`);
  return answer;
}

/** Asks a queue of so many rows all that an operator asks. */
export async function measureQueue(queue, rows) {
  const page = (filter, cursor) => queue.deliveries(filter, { limit: 50, ...(cursor && { cursor }) });
  const middle = `msg_${String(Math.ceil(rows / 2)).padStart(12, '0')}`;
  await measure('delivery(id)', () => queue.delivery(middle));
  await measure('stats()', () => queue.stats());
  const first = await measure('a page of all', () => page({}));
  await measure('the next page', () => page({}, first.next));
  await measure("a page: state 'failed'", () => page({ state: 'failed' }));
  await measure("a page: state 'cancelled'", () => page({ state: 'cancelled' }));
  await measure('a page: key', () => page({ key: `invoice-${Math.ceil(rows / 2)}` }));
  await measure('a page: host', () => page({ host: 'host-7.example.org' }));
  await measure('a page: host and state', () => page({ host: 'host-7.example.org', state: 'queued' }));
  await measure("a page: state 'failed', the last one", () => page({ state: 'failed' }, '400'));
  await measure('a page: callback, through all rows, nothing found', () => page({ callback: 'Nobody.knows' }));
  await measure('a page: since, nothing found', () => page({ since: new Date(Date.now() + 60_000) }));
  await measure('500 retried', async () => {
    const { deliveries } = await queue.deliveries({ state: 'failed' }, { limit: 500 });
    return queue.retry(deliveries.map(({ id }) => id));
  });
}
