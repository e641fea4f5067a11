/** All tests of the receiver's document that need apps in one file, as in document.spec.ts. */
const SPECS = ['isolation', 'receiver-document', 'webhooks'];

for (const name of SPECS) await import(`../e2e/${name}.spec.js`);

export const gathered = SPECS.length;
