import { expect, it, jest } from '@jest/globals';
import { HostPace } from './host-pace.js';

const attempt = () => {
  let end: () => void = () => undefined;
  return { ended: new Promise<void>((resolve) => (end = resolve)), end: () => end() };
};

it('those of a host return one after the other, all within a minute', async () => {
  const pace = new HostPace();
  const one = attempt();
  const watched = pace.watch('one.external.org', one.ended);
  const delays = Array.from({ length: 10_000 }, () => pace.putOff('one.external.org'));
  one.end();
  await watched;
  const firstOnes = delays.slice(0, 100);
  expect(firstOnes).toEqual(firstOnes.toSorted((a, b) => a - b));
  expect(Math.min(...delays)).toBeGreaterThan(0);
  expect(Math.max(...delays)).toBeLessThanOrEqual(60_000);
});

it('a host does not hold back another one', () => {
  const pace = new HostPace();
  void pace.watch('one.external.org', attempt().ended);
  for (let index = 0; index < 1_000; index++) pace.putOff('one.external.org');
  void pace.watch('other.external.org', attempt().ended);
  expect(pace.putOff('other.external.org')).toBeLessThan(1_000);
});

it('does not mind that the clock is set while an attempt runs', () => {
  const pace = new HostPace();
  void pace.watch('one.external.org', attempt().ended);
  const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 3_600_000);
  const delays = Array.from({ length: 20 }, () => pace.putOff('one.external.org'));
  clock.mockRestore();
  expect(Math.max(...delays)).toBeLessThan(5_000);
});
