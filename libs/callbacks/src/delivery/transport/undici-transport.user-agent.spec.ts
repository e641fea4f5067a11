import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import axios from 'axios';
import { closeAll } from '../../../../../test/support/closing.js';
import { ok, receiverThat } from '../../../../../test/support/transports.js';
import { USER_AGENT } from './undici-transport.js';

afterEach(closeAll);

it('names the version of the package', () => {
  const manifest: unknown = JSON.parse(readFileSync('libs/callbacks/package.json', 'utf8'));
  // No build of the package can import its manifest: Node 20 warns of it, and the two builds lie at different depths.
  expect(manifest).toMatchObject({ version: USER_AGENT.replace('nestjs-callbacks/', '') });
});

describe('a request', () => {
  it('has it', async () => {
    const { receiver, send } = await receiverThat(ok);
    await send();
    expect(receiver.requests[0]?.headers['user-agent']).toBe(USER_AGENT);
  });

  it.each(['User-Agent', 'user-agent', 'USER-AGENT'])('has the one that is given as %s', async (name) => {
    const { receiver, send } = await receiverThat(ok);
    await send({ headers: { [name]: 'invoices/1.0' } });
    expect(receiver.requests[0]?.headers['user-agent']).toBe('invoices/1.0');
  });

  it("has that of the app's axios instance, or else ours", async () => {
    const own = await receiverThat(ok, { axios: axios.create({ headers: { 'User-Agent': 'invoices/1.0' } }) });
    await own.send();
    expect(own.receiver.requests[0]?.headers['user-agent']).toBe('invoices/1.0');
    const ours = await receiverThat(ok, { axios: axios.create() });
    await ours.send();
    expect(ours.receiver.requests[0]?.headers['user-agent']).toBe(USER_AGENT);
  });
});
