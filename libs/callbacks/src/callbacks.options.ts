import type { CallbackClass } from './contract/callback-class.js';

/** The options of `CallbacksModule.forRoot()`; every one is optional. */
export interface CallbacksModuleOptions {
  /**
   * Callback classes that are linked to every operation of the app, as if each had `@ApiCallback()`.
   *
   * @default []
   */
  callbacks?: readonly CallbackClass[];

  /**
   * Webhook classes: their operations are the `webhooks` of the document, `x-webhooks` in OpenAPI 3.0.
   *
   * @default []
   */
  webhooks?: readonly CallbackClass[];
}

const CHECKS: { readonly [Name in keyof Required<CallbacksModuleOptions>]: (value: unknown) => string | undefined } = {
  callbacks: (value) => (isArrayOfClasses(value) ? undefined : 'an array of classes marked by @CallbackController()'),
  webhooks: (value) => (isArrayOfClasses(value) ? undefined : 'an array of classes marked by @WebhookController()'),
};

/**
 * Refuses wrong options.
 *
 * @throws TypeError that names the option and what it expects.
 */
export function checkOptions(options: CallbacksModuleOptions): CallbacksModuleOptions {
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(CHECKS, name)) {
      throw new TypeError(`CallbacksModule has no option \`${name}\`. Its options: ${Object.keys(CHECKS).join(', ')}.`);
    }
    const expected = value === undefined ? undefined : CHECKS[name as keyof typeof CHECKS](value);
    if (expected !== undefined) {
      throw new TypeError(`The option \`${name}\` of CallbacksModule has to be ${expected}.`);
    }
  }
  return options;
}

function isArrayOfClasses(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'function');
}
