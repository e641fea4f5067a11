import type { MetadataStorage as Validations } from 'class-validator';
import type { MetadataStorage } from 'class-transformer/types/MetadataStorage.js';
import { requirePeer } from '../errors/require-peer.js';

/** The metadata of class-transformer. Its maps have no public reader. */
export type Transformations = Omit<MetadataStorage, '_typeMetadatas' | '_transformMetadatas'> & {
  readonly _typeMetadatas: ReadonlyMap<object, ReadonlyMap<string | undefined, unknown>>;
  readonly _transformMetadatas: ReadonlyMap<object, ReadonlyMap<string | undefined, unknown>>;
};

/** class-validator and class-transformer, with the metadata of their decorators. */
export interface ModelLibraries {
  readonly transformer: typeof import('class-transformer');
  readonly transformations: Transformations;
  readonly validator: typeof import('class-validator');
  readonly validations: Validations;
}

/** Not a literal in `import()`, since the file has no types. `@nestjs/mapped-types` reads it too. */
const TRANSFORMER_STORAGE: string = 'class-transformer/cjs/storage.js';

let validatorOnly: Promise<ModelLibraries['validator']> | undefined;
let libraries: Promise<ModelLibraries> | undefined;

/* Each is loaded once, when it is first needed: a repeated `import()` would resolve its name again. */

export function loadValidator(): Promise<ModelLibraries['validator']> {
  return (validatorOnly ??= importValidator());
}

export function loadModelLibraries(): Promise<ModelLibraries> {
  return (libraries ??= importLibraries());
}

async function importValidator(): Promise<ModelLibraries['validator']> {
  requirePeer('class-validator', 'nestjs-callbacks');
  return import('class-validator');
}

async function importLibraries(): Promise<ModelLibraries> {
  requirePeer('class-transformer', 'nestjs-callbacks');
  const [transformer, storage, validator] = await Promise.all([
    import('class-transformer'),
    // The file exports only this object.
    import(TRANSFORMER_STORAGE) as Promise<{ defaultMetadataStorage: Transformations }>,
    loadValidator(),
  ]);
  return {
    transformer,
    transformations: storage.defaultMetadataStorage,
    validator,
    validations: validator.getMetadataStorage(),
  };
}
