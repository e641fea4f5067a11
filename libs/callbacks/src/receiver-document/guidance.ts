import type { OpenAPIObject } from '@nestjs/swagger';
import type { DeliveryTerms } from '../openapi/delivery-terms.js';
import { operationsOfItem } from '../openapi/document-operations.js';
import { listTitles } from './describe-expression.js';
import { WEBHOOKS_TAG } from './write-operation.js';

/** A list that is longer does not help its reader. */
const MAX_OPERATIONS = 50;

/** The example that the libraries of Standard Webhooks share. */
const VECTOR = `    secret     whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
    id         msg_p5jXN8AQM9LWM0D4loKWxJek
    timestamp  1614265330
    body       {"test": 2432232314}
    signature  v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=`;

/** What is known of the requests that a receiver gets. */
export interface Deliveries {
  readonly paths: OpenAPIObject['paths'];
  readonly terms: DeliveryTerms | undefined;
  readonly isSigned: boolean;
}

/** What a receiver must know and no operation says, in Markdown: only what holds of these requests. */
export function describeDeliveries(deliveries: Deliveries): string {
  return [listOperations(deliveries), howToAnswer(deliveries), whatFollows(deliveries), howToVerify(deliveries)]
    .filter((section) => section !== '')
    .join('\n\n');
}

function listOperations({ paths }: Deliveries): string {
  const lines = Object.entries(paths).flatMap(([path, item]) =>
    operationsOfItem(item).map(([method, { summary, tags = [] }]) => {
      const what = summary ? `: ${summary.replace(/\s+/g, ' ').replace(/\.?\s*$/, '.')}` : '.';
      const triggers = tags.filter((tag) => tag !== WEBHOOKS_TAG).map((tag) => `\`${tag}\``);
      const when = triggers.length === 0 ? '' : ` Callback of ${listTitles(triggers)}.`;
      return `- \`${method.toUpperCase()} ${path}\`${what}${when}`;
    }),
  );
  if (lines.length === 0) return '';
  const more = lines.length > MAX_OPERATIONS ? [`- and ${lines.length - MAX_OPERATIONS} more.`] : [];
  return ['## What is sent', '', ...lines.slice(0, MAX_OPERATIONS), ...more].join('\n');
}

function howToAnswer({ terms, isSigned }: Deliveries): string {
  if (!terms) return '';
  const steps = [
    ...(isSigned ? ['Verify the signature over the raw bytes of the body, and answer 401 if it is wrong.'] : []),
    `Answer with a 2xx status within ${durationOf(terms.timeout)}, counted from the beginning of the connection to the last byte of your reply. Store the request first, and do the work afterwards.`,
    isSigned
      ? 'Expect the same request more than once. Remember each `webhook-id`, and answer 2xx to one that you know without doing anything else.'
      : 'Expect the same request more than once, and recognise it by its body.',
    'Expect requests in any order: what is in the body decides, not when it came.',
  ];
  return ['## How to answer', '', ...steps.map((step, index) => `${index + 1}. ${step}`)].join('\n');
}

function whatFollows({ terms }: Deliveries): string {
  if (!terms) return '';
  const { schedule, jitter } = terms;
  const attempts = schedule.length + 1;
  const waits = listTitles(schedule.map(durationOf), schedule.length, 'and');
  const varied = jitter > 0 ? ` Each wait is up to ${Math.round(jitter * 100)} % shorter or longer.` : '';
  const repeated =
    schedule.length === 0
      ? 'A request that fails is not sent again.'
      : `A request that fails can be sent again, up to ${attempts} times in all: the waits after failed attempts are ${waits}.${varied}`;
  return `## What follows from your answer

| your answer | what follows |
| --- | --- |
| 2xx | The request is delivered. |
| 410 | The request is given up: no attempt follows. |
| 429 or 503 with \`Retry-After\` | The next attempt, if there is one, is made no earlier than that. |
| any other status, a redirect too | The request has failed. |
| no complete reply in time | The request has failed. |

${repeated}`;
}

function howToVerify({ isSigned }: Deliveries): string {
  if (!isSigned) return '';
  return `## How to verify a signature

Requests are signed by [Standard Webhooks](https://www.standardwebhooks.com). There are libraries for most languages. By hand:

1. Take the raw bytes of the body, before they are parsed.
2. Join the header \`webhook-id\`, a dot, the header \`webhook-timestamp\`, a dot and the body.
3. Decode the secret that you were given from base64, without the \`whsec_\` before it: that is the key.
4. Compute the HMAC-SHA256 of the joined bytes with this key, and write it in base64 after \`v1,\`.
5. Split the header \`webhook-signature\` at its spaces. One of its signatures must be the same: compare them in constant time.
6. Refuse a \`webhook-timestamp\` that is more than five minutes away from now: it is in seconds since 1970.

An example to try your code with, apart from its old timestamp:

${VECTOR}`;
}

const UNITS = [
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** A time in the largest unit that it is a whole number of: `5 minutes`. */
export function durationOf(ms: number): string {
  const [unit, length] = UNITS.find(([, one]) => ms >= one && ms % one === 0) ?? (['millisecond', 1] as const);
  const count = ms / length;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
