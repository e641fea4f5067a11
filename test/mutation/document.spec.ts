/** All tests of documents in one file: for each mutant Nest is loaded once, and not once for each file of tests. */
const SPECS = [
  'checks',
  'checks-accept',
  'document',
  'isolation',
  'links',
  'models-of-one-name',
  'operations',
  'problems',
  'receiver-document',
  'responses',
  'sharing',
  'webhooks',
];

for (const name of SPECS) await import(`../e2e/${name}.spec.js`);

export const gathered = SPECS.length;
