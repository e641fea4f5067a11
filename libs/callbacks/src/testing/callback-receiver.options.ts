import type { Type } from '@nestjs/common';
import type { OperationName } from '../metadata/callback-metadata.js';
import { readContract } from '../contract/read-contract.js';
import type { SigningSecret } from '../delivery/signing.js';
import { decodeSecret, SECRET_FORMAT } from '../delivery/signing.js';
import type { AcceptedOperation } from './match-operations.js';
import type { Expectations } from './check-request.js';

/** The options of `CallbackReceiver.listen()`. */
export interface CallbackReceiverOptions<T extends object = object> {
  /**
   * The secret that requests must be signed with, according to Standard Webhooks: `whsec_` and 24 to 64 bytes in
   * base64. With several, one valid signature is enough. All other requests are answered with 401.
   *
   * @default signatures are not checked
   */
  secret?: SigningSecret;

  /**
   * The handlers whose callbacks are received. It is needed if two handlers cannot be distinguished: their URLs look
   * alike, such as two bare expressions or any webhooks, and each accepts the body of the other. Use a separate
   * receiver for each.
   *
   * @default all of them
   */
  only?: readonly OperationName<T>[];

  /**
   * The key and the certificate of an `https:` receiver, in PEM format. The certificate must be for `127.0.0.1`, and the
   * sender must trust it: set `NODE_EXTRA_CA_CERTS` to its file.
   *
   * @default plain HTTP
   */
  tls?: { readonly key: string; readonly cert: string };
}

/**
 * Reads what a receiver expects of requests.
 *
 * @throws TypeError if the class or an option is wrong.
 */
export function readExpectations<T extends object>(
  callbacks: Type<T>,
  { secret, only }: CallbackReceiverOptions<T>,
): Expectations {
  const contract = readContract(callbacks);
  const [problem] = contract.problems;
  if (problem) throw new TypeError(`${problem.place}: ${problem.message} Fix: ${problem.fix}`);
  const names: readonly string[] = only ?? contract.methodNames;
  for (const name of names) assertOperation(contract, name);
  const secrets = secret === undefined ? [] : [secret].flat();
  if (secret?.length === 0 || secrets.some((item) => decodeSecret(item) === undefined)) {
    throw new TypeError(
      `The option \`secret\` of CallbackReceiver must be ${SECRET_FORMAT}, or an array of such secrets.`,
    );
  }
  const all: readonly AcceptedOperation[] = contract.operations;
  const operations = all.filter(({ methodName }) => names.includes(methodName));
  return { contract, operations, secrets };
}

/** @throws TypeError if there is no operation of this name. */
export function assertOperation({ callbacks, operations }: Expectations['contract'], name: string): void {
  if (operations.some(({ methodName }) => methodName === name)) return;
  const names = operations.map(({ methodName }) => methodName).join(', ');
  throw new TypeError(`${callbacks.name} has no callback \`${name}\`. Its callbacks: ${names}.`);
}
