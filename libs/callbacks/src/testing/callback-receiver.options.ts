import type { Type } from '@nestjs/common';
import type { OperationName } from '../metadata/callback-class.js';
import { readContract } from '../contract/read-contract.js';
import type { SigningSecret } from '../delivery/signing/signing-options.js';
import { decodeSecret, SECRET_FORMAT } from '../delivery/signing/webhook-secret.js';
import type { SentOperation } from './match-operations.js';
import type { Law } from './judge-request.js';

/** The options of `CallbackReceiver.listen()`. */
export interface CallbackReceiverOptions<T extends object = object> {
  /**
   * The secret that requests have to be signed with, by Standard Webhooks: `whsec_` and 24 to 64 bytes in base64. Of
   * several, one that fits is enough. What is not signed by it is answered with 401.
   *
   * @default signatures are not looked at
   */
  secret?: SigningSecret;

  /**
   * The methods whose callbacks are received. Needed where nothing tells two of them apart: their URLs look alike, as those of
   * two bare expressions and of all webhooks do, and each takes the body of the other. Give each a receiver of its own.
   *
   * @default all of them
   */
  only?: readonly OperationName<T>[];

  /**
   * The key and the certificate of a receiver that is reached by `https:`, in PEM. The certificate has to be for
   * `127.0.0.1`, and the sender has to trust it: set `NODE_EXTRA_CA_CERTS` to its file.
   *
   * @default plain HTTP
   */
  tls?: { readonly key: string; readonly cert: string };
}

/**
 * What requests to a receiver are checked against.
 *
 * @throws TypeError where the class or an option is wrong.
 */
export function readLaw<T extends object>(callbacks: Type<T>, { secret, only }: CallbackReceiverOptions<T>): Law {
  const contract = readContract(callbacks);
  const [problem] = contract.problems;
  if (problem) throw new TypeError(`${problem.place}: ${problem.message} Fix: ${problem.fix}`);
  const names: readonly string[] = only ?? contract.methodNames;
  for (const name of names) assertOperation(contract, name);
  const secrets = secret === undefined ? [] : [secret].flat();
  if (secret?.length === 0 || secrets.some((item) => decodeSecret(item) === undefined)) {
    throw new TypeError(`The option \`secret\` of CallbackReceiver has to be ${SECRET_FORMAT}, or an array of such.`);
  }
  const all: readonly SentOperation[] = contract.operations;
  const operations = all.filter(({ methodName }) => names.includes(methodName));
  return { contract, operations, secrets };
}

/** @throws TypeError where a law has no operation of that name. */
export function assertOperation({ callbacks, operations }: Law['contract'], name: string): void {
  if (operations.some(({ methodName }) => methodName === name)) return;
  const names = operations.map(({ methodName }) => methodName).join(', ');
  throw new TypeError(`${callbacks.name} has no callback \`${name}\`. Its callbacks: ${names}.`);
}
