const { TestEnvironment } = require('jest-environment-node');

/** Runs no test after one that failed: a mutant that one test has seen is killed, and the others cost time alone. */
module.exports = class EndsOnFailure extends TestEnvironment {
  #hasFailed = false;

  handleTestEvent({ name, test }) {
    if (name === 'test_done' && test.errors.length > 0) this.#hasFailed = true;
    if (name === 'test_start' && this.#hasFailed) test.mode = 'skip';
  }
};
