import type { CallbackProblem, ProblemList } from '../errors/callback-problem.js';
import { danglingReferences, describeDangling } from './dangling-references.js';

/** A part of a document that must be complete, and how messages name it. */
export interface CheckedPart {
  readonly place: string;
  readonly value: object;
  /** The operations that lead to it. */
  readonly linkedFrom: readonly string[];
  /** What to do about a model that is missing, if that is known. */
  readonly fixOfModel?: (name: string) => string;
}

const MODEL = /^#\/components\/schemas\/([A-Za-z_$][\w$]*)$/;
const OTHER_FILE =
  'Bundle the files into one document first, for example with `npx @redocly/cli bundle openapi.yaml -o openapi.json`.';

/** Reports every dangling reference in these parts of a document and in what they refer to. */
export function checkReferences(parts: readonly CheckedPart[], document: object, problems: ProblemList): void {
  const dangling = danglingReferences(
    parts.map(({ value }) => value),
    document,
  );
  for (const part of parts) {
    for (const reference of dangling.get(part.value) ?? []) {
      const problem = unknownReference(reference, part, document);
      for (const title of part.linkedFrom.length > 0 ? part.linkedFrom : [undefined]) problems.add(problem, title);
    }
  }
}

/** The problem of a reference that leads nowhere. */
export function unknownReference(
  reference: string,
  { place, fixOfModel }: Pick<CheckedPart, 'place' | 'fixOfModel'>,
  document: object,
): CallbackProblem {
  const { message, meant } = describeDangling(reference, document);
  const [, model] = MODEL.exec(reference) ?? [];
  return { code: 'unknown-reference', place, message, fix: fixOf() };

  function fixOf(): string {
    if (meant !== undefined) return `Did you mean ${meant}?`;
    if (model !== undefined && fixOfModel) return fixOfModel(model);
    if (!reference.startsWith('#')) return OTHER_FILE;
    const [, components = '#/components/schemas'] = /^(#\/components\/[^/]+)\//.exec(reference) ?? [];
    return `Correct the reference, or add what it refers to under ${components}.`;
  }
}
