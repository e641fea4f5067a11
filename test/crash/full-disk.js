/**
 * A queue in a SQLite file on a disk that is full: `node full-disk.js FOLDER`, where a disk of 4 MB is mounted. It fills the
 * disk, sends what was accepted, and makes room. It prints what it has found out, as JSON.
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { digestOf } from '../../libs/callbacks/dist/delivery/callback-delivery.js';
import { sqliteQueue } from '../../libs/callbacks/dist/sqlite/index.js';

const [, , folder] = process.argv;
const ballast = join(folder, 'somebody-elses');
const queue = sqliteQueue({ file: join(folder, 'callbacks.db') });
const accepted = new Set();
const sent = [];
let refused = 0;
let complaint;

function newDelivery() {
  const request = { method: 'POST', url: 'https://www.external.org/events', headers: {}, body: 'x'.repeat(2_000) };
  const id = `msg_${accepted.size + refused}`;
  const digest = digestOf(request);
  return { status: 'prepared', version: 1, id, callback: 'A.b', receiver: request.url, digest, request };
}

async function add() {
  const delivery = newDelivery();
  try {
    await queue.add(delivery);
    accepted.add(delivery.id);
    return true;
  } catch (error) {
    complaint = { code: error.code, message: error.message.replace(folder, 'DISK') };
    refused++;
    return false;
  }
}

/** At most 20 s. */
async function until(isSo) {
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(20)) if (await isSo()) return true;
  return false;
}

const isAllSent = async () => [...accepted].every((id) => sent.includes(id));
const worker = {
  concurrency: 20,
  acquire: (_, most) => most,
  release: () => undefined,
  cancelled: async () => undefined,
  announce: async () => true,
  async attempt({ id }, attempt) {
    sent.push(id);
    return { status: 'delivered', record: { attempt, at: new Date(), duration: 1, statusCode: 200 } };
  },
};

await writeFile(ballast, Buffer.alloc(1_000_000));
for (let count = 0; count < 10_000 && refused < 50; count++) await add();
const found = { acceptedUntilFull: accepted.size, complaint };
await queue.start(worker).catch((error) => (found.start = error.message));
found.isSentThoughFull = await until(isAllSent);
await rm(ballast);
if (found.start) await queue.start(worker);
found.isTakenAgain = await until(add);
for (let count = 0; count < 100; count++) await add();
found.isAllSent = await until(isAllSent);
found.isAllNoted = await until(async () => (await queue.stats()).delivered === accepted.size);
found.sentTwice = sent.length - new Set(sent).size;
found.accepted = accepted.size;
await queue.stop(1_000);
await queue.close();
console.log(JSON.stringify(found));
