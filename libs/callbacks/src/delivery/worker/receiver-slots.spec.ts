import { describe, expect, it } from '@jest/globals';
import { ReceiverSlots } from './receiver-slots.js';

const limits = { total: 40, perHost: 10 };

function createSlots() {
  let time = 0;
  const slots = new ReceiverSlots(limits, () => time);
  const begin = (receiver: string) => {
    const acquired = slots.acquire(receiver, 1);
    return acquired === 1 ? slots.begin(receiver) : undefined;
  };
  const prove = (receiver: string, answers: number) => {
    for (let count = 0; count < answers; count++) begin(receiver)!.end(true);
  };
  const windowOf = (receiver: string) => {
    const window = slots.acquire(receiver, 20);
    slots.release(receiver, window);
    return window;
  };
  return { slots, begin, prove, windowOf, pass: (ms: number) => void (time += ms) };
}

const receivers = (count: number, name: string) =>
  Array.from({ length: count }, (_, index) => `https://${name}-${index}.example/hooks`);

describe('ReceiverSlots', () => {
  it('gives a new receiver one slot, and one more with each answer, up to perHost', () => {
    const { slots, prove } = createSlots();
    const [one] = receivers(1, 'one') as [string];
    expect(slots.acquire(one, 5)).toBe(1);
    expect(slots.acquire(one, 5)).toBe(0);
    slots.release(one, 1);
    prove(one, 3);
    expect(slots.acquire(one, 20)).toBe(4);
    slots.release(one, 4);
    prove(one, 30);
    expect(slots.acquire(one, 20)).toBe(10);
  });

  it('gives one that hung one slot, until it answers with anything at all', () => {
    const { slots, begin, prove, windowOf, pass } = createSlots();
    const [one] = receivers(1, 'one') as [string];
    const hangs = () => {
      const attempt = begin(one)!;
      pass(2_000);
      // Time is noticed when slots are asked for.
      slots.acquire('https://other.example', 0);
      attempt.end(false);
    };
    prove(one, 20);
    hangs();
    expect(windowOf(one)).toBe(1);
    prove(one, 2);
    // After a relapse each further slot takes two answers.
    expect(windowOf(one)).toBe(2);
    prove(one, 20);
    expect(windowOf(one)).toBe(10);
    hangs();
    prove(one, 2);
    // The first relapse was forgotten when it had all slots again.
    expect(windowOf(one)).toBe(2);
  });

  it('halves the slots of one whose connection fails at once, and gives them back as it answers', () => {
    const { begin, prove, windowOf } = createSlots();
    const [one] = receivers(1, 'one') as [string];
    prove(one, 20);
    begin(one)!.end(false);
    expect(windowOf(one)).toBe(6);
    prove(one, 10);
    expect(windowOf(one)).toBe(10);
    for (let failures = 0; failures < 4; failures++) begin(one)!.end(false);
    expect(windowOf(one)).toBe(1);
    // One of thirty fails: most of its slots remain.
    for (let round = 0; round < 50; round++) {
      prove(one, 30);
      begin(one)!.end(false);
    }
    expect(windowOf(one)).toBeGreaterThanOrEqual(5);
  });

  it('keeps the paths of one host apart, within the limit of the host', () => {
    const { slots, prove } = createSlots();
    const [slow, fast] = ['https://one.example/slow', 'https://one.example/fast'] as const;
    prove(slow, 20);
    prove(fast, 20);
    expect(slots.acquire(slow, 8)).toBe(8);
    expect(slots.acquire(fast, 8)).toBe(2);
  });

  it('lets new receivers have a quarter, those that hang another, and those that answer the rest', () => {
    const { begin, prove, pass } = createSlots();
    const proven = receivers(4, 'proven');
    for (const one of proven) prove(one, 20);
    expect(receivers(30, 'first').filter((one) => begin(one))).toHaveLength(10);
    pass(1_001);
    // The first ones hang by now.
    expect(receivers(30, 'second').filter((one) => begin(one))).toHaveLength(10);
    pass(1_001);
    expect(receivers(30, 'third').filter((one) => begin(one))).toHaveLength(10);
    pass(1_001);
    expect(receivers(30, 'fourth').filter((one) => begin(one))).toHaveLength(0);
    expect(proven.flatMap((one) => Array.from({ length: 5 }, () => begin(one))).filter(Boolean)).toHaveLength(10);
  });

  it('lets those that hung last time have no more than their quarter', () => {
    const { begin } = createSlots();
    const hanging = receivers(30, 'hanging');
    for (const one of hanging) begin(one)!.end(false);
    expect(hanging.filter((one) => begin(one))).toHaveLength(10);
    expect(receivers(1, 'new').filter((one) => begin(one))).toHaveLength(1);
  });

  it('keeps the last quarter from one that has answered and is slow now', () => {
    const { slots, prove, pass, begin } = createSlots();
    const [slow, quick] = [receivers(4, 'slow'), receivers(1, 'quick')[0]!];
    for (const one of [...slow, quick]) prove(one, 20);
    for (const one of slow) begin(one);
    pass(1_001);
    expect(slow.map((one) => slots.acquire(one, 10))).toEqual([9, 9, 8, 0]);
    expect(slots.acquire(quick, 10)).toBe(10);
  });

  it('counts the names of one address together', () => {
    const { slots, prove, begin } = createSlots();
    const names = receivers(3, 'wild');
    for (const one of names) {
      prove(one, 20);
      const slot = begin(one)!;
      slot.connected('2001:db8:1:2::1');
      slot.end(true);
    }
    expect(names.map((one) => slots.acquire(one, 8))).toEqual([8, 2, 0]);
  });

  it('remembers a bounded number of receivers', () => {
    const { begin, slots } = createSlots();
    const [first] = receivers(1, 'first') as [string];
    begin(first)!.end(false);
    for (const one of receivers(10_000, 'many')) begin(one)!.end(true);
    // Forgotten, and so new.
    for (const one of receivers(10, 'hanging')) begin(one)!.end(false);
    for (const one of receivers(10, 'hanging')) expect(slots.acquire(one, 1)).toBe(1);
    expect(slots.acquire(first, 1)).toBe(1);
  });

  it('stays within its limits if a queue does not acquire its slots, or returns too many', () => {
    const { slots, prove } = createSlots();
    const [one] = receivers(1, 'one') as [string];
    prove(one, 20);
    const attempts = [slots.begin(one), slots.begin(one)];
    expect(slots.acquire(one, 20)).toBe(8);
    slots.release(one, 20);
    expect(slots.acquire(one, 20)).toBe(8);
    slots.release(one, 8);
    for (const attempt of attempts) attempt.end(true);
    expect(slots.acquire(one, 20)).toBe(10);
  });

  it('works with a single slot', () => {
    const slots = new ReceiverSlots({ total: 1, perHost: 1 });
    const [one, other] = receivers(2, 'one') as [string, string];
    expect(slots.acquire(one, 1)).toBe(1);
    expect(slots.acquire(other, 1)).toBe(0);
  });
});
