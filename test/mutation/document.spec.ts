/** All tests of documents in one file, so that Nest is loaded once for each mutant, and not once for each file. */
await import('../e2e/checks.spec.js');
await import('../e2e/document.spec.js');
await import('../e2e/isolation.spec.js');
await import('../e2e/links.spec.js');
await import('../e2e/models-of-one-name.spec.js');
await import('../e2e/operations.spec.js');
await import('../e2e/problems.spec.js');
await import('../e2e/receiver-document.spec.js');
await import('../e2e/sharing.spec.js');
await import('../e2e/webhooks.spec.js');
