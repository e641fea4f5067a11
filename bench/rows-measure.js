/**
 * Shared by the benchmarks of many rows: the operations, how long they take, and how long the event loop is blocked.
 */

const ROUNDS = 5;

const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/** The longest time that the event loop is blocked, in ms: by the clock, and of the CPU. */
class Watch {
  longest = { clock: 0, cpu: 0 };
  #last = { clock: performance.now(), cpu: cpu() };
  #isOver = false;
  constructor() {
    const turn = () => {
      const now = { clock: performance.now(), cpu: cpu() };
      for (const by of ['clock', 'cpu']) this.longest[by] = Math.max(this.longest[by], now[by] - this.#last[by]);
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
const inMs = (value) => `${value.toFixed(1).padStart(8)} ms`;

/** Runs a function this many times, and prints the median. */
export async function measure(title, ask, rounds = ROUNDS) {
  const [times, blocks] = [[], []];
  let answer;
  for (let round = 0; round < rounds; round += 1) {
    const watch = new Watch();
    const begin = performance.now();
    answer = await ask();
    times.push(performance.now() - begin);
    blocks.push(await watch.end());
  }
  const [clock, ofCpu] = ['clock', 'cpu'].map((by) => Math.max(...blocks.map((block) => block[by])));
  const found = Array.isArray(answer?.deliveries) ? answer.deliveries.length : answer?.count;
  console.log(
    [title.padEnd(56), inMs(median(times)), 'blocks for', inMs(clock), 'CPU', inMs(ofCpu), found ?? ''].join(' '),
  );
  return answer;
}

/** Runs all operations on a queue of this many rows. */
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
  await measure("a page: state 'cancelled' and callback, nothing found", () =>
    page({ state: 'cancelled', callback: 'Nobody.knows' }),
  );
  await measure("a page: state 'failed' and since, nothing found", () =>
    page({ state: 'failed', since: new Date(Date.now() + 60_000) }),
  );
  await measure('500 retried', async () => {
    const { deliveries } = await queue.deliveries({ state: 'failed' }, { limit: 500 });
    return queue.retry(deliveries.map(({ id }) => id));
  });
}
