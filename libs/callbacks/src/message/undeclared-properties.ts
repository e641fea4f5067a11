import { WarnOnce } from './warn-once.js';

export const UNDECLARED_MODES = ['remove', 'error', 'send'] as const;

/** What happens to a property that the model of an argument does not declare. */
export type UndeclaredMode = (typeof UNDECLARED_MODES)[number];

/** A given property that is not declared. */
export interface UndeclaredProperty {
  /** The qualified name of the callback. */
  readonly callback: string;
  /** The class or schema that does not declare it. */
  readonly model: string;
  readonly property: string;
  /** Whether the CLI plugin has added its declarations to the class. */
  readonly isReadByPlugin: boolean;
}

const WITHOUT_PLUGIN =
  ' If the CLI plugin of @nestjs/swagger declares it in production: the plugin runs in `nest build` only, not in test ' +
  'runners; with SWC, call SwaggerModule.loadPluginMetadata() before you send.';

/** Warns once about each undeclared property and each class without declarations. */
export class UndeclaredProperties {
  readonly #warnings: WarnOnce;

  constructor(
    readonly mode: UndeclaredMode,
    warn: (message: string) => void,
  ) {
    this.#warnings = new WarnOnce(warn, 'undeclared properties');
  }

  warnOfProperty({ callback, model, property, isReadByPlugin }: UndeclaredProperty): void {
    this.#warnings.about(
      `${model}.${property}`,
      () =>
        `${callback} is sent without ${JSON.stringify(property)}: ${model} does not declare it. Fix: declare it in ${model}, ` +
        `for example with @ApiProperty(), or remove it; undeclaredProperties: 'send' sends it.` +
        (isReadByPlugin ? '' : WITHOUT_PLUGIN),
    );
  }

  warnOfClass(model: string, callback: string): void {
    this.#warnings.about(
      model,
      () =>
        `${callback} sends ${model}, which has no declared properties: it is neither documented nor checked, and sent whole. ` +
        `Fix: decorate its properties with @ApiProperty() and the decorators of class-validator, or let the CLI plugin of ` +
        `@nestjs/swagger do so: it runs in \`nest build\` only, not in test runners; with SWC, call ` +
        `SwaggerModule.loadPluginMetadata() before the app starts.`,
    );
  }
}

/** For callers without an app and its logger. */
export const REMOVE_UNDECLARED = new UndeclaredProperties('remove', (message) =>
  process.emitWarning(message, 'CallbacksWarning'),
);
