/** All tests of the receiver's document that need apps in one file, as in document.spec.ts. */
await import('../e2e/isolation.spec.js');
await import('../e2e/receiver-document.spec.js');
await import('../e2e/webhooks.spec.js');
