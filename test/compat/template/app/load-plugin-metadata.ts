/** With tsc, the CLI plugin writes into the classes, so there is nothing to load. */
export const loadPluginMetadata = async () => undefined;
