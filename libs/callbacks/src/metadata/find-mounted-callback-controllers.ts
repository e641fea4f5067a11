import type { ModulesContainer } from '@nestjs/core';
import type { CallbackProblem } from '../errors/callback-problem.js';
import { callbackControllerOf, isWebhookController } from './callback-metadata.js';

/** Finds callback and webhook classes in the `controllers` of modules. They must never be mounted. */
export function findMountedCallbackControllers(modules: ModulesContainer): CallbackProblem[] {
  return [...modules.values()].flatMap((module) =>
    [...module.controllers.values()]
      .filter(({ metatype }) => callbackControllerOf(metatype) ?? isWebhookController(metatype))
      .map(({ metatype, name }) => mounted(String(name), module.name, isWebhookController(metatype))),
  );
}

function mounted(controller: string, module: string, isWebhook: boolean): CallbackProblem {
  const message = `${controller} is listed in the controllers of ${module}. The receiver serves it; your API never does.`;
  const fix = isWebhook
    ? `Remove it from the controllers, and list it in CallbacksModule.forRoot({ webhooks: [${controller}] }).`
    : `Remove it from the controllers, and link it to an operation with @ApiCallback(${controller}).`;
  return { code: 'mounted-callback-controller', place: controller, message, fix };
}
