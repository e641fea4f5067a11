/**
 * Loads libsql at once, when it is called. CommonJS in both builds: no ES module can do that without `import.meta`, which
 * the CommonJS build cannot have.
 */
export = function loadLibsql(): unknown {
  return require('libsql');
};
