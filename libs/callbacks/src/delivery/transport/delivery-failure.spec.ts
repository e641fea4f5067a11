import { expect, it } from '@jest/globals';
import { CallbackDeliveryError } from '../../errors/callback.errors.js';
import { isMachineFault } from './delivery-failure.js';

const coded = (code: string, more = {}) => Object.assign(new Error(code), { code, ...more });
const several = (...errors: Error[]) => Object.assign(new AggregateError(errors), { code: 'ECONNREFUSED' });

it.each<[string, unknown]>([
  ['no file descriptors in the process', coded('EMFILE')],
  ['no file descriptors in the machine', coded('ENFILE')],
  ['no buffers', coded('ENOBUFS')],
  ['no memory', coded('ENOMEM', { syscall: 'queryA' })],
  ['no local ports', coded('EADDRNOTAVAIL', { address: '192.0.2.1' })],
  ['one below another error', new Error('It failed.', { cause: coded('EMFILE') })],
  ['one of a delivery', new CallbackDeliveryError('It failed.', { reason: 'machine', cause: coded('EMFILE') })],
  ['that of one of several addresses', several(coded('ECONNREFUSED'), coded('EMFILE'))],
])('%s is a fault of this machine', (_, error) => {
  expect(isMachineFault(error)).toBe(true);
});

it.each<[string, unknown]>([
  ['a refused connection', coded('ECONNREFUSED')],
  ['a reset', coded('ECONNRESET')],
  ['an IPv6 address that this machine cannot reach', coded('EADDRNOTAVAIL', { address: '2001:db8::1' })],
  ['all addresses refused', several(coded('ECONNREFUSED'), coded('EADDRNOTAVAIL', { address: '2001:db8::1' }))],
  ['what is no error', { code: 'EMFILE' }],
  ['nothing', undefined],
])('%s is not a fault of this machine', (_, error) => {
  expect(isMachineFault(error)).toBe(false);
});

it('a circle of causes ends', () => {
  const error = new Error('It failed.');
  error.cause = error;
  expect(isMachineFault(error)).toBe(false);
});
