/** tsc writes what the CLI plugin finds into the classes: there is nothing to load. */
export const loadPluginMetadata = async () => undefined;
