import type { OpenAPIObject } from '@nestjs/swagger';
import type { DeliveryTerms } from '../openapi/delivery-terms.js';
import { operationsOfItem } from '../openapi/document-operations.js';
import { listTitles } from './describe-expression.js';
import { WEBHOOKS_TAG } from './write-operation.js';

/** A longer list does not help its readers. */
const MAX_OPERATIONS = 50;

/** The example that all libraries of Standard Webhooks test. */
const VECTOR = `    secret     whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
    id         msg_p5jXN8AQM9LWM0D4loKWxJek
    timestamp  1614265330
    body       {"test": 2432232314}
    signature  v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=`;

/** What is known about the requests to a receiver. */
export interface Deliveries {
  readonly paths: OpenAPIObject['paths'];
  readonly terms: DeliveryTerms | undefined;
  readonly isSigned: boolean;
}

/** Writes, in Markdown, what a receiver must know besides the operations, as far as it applies to these requests. */
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
    `Answer with a 2xx status within ${durationOf(terms.timeout)}, from the start of the connection to the last byte of your reply. Store the request first, and process it after you have answered.`,
    isSigned
      ? 'Expect the same request more than once. Remember each `webhook-id`. If you know it already, answer 2xx and do nothing else.'
      : 'Expect the same request more than once, and recognise it by its body.',
    'Expect requests in any order: rely on the contents of the body, not on the time of arrival.',
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
      ? 'A failed request is not sent again.'
      : `Unless you answered 410, a failed request may be sent again, with up to ${attempts} attempts in total. The waits between them are ${waits}.${varied}`;
  return `## What happens after your answer

| Your answer | What happens |
| --- | --- |
| 2xx | The request is delivered, even if the body of your answer is wrong: we only record that. |
| 410 | The request has failed, and no further attempt is made. |
| 429 or 503 with \`Retry-After\` | The request has failed. The next attempt, if there is one, is not made before that time. |
| Any other status, including redirects | The request has failed. |
| No complete reply in time | The request has failed. |

${repeated}`;
}

function howToVerify({ isSigned }: Deliveries): string {
  if (!isSigned) return '';
  return `## How to verify a signature

Requests are signed according to [Standard Webhooks](https://www.standardwebhooks.com). Use one of its libraries, or verify a signature by hand:

1. Take the raw bytes of the body, before you parse it.
2. Join the header \`webhook-id\`, a dot, the header \`webhook-timestamp\`, a dot and the body.
3. Remove \`whsec_\` from your secret, which you get from the operator of this API, and decode the rest from base64: the result is the key.
4. Compute the HMAC-SHA256 of the joined bytes with this key, and write it in base64 after \`v1,\`.
5. Split the header \`webhook-signature\` at its spaces. One of the signatures must be equal to yours: compare them in constant time.
6. Reject a \`webhook-timestamp\`, in seconds since 1970, that is more than five minutes in the past or the future.

Test your code with this example, but skip the check of its old timestamp:

${VECTOR}`;
}

const UNITS = [
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** Writes a time in the largest unit that divides it: `5 minutes`. */
export function durationOf(ms: number): string {
  const [unit, length] = UNITS.find(([, one]) => ms >= one && ms % one === 0) ?? (['millisecond', 1] as const);
  const count = ms / length;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
