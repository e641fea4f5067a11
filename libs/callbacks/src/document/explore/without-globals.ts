/** A process-wide store of `@nestjs/swagger`. */
interface GlobalStore<Stored, Added extends unknown[]> {
  getAll(): Stored;
  clear(): void;
  add(...added: Added): void;
}

/**
 * Runs an exploration while the process-wide stores of global parameters and responses are empty: they describe the API,
 * and would get into the callbacks. The exploration is synchronous, so nothing else runs meanwhile.
 */
export function withoutGlobals<T>(explore: () => T): T {
  // @nestjs/swagger declares no type for what it puts there.
  const stores = globalThis as unknown as {
    readonly SwaggerGlobalParametersStorage: GlobalStore<object[], object[]>;
    readonly SwaggerGlobalResponsesStorage: GlobalStore<object, [object]>;
  };
  const { SwaggerGlobalParametersStorage: parameterStore, SwaggerGlobalResponsesStorage: responseStore } = stores;
  const parameters = parameterStore.getAll();
  const responses = responseStore.getAll();
  parameterStore.clear();
  responseStore.clear();
  try {
    return explore();
  } finally {
    parameterStore.add(...parameters);
    responseStore.add(responses);
  }
}
