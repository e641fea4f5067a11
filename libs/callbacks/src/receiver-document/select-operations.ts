import type { CallbackProblem } from '../errors/callback-problem.js';
import type { SentOperation } from './sent-operation.js';

/** The operations of the callbacks and webhooks with these names. A name that there is not is reported. */
export function selectOperations(
  sent: readonly SentOperation[],
  only: readonly string[] | undefined,
  report: (problem: CallbackProblem) => void,
): readonly SentOperation[] {
  if (only === undefined) return sent;
  const declared = [...new Set(sent.map(({ name }) => name))];
  for (const name of only) {
    if (declared.includes(name)) continue;
    report({
      code: 'no-such-callback',
      place: 'receiverDocument()',
      message: `\`only\` names ${name}, which is no callback of the document.`,
      declared,
      fix: 'name one that is declared: the keys under `callbacks` and `webhooks`.',
    });
  }
  return sent.filter(({ name }) => only.includes(name));
}
