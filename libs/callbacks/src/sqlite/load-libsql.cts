/**
 * Loads libsql synchronously. This file is CommonJS in both builds: an ES module would need `import.meta`, which the
 * CommonJS build cannot have.
 */
export = function loadLibsql(): unknown {
  return require('libsql');
};
